/* Laps go to the stage that they are told, and to no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "plumbline/clock.h"
#include "plumbline/trace.h"
#include "plumbline/units.h"

static void a_lap_goes_to_its_stage(void **state)
{
    struct pl_stage_times t = { 0 };
    (void)state;

    pl_stage_start(&t);
    pl_clock_sleep_ns(2000000);
    pl_stage_start(&t); /* what was before is nobody's */
    int64_t began_ns = pl_clock_now_ns();
    pl_clock_sleep_ns(3000000);
    pl_stage_lap(&t, PL_STAGE_CROP);
    int64_t most_ns = pl_clock_now_ns() - began_ns + 1000000;
    assert_true(t.wall_ns[PL_STAGE_CROP] >= 3000000 && t.wall_ns[PL_STAGE_CROP] <= most_ns);
    assert_true(t.cpu_ns[PL_STAGE_CROP] >= 0 && t.cpu_ns[PL_STAGE_CROP] <= t.wall_ns[PL_STAGE_CROP] + 1000000); /* asleep */
    for (int i = 0; i < PL_N_STAGES; i++)
        if (i != PL_STAGE_CROP)
            assert_true(t.wall_ns[i] == 0 && t.cpu_ns[i] == 0);

    int64_t one_ns = t.wall_ns[PL_STAGE_CROP];
    pl_clock_sleep_ns(1000000);
    pl_stage_lap(&t, PL_STAGE_CROP); /* a second lap is added */
    assert_true(t.wall_ns[PL_STAGE_CROP] >= one_ns + 1000000);
    assert_true(pl_stage_total_ns(&t) == t.wall_ns[PL_STAGE_CROP]);
}

static void work_counts_as_cpu_time(void **state)
{
    struct pl_stage_times t = { 0 };
    volatile uint32_t x = 1;
    (void)state;

    pl_stage_start(&t);
    while (t.cpu_ns[PL_STAGE_DRAW] < 2000000) { /* ends only if CPU time runs */
        for (int i = 0; i < 10000; i++)
            x = x * 1664525u + 1013904223u;
        pl_stage_lap(&t, PL_STAGE_DRAW);
    }
    assert_true(t.wall_ns[PL_STAGE_DRAW] > 1000000);
}

static void watches_add_up(void **state)
{
    struct pl_stage_times sum = { .wall_ns = { 1, 2 }, .cpu_ns = { 3 }, .lap_wall_ns = 7 };
    struct pl_stage_times part = { .wall_ns = { 10, 20, 30 }, .cpu_ns = { [PL_STAGE_WRITE] = 40 }, .lap_wall_ns = 9 };
    (void)state;

    pl_stage_add(&sum, &part);
    assert_true(sum.wall_ns[0] == 11 && sum.wall_ns[1] == 22 && sum.wall_ns[2] == 30 && sum.cpu_ns[0] == 3);
    assert_true(sum.cpu_ns[PL_STAGE_WRITE] == 40 && sum.lap_wall_ns == 7);
    assert_true(pl_stage_total_ns(&sum) == 63);
}

static void no_watch_is_no_work(void **state)
{
    (void)state;
    pl_stage_start(NULL);
    pl_stage_lap(NULL, PL_STAGE_CROP);
    for (int i = 0; i < PL_N_STAGES; i++) {
        assert_true(strlen(pl_stage_name((enum pl_stage)i)) > 2);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(pl_stage_name((enum pl_stage)i), pl_stage_name((enum pl_stage)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lap_goes_to_its_stage), cmocka_unit_test(work_counts_as_cpu_time),
        cmocka_unit_test(watches_add_up), cmocka_unit_test(no_watch_is_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
