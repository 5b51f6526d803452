/* The commands and what they share. */
#ifndef PLUMBLINE_APP_INTERNAL_H
#define PLUMBLINE_APP_INTERNAL_H

#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "plumbline/calibration.h"
#include "plumbline/calibration_guide.h"
#include "plumbline/camera.h"
#include "plumbline/coach.h"
#include "plumbline/err.h"
#include "plumbline/keypoints.h"
#include "plumbline/language.h"
#include "plumbline/live.h"
#include "plumbline/report.h"
#include "plumbline/screen.h"
#include "plumbline/session.h"
#include "plumbline/voice.h"

/* Exit statuses, part of the interface. */
enum { PL_EXIT_DONE = 0, PL_EXIT_INPUT = 1, PL_EXIT_USAGE = 2 };

enum pl_command { PL_COMMAND_NONE, PL_COMMAND_LIVE, PL_COMMAND_REPLAY, PL_COMMAND_ANALYZE, PL_COMMAND_BENCH, PL_COMMAND_DOCTOR,
                  PL_COMMAND_LIMITS, PL_COMMAND_CALIBRATE };

/* The [coach] section of the configuration file. */
struct pl_app_settings {
    bool voice_given;
    enum pl_voice_mode voice;
    char language[4096];          /* a name or a file; empty: not given */
};

/* err: IO, FORMAT (names file and line). Nothing is changed on error. */
bool pl_app_settings_read(struct pl_app_settings *settings, const char *path, struct pl_err *err) PL_MUST_CHECK;

struct pl_app_options {
    enum pl_command command;
    bool help, version;
    /* global */
    enum pl_model_kind model;
    bool model_given, auto_model; /* auto: live changes the network to what keeps up (pace.h) */
    unsigned cpu;
    int threads;
    struct pl_exercise_options exercise;
    float height_m;               /* NAN: not told */
    char models_dir[4096];
    struct pl_limits limits;
    char config[4096];            /* the file that overrides limits, "" none */
    struct pl_app_settings settings; /* of the configuration file; what the command line says is below */
    struct pl_language language;
    enum pl_voice_mode voice;
    bool voice_given;
    const char *language_given, *voice_file; /* NULL: not wanted */
    struct pl_plan plan, asked;   /* asked: by options; NAN not */
    /* live, replay, analyze */
    const char *json, *frames, *trace, *overlay, *roi_from; /* paths or "-"; NULL: not wanted */
    bool raw;
    bool stickers;
    bool no_window, loop, mirror, json_flag, ops;
    double seconds;               /* stop after; 0 = never */
    struct pl_camera_options camera;
    /* calibrate */
    enum pl_calibration_kind calibrate;
    const char *picture, *result, *device; /* NULL: none, the usual place, unknown */
    double square_m;
    const char *camera_calibration;        /* NULL: that of the user's folder for the camera, none for recordings */
    char *const *inputs;
    int n_inputs;
};

/* Fills o from the command line. false: wrong usage, already said on stderr. */
bool pl_app_options_read(struct pl_app_options *o, int argc, char **argv);
void pl_app_usage(FILE *out, enum pl_command command); /* of calibrate its own, else everything */

/* "plumbline: <sentence>" on stderr. */
void pl_app_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The folder `name` ("models", "samples") of this installation: beside the tree of a build, or in share/plumbline.
 * false: neither exists; out then holds the place where it was expected. */
bool pl_app_find_dir(char *out, size_t size, const char *name);

/* Where the board to be printed is, or is expected. */
void pl_app_chessboard(char out[PATH_MAX]);

/* The path without its folders; the path itself if it ends in a slash. Points into path. */
const char *pl_app_file_name(const char *path);

/* Name of the kernels that inference will use, e.g. "avx2". */
const char *pl_app_kernels(const struct pl_app_options *o);

/* The lens of a camera with pictures of this size (0: any), or, device NULL, of a recording: that of --camera-calibration, which
 * must fit; else for a camera that of the user's folder, and where that does not fit, why is said and it is not used. width 0: no
 * lens. */
bool pl_app_lens(struct pl_lens *out, const struct pl_app_options *o, const char *device, int width_px, int height_px,
                 struct pl_err *err) PL_MUST_CHECK;
/* The user's room.ini of this camera; false: none, or it does not fit, which is said. width 0: of any size. */
bool pl_app_room(struct pl_room_calibration *out, const char *device, int width_px, int height_px);
bool pl_app_use_lens(struct pl_session *session, const struct pl_app_options *o, const struct pl_camera_info *info,
                     struct pl_err *err) PL_MUST_CHECK;

/* What body.ini and toe.ini of the user's folder say, where the user said nothing: live only, for a recording may be of another. */
void pl_app_use_body(struct pl_limits *limits, float *height_m);

/* What the card says while there is no camera, in the person's language; the camera's name belongs above it. */
const char *pl_app_card(const struct pl_app_options *o, const struct pl_live_status *status);
/* The camera's mode, or in its place, in the person's language, that it is slower than that. */
const char *pl_app_mode(char out[PL_SENTENCE_BYTES], const struct pl_app_options *o, const struct pl_live_status *status);

/* Session options from the command line; no_model when the input is a landmark table. */
struct pl_session_options pl_app_session_options(const struct pl_app_options *o, bool no_model);

/* Coach options from the command line; hands: a raised hand may ask for something. */
struct pl_coach_options pl_app_coach_options(const struct pl_app_options *o, bool hands);

/* The files that --json, --frames and --trace name, opened (stdout for "-"). times: NULL without --trace. */
struct pl_app_outputs {
    FILE *json, *frames, *trace;
    struct pl_trace *times;
};
bool pl_app_outputs_open(struct pl_app_outputs *out, const struct pl_app_options *o, struct pl_err *err) PL_MUST_CHECK;
/* false: not everything was written; the text is empty where that was said before */
bool pl_app_outputs_close(struct pl_app_outputs *out, const struct pl_app_options *o, struct pl_err *err);

/* bench: noise as input, and the profile of one network (--ops). */
struct pl_runner;
void pl_app_bench_input(struct pl_runner *runner);
bool pl_app_bench_ops(const char *network, const char *path, unsigned drop_outputs, unsigned cpu, int threads, struct pl_err *err);

/* The coach's voice. *out is NULL where it is off and no key can change that, which the others take, too. device false: no
 * sound, by the frames' times. */
bool pl_app_voice_open(struct pl_voice **out, const struct pl_app_options *o, bool device, struct pl_err *err) PL_MUST_CHECK;
void pl_app_voice_follow(struct pl_voice *voice, const struct pl_moment *moment, struct pl_log *log); /* log may be NULL */
/* What the camera's card says, once: who does not look must hear that nothing is seen. told: the last one, NOTHING at first. */
void pl_app_voice_card(struct pl_voice *voice, enum pl_sentence card, enum pl_sentence *told, struct pl_log *log);
bool pl_app_voice_finish(struct pl_voice *voice, struct pl_log *log, struct pl_err *err) PL_MUST_CHECK;
/* Key V: full, tones, off, full. *told_ns: when it was pressed; for some seconds the mode is told on the status line, then NULL. */
void pl_app_voice_cycle(struct pl_voice *voice, int64_t *told_ns);
const char *pl_app_voice_note(const struct pl_voice *voice, const struct pl_language *language, int64_t told_ns);

/* calibrate: the window and the voice that lead through it. screen, voice NULL: none; with neither nothing happens. */
struct pl_app_lead {
    const struct pl_app_options *o;
    struct pl_screen *screen;
    struct pl_voice *voice;
    int64_t voice_told_ns;        /* when key V was pressed last; 0: never */
    enum pl_sentence card_told;
    struct pl_calibration_guide guide;
    struct pl_task task;
    const struct pl_lens *lens;   /* that points are straightened with; NULL: none. Borrowed until close */
    char source[128];             /* the camera's name */
    struct pl_frame empty;        /* as large as its pictures */
    int64_t t_ns;                 /* of the newest frame */
    bool quit;                    /* the user did, at the keyboard */
};
/* In front of the camera (live), or for recordings. err: as the screen's and the voice's */
bool pl_app_lead_open(struct pl_app_lead *lead, const struct pl_app_options *o, bool live, struct pl_err *err) PL_MUST_CHECK;
/* What a frame asks for. */
void pl_app_lead_step(struct pl_app_lead *lead, const struct pl_ask *step, int64_t t_ns);
/* Draws the newest picture and heeds the keys. frame, moment NULL: none, nobody is looked for. false: the user quits */
bool pl_app_lead_show(struct pl_app_lead *lead, const struct pl_frame *frame, const struct pl_moment *moment,
                      const struct pl_live_status *status);
/* How it ended, long enough to be seen and heard from afar, unless the user quit. ok: it is saved, and text says what was found;
 * else why it is not. picture NULL: none */
void pl_app_lead_end(struct pl_app_lead *lead, const char *text, bool ok, const struct pl_frame *picture);
bool pl_app_lead_close(struct pl_app_lead *lead, struct pl_err *err) PL_MUST_CHECK;

/* calibrate: what was seen so far. */
enum { PL_APP_STANCES = 8 };
struct pl_app_calibration {
    const struct pl_app_options *o;
    struct pl_app_lead lead;
    bool leads;                             /* it is open */
    struct pl_calibrate_camera *board;      /* of the thread that looks, while there is one */
    struct pl_standing standing;
    struct pl_stance stance[PL_APP_STANCES];
    int n_stances;
    struct pl_toe_test toe;
    struct pl_lens lens;                    /* width 0: not known */
    struct pl_frame picture;                /* the board's last good view; owns its pixels */
    char result[300];                       /* once it is finished, for people */
    char device[128];
    int width_px, height_px;
    int64_t seen_ns;                        /* when the last touch ended, or the last stance */
    char said[200];
    int64_t said_ns;
};
/* Looks at the camera until there is enough, the user quits (also by *interrupted), or time is up. */
bool pl_app_calibrate_live(struct pl_app_calibration *c, const volatile sig_atomic_t *interrupted, struct pl_err *err)
    PL_MUST_CHECK;
/* Looks at one recording after the other, from each of which at most one stance is taken. */
bool pl_app_calibrate_recordings(struct pl_app_calibration *c, const volatile sig_atomic_t *interrupted, struct pl_err *err)
    PL_MUST_CHECK;

/* --language: a name ("de") or a file. err: ARG, and as pl_language_read */
bool pl_app_language_read(struct pl_language *out, const char *name, struct pl_err *err) PL_MUST_CHECK;

int pl_app_live(const struct pl_app_options *o);
int pl_app_replay(const struct pl_app_options *o);
int pl_app_analyze(const struct pl_app_options *o);
int pl_app_bench(const struct pl_app_options *o);
int pl_app_doctor(const struct pl_app_options *o);
int pl_app_limits(const struct pl_app_options *o);
int pl_app_calibrate(const struct pl_app_options *o);

/* Plays a sample in a loop because there is no camera, and says so. reason: why there is none. */
int pl_app_sample(const struct pl_app_options *o, const char *reason);

#endif
