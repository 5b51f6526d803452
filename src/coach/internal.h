/* Private to src/coach. */
#ifndef PLUMBLINE_COACH_INTERNAL_H
#define PLUMBLINE_COACH_INTERNAL_H

#include "plumbline/coach.h"

/* ---- guide.c: can the person be measured where they stand? */

struct guide {
    struct pl_check_now raw[PL_N_CHECKS]; /* of the last frame, and since when it has been so */
    int64_t since_ns[PL_N_CHECKS];
    struct pl_check_now shown[PL_N_CHECKS];
    float roll_deg, floor_deg;            /* running means; NAN */
    int64_t t_ns;
};

void pl_guide_reset(struct guide *guide);
/* told: the exercise was chosen; what is only guessed at asks for no other view */
void pl_guide_step(struct guide *guide, const struct pl_moment *m, const struct pl_coach_input *in, bool told);
bool pl_guide_blocks(const struct guide *guide); /* nothing can be measured yet */

/* ---- hands.c: a raised hand, and hands on targets */

enum { STALE_UNKNOWN = -2 };
struct hands {
    int64_t up_ns, t_ns;   /* how long one hand has been up; the last frame */
    bool used;             /* it has done its work; lower it first */
    int stale;             /* the target that a hand was on when the page opened: until it leaves; -1 none, or not looked at yet */
    struct pl_coach_box place; /* of the person when the targets were shown: middle, top, half width free of targets, bottom */
};

void pl_hands_reset(struct hands *hands);
bool pl_hands_raised(struct hands *hands, const struct pl_moment *m); /* true once per raise */
/* Where the picture shows the hands, in shares of its size; NAN: not seen. */
void pl_hands_at(struct pl_vec2 out[PL_N_SIDES], const struct pl_moment *m, const struct pl_lens *lens);
void pl_hands_place(struct hands *hands, const struct pl_moment *m, const struct pl_lens *lens); /* a page opens here */
struct pl_coach_box pl_hands_box(const struct hands *hands, int i, int n);
/* Lets the targets' dwell grow and shrink; returns the one that is taken, -1 none. */
int pl_hands_dwell(struct hands *hands, const struct pl_vec2 hand[PL_N_SIDES], const struct pl_moment *m,
                   struct pl_coach_target *target, int n, double dt_s);

/* ---- talk.c: of what the moment and the coach have to say, one */

struct own { enum pl_sentence sentence; int number; enum pl_check check; }; /* check: PL_N_CHECKS unless it is the guide's */

struct talk {
    struct own own;              /* waits to be said; NOTHING: none */
    bool greet;                  /* "stop if it hurts" waits, too */
    int64_t said_ns;             /* 0: never */
    struct {
        int64_t said_ns;         /* 0: never */
        enum pl_sentence what;   /* was said last */
        int n;                   /* times since it was last right */
    } check[PL_N_CHECKS];
};

enum pl_urgency pl_talk_urgency(enum pl_sentence sentence);
/* Has the guide's finding been quiet for long enough to be said (again)? once: nobody is to be told twice. */
bool pl_talk_may_guide(const struct talk *talk, enum pl_check check, enum pl_sentence what, bool once, int64_t t_ns);
void pl_talk_step(struct talk *talk, const struct pl_moment *m, const struct pl_coach_view *v, const struct pl_limits *limits,
                  struct pl_utterance *out);

/* ---- ghost.c: the best repetition so far */

enum { N_GHOST_STEPS = 24 };
struct ghost_figure { bool known; float stature_px; struct pl_vec2 px[PL_N_GHOST]; };
struct ghost {
    struct ghost_figure now[N_GHOST_STEPS], best[N_GHOST_STEPS]; /* on the way down, by depth */
    bool have;
    enum pl_exercise_kind exercise;
    enum pl_side side;
    enum pl_view view;
    int faults;
    float bend_deg;
};

void pl_ghost_reset(struct ghost *ghost);
void pl_ghost_step(struct ghost *ghost, const struct pl_moment *m, struct pl_coach_view *out);

#endif
