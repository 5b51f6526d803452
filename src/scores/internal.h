/* What the score's parts share.
 *
 *   facts.c    one frame -> facts, and the ring of the last seconds
 *   finding.c  facts over a repetition against a limit -> yes, no, unclear, not seen
 *   items.c    findings -> the items of both scores
 *   scores.c   puts them together
 */
#ifndef SCORES_INTERNAL_H
#define SCORES_INTERNAL_H

#include "plumbline/scores.h"

/* ---- facts.c ---- */

enum { FRAMES_MAX = 1536 }; /* 24 s at 60 frames a second: more than the longest repetition */

struct known {
    struct pl_value v; /* NAN: not known */
    enum pl_reason why;
};

/* Per side: of the leg of this side, the hand of this side; lengths in statures. */
struct frame_facts {
    int64_t t_ns;
    float depth;                                   /* progress.depth */
    struct known fact[PL_N_SIDES][PL_N_FACTS];     /* REVERSALS: the angle that turns; HAND_WAY and FREE_THIGH come later */
    struct pl_vec2 from_hips[PL_N_SIDES], from_shoulders[PL_N_SIDES]; /* the hand */
    enum pl_reason hand_why[PL_N_SIDES];
    float lift[PL_N_SIDES];                        /* this ankle above the other, in the picture */
    float from_place[PL_N_SIDES];                  /* this ankle from where it stood in quiet standing on both feet */
};

struct ring {
    struct frame_facts frame[FRAMES_MAX];
    int first, n;
};

void pl_facts_of(const struct pl_pose *pose, const struct pl_measures *measures, float depth,
                 const struct pl_limits *limits, struct frame_facts *out);
void pl_facts_add(struct ring *ring, const struct frame_facts *frame);
const struct frame_facts *pl_facts_at(const struct ring *ring, int i); /* 0 = oldest */
int pl_facts_find(const struct ring *ring, int64_t t_ns);              /* first at or after t_ns; n if none */

/* ---- finding.c ---- */

/* A quantity over a repetition. */
struct series {
    int64_t t_ns[FRAMES_MAX];
    float value[FRAMES_MAX], err[FRAMES_MAX];
    enum pl_reason why[FRAMES_MAX];
    int n;
};

void pl_series_add(struct series *s, int64_t t_ns, struct pl_value v, enum pl_reason why);

/* The highest level that was kept up for hold_s (with the band where it was lowest then); NAN if there is none. */
struct pl_value pl_series_held(const struct series *s, float hold_s);
float pl_series_known(const struct series *s);           /* share of the frames */
enum pl_reason pl_series_why(const struct series *s);    /* the commonest reason of those that are not known */

struct finding {
    enum pl_answer answer;
    enum pl_reason why;
    enum pl_fact fact;
    struct pl_value v;
    float limit;
};

/* seen: was enough of the repetition seen to say no? why: else. */
struct finding pl_finding_of(enum pl_fact fact, struct pl_value v, float limit, bool seen, enum pl_reason why);
struct finding pl_finding_over(enum pl_fact fact, const struct series *s, float hold_s, float limit, float seen_min);
struct finding pl_finding_unseen(enum pl_fact fact, enum pl_reason why);
int pl_answer_weight(enum pl_answer answer); /* how much it says about a whole of which it is a part: yes most */
struct finding pl_finding_either(struct finding a, struct finding b); /* yes if one is, no if both are */

/* Turns of a curve by more than `least`. */
int pl_series_reversals(const float *values, int n, float least);

/* ---- items.c ---- */

/* What a further bend of the same repetition adds: points that either has. */
void pl_item_add(struct pl_item *item, const struct pl_item *more);

/* reach: rep is one of the two bends of a reach that nobody told by name. */
void pl_items_of(const struct ring *ring, const struct pl_rep *rep, bool reach, const struct pl_limits *limits,
                 struct pl_scores *out);

#endif
