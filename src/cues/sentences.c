/* Ids and English of every sentence. */
#include "plumbline/sentences.h"

#include <string.h>

#include "plumbline/cues.h"

/* As the enum lists them. */
enum {
    FIRST_REASON = PL_SAY_NOTHING + 1, FIRST_CUE = FIRST_REASON + PL_N_REASONS, FIRST_ADVICE = FIRST_CUE + PL_N_FAULTS,
    FIRST_MEASURE = FIRST_ADVICE + PL_N_FAULTS, FIRST_PARTIAL = FIRST_MEASURE + PL_N_MEASURES
};
#define X(name, id, text) _Static_assert((int)PL_SAY_EXERCISE_##name - PL_SAY_EXERCISE_AUTO == PL_EXERCISE_##name, "their order");
PL_SENTENCES_EXERCISES(X)
#undef X

static const struct {
    const char *id, *english; /* english NULL: the cue's own words */
} rows[PL_N_SENTENCES] = {
    [PL_SAY_NOTHING] = { "", "" },
#define X(name, id, text) [PL_SAY_REASON_##name] = { "reason." id, text },
    PL_REASONS(X)
#undef X
#define X(name, id) [PL_SAY_CUE_##name] = { "cue." id, NULL }, [PL_SAY_ADVICE_##name] = { "advice." id, NULL },
    PL_FAULTS(X)
#undef X
#define X(name, id, sided, unit, text) [PL_SAY_MEASURE_##name] = { "measure." id, text },
    PL_MEASURES(X)
#undef X
#define X(name, id, text) [PL_SAY_PARTIAL_##name] = { "partial." id, text },
    PL_PARTIALS(X)
#undef X
#define X(name, id, text) [PL_SAY_CHECK_##name] = { "check." id, text },
    PL_CHECKS(X)
#undef X
#define X(name, id, text) [PL_SAY_EXERCISE_##name] = { id, text },
    PL_SENTENCES_EXERCISES(X)
#undef X
#define X(name, id, text) [PL_SAY_##name] = { id, text },
    PL_SENTENCES_OWN(X)
    PL_SENTENCES_COACH(X)
    PL_SENTENCES_CAMERA(X)
    PL_SENTENCES_CALIBRATION(X)
    PL_SENTENCES_SCREEN(X)
#undef X
};

const char *pl_sentence_id(enum pl_sentence s) { return (unsigned)s < PL_N_SENTENCES ? rows[s].id : ""; }

const char *pl_sentence_english(enum pl_sentence s)
{
    if ((unsigned)s >= PL_N_SENTENCES)
        return "";
    if (rows[s].english)
        return rows[s].english;
    int i = (int)s - FIRST_CUE;
    return i < PL_N_FAULTS ? pl_cue_text((enum pl_fault_kind)i) : pl_cue_advice((enum pl_fault_kind)(i - PL_N_FAULTS));
}

static enum pl_sentence nth(int first, unsigned i, unsigned n)
{
    return i < n ? (enum pl_sentence)((unsigned)first + i) : PL_SAY_NOTHING;
}

enum pl_sentence pl_sentence_of_reason(enum pl_reason reason)
{
    return nth(FIRST_REASON, (unsigned)reason, PL_N_REASONS);
}

enum pl_sentence pl_sentence_of_cue(enum pl_fault_kind fault)
{
    return nth(FIRST_CUE, (unsigned)fault, PL_N_FAULTS);
}

enum pl_sentence pl_sentence_of_advice(enum pl_fault_kind fault)
{
    return nth(FIRST_ADVICE, (unsigned)fault, PL_N_FAULTS);
}

enum pl_sentence pl_sentence_of_measure(enum pl_measure measure)
{
    return nth(FIRST_MEASURE, (unsigned)measure, PL_N_MEASURES);
}

enum pl_sentence pl_sentence_of_partial(enum pl_partial_why why)
{
    return nth(FIRST_PARTIAL, (unsigned)why, PL_N_PARTIALS);
}

enum pl_sentence pl_sentence_of_exercise(enum pl_exercise_kind kind)
{
    return nth(PL_SAY_EXERCISE_AUTO, (unsigned)kind, PL_N_EXERCISES);
}

int pl_sentence_n_numbers(const char *text)
{
    int n = 0;
    while ((text = strstr(text, "%d"))) {
        text += 2;
        n++;
    }
    return n;
}
