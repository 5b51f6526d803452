/* Private to src/screen (and tests/screen, which checks positions): the window's state and the pieces that draw on it.
 *
 * All lengths are pixels of the output. Sizes of letters and gaps are counted in `u`, one hundredth of the window's height
 * (layout.c), so that everything grows with the window.
 */
#ifndef PLUMBLINE_SCREEN_INTERNAL_H
#define PLUMBLINE_SCREEN_INTERNAL_H

#include <SDL.h>
#include <SDL_ttf.h>

#include "plumbline/screen.h"
#include "scale.h"

/* Dark ground, light letters; the marks are from the colour-blind safe set of Okabe and Ito (2008), and none of them means
 * anything without a shape or a word beside it. */
#define PL_COLOUR(r, g, b, a) ((SDL_Color){ (r), (g), (b), (a) })
#define PL_GROUND PL_COLOUR(12, 15, 20, 255)
#define PL_PANEL  PL_COLOUR(24, 29, 37, 255)
#define PL_TRACK  PL_COLOUR(58, 67, 80, 255)
#define PL_WHITE  PL_COLOUR(250, 251, 253, 255)
#define PL_MUTED  PL_COLOUR(178, 188, 202, 255)
#define PL_BLACK  PL_COLOUR(0, 0, 0, 255)
#define PL_SHADE  PL_COLOUR(0, 0, 0, 150)
#define PL_SKY    PL_COLOUR(86, 180, 233, 255)
#define PL_GREEN  PL_COLOUR(0, 178, 132, 255)
#define PL_YELLOW PL_COLOUR(240, 228, 66, 255)
#define PL_AMBER  PL_COLOUR(255, 176, 0, 255)
#define PL_NOTICE PL_COLOUR(16, 58, 92, 255)
#define PL_ON_WHITE PL_COLOUR(2, 2, 2, 255) /* letters on a white ground: turns white when that turns black */

/* ---- layout.c: where everything is */

struct pl_screen_layout {
    float u;               /* the unit of all sizes */
    SDL_FRect picture;     /* the camera picture, letterboxed */
    SDL_FRect depth;       /* bar towards the person's own range */
    SDL_FRect counter;     /* exercise, repetitions, working leg */
    SDL_FRect numbers;     /* angle read-outs */
    SDL_FRect band;        /* cue, or what to change, or the phase */
    SDL_FRect cue, advice; /* the two texts of a cue inside the band */
    int cue_lines, advice_lines;
    bool mark;             /* room for the warning sign left of the cue */
    SDL_FRect status;      /* source, rates, time bar */
};

void pl_screen_layout(struct pl_screen_layout *out, int width_px, int height_px, float picture_aspect);
/* While targets are shown: no depth, counter or numbers (their sizes are 0). */
void pl_screen_layout_targets(struct pl_screen_layout *out, int width_px, int height_px, float picture_aspect);
SDL_FRect pl_screen_inset(SDL_FRect r, float dx, float dy);

/* ---- text.c: words, rendered once and kept */

enum pl_screen_align { PL_ALIGN_LEFT, PL_ALIGN_MIDDLE, PL_ALIGN_RIGHT };

/* A text in a box: at most em_px large, on the fewest lines that let it be em_good_px large (else as large as fits), centred
 * vertically by its capitals; what does not fit at em_least_px ends in "...". */
struct pl_screen_label {
    const char *text;
    SDL_FRect box;
    float em_px, em_good_px, em_least_px; /* em_good_px 0: four fifths of em_px */
    int lines;             /* at most; 0 = 1 */
    bool bold;
    enum pl_screen_align align;
    SDL_Color colour;
};

enum { PL_TEXT_BYTES = 192, PL_N_TEXTS = 160 };

/* One rendered text. The key is everything that its pixels depend on; colour is applied when drawing. */
struct pl_screen_text {
    char text[PL_TEXT_BYTES];
    int em_px, em_good_px, em_least_px, box_w, box_h, lines;
    bool bold;
    enum pl_screen_align align;
    SDL_Texture *texture;
    int w_px, h_px;
    float middle_px;       /* from the texture's top to half the height of the capitals (all lines together) */
    uint64_t used;         /* draw count of the last use; the oldest gives way */
};

struct pl_screen_texts {
    TTF_Font *font[2];     /* regular, bold */
    bool started;          /* TTF_Init succeeded */
    struct pl_screen_text text[PL_N_TEXTS];
    uint64_t clock;
    int64_t n_rendered;    /* texts rendered since the start (tests: nothing is rendered anew while nothing changes) */
};

bool pl_screen_texts_open(struct pl_screen_texts *texts, struct pl_err *err);
void pl_screen_texts_close(struct pl_screen_texts *texts);

/* Draws; returns what the letters cover (zero-sized for an empty text). */
SDL_FRect pl_screen_label(struct pl_screen *screen, const struct pl_screen_label *label);

/* ---- shapes.c: filled shapes with soft edges */

/* Every shape and text passes here before it is drawn. True while parts are only listed: it is then not to be drawn. */
bool pl_screen_list(struct pl_screen *screen, const void *shape, size_t size, SDL_Color colour);

void pl_screen_rect(struct pl_screen *screen, SDL_FRect r, SDL_Color colour);
void pl_screen_frame(struct pl_screen *screen, SDL_FRect r, float width_px, SDL_Color colour);
void pl_screen_convex(struct pl_screen *screen, const SDL_FPoint *points, int n, SDL_Color colour);
void pl_screen_line(struct pl_screen *screen, SDL_FPoint a, SDL_FPoint b, float width_px, SDL_Color colour);
void pl_screen_dashes(struct pl_screen *screen, SDL_FPoint a, SDL_FPoint b, float width_px, float dash_px, SDL_Color colour);
void pl_screen_disc(struct pl_screen *screen, SDL_FPoint c, float radius_px, SDL_Color colour);
void pl_screen_ring(struct pl_screen *screen, SDL_FPoint c, float radius_px, float width_px, SDL_Color colour);
void pl_screen_pill(struct pl_screen *screen, SDL_FRect r, SDL_Color colour);
void pl_screen_arrow(struct pl_screen *screen, SDL_FPoint c, float size_px, bool up, SDL_Color colour);

/* The colour that stands for it in the light theme, on panels and band; what lies on the picture is the same in both. */
SDL_Color pl_screen_ink(const struct pl_screen *screen, SDL_Color colour);

/* ---- the window */

/* A number on the screen changes at most five times a second: digits that change with every frame cannot be read. A value that
 * becomes unknown goes at once. */
struct pl_screen_held { struct pl_value v; int64_t t_ns; };

/* Stage times: their running mean, and what of it is shown, as seldom as other numbers change. */
struct pl_screen_pace { float mean_ms[PL_N_STAGES], shown_ms[PL_N_STAGES]; int64_t t_ns; bool any; };

/* Parts that are drawn only when they would look different from what stands there already. */
enum pl_screen_part { PL_PART_DEPTH, PL_PART_COUNTER, PL_PART_NUMBERS, PL_PART_BAND, PL_PART_STATUS, PL_N_PARTS };

struct pl_screen {
    SDL_Window *window;            /* NULL: drawing into `surface` */
    SDL_Surface *surface;
    const struct pl_language *language;
    SDL_Renderer *renderer;
    bool software;                 /* the renderer is SDL's own: pixels stay where they are until drawn over */
    SDL_Texture *canvas;           /* window of a graphics card: everything is drawn here first, so that it stays, too */
    int width_px, height_px;       /* of the output */
    bool drawn, targets;           /* targets: the layout is the one for them */
    SDL_Texture *camera;           /* the camera picture, already mirrored if asked, and if drawn in software scaled too */
    int camera_w, camera_h;
    struct pl_scaler scaler;
    float aspect;                  /* of the picture, as the layout knows it */
    uint8_t *pixels;               /* pl_screen_picture's answer */
    size_t pixels_size;
    bool video_started, mirror, skeleton, help, paused;
    bool ghost, light, themed;     /* keys g and d; themed: what is drawn now is a panel */
    const struct pl_coach_view *coach; /* of the draw under way, NULL none */
    const struct pl_lens *lens;    /* "" */
    const struct pl_task *task;    /* "" */
    SDL_FRect hit[PL_MAX_TARGETS]; /* where the targets stand, for the mouse */
    int n_hits;
    enum pl_screen_action leave_targets; /* what closes them */
    int64_t targets_ns;            /* when they were drawn last, by the clock; 0 never */
    uint32_t wake_event;
    struct pl_screen_layout layout;
    bool stale;                    /* what stands on the screen is not what `shown` says: everything is drawn anew */
    bool listing;                  /* shapes and texts are not drawn, only added to `list` */
    uint64_t list, shown[PL_N_PARTS];
    struct pl_screen_texts texts;
    struct pl_screen_held held[PL_N_SIDES][PL_N_MEASURES];
    float height_m;                /* the person's, from the last draw's status; NAN = not told */
    int64_t t_ns, rep_ns;          /* last moment's time; when the last repetition was completed, -1 = none seen */
    int64_t partial_ns;            /* when one ended that does not count, -1 = none since */
    enum pl_partial_why partial;
    enum pl_reason missing;        /* the most important reason why something is not measured, and since when */
    int64_t missing_ns;
    bool times;                    /* key t */
    struct pl_screen_pace pace;
};

/* figure.c: what is drawn on the person */
void pl_screen_figure(struct pl_screen *screen, const struct pl_frame *frame, const struct pl_moment *moment);

/* panels.c: counter, depth, numbers */
void pl_screen_hold(struct pl_screen *screen, const struct pl_moment *moment);
void pl_screen_depth(struct pl_screen *screen, const struct pl_moment *moment); /* moment may be NULL in all three */
void pl_screen_counter(struct pl_screen *screen, const struct pl_moment *moment);

/* Has just one ended that does not count? */
bool pl_screen_not_counted(const struct pl_screen *screen);
void pl_screen_numbers(struct pl_screen *screen, const struct pl_moment *moment);
enum pl_side pl_screen_shown_side(const struct pl_moment *moment); /* whose numbers are shown */
/* In order of importance; out has room for PL_N_MEASURES. Returns how many, at least one. */
int pl_screen_shown_measures(const struct pl_moment *moment, enum pl_side side, enum pl_measure *out);
bool pl_screen_wrong_view(enum pl_reason reason); /* only another place of the camera would help */

/* A hold under way with a time to reach; and how many seconds of it are left, 0 and less: it is reached. */
static inline bool pl_screen_holds(const struct pl_coach_view *v) { return v && v->hold_s > 0 && v->hold_goal_s > 0; }
static inline int pl_screen_hold_left(const struct pl_coach_view *v)
{
    const float left = v->hold_goal_s - v->hold_s;
    return (int)(left > 0 ? SDL_ceilf(left) : -SDL_floorf(-left));
}

/* band.c: the sentence that matters now */
void pl_screen_band(struct pl_screen *screen, const struct pl_moment *moment);

static inline const char *pl_screen_reason(const struct pl_screen *s, enum pl_reason reason)
{
    return pl_language_text(s->language, pl_sentence_of_reason(reason));
}
static inline const char *pl_screen_words(const struct pl_screen *s, enum pl_sentence sentence)
{
    return pl_language_text(s->language, sentence);
}
/* With numbers in it; unused ones are left out by the sentence itself. */
static inline void pl_screen_write(const struct pl_screen *s, char *out, size_t size, enum pl_sentence sentence, int a, int b,
                                   int c)
{
    pl_language_write(out, size, s->language, sentence, (const int[]){ a, b, c }, 3);
}
static inline const char *pl_screen_measure(const struct pl_screen *s, enum pl_measure measure)
{
    return pl_language_text(s->language, pl_sentence_of_measure(measure));
}

/* guide.c: what the coach puts on the picture: silhouette, targets, countdown, summary; and the list of checks beside it */
void pl_screen_guide_below(struct pl_screen *screen);                       /* under the figure */
void pl_screen_guide_above(struct pl_screen *screen);
void pl_screen_guide_panel(struct pl_screen *screen);  /* the list of checks, in place of counter and numbers */
SDL_FRect pl_screen_box(const struct pl_screen *screen, struct pl_coach_box box); /* mirrored as the picture is */

/* task.c: a calibration's step in the band, how many are done beside the picture */
void pl_screen_task_band(struct pl_screen *screen, const struct pl_task *task);
void pl_screen_task_counter(struct pl_screen *screen, const struct pl_task *task);

/* status.c: source and rates, pause, card, help */
void pl_screen_status_line(struct pl_screen *screen, const struct pl_frame *frame, const struct pl_screen_status *status);
void pl_screen_badge(struct pl_screen *screen, const struct pl_screen_status *status);
void pl_screen_pace(struct pl_screen *screen, const struct pl_stage_times *times);
void pl_screen_card(struct pl_screen *screen, const char *about, const char *sentence);
void pl_screen_help(struct pl_screen *screen);

/* Does SDL, once started, show nothing although nobody asked for that? */
bool pl_screen_video_is_blind(void);

#endif
