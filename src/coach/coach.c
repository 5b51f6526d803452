/* coach: what the live coach is doing now.
 *
 * in:   one frame's moment, light and rate, requests from keys
 * out:  struct pl_coach_view; what of it is said, talk.c decides
 * how:
 *
 *       SETUP ----------------> BASELINE -----------> WORK <-----------> REST
 *         | somebody whose        ^ 2 s of standing,    | set done,        ^ time, hand, key
 *         | legs are seen         | or 6 s at most      | leg done         |
 *         |                       |                     v                  |
 *         +--> CHOOSE --------> COUNTDOWN             DONE  (last set) ----+
 *              a raised hand before the first repetition
 *
 *       From every state one arrow is left out here: a repetition that the exercise counts leads to WORK, and is counted in its
 *       set. So whoever simply starts is never asked anything. A raised hand later pauses; leaving the picture changes nothing
 *       but what is said.
 * not:  no clock: all times are the moments' own, at any frame rate
 */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* src: own choices, all of them */
static const double most_baseline_s = 6.0;  /* who fidgets may start, too */
static const double menu_s = 12.0;          /* targets that nobody points at go away again */
static const double choose_countdown_s = 3.0;
static const int64_t gone_ns = 5 * PL_NS_PER_S;
static const int64_t remark_ns = 5 * PL_NS_PER_S;
static const float ten_s = 10.0f;
static const double tell_hand_s = 5.0, tell_hand_left_s = 12.0; /* into the first rest, if so much is left */
static const float half_from_s = 10.0f;     /* shorter holds need no half time */
static const float held_share = 0.95f;      /* of its time: who counts aloud is not asked again for a second */
static const int most_tries = 3;            /* then the leg has done its part: nobody is kept for ever */
static const int usual_sets = 3, usual_reps = 10; /* measures.md 9: 3 x 10 a side, 10-15 x 2-3 */

enum page { PAGE_NONE, PAGE_EXERCISES, PAGE_LEG, PAGE_PAUSE };
enum { A_PAGE = 5 };                        /* exercises on one, and "more": six large targets are what arms reach */
enum { TARGET_GO_ON, TARGET_NEXT, TARGET_OTHER, TARGET_FINISH, N_PAUSE_TARGETS };

struct pl_coach {
    struct pl_coach_options options;
    const struct pl_lens *lens;          /* of this frame; NULL: none */
    struct guide guide;
    struct hands hands;
    struct ghost ghost;
    int64_t t_ns, entered_ns;
    double dt_s;
    enum pl_coach_state state;
    bool begun, paused;
    bool short_hold;                     /* one ended with this frame */
    /* targets */
    enum page page;
    int first;                           /* of the menu, on this page of the exercises */
    int n_targets;
    struct pl_coach_target target[PL_MAX_TARGETS];
    struct pl_vec2 hand[PL_N_SIDES];     /* shares of the picture, as it shows them; NAN */
    double idle_s;
    enum pl_coach_state before;          /* the choice; goes on there if nothing is chosen */
    struct pl_exercise_options choice;
    bool chosen;
    /* requests by keys, until the next step */
    bool want_pause, want_menu, want_next;
    int want_target;
    /* rest, countdown */
    double left_s, whole_s;
    bool change_leg;
    /* counting */
    int seen, seen_side[PL_N_SIDES];
    enum pl_exercise_kind kind;
    int set, set_reps, set_side[PL_N_SIDES];
    enum pl_side last_side;
    int run;                             /* repetitions in a row on that leg */
    int tries[PL_N_SIDES];               /* holds let go too soon, of this set */
    struct pl_coach_summary sum;
    int64_t first_ns;
    /* absence */
    int64_t person_ns;
    bool away;
    float hold_s;                        /* of the hold under way, as of the frame before; 0 none */
    /* talk */
    struct talk talk;
    enum pl_sentence say;
    int number;
    bool fresh, told_choice, told_hand;  /* that a hand chooses; that a hand ends the rest */
};

struct pl_coach *pl_coach_open(const struct pl_coach_options *options)
{
    struct pl_coach *c = calloc(1, sizeof *c);
    if (c) {
        c->options = *options;
        pl_coach_reset(c);
    }
    return c;
}

void pl_coach_close(struct pl_coach *c) { free(c); }

void pl_coach_reset(struct pl_coach *c)
{
    const struct pl_coach_options options = c->options;
    const bool greet = c->talk.greet; /* "stop if it hurts" comes once, whatever happens */
    memset(c, 0, sizeof *c);
    c->options = options;
    c->talk.greet = greet;
    c->want_target = -1;
    c->last_side = PL_SIDE_UNKNOWN;
    c->kind = options.exercise.kind;
    c->set = 1;
    pl_guide_reset(&c->guide);
    pl_hands_reset(&c->hands);
    pl_ghost_reset(&c->ghost);
}

void pl_coach_pause(struct pl_coach *c) { c->want_pause = true; }
void pl_coach_ask(struct pl_coach *c) { c->want_menu = true; }
void pl_coach_next(struct pl_coach *c) { c->want_next = true; }
void pl_coach_take(struct pl_coach *c, int target) { c->want_target = target; }

/* The first sentence of a frame is the one: it is never overtaken by a less important one. */
static void say_of_check(struct pl_coach *c, enum pl_sentence what, int number, enum pl_check check)
{
    if (c->fresh)
        return;
    c->fresh = true;
    c->say = what;
    c->number = number;
    c->talk.own = (struct own){ what, number, check };
}

static void say(struct pl_coach *c, enum pl_sentence what, int number)
{
    say_of_check(c, what, number, PL_N_CHECKS);
}

static void enter(struct pl_coach *c, enum pl_coach_state state)
{
    c->state = state;
    c->entered_ns = c->t_ns;
    c->left_s = c->whole_s = 0;
}

/* ---- the plan */

static int n_sets(const struct pl_coach *c)
{
    return c->options.plan.sets >= 1 ? (int)c->options.plan.sets : usual_sets;
}

/* By name, so that this needs no list of exercises. */
static bool is_hold(enum pl_exercise_kind kind) { return strstr(pl_exercise_name(kind), "stance"); }

/* A hold is long: one of them is a set. */
static int n_set_reps(const struct pl_coach *c)
{
    if (c->options.plan.reps >= 1)
        return (int)c->options.plan.reps;
    return is_hold(c->kind) ? 1 : usual_reps;
}

static bool sided(const struct pl_coach *c)
{
    return c->set_side[PL_SIDE_LEFT] + c->set_side[PL_SIDE_RIGHT] > 0;
}

static bool leg_done(const struct pl_coach *c, enum pl_side side)
{
    return side != PL_SIDE_UNKNOWN && c->set_side[side] >= n_set_reps(c);
}

static bool set_done(const struct pl_coach *c)
{
    if (!sided(c))
        return c->set_reps >= n_set_reps(c);
    if (c->options.exercise.side != PL_SIDE_UNKNOWN)
        return leg_done(c, c->options.exercise.side);
    return leg_done(c, PL_SIDE_LEFT) && leg_done(c, PL_SIDE_RIGHT);
}

static void begin_set(struct pl_coach *c, int set)
{
    c->set = set;
    c->set_reps = c->set_side[PL_SIDE_LEFT] = c->set_side[PL_SIDE_RIGHT] = c->run = 0;
    c->tries[PL_SIDE_LEFT] = c->tries[PL_SIDE_RIGHT] = 0;
    c->last_side = PL_SIDE_UNKNOWN;
}

static void rest(struct pl_coach *c, double seconds, bool change_leg)
{
    enter(c, PL_COACH_REST);
    c->left_s = c->whole_s = seconds;
    c->change_leg = change_leg;
    say(c, !change_leg ? PL_SAY_REST : c->last_side == PL_SIDE_LEFT ? PL_SAY_NOW_RIGHT : PL_SAY_NOW_LEFT, 0);
}

static void finish(struct pl_coach *c)
{
    enter(c, PL_COACH_DONE);
    say(c, PL_SAY_ALL_DONE, 0);
}

/* After a repetition, or on request: what comes after this set. */
static void end_set(struct pl_coach *c)
{
    c->sum.n_sets = c->set;
    if (c->set >= n_sets(c)) /* who goes on after the last one is done again */
        finish(c);
    else
        rest(c, (double)c->options.plan.rest_s, false);
}

static void work(struct pl_coach *c)
{
    if (c->state == PL_COACH_REST && !c->change_leg)
        begin_set(c, c->set + 1);
    enter(c, PL_COACH_WORK);
}

static void count_down(struct pl_coach *c, double seconds)
{
    if (seconds > 0) {
        enter(c, PL_COACH_COUNTDOWN);
        c->left_s = c->whole_s = seconds;
    }
}

/* ---- targets */

static void close_page(struct pl_coach *c)
{
    c->page = PAGE_NONE;
    c->n_targets = 0;
}

static enum pl_sentence name_of(enum pl_exercise_kind kind)
{
    return kind == PL_EXERCISE_AUTO ? PL_SAY_TARGET_AUTO : pl_sentence_of_exercise(kind);
}

/* What has to be named comes soon: the others are found by themselves. */
static const enum pl_exercise_kind menu[PL_N_EXERCISES] = {
    PL_EXERCISE_AUTO, PL_EXERCISE_SINGLE_LEG_SQUAT, PL_EXERCISE_LUNGE, PL_EXERCISE_SQUAT, PL_EXERCISE_STANCE,
    PL_EXERCISE_STEP_DOWN, PL_EXERCISE_MINI_SQUAT_REACH, PL_EXERCISE_STEP_UP, PL_EXERCISE_REVERSE_LUNGE, PL_EXERCISE_SPLIT_LUNGE,
};

static int n_on_page(const struct pl_coach *c)
{
    return PL_N_EXERCISES - c->first < A_PAGE ? (int)PL_N_EXERCISES - c->first : (int)A_PAGE;
}

static void add_target(struct pl_coach *c, enum pl_sentence text)
{
    c->target[c->n_targets++] = (struct pl_coach_target){ .text = text };
}

static void open_page(struct pl_coach *c, enum page page, const struct pl_moment *m)
{
    static const enum pl_sentence legs[] = { PL_SAY_TARGET_LEFT, PL_SAY_TARGET_EITHER, PL_SAY_TARGET_RIGHT };
    static const enum pl_sentence pauses[N_PAUSE_TARGETS] = {
        PL_SAY_TARGET_GO_ON, PL_SAY_TARGET_NEXT, PL_SAY_TARGET_OTHER, PL_SAY_TARGET_FINISH,
    };

    pl_hands_place(&c->hands, m, c->lens);
    c->page = page;
    c->idle_s = 0;
    c->n_targets = 0;
    for (int i = 0; page == PAGE_EXERCISES && i < n_on_page(c); i++)
        add_target(c, name_of(menu[c->first + i]));
    if (page == PAGE_EXERCISES)
        add_target(c, PL_SAY_TARGET_MORE);
    for (size_t i = 0; page == PAGE_LEG && i < sizeof legs / sizeof legs[0]; i++)
        add_target(c, legs[i]);
    for (int i = 0; page == PAGE_PAUSE && i < N_PAUSE_TARGETS; i++)
        add_target(c, pauses[i]);
    for (int i = 0; i < c->n_targets; i++)
        c->target[i].box = pl_hands_box(&c->hands, i, c->n_targets);
    if (page == PAGE_EXERCISES && c->first == 0)
        say(c, PL_SAY_CHOOSE, 0);
    else if (page == PAGE_LEG)
        say(c, PL_SAY_CHOOSE_LEG, 0);
}

static void ask(struct pl_coach *c, const struct pl_moment *m)
{
    if (c->state != PL_COACH_CHOOSE)
        c->before = c->state;
    c->paused = false;
    enter(c, PL_COACH_CHOOSE);
    c->first = 0;
    open_page(c, PAGE_EXERCISES, m);
}

/* Back to where the question came from; a rest that it interrupted is over. */
static void close_choice(struct pl_coach *c)
{
    close_page(c);
    c->state = c->before == PL_COACH_COUNTDOWN ? PL_COACH_SETUP : c->before;
    if (c->state == PL_COACH_REST)
        work(c);
    else
        enter(c, c->state);
}

static void choose(struct pl_coach *c, enum pl_side side)
{
    c->choice.side = side;
    c->chosen = true;
    c->options.exercise = c->choice;
    c->kind = c->choice.kind;
    begin_set(c, 1);
    close_page(c);
    enter(c, PL_COACH_SETUP);
    say(c, name_of(c->kind), 0);
    count_down(c, fmax(choose_countdown_s, (double)c->options.plan.countdown_s));
}

static void go_on(struct pl_coach *c)
{
    c->paused = false;
    close_page(c);
    say(c, PL_SAY_GO_ON, 0);
}

static void take(struct pl_coach *c, int i, const struct pl_moment *m)
{
    if (i < 0 || i >= c->n_targets)
        return;
    if (c->page == PAGE_EXERCISES && i == n_on_page(c)) {
        c->first = c->first + A_PAGE < (int)PL_N_EXERCISES ? c->first + A_PAGE : 0;
        open_page(c, PAGE_EXERCISES, m);
    } else if (c->page == PAGE_EXERCISES) {
        c->choice = (struct pl_exercise_options){ menu[c->first + i], PL_SIDE_UNKNOWN };
        if (c->choice.kind == PL_EXERCISE_AUTO || c->choice.kind == PL_EXERCISE_SQUAT) /* a squat has no side; auto finds it */
            choose(c, PL_SIDE_UNKNOWN);
        else
            open_page(c, PAGE_LEG, m);
    } else if (c->page == PAGE_LEG) {
        choose(c, i == 0 ? PL_SIDE_LEFT : i == 2 ? PL_SIDE_RIGHT : PL_SIDE_UNKNOWN);
    } else if (i == TARGET_OTHER) {
        ask(c, m);
    } else {
        go_on(c);
        if (i == TARGET_FINISH) {
            c->fresh = false; /* that is said instead */
            finish(c);
        } else if (i == TARGET_NEXT && c->state == PL_COACH_WORK) {
            c->fresh = false;
            end_set(c);
        }
    }
}

/* ---- repetitions: counted in whatever state they come */

static int newly(int now, int *seen)
{
    const int n = now < *seen ? now : now - *seen; /* fewer than before: the session began anew */
    *seen = now;
    return n;
}

/* Who alternates is not sent to the other leg, on which he stands already; of holds each leg may have but one. */
static void after_rep(struct pl_coach *c, enum pl_side side)
{
    const bool free_choice = c->options.exercise.side == PL_SIDE_UNKNOWN;

    c->run = side == c->last_side ? c->run + 1 : 1;
    c->last_side = side;
    if (set_done(c))
        end_set(c);
    else if (free_choice && leg_done(c, side) && !leg_done(c, pl_side_other(side)) && (c->run > 1 || is_hold(c->kind)))
        rest(c, (double)c->options.plan.change_s, true);
}

/* A hold with a time to reach that was let go before: it is asked for again, and counts in no set. */
static bool is_short(struct pl_coach *c, const struct pl_rep *rep)
{
    const float goal_s = c->options.plan.hold_s, held_s = (float)pl_s_from_ns(rep->end_ns - rep->start_ns);

    if (!rep->hold || !(goal_s > 0) || held_s >= held_share * goal_s || c->state == PL_COACH_DONE)
        return false;
    return rep->side == PL_SIDE_UNKNOWN || ++c->tries[rep->side] < most_tries;
}

static void hold_again(struct pl_coach *c)
{
    c->sum.n_short_holds++;
    c->short_hold = true;
    if (c->state == PL_COACH_REST)
        return;
    close_page(c);
    c->paused = false;
    enter(c, PL_COACH_WORK);
    say(c, PL_SAY_HOLD_AGAIN, 0);
}

static void count(struct pl_coach *c, const struct pl_moment *m)
{
    const struct pl_progress *p = &m->progress;
    const int n = newly(p->n_reps, &c->seen);
    int side_n[PL_N_SIDES];

    for (int side = 0; side < PL_N_SIDES; side++)
        side_n[side] = newly(p->n_reps_side[side], &c->seen_side[side]);
    for (int i = 0; i < p->n_ended; i++)
        c->sum.n_faults[p->ended[i].kind]++;
    if (n <= 0)
        return;
    if (c->kind != p->last_rep.exercise && p->last_rep.exercise != PL_EXERCISE_AUTO) {
        if (c->sum.n_reps > 0) /* another exercise than the one before */
            begin_set(c, 1);
        c->kind = p->last_rep.exercise;
    }
    if (is_short(c, &p->last_rep)) {
        hold_again(c);
        return;
    }
    close_page(c);
    c->paused = false;
    if (c->state == PL_COACH_DONE || set_done(c))
        begin_set(c, c->set + 1);
    enter(c, PL_COACH_WORK);
    c->set_reps += n;
    c->sum.n_reps += n;
    for (int side = 0; side < PL_N_SIDES; side++) {
        c->set_side[side] += side_n[side];
        c->sum.n_reps_side[side] += side_n[side];
    }
    if (c->sum.n_reps == n)
        c->first_ns = p->last_rep.start_ns;
    c->sum.work_ns = p->last_rep.end_ns - c->first_ns;
    after_rep(c, p->last_rep.side);
}

/* ---- requests */

/* What a raised hand means here; the key P does the same as in the middle of the work. */
static void raised(struct pl_coach *c, const struct pl_moment *m)
{
    if (c->paused) {
        go_on(c);
    } else if (c->state == PL_COACH_REST) {
        work(c);
        say(c, PL_SAY_GO_ON, 0);
    } else if (c->state == PL_COACH_WORK && c->sum.n_reps + c->sum.n_short_holds > 0) {
        c->paused = true;
        say(c, PL_SAY_PAUSED, 0);
        open_page(c, PAGE_PAUSE, m);
    } else if (c->state != PL_COACH_CHOOSE && c->state != PL_COACH_COUNTDOWN) {
        ask(c, m);
    }
}

static void pause_or_go_on(struct pl_coach *c, const struct pl_moment *m)
{
    if (c->paused) {
        go_on(c);
        return;
    }
    if (c->state == PL_COACH_CHOOSE)
        close_choice(c);
    c->paused = true;
    say(c, PL_SAY_PAUSED, 0);
    open_page(c, PAGE_PAUSE, m);
}

static void heed(struct pl_coach *c, const struct pl_moment *m)
{
    const bool hand = pl_hands_raised(&c->hands, m) && c->options.hands;
    int taken = -1;

    pl_hands_at(c->hand, m, c->lens);
    if (c->options.hands)
        taken = pl_hands_dwell(&c->hands, c->hand, m, c->target, c->n_targets, c->dt_s);
    if (c->want_target >= 0)
        taken = c->want_target;
    if (c->want_pause)
        pause_or_go_on(c, m);
    else if (c->want_menu && c->state == PL_COACH_CHOOSE)
        close_choice(c);
    else if (c->want_menu)
        ask(c, m);
    else if (taken >= 0)
        take(c, taken, m);
    else if (hand)
        raised(c, m);
    if (c->want_next && c->state == PL_COACH_REST)
        work(c);
    else if (c->want_next && c->state == PL_COACH_WORK)
        end_set(c);
    c->want_pause = c->want_menu = c->want_next = false;
    c->want_target = -1;
}

/* ---- time */

static float baseline_part(const struct pl_coach *c, const struct pl_moment *m)
{
    float part = 0;
    for (int side = 0; side < PL_N_SIDES; side++)
        if (m->pose.baseline[side].two_legs)
            part = fmaxf(part, m->pose.baseline[side].quiet_s / c->options.limits.stand_s);
    return fminf(part, 1);
}

static void wait_out(struct pl_coach *c)
{
    const double before_s = c->left_s;

    if (c->paused)
        return;
    c->left_s = fmax(c->left_s - c->dt_s, 0);
    if (c->state == PL_COACH_COUNTDOWN && ceil(c->left_s) < ceil(before_s) && c->left_s > 0 && c->left_s <= 3)
        say(c, PL_SAY_COUNT, (int)ceil(c->left_s));
    if (c->state == PL_COACH_REST && before_s > (double)ten_s && c->left_s <= (double)ten_s && c->whole_s >= 2 * (double)ten_s)
        say(c, PL_SAY_TEN_LEFT, 0);
    if (c->state == PL_COACH_REST && !c->change_leg && c->options.hands && !c->told_hand &&
        c->whole_s - c->left_s >= tell_hand_s && c->left_s >= tell_hand_left_s) {
        c->told_hand = true;
        say(c, PL_SAY_HAND_ENDS_REST, 0);
    }
    if (c->left_s > 0)
        return;
    if (c->state == PL_COACH_COUNTDOWN) {
        enter(c, PL_COACH_BASELINE);
        return;
    }
    say(c, c->change_leg ? PL_SAY_GO_ON : PL_SAY_NEXT_SET, 0);
    work(c);
}

/* That there is a choice is told once, and only to who has not chosen. */
static void begin(struct pl_coach *c)
{
    const bool choice = c->options.hands && c->options.exercise.kind == PL_EXERCISE_AUTO && !c->told_choice;

    c->told_choice |= choice;
    say(c, choice ? PL_SAY_BEGIN_OR_CHOOSE : PL_SAY_PHASE_START, 0);
}

/* Half of the time and all of it, as long as the foot stays up. */
static void follow_hold(struct pl_coach *c, const struct pl_moment *m)
{
    const float goal = c->options.plan.hold_s, before = c->hold_s;

    c->hold_s = m->progress.hold_s > 0 ? m->progress.hold_s : 0;
    if (c->paused || before <= 0)
        return;
    if (before < goal && c->hold_s >= goal)
        say(c, PL_SAY_HOLD_END, 0);
    else if (goal >= half_from_s && before < goal / 2 && c->hold_s >= goal / 2)
        say(c, PL_SAY_HOLD_HALF, 0);
}

static void advance(struct pl_coach *c, const struct pl_moment *m)
{
    const bool blocked = pl_guide_blocks(&c->guide);

    switch (c->state) {
    case PL_COACH_SETUP:
        if (!blocked) {
            enter(c, PL_COACH_BASELINE);
            count_down(c, (double)c->options.plan.countdown_s);
        }
        break;
    case PL_COACH_CHOOSE:
        c->idle_s += c->dt_s;
        for (int i = 0; i < c->n_targets; i++)
            if (c->target[i].dwell > 0)
                c->idle_s = 0;
        if (c->idle_s > menu_s)
            close_choice(c);
        break;
    case PL_COACH_COUNTDOWN:
    case PL_COACH_REST:
        wait_out(c);
        break;
    case PL_COACH_BASELINE:
        if (blocked) {
            enter(c, PL_COACH_SETUP);
        } else if (baseline_part(c, m) >= 1 || c->t_ns - c->entered_ns > pl_ns_from_s(most_baseline_s)) {
            enter(c, PL_COACH_WORK);
            begin(c);
        }
        break;
    case PL_COACH_WORK:
        if (c->away && c->sum.n_reps + c->sum.n_short_holds == 0 && c->t_ns - c->person_ns > gone_ns)
            enter(c, PL_COACH_SETUP);
        break;
    default:
        break;
    }
}

static void follow_absence(struct pl_coach *c, const struct pl_moment *m)
{
    const int64_t away_ns = pl_ns_from_s((double)c->options.limits.say_blind_s);
    const bool here = m->pose.person || m->keypoints.present;
    const bool was = c->away;

    if (here || !c->begun)
        c->person_ns = c->t_ns;
    c->away = !here && c->state == PL_COACH_WORK && !c->paused && c->t_ns - c->person_ns > away_ns;
    if (c->away && !was)
        say(c, PL_SAY_GONE, 0);
    else if (was && here && c->state == PL_COACH_WORK)
        say(c, PL_SAY_BACK_AGAIN, 0);
}

/* ---- the guide's part of what is shown and said */

/* Who stands in the dark and is not seen needs light, not to be called in. */
static enum pl_check first_bad(const struct pl_coach *c)
{
    if (c->guide.shown[PL_CHECK_PERSON].state == PL_CHECK_BAD && c->guide.shown[PL_CHECK_LIGHT].what == PL_SAY_DARK)
        return PL_CHECK_LIGHT;
    for (int i = 0; i < PL_N_CHECKS; i++)
        if (c->guide.shown[i].state == PL_CHECK_BAD)
            return (enum pl_check)i;
    return PL_N_CHECKS;
}

/* In the work only before the first repetition, and for some seconds: who has begun knows. */
static bool guides(const struct pl_coach *c, enum pl_check bad, const struct pl_moment *m)
{
    if (bad == PL_N_CHECKS || c->paused)
        return false;
    if (c->state == PL_COACH_SETUP || c->state == PL_COACH_BASELINE)
        return true;
    return c->state == PL_COACH_WORK && !c->away && c->sum.n_reps == 0 && m->progress.rep == 0 &&
           (!c->talk.check[bad].said_ns || c->t_ns - c->talk.check[bad].said_ns < remark_ns);
}

static void say_guide(struct pl_coach *c, enum pl_check bad)
{
    const struct pl_check_now *now = &c->guide.shown[bad];

    if (pl_talk_may_guide(&c->talk, bad, now->what, c->state != PL_COACH_SETUP, c->t_ns))
        say_of_check(c, now->what, now->number, bad);
}

static bool about_place(enum pl_check bad)
{
    return bad == PL_CHECK_PERSON || bad == PL_CHECK_BODY || bad == PL_CHECK_FEET || bad == PL_CHECK_DISTANCE ||
           bad == PL_CHECK_CENTRED || bad == PL_CHECK_VIEW;
}

/* A person of four fifths of the picture's height, feet near its lower edge. */
static struct pl_coach_box place_to_stand(const struct pl_moment *m)
{
    const float w = (float)m->keypoints.width_px, h = (float)m->keypoints.height_px;
    const float height = 0.80f, width = w > 0 ? 0.36f * height * h / w : 0.16f; /* shoulders and a little air */
    return (struct pl_coach_box){ 0.5f - width / 2, 0.14f, width, height };
}

static void show_guide(struct pl_coach *c, const struct pl_moment *m, struct pl_coach_view *out)
{
    const enum pl_check bad = first_bad(c);

    memcpy(out->check, c->guide.shown, sizeof out->check);
    out->first_bad = bad;
    out->guide = guides(c, bad, m);
    if (out->guide)
        say_guide(c, bad);
    out->silhouette = out->guide && about_place(bad);
    out->silhouette_side_on = out->guide && c->guide.shown[bad].what == PL_SAY_SIDE_ON;
    out->stand_here = place_to_stand(m);
}

static void describe(const struct pl_coach *c, const struct pl_moment *m, struct pl_coach_view *out)
{
    const enum pl_side done = c->last_side;

    out->t_ns = c->t_ns;
    out->state = c->state;
    out->paused = c->paused;
    out->away = c->away;
    out->n_targets = c->n_targets;
    out->question = c->page == PAGE_EXERCISES ? PL_SAY_CHOOSE : c->page == PAGE_LEG ? PL_SAY_CHOOSE_LEG
                  : c->page == PAGE_PAUSE ? PL_SAY_PAUSED : PL_SAY_NOTHING;
    memcpy(out->target, c->target, sizeof out->target);
    for (int side = 0; side < PL_N_SIDES; side++)
        out->hand[side] = c->n_targets ? c->hand[side] : (struct pl_vec2){ NAN, NAN };
    out->baseline = baseline_part(c, m);
    out->left_s = (float)c->left_s;
    out->whole_s = (float)c->whole_s;
    out->change_leg = c->state == PL_COACH_REST && c->change_leg;
    out->exercise = c->kind;
    out->side = out->change_leg ? pl_side_other(done) : m->progress.side != PL_SIDE_UNKNOWN ? m->progress.side
              : c->options.exercise.side;
    out->only = c->options.exercise.side;
    out->sided = sided(c);
    out->set = c->set;
    out->n_sets = n_sets(c);
    out->set_reps = c->set_reps;
    memcpy(out->set_side, c->set_side, sizeof out->set_side);
    out->n_set_reps = n_set_reps(c);
    out->sum = c->sum;
    out->hold_s = c->hold_s > 0 ? c->hold_s : NAN;
    out->hold_goal_s = c->hold_s > 0 || is_hold(c->kind) ? c->options.plan.hold_s : 0;
    out->say_fresh = c->fresh;
    out->say = c->say;
    out->say_number = c->number;
    out->chosen = c->chosen;
    out->choice = c->choice;
}

void pl_coach_step(struct pl_coach *c, const struct pl_moment *m, const struct pl_coach_input *in, struct pl_coach_view *out)
{
    *out = (struct pl_coach_view){ 0 };
    c->dt_s = c->begun ? fmax(pl_s_from_ns(m->t_ns - c->t_ns), 0.0) : 0.0;
    c->t_ns = m->t_ns;
    c->fresh = c->chosen = c->short_hold = false;
    c->lens = in->lens;
    pl_guide_step(&c->guide, m, in, c->options.exercise.kind != PL_EXERCISE_AUTO);
    count(c, m);
    heed(c, m);
    follow_absence(c, m);
    advance(c, m);
    follow_hold(c, m);
    c->begun = true;
    show_guide(c, m, out);
    pl_ghost_step(&c->ghost, m, out);
    describe(c, m, out);
    pl_talk_step(&c->talk, m, out, &c->options.limits, &out->utterance);
    if (c->short_hold)
        out->utterance.count = 0;
    c->lens = NULL; /* it was lent for the call */
}
