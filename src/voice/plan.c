/* plan: what is said when, one thing at a time.
 *
 * in:   utterances with their frames' times; how long each thing said took
 * out:  the next thing and its beginning
 * how:  a number, a sentence and what comes next ("Set done. Rest") may wait. A sentence as urgent or more takes the place of one
 *       that waits; a number always does, and so does what comes next. It comes after a number and a cue, before a hint.
 *       What waits begins a breath after what is being said; what would begin too late is left out: a number that comes with the
 *       next repetition or a cue for a movement long over is worse than none
 */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static const int64_t BREATH_NS = PL_NS_PER_S * 12 / 100;
static const int64_t COUNT_PATIENCE_NS = PL_NS_PER_S * 15 / 10;

static int64_t patience_ns(enum pl_urgency urgency)
{
    switch (urgency) {
    case PL_URGENCY_PRAISE: return 2 * PL_NS_PER_S;
    case PL_URGENCY_HINT:   return 4 * PL_NS_PER_S;
    case PL_URGENCY_BLIND:  return 3 * PL_NS_PER_S;
    case PL_URGENCY_TICK:   return PL_NS_PER_S * 6 / 10;
    case PL_URGENCY_FLOW:   return 8 * PL_NS_PER_S;
    case PL_URGENCY_CUE:    return 2 * PL_NS_PER_S;
    case PL_URGENCY_STOP:   return 10 * PL_NS_PER_S;
    }
    return 0;
}

static enum tone tone_of(const struct pl_utterance *u, bool words)
{
    if (u->sentence == PL_SAY_HOLD_HALF || u->sentence == PL_SAY_HOLD_END) /* eyes are elsewhere: the tone comes first */
        return u->sentence == PL_SAY_HOLD_HALF ? TONE_HALF : TONE_END;
    switch (u->urgency) {
    case PL_URGENCY_STOP:  return TONE_STOP;
    case PL_URGENCY_CUE:   return TONE_CUE;
    case PL_URGENCY_BLIND: return TONE_LOOK;
    case PL_URGENCY_FLOW:  return words ? TONE_NONE : TONE_NEXT;
    case PL_URGENCY_TICK:  return words ? TONE_NONE : TONE_REP;
    default:               return TONE_NONE;
    }
}

/* With a full stop, so that the voice falls; but "3." would be read as a third. */
static void write_words(char *out, size_t size, const struct pl_utterance *u, const struct pl_language *language)
{
    char text[PL_SENTENCE_BYTES];
    bool number = u->sentence == PL_SAY_COUNT;

    pl_language_write(text, sizeof text, language, u->sentence, &u->number, 1);
    if (u->count && u->urgency == PL_URGENCY_STOP) /* in one breath: what stops would break the number off */
        snprintf(out, size, "%d: %s.", u->count, text);
    else
        snprintf(out, size, "%s%s", text, number ? "" : ".");
}

static void add_sentence(struct plan *p, const struct pl_utterance *u, bool words, const struct pl_language *language)
{
    struct plan_item item = { .tone = tone_of(u, words), .urgency = u->urgency, .t_ns = u->t_ns,
                              .until_ns = u->t_ns + patience_ns(u->urgency) };

    if (!words && item.tone == TONE_NONE)
        return;
    if (words)
        write_words(item.text, sizeof item.text, u, language);
    if (u->urgency == PL_URGENCY_TICK) {
        p->count = item;
        p->count_waits = true;
    } else if (u->urgency == PL_URGENCY_FLOW) {
        p->flow = item;
        p->flow_waits = true;
    } else if (!p->sentence_waits || p->sentence.urgency <= u->urgency || p->sentence.until_ns < u->t_ns) {
        p->sentence = item;
        p->sentence_waits = true;
    }
}

void pl_voice_plan_add(struct plan *p, const struct pl_utterance *u, enum pl_voice_mode mode, const struct pl_language *language)
{
    bool words = mode == PL_VOICE_FULL, stop = u->sentence != PL_SAY_NOTHING && u->urgency == PL_URGENCY_STOP;

    if (mode == PL_VOICE_OFF)
        return;
    if (u->count)
        p->count_waits = !stop; /* the sentence brings it, and the one before is past */
    if (p->count_waits && u->count) {
        p->count = (struct plan_item){ .tone = words ? TONE_NONE : TONE_REP, .urgency = PL_URGENCY_PRAISE, .t_ns = u->t_ns,
                                       .until_ns = u->t_ns + COUNT_PATIENCE_NS };
        if (words)
            snprintf(p->count.text, sizeof p->count.text, "%d", u->count);
    }
    if (u->sentence != PL_SAY_NOTHING)
        add_sentence(p, u, words, language);
}

static bool stops(const struct plan *p) { return p->sentence_waits && p->sentence.urgency == PL_URGENCY_STOP; }

static int64_t start_of(const struct plan *p, const struct plan_item *item)
{
    bool breaks_off = item->urgency == PL_URGENCY_STOP && p->urgency != PL_URGENCY_STOP;
    int64_t free_ns = p->busy_ns + BREATH_NS;
    return !p->speaks || breaks_off || free_ns < item->t_ns ? item->t_ns : free_ns;
}

/* The one to come next: a stop, else the number (short, and of the moment), else a cue, what comes next, any other sentence. */
static struct plan_item *first(struct plan *p)
{
    bool cue = p->sentence_waits && p->sentence.urgency > PL_URGENCY_FLOW;

    if (p->count_waits && !stops(p))
        return &p->count;
    return p->flow_waits && !cue ? &p->flow : p->sentence_waits ? &p->sentence : NULL;
}

bool pl_voice_plan_next(struct plan *p, int64_t t_ns, struct plan_item *out, int64_t *start_ns, bool *breaks_off)
{
    for (struct plan_item *item; (item = first(p));) {
        int64_t start = start_of(p, item);
        if (start > t_ns)
            return false;
        bool late = start > item->until_ns;
        *out = *item;
        *(item == &p->count ? &p->count_waits : item == &p->flow ? &p->flow_waits : &p->sentence_waits) = false;
        if (late)
            continue;
        *start_ns = start;
        *breaks_off = p->speaks && start < p->busy_ns;
        return true;
    }
    return false;
}

void pl_voice_plan_began(struct plan *p, const struct plan_item *item, int64_t end_ns)
{
    p->speaks = true;
    p->busy_ns = end_ns;
    p->urgency = item->urgency;
}

int64_t pl_voice_plan_due_ns(const struct plan *p)
{
    struct plan copy = *p;
    struct plan_item *item = first(&copy);
    return item ? start_of(p, item) : INT64_MAX;
}
