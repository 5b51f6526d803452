/* plan: what is said when, one thing at a time.
 *
 * in:   utterances with their frames' times; how long each thing said took
 * out:  the next thing and its beginning
 * how:  a number and a sentence may wait. A sentence as urgent or more takes the place of one that waits; a number always does.
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
    case PL_URGENCY_CUE:    return 2 * PL_NS_PER_S;
    case PL_URGENCY_STOP:   return 10 * PL_NS_PER_S;
    }
    return 0;
}

static enum tone tone_of(enum pl_urgency urgency)
{
    return urgency == PL_URGENCY_STOP ? TONE_STOP : urgency == PL_URGENCY_CUE ? TONE_CUE
         : urgency == PL_URGENCY_BLIND ? TONE_LOOK : TONE_NONE;
}

static void add_sentence(struct plan *p, const struct pl_utterance *u, bool words, const struct pl_language *language)
{
    struct plan_item item = { .tone = tone_of(u->urgency), .urgency = u->urgency, .t_ns = u->t_ns,
                              .until_ns = u->t_ns + patience_ns(u->urgency) };

    if (!words && item.tone == TONE_NONE)
        return;
    if (p->sentence_waits && p->sentence.urgency > u->urgency && p->sentence.until_ns >= u->t_ns)
        return;
    if (words && u->count && u->urgency == PL_URGENCY_STOP) /* in one breath: what stops would break the number off */
        snprintf(item.text, sizeof item.text, "%d. %s.", u->count, pl_language_text(language, u->sentence));
    else if (words)
        snprintf(item.text, sizeof item.text, "%s.", pl_language_text(language, u->sentence));
    p->sentence = item;
    p->sentence_waits = true;
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

/* The one to come next: a stop, else the number (short, and of the moment), else the sentence. */
static struct plan_item *first(struct plan *p)
{
    return p->count_waits && !stops(p) ? &p->count : p->sentence_waits ? &p->sentence : NULL;
}

bool pl_voice_plan_next(struct plan *p, int64_t t_ns, struct plan_item *out, int64_t *start_ns, bool *breaks_off)
{
    for (struct plan_item *item; (item = first(p));) {
        int64_t start = start_of(p, item);
        if (start > t_ns)
            return false;
        bool late = start > item->until_ns;
        *out = *item;
        if (item == &p->count)
            p->count_waits = false;
        else
            p->sentence_waits = false;
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
