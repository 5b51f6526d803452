/* Moment -> what the person sees. The only module that mirrors the picture. SDL2 and SDL2_ttf stay in here.
 *
 * The drawing is one function used three ways: the window, the overlay video, the screenshot.
 */
#ifndef PLUMBLINE_SCREEN_H
#define PLUMBLINE_SCREEN_H

#include "plumbline/calibration_guide.h"
#include "plumbline/coach.h"
#include "plumbline/err.h"
#include "plumbline/frame.h"
#include "plumbline/language.h"
#include "plumbline/lens.h"
#include "plumbline/moment.h"
#include "plumbline/trace.h"

struct pl_screen;

struct pl_screen_options {
    const char *title;
    int width_px, height_px;  /* of the window or the overlay picture; 0 = 1280x720 */
    bool mirror;              /* live: the person sees themselves as in a mirror */
    const struct pl_language *language; /* borrowed until close; NULL: English */
    bool window;              /* false: no window, draws into memory (overlay video, tests); SDL's video is then not started */
};

/* What is shown besides the moment. Strings may be NULL. */
struct pl_screen_status {
    const char *source;       /* "Sample (no camera found): walk_in_sls_front_R" */
    const char *mode;         /* "1280x720 MJPEG 30 fps" */
    const char *note;         /* for a moment in place of the source, brighter ("Voice: tones") */
    const char *card;         /* a sentence over the whole picture ("The camera was unplugged ..."), NULL = none */
    const char *card_of;      /* what it is about, smaller above it: the camera's name; NULL or "": nothing */
    float measured_fps;       /* NAN unknown */
    int64_t dropped;          /* frames */
    bool paused;
    float speed;              /* replay speed, 1 = real time */
    int64_t duration_ns;      /* of a recording, 0 = live: no time bar */
    float height_m;           /* the person's, if told: knee over toe is then shown in cm too; 0 or NAN = not told */
    const struct pl_lens *lens; /* that the moment's points were straightened with: they are drawn where the picture shows them.
                                   NULL, or of pictures of another size: none */
    const struct pl_coach_view *coach;  /* what the coach is doing; NULL: there is none */
    const struct pl_task *task;         /* the step of a calibration, in place of band and panels; NULL: none */
    const struct pl_stage_times *times; /* of the newest frame; key t shows their running mean. NULL = not known */
};

enum pl_screen_action {
    PL_SCREEN_NOTHING, PL_SCREEN_QUIT, PL_SCREEN_PAUSE, PL_SCREEN_STEP_BACK, PL_SCREEN_STEP_FORWARD, /* one frame */
    PL_SCREEN_SEEK_BACK, PL_SCREEN_SEEK_FORWARD,                                                     /* two seconds */
    PL_SCREEN_SLOWER, PL_SCREEN_FASTER, PL_SCREEN_RESTART,
    PL_SCREEN_CHOOSE, PL_SCREEN_NEXT,                                                                /* of the coach */
    PL_SCREEN_VOICE,                                                                                 /* full, tones, off */
    PL_SCREEN_TARGET = 100                                                                           /* ... + its number */
};

/* own:  pl_screen_close
 * err:  DEVICE (no display: says what to do), IO (no font found: names the package), MEMORY */
bool pl_screen_open(struct pl_screen **out, const struct pl_screen_options *options, struct pl_err *err) PL_MUST_CHECK;
void pl_screen_close(struct pl_screen *screen);

/* Draws picture, skeleton, plumb line, numbers, counters, cue and reasons. frame may be NULL or without picture (a plain ground is
 * drawn); moment may be NULL (nothing known yet). The history that the drawing shows (hold times of numbers) follows
 * moment->t_ns. */
void pl_screen_draw(struct pl_screen *screen, const struct pl_frame *frame, const struct pl_moment *moment,
                    const struct pl_screen_status *status);

/* The next waiting user action, NOTHING if there is none. m, s, g, d, t, f, F1, F11, Escape in the help and window events are
 * handled inside. The arrows mean STEP when the last draw's status was paused, else SEEK. A target is taken by a click or its
 * number; Escape means what closes the targets (PAUSE or CHOOSE), QUIT without any. Without a window there are no events. */
enum pl_screen_action pl_screen_poll(struct pl_screen *screen);

/* Wakes a pl_screen_wait from another thread. Waits for an event or the time, whichever is first. */
void pl_screen_wait(struct pl_screen *screen, int64_t timeout_ns);
void pl_screen_wake(struct pl_screen *screen);

/* The picture last drawn, RGB24; valid until the next draw. Works with and without a window. err: DEVICE */
bool pl_screen_picture(struct pl_screen *screen, struct pl_frame *out, struct pl_err *err) PL_MUST_CHECK;

/* For doctor: what display and sound drivers answer, which font is used; text such as "x11, 1280x720" or the reason it
 * fails. true = works. */
bool pl_screen_probe_display(char *text, int size);
bool pl_screen_probe_sound(char *text, int size);
bool pl_screen_probe_fonts(char *text, int size); /* the bold font's path */

#endif
