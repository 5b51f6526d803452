/* The tables of coach.h as text. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static const struct { const char *id, *text; } sayings[PL_N_SAYINGS] = {
#define X(name, id, text) { id, text },
    PL_SAYINGS(X)
#undef X
};

const char *pl_saying_id(enum pl_saying saying)
{
    return (unsigned)saying < PL_N_SAYINGS ? sayings[saying].id : "?";
}

const char *pl_saying_text(enum pl_saying saying)
{
    return (unsigned)saying < PL_N_SAYINGS ? sayings[saying].text : "";
}

void pl_saying_write(char *out, size_t size, enum pl_saying saying, int number)
{
    const char *text = pl_saying_text(saying), *place = strstr(text, "%d");

    if (place)
        snprintf(out, size, "%.*s%d%s", (int)(place - text), text, number, place + 2);
    else
        snprintf(out, size, "%s", text);
}

const char *pl_check_text(enum pl_check check)
{
    static const char *const texts[PL_N_CHECKS] = {
#define X(name, text) text,
        PL_CHECKS(X)
#undef X
    };
    return (unsigned)check < PL_N_CHECKS ? texts[check] : "";
}

const char *pl_coach_state_name(enum pl_coach_state state)
{
    static const char *const names[PL_N_COACH_STATES] = { "setup", "choose", "countdown", "baseline", "work", "rest", "done" };
    return (unsigned)state < PL_N_COACH_STATES ? names[state] : "?";
}
