/* calibration_guide: which step of a calibration comes now, and which words with which frame.
 *
 * in:   what the makers know after each frame
 * out:  the step on the screen, at most one sentence (and the number of what was completed) to say
 * how:  what the frame asks for must last before it replaces what is shown, unless something was achieved. A step is said when
 *       it is shown, and again after 8 s, 16 s, 32 s ...; sentences come at least 3 s apart, the same one at least 8 s, 5 s
 *       where something was achieved
 * not:  no judgement of its own: reasons are the pose's, touches and stances the makers'
 */
#include "plumbline/calibration_guide.h"

#include <math.h>

#include "plumbline/coach.h"

/* src: own choice, as talk.c has it for the coach */
static const int64_t lasts_ns = PL_NS_PER_S * 6 / 10, between_ns = 3 * PL_NS_PER_S, again_ns = 8 * PL_NS_PER_S;
static const int64_t achieved_again_ns = 5 * PL_NS_PER_S; /* "Knee back again" at each touch that is not hurried */
enum { MOST_DOUBLED = 2 };

static float clamp(float v) { return v > 0 ? fminf(v, 1) : 0; }

/* The network guesses where a head beyond the edge is. src: guide.c */
static bool headless(const struct pl_moment *m)
{
    static const float head_above_nose = 0.08f;
    const float nose_y = m->keypoints.raw.px[PL_LM_NOSE].y_px, h = (float)m->keypoints.height_px;
    return m->pose.person && h > 0 && nose_y - head_above_nose * m->pose.stature_px < -0.01f * h;
}

struct pl_ask pl_ask_stand(enum pl_calibration_kind kind, const struct pl_standing *standing, bool front, bool side,
                             const struct pl_moment *m, const struct pl_limits *limits)
{
    const bool room = kind == PL_CALIBRATION_ROOM;
    const bool useful = room || (m->pose.view == PL_VIEW_FRONT && !front) || (m->pose.view == PL_VIEW_SIDE && !side);
    struct pl_ask s = { .text = room ? PL_SAY_STAND_ROOM : front ? PL_SAY_STAND_SIDE : PL_SAY_STAND_FACING,
                         .done = room ? 0 : front + side, .of = room ? 1 : 2 };

    if (standing->why != PL_REASON_NONE && standing->why != PL_REASON_STAND_STILL) {
        s.text = pl_sentence_of_reason(standing->why);
        s.blind = true;
    } else if (headless(m)) {
        s.text = PL_SAY_SHOW_HEAD;
        s.blind = true;
    } else if (useful) {
        s.part = clamp(pl_standing_quiet_s(standing, m->t_ns) / limits->stand_s);
    }
    return s;
}

struct pl_ask pl_ask_toe(const struct pl_toe_test *test, const struct pl_moment *m, bool touched, int wished)
{
    const int n[PL_N_SIDES] = { test->side[0].n_touches, test->side[1].n_touches };
    struct pl_ask s = { .text = PL_SAY_TOE_WALL, .of = PL_N_SIDES * wished };
    const bool other = n[0] >= wished || n[1] >= wished; /* one knee is through */

    for (int side = 0; side < PL_N_SIDES; side++)
        s.done += n[side] < wished ? n[side] : wished;
    s.part = (float)s.done / (float)s.of;
    if (!m->pose.person) {
        s.text = pl_sentence_of_reason(m->pose.reason == PL_REASON_NONE ? PL_REASON_NO_PERSON : m->pose.reason);
        s.blind = true;
        return s;
    }
    const bool near = m->pose.view == PL_VIEW_SIDE && (int)m->pose.near_side < PL_N_SIDES;
    if (s.done == s.of) {
        s.text = PL_SAY_TOE_BACK; /* as it was: the end comes */
    } else if (!near || n[m->pose.near_side] >= wished) {
        s.text = other ? PL_SAY_TOE_OTHER : PL_SAY_TOE_WALL;
        s.at_once = touched;
    } else {
        const bool at_wall = !isnan(test->side[m->pose.near_side].plateau);
        s.text = at_wall ? PL_SAY_TOE_BACK : PL_SAY_TOE_TOUCH;
        s.at_once = at_wall || touched;
        s.part += at_wall ? 0.5f / (float)s.of : 0;
    }
    s.count = touched && near ? n[m->pose.near_side] : 0;
    return s;
}

struct pl_ask pl_ask_board(enum pl_board_seen seen, enum pl_board_wish missing, int n_views)
{
    static const enum pl_sentence wishes[PL_N_BOARD_WISHES] = { /* the camera's left is the right of who stands in front of it */
        [PL_WISH_UPPER_LEFT] = PL_SAY_BOARD_UP_RIGHT, [PL_WISH_UPPER_RIGHT] = PL_SAY_BOARD_UP_LEFT,
        [PL_WISH_LOWER_LEFT] = PL_SAY_BOARD_DOWN_RIGHT, [PL_WISH_LOWER_RIGHT] = PL_SAY_BOARD_DOWN_LEFT,
        [PL_WISH_RIGHT_AWAY] = PL_SAY_BOARD_TURN_LEFT, [PL_WISH_LEFT_AWAY] = PL_SAY_BOARD_TURN_RIGHT,
        [PL_WISH_LOWER_AWAY] = PL_SAY_BOARD_TILT_LOWER, [PL_WISH_UPPER_AWAY] = PL_SAY_BOARD_TILT_UPPER,
        [PL_WISH_OTHER] = PL_SAY_BOARD_VARY,
    };
    const int done = n_views < PL_VIEWS_WISHED ? n_views : PL_VIEWS_WISHED;

    return (struct pl_ask){
        .text = seen == PL_BOARD_NOT_SEEN ? PL_SAY_BOARD_SHOW : seen == PL_BOARD_MOVES ? PL_SAY_BOARD_STILL : wishes[missing],
        .blind = seen == PL_BOARD_NOT_SEEN, .at_once = seen == PL_BOARD_TAKEN, .done = done, .of = PL_VIEWS_WISHED,
        .part = (float)done / PL_VIEWS_WISHED, .count = seen == PL_BOARD_TAKEN ? n_views : 0,
    };
}

struct pl_ask pl_ask_end(bool ok, int of)
{
    return (struct pl_ask){ .text = ok ? PL_SAY_CALIBRATED : PL_SAY_NOT_CALIBRATED, .at_once = true, .done = ok ? of : 0, .of = of,
                             .part = ok };
}

enum pl_sentence pl_calibration_title(enum pl_calibration_kind kind)
{
    static const enum pl_sentence titles[PL_N_CALIBRATIONS] = {
        [PL_CALIBRATION_CAMERA] = PL_SAY_CALIBRATE_CAMERA, [PL_CALIBRATION_ROOM] = PL_SAY_CALIBRATE_ROOM,
        [PL_CALIBRATION_BODY] = PL_SAY_CALIBRATE_BODY, [PL_CALIBRATION_TOE] = PL_SAY_CALIBRATE_TOE,
    };
    return (unsigned)kind < PL_N_CALIBRATIONS ? titles[kind] : PL_SAY_NOTHING;
}

/* ---- showing and saying */

static void show(struct pl_calibration_guide *g, const struct pl_ask *step, int64_t t_ns)
{
    if (step->text != g->asked.text) {
        g->asked = *step;
        g->asked_ns = t_ns;
    }
    const bool further = step->done > g->shown.done || step->at_once;
    if (step->text != g->shown.text && (further || t_ns - g->asked_ns >= lasts_ns)) {
        g->shown = *step;
        g->n_said = 0;
    }
    g->shown.done = step->done;
    g->shown.of = step->of;
    g->shown.part = step->part;
    g->shown.at_once = g->n_said == 0 && (g->shown.at_once || further);
}

static bool may_say(const struct pl_calibration_guide *g, int64_t t_ns)
{
    const int64_t last_ns = g->said_ns[g->shown.text];
    const int doubled = g->n_said < 1 ? 0 : g->n_said - 1 < MOST_DOUBLED ? g->n_said - 1 : MOST_DOUBLED;
    const int64_t quiet_ns = g->shown.at_once ? achieved_again_ns : again_ns << doubled;

    if (g->shown.text == PL_SAY_NOTHING || (last_ns && t_ns - last_ns < quiet_ns))
        return false;
    return !g->any_ns || g->shown.at_once || t_ns - g->any_ns >= between_ns;
}

void pl_calibration_guide_step(struct pl_calibration_guide *g, enum pl_calibration_kind kind, const struct pl_ask *step,
                               int64_t t_ns, struct pl_task *out)
{
    show(g, step, t_ns);
    *out = (struct pl_task){
        .title = pl_calibration_title(kind), .text = g->shown.text, .done = step->done, .of = step->of, .part = step->part,
        .blind = g->shown.blind, .utterance = { .t_ns = t_ns, .count = step->count },
    };
    if (!may_say(g, t_ns))
        return;
    out->utterance.sentence = g->shown.text;
    out->utterance.urgency = g->n_said ? PL_URGENCY_HINT : g->shown.blind ? PL_URGENCY_BLIND : PL_URGENCY_FLOW;
    g->n_said++;
    g->shown.at_once = false;
    g->any_ns = g->said_ns[g->shown.text] = t_ns ? t_ns : 1;
}
