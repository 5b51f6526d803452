/* scores: a repetition on one leg -> the lateral step-down score and QASLS.
 *
 * in:   pose, measures and progress of every frame
 * out:  struct pl_scores
 * how:  pl_scores_step: the frame's facts go into a ring by their time; when a repetition on one leg is complete, its
 *       frames are judged item by item (items.c) and the points are added up to the range they leave
 * not:  no clock, no allocation, no look into the future: live and replayed give the same
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

struct pl_scores_state {
    struct pl_limits limits;
    struct ring ring;
    int64_t before_ns; /* the frame before */
    bool seen;         /* it had a person */
    struct pl_scores scores;
};

const char *pl_fact_id(enum pl_fact fact)
{
    static const char *const ids[PL_N_FACTS] = {
#define X(name, id, text) id,
        PL_FACTS(X)
#undef X
    };
    return (unsigned)fact < PL_N_FACTS ? ids[fact] : "?";
}

const char *pl_fact_text(enum pl_fact fact)
{
    static const char *const texts[PL_N_FACTS] = {
#define X(name, id, text) text,
        PL_FACTS(X)
#undef X
    };
    return (unsigned)fact < PL_N_FACTS ? texts[fact] : "";
}

const char *pl_answer_id(enum pl_answer answer)
{
    static const char *const ids[PL_N_ANSWERS] = { "not_seen", "not_asked", "no", "unclear", "yes" };
    return (unsigned)answer < PL_N_ANSWERS ? ids[answer] : "?";
}

struct item_name {
    const char *id, *text;
};

static const struct item_name piva[PL_N_PIVA] = {
#define X(name, id, text, most) { id, text },
    PL_PIVA(X)
#undef X
};

static const struct item_name qasls[PL_N_QASLS] = {
#define X(name, id, text, most) { id, text },
    PL_QASLS(X)
#undef X
};

const char *pl_piva_id(enum pl_piva item) { return (unsigned)item < PL_N_PIVA ? piva[item].id : "?"; }
const char *pl_piva_text(enum pl_piva item) { return (unsigned)item < PL_N_PIVA ? piva[item].text : ""; }
const char *pl_qasls_id(enum pl_qasls item) { return (unsigned)item < PL_N_QASLS ? qasls[item].id : "?"; }
const char *pl_qasls_text(enum pl_qasls item) { return (unsigned)item < PL_N_QASLS ? qasls[item].text : ""; }

const char *pl_grade_name(enum pl_grade grade)
{
    static const char *const names[] = { NULL, "good", "medium", "poor" };
    return (unsigned)grade < sizeof names / sizeof names[0] ? names[grade] : NULL;
}

static enum pl_grade grade_of(int points, const struct pl_limits *limits)
{
    const float p = (float)points;
    return p >= limits->piva_poor_from ? PL_GRADE_POOR : p >= limits->piva_medium_from ? PL_GRADE_MEDIUM : PL_GRADE_GOOD;
}

enum pl_grade pl_scores_grade(int least, int most, const struct pl_limits *limits)
{
    const enum pl_grade best = grade_of(least, limits), worst = grade_of(most, limits);
    return best == worst ? best : PL_GRADE_UNKNOWN;
}

void pl_scores_range_text(char *out, int size, int least, int most)
{
    if (least == most)
        snprintf(out, (size_t)size, "%d", least);
    else
        snprintf(out, (size_t)size, "%d to %d", least, most);
}

struct pl_scores_state *pl_scores_open(const struct pl_limits *limits)
{
    struct pl_scores_state *state = calloc(1, sizeof *state);
    if (state) {
        state->limits = *limits;
        pl_scores_reset(state);
    }
    return state;
}

void pl_scores_close(struct pl_scores_state *state) { free(state); }

void pl_scores_reset(struct pl_scores_state *state)
{
    state->ring.first = state->ring.n = 0;
    state->seen = false;
    state->scores = (struct pl_scores){ .rep = 0, .side = PL_SIDE_UNKNOWN };
}

static const int piva_most[PL_N_PIVA] = {
#define X(name, id, text, most) most,
    PL_PIVA(X)
#undef X
};

static const int qasls_most[PL_N_QASLS] = {
#define X(name, id, text, most) most,
    PL_QASLS(X)
#undef X
};

static struct pl_sum sum_of(const struct pl_item *item, const int *most, int n)
{
    struct pl_sum sum = { 0 };
    for (int i = 0; i < n; i++) {
        if (item[i].answer == PL_ANSWER_NOT_ASKED)
            continue;
        sum.least += item[i].least;
        sum.most += item[i].most;
        sum.of += most[i];
        sum.n_decided += item[i].least == item[i].most;
        sum.n_asked++;
    }
    return sum;
}

static void add_up(struct pl_scores_state *state)
{
    struct pl_scores *s = &state->scores;
    s->piva_sum = sum_of(s->piva, piva_most, PL_N_PIVA);
    s->qasls_sum = sum_of(s->qasls, qasls_most, PL_N_QASLS);
    s->grade = pl_scores_grade(s->piva_sum.least, s->piva_sum.most, &state->limits);
}

static void judge(struct pl_scores_state *state, const struct pl_rep *rep)
{
    state->scores = (struct pl_scores){ .rep = rep->n, .side = rep->side };
    pl_items_of(&state->ring, rep, false, &state->limits, &state->scores);
    add_up(state);
}

/* Now it is known that the repetition judged last was a reach, with two bends: an error in either is one of it. */
static void judge_reach(struct pl_scores_state *state, const struct pl_rep *first, const struct pl_rep *second)
{
    struct pl_scores more = { .rep = second->n };
    pl_items_of(&state->ring, first, true, &state->limits, &state->scores);
    pl_items_of(&state->ring, second, true, &state->limits, &more);
    for (int i = 0; i < PL_N_PIVA; i++)
        pl_item_add(&state->scores.piva[i], &more.piva[i]);
    for (int i = 0; i < PL_N_QASLS; i++)
        pl_item_add(&state->scores.qasls[i], &more.qasls[i]);
    add_up(state);
}

void pl_scores_finish(struct pl_scores_state *state, const struct pl_progress *progress, struct pl_scores *out)
{
    if (progress->rep_done && (unsigned)progress->last_rep.side < PL_N_SIDES)
        judge(state, &progress->last_rep);
    if (progress->bend_done && state->scores.rep == progress->bend.n)
        judge_reach(state, &progress->last_rep, &progress->bend);
    *out = state->scores;
}

void pl_scores_step(struct pl_scores_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                    const struct pl_progress *progress, struct pl_scores *out)
{
    struct frame_facts frame;
    pl_facts_of(pose, measures, progress->depth, &state->limits, &frame);
    if (state->seen && pose->person)
        frame.t_ns = state->before_ns; /* pose's median of three is what was there a frame ago */
    pl_facts_add(&state->ring, &frame);
    state->before_ns = pose->t_ns;
    state->seen = pose->person;
    pl_scores_finish(state, progress, out);
}
