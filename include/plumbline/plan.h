/* What the person means to do in a session; the [session] section of --config FILE or ~/.config/plumbline/plumbline.ini.
 *
 * X(name, default, least, most, meaning)    times in seconds
 */
#ifndef PLUMBLINE_PLAN_H
#define PLUMBLINE_PLAN_H

#include "plumbline/err.h"

#define PL_PLAN(X) \
    X(sets, 0.0f, 0.0f, 20.0f, "0: the exercise's own, 3 (measures.md 9)") \
    X(reps, 0.0f, 0.0f, 100.0f, "in a set, on each leg where the legs take turns; 0: the exercise's own, 10 (measures.md 9)") \
    X(rest_s, 45.0f, 0.0f, 600.0f, "between sets; own choice") \
    X(change_s, 10.0f, 0.0f, 600.0f, "before the other leg, which has rested; own choice") \
    X(hold_s, 30.0f, 3.0f, 600.0f, "of a stance on one leg; 30-60 s: measures.md 9; 60-year-olds manage 27: Springer 2007") \
    X(countdown_s, 0.0f, 0.0f, 30.0f, "3 2 1 before each set; 0: only after an exercise was chosen by hand")

struct pl_plan {
#define X(name, value, least, most, meaning) float name;
    PL_PLAN(X)
#undef X
};

struct pl_plan pl_plan_default(void);

/* Overrides from an ini file's [session] section.
 * err:  as pl_limits_read; nothing is changed on error */
bool pl_plan_read(struct pl_plan *plan, const char *path, struct pl_err *err) PL_MUST_CHECK;

#endif
