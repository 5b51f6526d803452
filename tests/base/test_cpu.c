#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "plumbline/cpu.h"
#include "plumbline/units.h"

static void names_and_bits_agree(void **state)
{
    struct pl_err err;
    unsigned cpu = 99;
    (void)state;

    assert_true(pl_cpu_from_name(&cpu, "c", &err));
    assert_int_equal(cpu, PL_CPU_C);
    assert_string_equal(pl_cpu_name(cpu), "c");
    assert_true(pl_cpu_from_name(&cpu, "auto", &err));
    assert_int_equal(cpu, pl_cpu_detect());
    assert_true(pl_cpu_from_name(&cpu, pl_cpu_name(cpu), &err));
    assert_int_equal(cpu, pl_cpu_detect());
}

static void a_level_that_is_not_there_is_refused(void **state)
{
    const char *missing = pl_cpu_detect() & PL_CPU_NEON ? "avx2" : "neon";
    struct pl_err err;
    unsigned cpu = 99;
    (void)state;

    assert_false(pl_cpu_from_name(&cpu, missing, &err));
    assert_int_equal(err.code, PL_E_UNSUPPORTED);
    assert_false(pl_cpu_from_name(&cpu, "sse9", &err));
    assert_int_equal(err.code, PL_E_ARG);
    assert_non_null(strstr(err.text, "sse9"));
    assert_int_equal(cpu, 99);
}

static void seconds_and_nanoseconds(void **state)
{
    (void)state;
    assert_int_equal(pl_ns_from_s(1.5), 1500000000);
    assert_int_equal(pl_ns_from_s(-1.5), -1500000000);
    assert_true(pl_s_from_ns(2500000000) == 2.5);
    assert_int_equal(pl_side_other(PL_SIDE_LEFT), PL_SIDE_RIGHT);
    assert_int_equal(pl_side_other(PL_SIDE_UNKNOWN), PL_SIDE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_bits_agree),
        cmocka_unit_test(a_level_that_is_not_there_is_refused),
        cmocka_unit_test(seconds_and_nanoseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
