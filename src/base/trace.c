#include "plumbline/trace.h"

#include "plumbline/clock.h"

const char *pl_stage_name(enum pl_stage stage)
{
    static const char *const names[PL_N_STAGES] = {
#define X(id, name, what) name,
        PL_STAGES(X)
#undef X
    };
    return (unsigned)stage < PL_N_STAGES ? names[stage] : "?";
}

void pl_stage_start(struct pl_stage_times *watch)
{
    if (!watch)
        return;
    watch->lap_wall_ns = pl_clock_now_ns();
    watch->lap_cpu_ns = pl_clock_thread_cpu_ns();
}

void pl_stage_lap(struct pl_stage_times *watch, enum pl_stage stage)
{
    if (!watch)
        return;
    int64_t wall_ns = watch->lap_wall_ns, cpu_ns = watch->lap_cpu_ns;
    pl_stage_start(watch);
    watch->wall_ns[stage] += watch->lap_wall_ns - wall_ns;
    watch->cpu_ns[stage] += watch->lap_cpu_ns - cpu_ns;
}

void pl_stage_add(struct pl_stage_times *sum, const struct pl_stage_times *part)
{
    for (int i = 0; i < PL_N_STAGES; i++) {
        sum->wall_ns[i] += part->wall_ns[i];
        sum->cpu_ns[i] += part->cpu_ns[i];
    }
}

int64_t pl_stage_total_ns(const struct pl_stage_times *times)
{
    int64_t sum_ns = 0;
    for (int i = 0; i < PL_N_STAGES; i++)
        sum_ns += times->wall_ns[i];
    return sum_ns;
}
