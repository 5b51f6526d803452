/* The exercises. A new one is its file and one line here (and its name in plumbline/exercise.h). */
#include "internal.h"

#include <string.h>

static const struct pl_exercise *const all[] = {
    &pl_lunge,
    &pl_reverse_lunge,
    &pl_split_lunge,
    &pl_step_up,
    &pl_step_down,
    &pl_mini_squat_reach,
    &pl_stance,
    &pl_single_leg_squat,
    &pl_squat,
};
enum { N_ALL = sizeof all / sizeof all[0] };

const struct pl_exercise *pl_exercise_list(int i) { return i < N_ALL ? all[i] : NULL; }

const struct pl_exercise *pl_exercise_of(enum pl_exercise_kind kind)
{
    for (int i = 0; i < N_ALL; i++) {
        if (all[i]->kind == kind)
            return all[i];
    }
    return NULL;
}

const char *pl_exercise_name(enum pl_exercise_kind kind)
{
    const struct pl_exercise *exercise = pl_exercise_of(kind);
    return exercise ? exercise->name : "auto";
}

bool pl_exercise_from_name(enum pl_exercise_kind *out, const char *name)
{
    for (int kind = 0; kind < PL_N_EXERCISES; kind++) {
        if (strcmp(name, pl_exercise_name((enum pl_exercise_kind)kind)) == 0) {
            *out = (enum pl_exercise_kind)kind;
            return true;
        }
    }
    return false;
}
