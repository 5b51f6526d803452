/* The table of stage times and its summary, read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plumbline/report.h"

static void rows_hold_what_was_added(void **state)
{
    char *table = NULL, *summary = NULL;
    size_t table_size, summary_size;
    struct pl_stage_times times = { .wall_ns = { [PL_STAGE_DECODE] = 1500000, [PL_STAGE_NETWORK] = 4000000 },
                                    .cpu_ns = { [PL_STAGE_DECODE] = 1250000, [PL_STAGE_NETWORK] = 3750000 } };
    struct pl_stage_times drawing = { .wall_ns = { [PL_STAGE_DRAW] = 2000000 }, .cpu_ns = { [PL_STAGE_DRAW] = 1000000 } };
    FILE *out = open_memstream(&table, &table_size), *sum = open_memstream(&summary, &summary_size);
    struct pl_trace *t = pl_report_trace_open(out);
    (void)state;

    assert_non_null(t);
    pl_report_trace_more(t, &drawing); /* a drawing without a frame is nobody's */
    pl_report_trace_add(t, 0, &times);
    pl_report_trace_more(t, &drawing);
    pl_report_trace_add(t, INT64_C(33333000), &times);
    pl_report_trace_finish(t, sum);
    pl_report_trace_close(t);
    fclose(out);
    fclose(sum);
    assert_string_equal(table,
        "frame,t_s,decode_ms,detect_ms,crop_ms,network_ms,landmarks_ms,judge_ms,draw_ms,write_ms,total_ms,"
        "decode_cpu_ms,detect_cpu_ms,crop_cpu_ms,network_cpu_ms,landmarks_cpu_ms,judge_cpu_ms,"
        "draw_cpu_ms,write_cpu_ms,total_cpu_ms\n"
        "0,0.000000,1.500,0.000,0.000,4.000,0.000,0.000,2.000,0.000,7.500,1.250,0.000,0.000,3.750,0.000,0.000,1.000,0.000,6.000\n"
        "1,0.033333,1.500,0.000,0.000,4.000,0.000,0.000,0.000,0.000,5.500,1.250,0.000,0.000,3.750,0.000,0.000,0.000,0.000,5.000\n");
    double cpu = 0, share = 0;
    const char *line = strstr(summary, "\nnetwork ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, " network 2 %*f %*f %lf %lf", &cpu, &share), 2);
    assert_true(cpu == 3.75 && share == 68); /* 7.5 of 11 ms */
    assert_non_null(strstr(summary, "\ndraw              1 ")); /* only the frames that went through it */
    assert_null(strstr(summary, "\ncrop "));
    assert_non_null(strstr(summary, "whole process"));
    free(table);
    free(summary);
}

static void nothing_traced_is_no_summary(void **state)
{
    char *table = NULL, *summary = NULL;
    size_t table_size, summary_size;
    FILE *out = open_memstream(&table, &table_size), *sum = open_memstream(&summary, &summary_size);
    struct pl_trace *t = pl_report_trace_open(out);
    (void)state;

    assert_non_null(t);
    pl_report_trace_finish(t, sum);
    pl_report_trace_finish(NULL, sum);
    pl_report_trace_close(t);
    fclose(out);
    fclose(sum);
    assert_int_equal(summary_size, 0);
    assert_non_null(strchr(table, '\n'));
    assert_null(strchr(strchr(table, '\n') + 1, '\n')); /* the header, and no row */
    free(table);
    free(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_what_was_added), cmocka_unit_test(nothing_traced_is_no_summary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
