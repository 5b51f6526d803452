/* The tables of coach.h as words. */
#include "internal.h"

enum pl_sentence pl_sentence_of_check(enum pl_check check)
{
    static const enum pl_sentence names[PL_N_CHECKS] = {
#define X(name, id, text) PL_SAY_CHECK_##name,
        PL_CHECKS(X)
#undef X
    };
    return (unsigned)check < PL_N_CHECKS ? names[check] : PL_SAY_NOTHING;
}

const char *pl_coach_state_name(enum pl_coach_state state)
{
    static const char *const names[PL_N_COACH_STATES] = { "setup", "choose", "countdown", "baseline", "work", "rest", "done" };
    return (unsigned)state < PL_N_COACH_STATES ? names[state] : "?";
}
