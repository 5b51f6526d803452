/* The table's defaults and the files that override them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "../support/media.h"
#include "plumbline/limits.h"
#include "plumbline/plan.h"

static bool read_text(struct pl_limits *limits, const char *text, struct pl_err *err)
{
    char folder[MEDIA_PATH], path[MEDIA_PATH + 20];
    media_folder(folder);
    snprintf(path, sizeof path, "%s/limits.ini", folder);
    media_text(path, text);
    const bool ok = pl_limits_read(limits, path, err);
    media_remove(folder);
    return ok;
}

static void check_refused(const char *text, const char *says)
{
    struct pl_limits limits = pl_limits_default(), before = limits;
    struct pl_err err = { PL_E_NONE, "" };
    assert_false(read_text(&limits, text, &err));
    assert_int_equal(err.code, PL_E_FORMAT);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    assert_memory_equal(&limits, &before, sizeof limits);
}

static void test_defaults_are_inside_their_ranges(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    int n = 0;
#define X(name, value, least, most, source)                                                                            \
    assert_true(limits.name >= (least) && limits.name <= (most));                                                      \
    assert_true(strlen(source) > 10);                                                                                  \
    n++;
    PL_LIMITS(X)
#undef X
    assert_true(n > 20);
}

/* One value for both knees, as files of former versions have it. */
static void test_a_former_name_sets_both_knees(void **state)
{
    struct pl_limits limits = pl_limits_default();
    struct pl_err err;
    (void)state;
    assert_true(read_text(&limits, "[limits]\nknee_over_toe_offset_pct = -6\n", &err));
    assert_true(limits.left_knee_over_toe_offset_pct == -6 && limits.right_knee_over_toe_offset_pct == -6);
    assert_true(read_text(&limits, "[limits]\nright_knee_over_toe_offset_pct = 4\n", &err));
    assert_true(limits.left_knee_over_toe_offset_pct == -6 && limits.right_knee_over_toe_offset_pct == 4);
    check_refused("[limits]\nknee_over_toe_offset_pct = 90\n", "limits.ini:2: ");
}

/* What is shown is the table, and what is changed is shown as changed. */
static void test_rows_show_the_table(void **state)
{
    (void)state;
    struct pl_limits limits = pl_limits_default();
    struct pl_limit row;
    int i = 0;
    limits.fppa_limit_deg = 12.5f;
#define X(limit, default_, low, high, text)                                                                            \
    assert_true(pl_limits_row(&row, &limits, i++));                                                                    \
    assert_string_equal(row.name, #limit);                                                                             \
    assert_string_equal(row.source, text);                                                                             \
    assert_true(row.value == limits.limit && row.standard == (default_) && row.least == (low) && row.most == (high));
    PL_LIMITS(X)
#undef X
    assert_false(pl_limits_row(&row, &limits, i));
    assert_false(pl_limits_row(&row, &limits, -1));
}

static void test_override(void **state)
{
    (void)state;
    struct pl_limits limits = pl_limits_default();
    struct pl_err err;
    assert_true(
        read_text(&limits, "; mine\n[camera]\nwidth = 640\n\n[limits]\nfppa_limit_deg = 8.5\nrep_min_s=1\n", &err));
    assert_true(limits.fppa_limit_deg == 8.5f);
    assert_true(limits.rep_min_s == 1.0f);
    assert_true(limits.wobble_limit_pct == pl_limits_default().wobble_limit_pct);
}

static void test_bad_lines_are_named(void **state)
{
    (void)state;
    check_refused("[limits]\nfppa_limit_deg = 8\nfppa_limit = 9\n",
                  "limits.ini:3: there is no limit named \"fppa_limit\"");
    check_refused("[limits]\nfppa_limit_deg = many\n", "limits.ini:2: fppa_limit_deg: \"many\" is not a number");
    check_refused("[limits]\nfppa_limit_deg = 8,5\n", "is not a number");
    check_refused("[limits]\nfppa_limit_deg = nan\n", "is not a number");
    check_refused("[limits]\nfppa_limit_deg = \n", "is not a number");
    check_refused("[limits]\n\nfppa_limit_deg = 700\n", "limits.ini:3: fppa_limit_deg = 700 is outside 0..60");
    check_refused("[limits\nfppa_limit_deg = 7\n", "limits.ini:1:");
    check_refused("[limits]\njust words\nwobble = 3\n", "limits.ini:2: not a [section]");
}

static void test_missing_file(void **state)
{
    (void)state;
    struct pl_limits limits = pl_limits_default();
    struct pl_err err = { PL_E_NONE, "" };
    assert_false(pl_limits_read(&limits, "/nowhere/limits.ini", &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/limits.ini"));
}

static void test_a_folder_is_no_file(void **state)
{
    (void)state;
    struct pl_limits limits = pl_limits_default();
    struct pl_err err = { PL_E_NONE, "" };
    assert_false(pl_limits_read(&limits, "/tmp", &err));
    assert_int_equal(err.code, PL_E_IO);
}

/* A comma locale must not change what 8.5 means. */
static void test_any_locale(void **state)
{
    (void)state;
    const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8" };
    bool set = false;
    for (int i = 0; i < 3 && !set; i++)
        set = setlocale(LC_ALL, names[i]) != NULL;
    if (!set) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    struct pl_limits limits = pl_limits_default();
    struct pl_err err;
    const bool ok = read_text(&limits, "[limits]\nfppa_limit_deg = 8.5\n", &err);
    setlocale(LC_ALL, "C");
    assert_true(ok && limits.fppa_limit_deg == 8.5f);
}

/* The other table of the same file; each reads its own section. */
static void test_plan(void **state)
{
    (void)state;
    char folder[MEDIA_PATH], path[MEDIA_PATH + 20];
    struct pl_plan plan = pl_plan_default(), before;
    struct pl_limits limits = pl_limits_default();
    struct pl_err err = { PL_E_NONE, "" };
    assert_true(plan.rest_s == 45.0f && plan.sets == 0.0f);
    media_folder(folder);
    snprintf(path, sizeof path, "%s/plan.ini", folder);
    media_text(path, "[session]\nsets = 2\nrest_s = 30\n[limits]\nrep_min_s = 1\n");
    assert_true(pl_plan_read(&plan, path, &err));
    assert_true(pl_limits_read(&limits, path, &err));
    assert_true(plan.sets == 2.0f && plan.rest_s == 30.0f && plan.reps == 0.0f && limits.rep_min_s == 1.0f);
    before = plan;
    media_text(path, "[session]\nreps = 7\nrest = 30\n");
    assert_false(pl_plan_read(&plan, path, &err));
    assert_non_null(strstr(err.text, "3: there is no setting named \"rest\""));
    assert_memory_equal(&plan, &before, sizeof plan);
    media_text(path, "[session]\nsets = 21\n");
    assert_false(pl_plan_read(&plan, path, &err));
    assert_non_null(strstr(err.text, "outside 0..20"));
    media_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_defaults_are_inside_their_ranges),
        cmocka_unit_test(test_a_former_name_sets_both_knees),
        cmocka_unit_test(test_rows_show_the_table),
        cmocka_unit_test(test_override),
        cmocka_unit_test(test_bad_lines_are_named),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_a_folder_is_no_file),
        cmocka_unit_test(test_any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
