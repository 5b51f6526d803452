/* The reader for files with a region per frame: what it takes from a good one, and what it says about bad ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plumbline/keypoints.h"

static bool open_text(struct pl_regions **out, const char *text, size_t size, struct pl_err *err)
{
    char path[] = "/tmp/plumbline-regions-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(write(fd, text, size) == (ssize_t)size);
    close(fd);
    bool ok = pl_regions_open(out, path, err);
    unlink(path);
    return ok;
}

#define REGION "{\"cx\":0.5,\"cy\":0.25,\"w\":0.5,\"h\":0.6666667,\"rot\":-0.125}"
#define OTHER "{\"cx\":0.25,\"cy\":0.5,\"w\":0.75,\"h\":1.0,\"rot\":0}"

static void test_which_region_a_frame_uses(void **state)
{
    static const char text[] = "{\"width\":640,\"frames\":["
        "{\"frame\":0,\"roi_det\":null,\"roi_lm\":null},"
        "{\"frame\":1,\"roi_det\":" REGION ",\"roi_lm\":" OTHER "},"
        "{\"frame\":2,\"roi_det\":null,\"roi_lm\":null},"
        "{\"frame\":3,\"roi_lm\":" OTHER "},"
        "{\"frame\":4,\"roi_det\":" REGION "}]}";
    struct pl_regions *r = NULL;
    struct pl_region a, untouched = { 7, 7, 7, 7 }, b = untouched;
    struct pl_err err = { 0 };
    (void)state;

    assert_true(open_text(&r, text, strlen(text), &err));
    assert_int_equal(pl_regions_n_frames(r), 5);
    assert_false(pl_regions_get(r, 0, 640, 480, &b));
    assert_false(pl_regions_get(r, 3, 640, 480, &b));
    assert_false(pl_regions_get(r, 5, 640, 480, &b));
    assert_false(pl_regions_get(r, -1, 640, 480, &b));
    assert_false(pl_regions_get(r, INT64_MAX, 640, 480, &b));
    assert_memory_equal(&b, &untouched, sizeof b);

    assert_true(pl_regions_get(r, 1, 640, 480, &a));
    assert_true(a.cx_px == 320.0f && a.cy_px == 120.0f && a.rotation_rad == -0.125f);
    assert_true(fabsf(a.size_px - 320.0f) < 1e-3f);
    assert_true(pl_regions_get(r, 2, 640, 480, &a));
    assert_true(a.cx_px == 160.0f && a.cy_px == 240.0f && a.size_px == 480.0f && a.rotation_rad == 0.0f);
    assert_true(pl_regions_get(r, 4, 640, 480, &a));
    assert_true(a.cx_px == 320.0f);
    pl_regions_close(r);
}

static void test_bad_files(void **state)
{
    static const struct { const char *text, *says; } bad[] = {
        { "", "not JSON" }, { "hello", "not JSON" }, { "{\"frames\":[", "not JSON" }, { "[]", "no list" },
        { "3", "no list" }, { "{}", "no list" }, { "{\"frames\":[]}", "no list" },
        { "{\"frames\":{\"a\":1}}", "no list" },
        { "{\"frames\":[7]}", "frame 0 is not an object" },
        { "{\"frames\":[{\"frame\":1}]}", "missing or out of order" },
        { "{\"frames\":[{\"frame\":\"0\"}]}", "missing or out of order" },
        { "{\"frames\":[{\"roi_det\":5}]}", "roi_det" },
        { "{\"frames\":[{\"roi_det\":{\"cx\":0.5}}]}", "roi_det" },
        { "{\"frames\":[{},{\"roi_lm\":{\"cx\":0.5,\"cy\":\"a\",\"w\":1,\"h\":1,\"rot\":0}}]}", "frame 1: \"roi_lm\"" },
        { "{\"frames\":[{\"roi_lm\":{\"cx\":1e999,\"cy\":0,\"w\":1,\"h\":1,\"rot\":0}}]}", "roi_lm" },
        { "{\"frames\":[{\"roi_lm\":{\"cx\":0,\"cy\":0,\"w\":0,\"h\":1,\"rot\":0}}]}", "no size" },
        { "{\"frames\":[{\"roi_lm\":{\"cx\":0,\"cy\":0,\"w\":1,\"h\":-1,\"rot\":0}}]}", "no size" },
    };
    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct pl_regions *r = NULL;
        struct pl_err err = { 0 };
        if (open_text(&r, bad[k].text, strlen(bad[k].text), &err))
            fail_msg("accepted: %s", bad[k].text);
        assert_int_equal(err.code, PL_E_FORMAT);
        assert_null(r);
        if (!strstr(err.text, bad[k].says))
            fail_msg("of %s it says: %s", bad[k].text, err.text);
    }
}

static void test_deep_nesting_and_zeros(void **state)
{
    static char deep[200000], zeros[5000];
    struct pl_regions *r = NULL;
    struct pl_err err;
    (void)state;
    memset(deep, '[', sizeof deep);
    assert_false(open_text(&r, deep, sizeof deep, &err));
    assert_false(open_text(&r, zeros, sizeof zeros, &err));
}

static void test_missing_file(void **state)
{
    struct pl_regions *r = NULL;
    struct pl_err err = { 0 };
    (void)state;
    assert_false(pl_regions_open(&r, "/nowhere/at all.json", &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/at all.json"));
    assert_false(pl_regions_open(&r, "/tmp", &err));
    assert_int_equal(err.code, PL_E_IO);
    pl_regions_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_region_a_frame_uses),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_deep_nesting_and_zeros),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests_name("keypoints/regions_file", tests, NULL, NULL);
}
