/* What someone who calibrates is to do now, three metres from the keyboard: one step at a time, to be shown and said.
 *
 * in:   one frame's moment, and how far the makers (calibrating.h) are with it
 * out:  struct pl_task: a plain value that the screen draws and the voice says
 * how:  pl_ask_... tell what one frame asks for; pl_calibration_guide_step lets that last before it is shown, says what is shown,
 *       and says it again ever more seldom, never within several seconds
 * not:  no clock, no I/O, no allocation; when it is spoken is the voice's business
 */
#ifndef PLUMBLINE_CALIBRATION_GUIDE_H
#define PLUMBLINE_CALIBRATION_GUIDE_H

#include "plumbline/calibrating.h"
#include "plumbline/limits.h"
#include "plumbline/moment.h"
#include "plumbline/sentences.h"
#include "plumbline/speech.h"

/* What one frame asks for. */
struct pl_ask {
    enum pl_sentence text;
    bool blind;               /* the person, or enough of them, is not seen */
    bool at_once;             /* something was achieved: need not last to be shown */
    int done, of;             /* of the whole calibration */
    float part;               /* 0..1, the bar */
    int count;                /* to be said with this frame; 0: none */
};

/* Quiet standing. front, side: seen already (body only, which wants both; room wants any one). standing: after its watch. */
struct pl_ask pl_ask_stand(enum pl_calibration_kind kind, const struct pl_standing *standing, bool front, bool side,
                             const struct pl_moment *moment, const struct pl_limits *limits);
/* touched: in this frame a touch ended. wished: touches of each knee. */
struct pl_ask pl_ask_toe(const struct pl_toe_test *test, const struct pl_moment *moment, bool touched, int wished);
struct pl_ask pl_ask_board(enum pl_board_seen seen, enum pl_board_wish missing, int n_views);
/* The end: done, or that it failed. */
struct pl_ask pl_ask_end(bool ok, int of);

/* What is to be shown. */
struct pl_task {
    enum pl_sentence title;   /* "Body" */
    enum pl_sentence text;    /* NOTHING before the first frame */
    int done, of;             /* steps, touches, views */
    float part;               /* 0..1, the bar */
    bool blind;               /* text says what to change to be seen */
    struct pl_utterance utterance; /* to be said with this frame */
};

enum pl_sentence pl_calibration_title(enum pl_calibration_kind kind);

/* Zero it, then one call per frame, in the order of time. */
struct pl_calibration_guide {
    struct pl_ask asked;     /* by the last frame, and since when */
    int64_t asked_ns;
    struct pl_ask shown;
    int n_said;               /* how often, since it is shown */
    int64_t any_ns;           /* when anything was said; 0: never */
    int64_t said_ns[PL_N_SENTENCES]; /* each; 0: never */
};
void pl_calibration_guide_step(struct pl_calibration_guide *guide, enum pl_calibration_kind kind, const struct pl_ask *step,
                               int64_t t_ns, struct pl_task *out);

#endif
