/* Of what the moment and the coach have to say, at most one thing with each frame.
 *
 * in:   the moment's utterance (speech.h: numbers, corrections, stop rules, what cannot be seen), the coach's own sentence
 * out:  the utterance that voice and log get
 * how:  stop rules and corrections are passed on at once, with every number; a sentence of the coach's that meets one waits for
 *       the next frame. While the guide has the word (setting up, standing) it alone says what to change, in its own words; in
 *       the work the moment does, unless the same was said a moment ago; who rests, has paused or is done is not told how to
 *       stand.
 *       A finding of the guide's is repeated after 8 s, 16 s, 32 s ...; "step into the picture" twice, until somebody is there
 * not:  no queue: when it is spoken is the voice's business
 */
#include "internal.h"

static const int64_t between_ns = 2 * PL_NS_PER_S, changed_ns = 4 * PL_NS_PER_S, again_ns = 8 * PL_NS_PER_S; /* src: own choice */
static const int64_t greet_after_ns = PL_NS_PER_S * 3 / 2;
enum { MOST_DOUBLED = 3, CALLS_IN = 2 };

enum pl_urgency pl_talk_urgency(enum pl_sentence s)
{
    switch (s) {
    case PL_SAY_STEP_IN: case PL_SAY_SHOW_LEGS: case PL_SAY_SHOW_HEAD: case PL_SAY_SHOW_FEET: case PL_SAY_GONE:
        return PL_URGENCY_BLIND;
    case PL_SAY_COUNT: case PL_SAY_TEN_LEFT: case PL_SAY_HOLD_HALF:
        return PL_URGENCY_TICK;
    case PL_SAY_CLOSER: case PL_SAY_FURTHER: case PL_SAY_GO_LEFT: case PL_SAY_GO_RIGHT: case PL_SAY_GO_MIDDLE: case PL_SAY_FACE_ME:
    case PL_SAY_SIDE_ON: case PL_SAY_FACE_OR_SIDE: case PL_SAY_HANDS: case PL_SAY_DARK: case PL_SAY_GLARE: case PL_SAY_NOISY:
    case PL_SAY_SLOW_DARK: case PL_SAY_SLOW: case PL_SAY_LENS_HIGH: case PL_SAY_LENS_LOW: case PL_SAY_LEVEL:
    case PL_SAY_LOOKS_DOWN: case PL_SAY_LOOKS_UP:
    case PL_SAY_ONE_PERSON: case PL_SAY_HAND_ENDS_REST:
        return PL_URGENCY_HINT;
    default:
        return PL_URGENCY_FLOW;
    }
}

bool pl_talk_may_guide(const struct talk *t, enum pl_check check, enum pl_sentence what, bool once, int64_t t_ns)
{
    const int64_t since_ns = t_ns - t->check[check].said_ns;
    const int n = t->check[check].n;

    if (t->own.sentence != PL_SAY_NOTHING || (t->said_ns && t_ns - t->said_ns < between_ns))
        return false;
    if (!t->check[check].said_ns)
        return true;
    if (once || (check == PL_CHECK_PERSON && n >= CALLS_IN))
        return false;
    if (what != t->check[check].what)
        return since_ns >= changed_ns;
    return since_ns >= again_ns << (n < 1 ? 0 : n - 1 < MOST_DOUBLED ? n - 1 : MOST_DOUBLED);
}

/* What the guide watches too; PL_N_CHECKS: only the moment knows. */
static enum pl_check check_of(enum pl_sentence s)
{
    switch (s) {
    case PL_SAY_REASON_NO_PERSON:     return PL_CHECK_PERSON;
    case PL_SAY_REASON_LEGS_HIDDEN:   return PL_CHECK_BODY;
    case PL_SAY_REASON_FEET_HIDDEN:   return PL_CHECK_FEET;
    case PL_SAY_REASON_TOO_SMALL:     return PL_CHECK_DISTANCE;
    case PL_SAY_REASON_FACE_CAMERA:
    case PL_SAY_REASON_TURN_SIDE_ON:  return PL_CHECK_VIEW;
    case PL_SAY_REASON_HANDS_ON_HIPS: return PL_CHECK_HANDS;
    case PL_SAY_FOLLOWING:            return PL_CHECK_ONE_PERSON;
    default:                          return PL_N_CHECKS;
    }
}

static bool is_partial(enum pl_sentence s)
{
    return s >= PL_SAY_PARTIAL_TOO_SHALLOW && s < PL_SAY_PARTIAL_TOO_SHALLOW + PL_N_PARTIALS;
}

/* What the moment would have changed about the picture: is it for this person to hear now? */
static bool is_asked_for(const struct talk *t, enum pl_sentence s, const struct pl_coach_view *v, const struct pl_limits *limits)
{
    const enum pl_check check = check_of(s);
    const bool setting_up = v->state == PL_COACH_SETUP || v->state == PL_COACH_BASELINE;

    if (v->paused || (!setting_up && v->state != PL_COACH_WORK))
        return false;
    if (t->said_ns && v->t_ns - t->said_ns < between_ns)
        return false;
    if (setting_up)
        return check == PL_N_CHECKS && s != PL_SAY_REASON_STAND_STILL; /* which is what the bar on the screen is for */
    if (s == PL_SAY_REASON_NO_PERSON)
        return false; /* the coach has words of its own for that */
    return check == PL_N_CHECKS || !t->check[check].said_ns ||
           v->t_ns - t->check[check].said_ns >= pl_ns_from_s((double)limits->say_again_s);
}

static void take_own(struct talk *t, struct pl_utterance *out)
{
    out->sentence = t->own.sentence;
    out->number = t->own.number;
    out->urgency = pl_talk_urgency(t->own.sentence);
    t->own.sentence = PL_SAY_NOTHING;
}

static void remember(struct talk *t, const struct pl_utterance *out, enum pl_check check, int64_t t_ns)
{
    t->said_ns = t_ns ? t_ns : 1;
    if (check == PL_N_CHECKS)
        return;
    t->check[check].said_ns = t->said_ns;
    t->check[check].what = out->sentence;
    t->check[check].n++;
}

void pl_talk_step(struct talk *t, const struct pl_moment *m, const struct pl_coach_view *v, const struct pl_limits *limits,
                  struct pl_utterance *out)
{
    const bool hinted = m->say.urgency == PL_URGENCY_HINT || m->say.urgency == PL_URGENCY_BLIND;
    enum pl_check check = PL_N_CHECKS;

    *out = m->say;
    out->t_ns = m->t_ns;
    for (int i = 0; i < PL_N_CHECKS; i++)
        if (v->check[i].state == PL_CHECK_OK)
            t->check[i].n = 0;
    t->greet |= out->sentence == PL_SAY_START;
    const bool at_rest = v->paused || v->state != PL_COACH_WORK; /* what is tried then need not count */
    if (out->sentence == PL_SAY_START || (at_rest && is_partial(out->sentence))
        || (hinted && !is_asked_for(t, out->sentence, v, limits)))
        out->sentence = PL_SAY_NOTHING;
    if (out->sentence != PL_SAY_NOTHING) {
        check = hinted ? check_of(out->sentence) : PL_N_CHECKS;
    } else if (t->own.sentence != PL_SAY_NOTHING) {
        check = t->own.check;
        take_own(t, out);
    } else if (t->greet && (!t->said_ns || v->t_ns - t->said_ns >= greet_after_ns)) {
        t->greet = false;
        out->sentence = PL_SAY_START;
        out->urgency = PL_URGENCY_HINT;
    }
    if (out->sentence != PL_SAY_NOTHING)
        remember(t, out, check, v->t_ns);
}
