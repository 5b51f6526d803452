/* What is written can be read again, the examples can be read, and a wrong or stale file is refused with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/media.h"
#include "plumbline/calibration.h"

static char folder[MEDIA_PATH];

static const char *in_folder(const char *name)
{
    static char path[2 * MEDIA_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int setup(void **state)
{
    (void)state;
    media_folder(folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    media_remove(folder);
    return 0;
}

static const struct pl_calibration camera = { .kind = PL_CALIBRATION_CAMERA, .camera = {
    .device = { "Integrated Camera: Integrated C" }, .width_px = 1280, .height_px = 720, .fx_px = 951.25, .fy_px = 952.5,
    .cx_px = 641.5, .cy_px = 352.125, .k1 = 0.0625, .k2 = -0.1875, .p1 = 0.0009765625, .p2 = -0.001953125, .k3 = 0,
    .reprojection_px = 0.25, .focal_sd_px = 0.75, .views = 15, .reach = 0.875, .date = { 2026, 2, 28 } } };
static const struct pl_calibration toe = { .kind = PL_CALIBRATION_TOE, .toe = {
    .left_offset_pct = -4.5f, .right_offset_pct = NAN, .left_touches = 4, .right_touches = 0, .left_spread_pct = 1.25f,
    .right_spread_pct = NAN, .date = { 2026, 3, 1 } } };

static void read_back(void **state)
{
    (void)state;
    struct pl_calibration c;
    struct pl_err err = { 0 };
    const char *path = in_folder("deep/er/camera.ini");
    if (!pl_calibration_write(path, &camera, &err))
        fail_msg("%s", err.text);
    assert_true(pl_calibration_write(path, &camera, &err)); /* over the old one */
    if (!pl_calibration_read(&c, PL_CALIBRATION_CAMERA, path, NULL, &err))
        fail_msg("%s", err.text);
    assert_memory_equal(c.camera.device.text, camera.camera.device.text, strlen(camera.camera.device.text) + 1);
#define X(name, type, least, most, optional, comment) SAME_##type(name)
#define SAME_i(name) assert_int_equal(c.camera.name, camera.camera.name);
#define SAME_d(name) assert_true(c.camera.name == camera.camera.name);
#define SAME_s(name)
#define SAME_t(name) assert_memory_equal(&c.camera.name, &camera.camera.name, sizeof c.camera.name);
    PL_CALIBRATION_CAMERA_FIELDS(X)
#undef X
    path = in_folder("toe.ini");
    assert_true(pl_calibration_write(path, &toe, &err));
    assert_true(pl_calibration_read(&c, PL_CALIBRATION_TOE, path, NULL, &err));
    assert_true(c.toe.left_offset_pct == -4.5f && isnan(c.toe.right_offset_pct) && c.toe.left_touches == 4);
}

/* What the table calls its least, as a float and as text, is in range whenever it is looked at. */
static void at_the_bound(void **state)
{
    struct pl_calibration room = { 0 }, back = { 0 };
    struct pl_err err = { 0 };
    (void)state;
    assert_true(pl_calibration_read(&room, PL_CALIBRATION_ROOM, "calibration/room.ini", NULL, &err));
    room.room.camera_height_m = 0.02f;
    if (!pl_calibration_write(in_folder("low.ini"), &room, &err) ||
        !pl_calibration_read(&back, PL_CALIBRATION_ROOM, in_folder("low.ini"), NULL, &err))
        fail_msg("%s", err.text);
    assert_true(back.room.camera_height_m == 0.02f);
    room.room.camera_height_m = 0.0199f;
    assert_false(pl_calibration_write(in_folder("low.ini"), &room, &err));
}

static void examples(void **state)
{
    (void)state;
    for (int k = 0; k < PL_N_CALIBRATIONS; k++) {
        char path[100];
        struct pl_calibration c = { 0 };
        struct pl_err err = { 0 };
        snprintf(path, sizeof path, "calibration/%s.ini", pl_calibration_name((enum pl_calibration_kind)k));
        if (!pl_calibration_read(&c, (enum pl_calibration_kind)k, path, NULL, &err))
            fail_msg("%s", err.text);
        assert_int_equal(c.kind, k);
    }
}

/* The file with one line exchanged (or, with "", left out), as "bad.ini". */
static void damage(const struct pl_calibration *good, const char *starts, const char *instead)
{
    struct pl_err err = { 0 };
    size_t size;
    char text[8000] = "", *old, *line, *rest;
    int n = 0;
    assert_true(pl_calibration_write(in_folder("good.ini"), good, &err));
    old = (char *)media_read(&size, in_folder("good.ini"));
    char *all = calloc(size + 1, 1);
    memcpy(all, old, size);
    for (line = strtok_r(all, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        bool hit = !strncmp(line, starts, strlen(starts));
        n += hit;
        if (!hit || *instead)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", hit ? instead : line);
    }
    free(all);
    free(old);
    assert_int_equal(n, 1);
    media_text(in_folder("bad.ini"), text);
}

/* It is, and says so: which file, what is wrong, and where it is the file's own fault how it is made anew. */
static void refuse_line(const char *starts, const char *instead, enum pl_err_code code, const char *says)
{
    struct pl_calibration c = { .kind = PL_CALIBRATION_TOE };
    struct pl_err err = { 0 };
    damage(&camera, starts, instead);
    assert_false(pl_calibration_read(&c, PL_CALIBRATION_CAMERA, in_folder("bad.ini"), NULL, &err));
    assert_int_equal(c.kind, PL_CALIBRATION_TOE); /* nothing of it was taken */
    assert_int_equal(err.code, code);
    if (!strstr(err.text, says) || !strstr(err.text, "bad.ini") || !strstr(err.text, "; run: plumbline calibrate camera"))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void wrong_files(void **state)
{
    (void)state;
    struct pl_calibration c;
    struct pl_err err = { 0 };
    refuse_line("version", "version = 2", PL_E_FORMAT, "is of version 2");
    refuse_line("version", "version = 0", PL_E_FORMAT, ":3: is of version 0, this program reads version 1");
    refuse_line("version", "version =", PL_E_FORMAT, "version: \"\" is not a number");
    refuse_line("version", "", PL_E_FORMAT, "\"version\" must come first");
    refuse_line("[camera]", "[room]", PL_E_FORMAT, "[room] does not belong");
    refuse_line("[camera]", "[camera", PL_E_FORMAT, "not a [section] or a name = value line: is it a camera calibration?");
    refuse_line("[camera]", "", PL_E_FORMAT, ":2: [camera] must come first");
    refuse_line("fx_px", "", PL_E_FORMAT, "fx_px is missing");
    refuse_line("fx_px", "fx_px = 9", PL_E_FORMAT, "outside 20..100000");
    refuse_line("fx_px", "fx_px = 1e400", PL_E_FORMAT, "is not a number");
    refuse_line("fx_px", "fx_px = nan", PL_E_FORMAT, "is not a number");
    refuse_line("fx_px", "fx_px = 951,25", PL_E_FORMAT, "is not a number");
    refuse_line("fx_px", "fx_px = unknown", PL_E_FORMAT, "is not a number");
    refuse_line("fx_px", "fx_px = 951\nfx_px = 952", PL_E_FORMAT, "twice");
    refuse_line("fx_px", "fx = 951", PL_E_FORMAT, ":10: \"fx\" is called fx_px here: units are part of the names");
    refuse_line("fx_px", "fx_px = 951 px", PL_E_FORMAT, "\"951 px\" is not a number");
    refuse_line("fx_px", "fx_px = 0x3b7", PL_E_FORMAT, "is not a number");
    refuse_line("fx_px", "fx_px = -951", PL_E_FORMAT, "outside 20..100000");
    refuse_line("fx_px", "fx_px = 9512", PL_E_FORMAT, "fx_px = 9512 is no focal length for pictures 1280 px wide");
    refuse_line("fx_px", "fx_px = 95.2", PL_E_FORMAT, "fx_px = 95.2 is no focal length");
    refuse_line("fy_px", "fy_px = 300", PL_E_FORMAT, "fx_px = 951.25 and fy_px = 300 do not belong together");
    refuse_line("fx_px", "fx_px 951", PL_E_FORMAT, ":10: not a [section] or a name = value line");
    refuse_line("views", "views = 99999999999", PL_E_FORMAT, "outside 3..64");
    refuse_line("fx_px", "focal = 951", PL_E_FORMAT, "nothing named \"focal\"");
    refuse_line("width_px", "width_px = 1280.5", PL_E_FORMAT, "not a whole number");
    refuse_line("date", "date = 2026-02-29", PL_E_FORMAT, "not a date");
    refuse_line("date", "date = 2026-2-9", PL_E_FORMAT, "not a date");
    refuse_line("device", "device =", PL_E_FORMAT, "a name");
    refuse_line("k1", "k1 = -3", PL_E_FORMAT, "folds");
    refuse_line("cx_px", "cx_px = 1300", PL_E_FORMAT, "outside the picture");
    assert_false(pl_calibration_read(&c, PL_CALIBRATION_CAMERA, in_folder("none.ini"), NULL, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "none.ini: cannot be read: No such file"));
    assert_false(pl_calibration_read(&c, PL_CALIBRATION_CAMERA, folder, NULL, &err));
    assert_non_null(strstr(err.text, "cannot be read: Is a directory"));
    assert_false(pl_calibration_read(&c, PL_CALIBRATION_CAMERA, "/dev/zero", NULL, &err)); /* has no end */
    assert_int_equal(err.code, PL_E_FORMAT);
}

static void refuse_of(const struct pl_calibration *good, const char *starts, const char *instead, const char *says)
{
    struct pl_calibration c;
    struct pl_err err = { 0 };
    damage(good, starts, instead);
    assert_false(pl_calibration_read(&c, good->kind, in_folder("bad.ini"), NULL, &err));
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

/* Each value is possible, together they are not. */
static void contradictions(void **state)
{
    (void)state;
    struct pl_calibration body;
    struct pl_err err = { 0 };
    assert_true(pl_calibration_read(&body, PL_CALIBRATION_BODY, "calibration/body.ini", NULL, &err));
    refuse_of(&body, "left_leg_m", "left_leg_m = 0.45", "left_leg_m = 0.45 does not belong to a stature of 1.71 m");
    refuse_of(&body, "right_foot_m", "right_foot_m = 0.4", "right_foot_m = 0.4 does not belong");
    refuse_of(&body, "stature_m", "stature_m = 171", "outside 0.8..2.5");
    refuse_of(&toe, "left_offset_pct", "left_offset_pct = unknown", "neither knee was tested");
    refuse_of(&toe, "left_touches", "left_touches = 0", "an offset without a touch");
    refuse_of(&toe, "right_offset_pct", "right_offset_pct = 3", "an offset without a touch");
    struct pl_calibration never = toe;
    never.toe.left_touches = 0;
    assert_false(pl_calibration_write(in_folder("never.ini"), &never, &err));
}

/* Wherever a file breaks off, and whatever else it is, it is refused; what an editor of another system makes of it is taken. */
static void broken_off_and_foreign(void **state)
{
    (void)state;
    struct pl_calibration c;
    struct pl_err err = { 0 };
    size_t size;
    assert_true(pl_calibration_write(in_folder("good.ini"), &camera, &err));
    char *good = (char *)media_read(&size, in_folder("good.ini"));
    char text[8000] = "";
    for (size_t n = 0; n + 1 < size; n++) { /* the last newline may be missing */
        snprintf(text, n + 1, "%s", good);
        media_text(in_folder("bad.ini"), text);
        if (pl_calibration_read(&c, PL_CALIBRATION_CAMERA, in_folder("bad.ini"), NULL, &err))
            fail_msg("taken after %zu of %zu bytes", n, size);
    }
    size_t to = (size_t)snprintf(text, sizeof text, "\xef\xbb\xbf");
    for (size_t i = 0; i < size; i++)
        to += (size_t)snprintf(text + to, sizeof text - to, good[i] == '\n' ? "\r\n   " : "%c", good[i]);
    media_text(in_folder("dos.ini"), text);
    if (!pl_calibration_read(&c, PL_CALIBRATION_CAMERA, in_folder("dos.ini"), NULL, &err))
        fail_msg("%s", err.text);
    assert_true(c.camera.fx_px == camera.camera.fx_px);
    free(good);
    static const struct { const char *text, *says; } foreign[] = {
        { "", "there is no [camera]" }, { "\x7f" "ELF\x02\x01", ":1: not a [section]" }, { "<svg>\n", ":1: not a [section]" },
        { "<?xml version=\"1.0\"?>\n", ":1: [camera] must come first" }, { "{ \"fx\": 951 }\n", "[camera] must come first" },
        { "[limits]\nfppa_limit_deg = 12\n", "[limits] does not belong" },
    };
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        media_text(in_folder("bad.ini"), foreign[i].text);
        assert_false(pl_calibration_read(&c, PL_CALIBRATION_CAMERA, in_folder("bad.ini"), NULL, &err));
        if (!strstr(err.text, foreign[i].says) || !strstr(err.text, "; run: plumbline calibrate camera"))
            fail_msg("\"%s\" does not say \"%s\"", err.text, foreign[i].says);
    }
}

static void refuse_need(struct pl_calibration_need need, const char *says)
{
    struct pl_calibration c = { .kind = PL_CALIBRATION_TOE };
    struct pl_err err = { 0 };
    assert_true(pl_calibration_write(in_folder("camera.ini"), &camera, &err));
    bool ok = pl_calibration_read(&c, PL_CALIBRATION_CAMERA, in_folder("camera.ini"), &need, &err);
    assert_int_equal(ok, !says);
    if (!says)
        return;
    assert_int_equal(c.kind, PL_CALIBRATION_TOE);
    assert_int_equal(err.code, PL_E_ARG);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void stale_files(void **state)
{
    (void)state;
    const char *name = camera.camera.device.text;
    refuse_need((struct pl_calibration_need){ name, 1280, 720, { 2026, 2, 28 }, 0 }, NULL);
    refuse_need((struct pl_calibration_need){ name, 1280, 720, { 2036, 2, 28 }, 0 }, NULL);
    refuse_need((struct pl_calibration_need){ "Other", 1280, 720, { 2026, 2, 28 }, 0 }, "belongs to the camera");
    refuse_need((struct pl_calibration_need){ name, 640, 480, { 2026, 2, 28 }, 0 }, "1280 x 720 pixels, these have 640 x 480");
    refuse_need((struct pl_calibration_need){ NULL, 0, 0, { 2026, 2, 27 }, 0 }, "still to come");
    /* over the end of February and of a year, with and without a leap day */
    refuse_need((struct pl_calibration_need){ NULL, 0, 0, { 2026, 3, 7 }, 7 }, NULL);
    refuse_need((struct pl_calibration_need){ NULL, 0, 0, { 2026, 3, 8 }, 7 }, "8 days old, more than 7");
    refuse_need((struct pl_calibration_need){ NULL, 0, 0, { 2027, 2, 28 }, 365 }, NULL);
    refuse_need((struct pl_calibration_need){ NULL, 0, 0, { 2028, 2, 29 }, 730 }, "731 days old");
}

static void refuses_to_write(void **state)
{
    (void)state;
    struct pl_calibration c = camera;
    struct pl_err err = { 0 };
    c.camera.fx_px = NAN;
    assert_false(pl_calibration_write(in_folder("never.ini"), &c, &err));
    assert_int_equal(err.code, PL_E_ARG);
    c = camera;
    c.camera.date.month = 13;
    assert_false(pl_calibration_write(in_folder("never.ini"), &c, &err));
    c = camera;
    snprintf(c.camera.device.text, sizeof c.camera.device.text, "  ");
    assert_false(pl_calibration_write(in_folder("never.ini"), &c, &err));
    struct stat st;
    assert_int_not_equal(stat(in_folder("never.ini"), &st), 0);
    media_text(in_folder("file"), "x");
    assert_false(pl_calibration_write(in_folder("file/camera.ini"), &camera, &err));
    assert_int_equal(err.code, PL_E_IO);
}

/* What an ini file cannot hold in a name is written otherwise, and the name still fits. */
static void odd_names(void **state)
{
    (void)state;
    const char *name = " A ;cam\nversion = 9; ";
    struct pl_calibration c = camera, back;
    struct pl_calibration_need need = { name, 1280, 720, { 0, 0, 0 }, 0 };
    struct pl_err err = { 0 };
    snprintf(c.camera.device.text, sizeof c.camera.device.text, "%s", name);
    assert_true(pl_calibration_write(in_folder("odd.ini"), &c, &err));
    if (!pl_calibration_read(&back, PL_CALIBRATION_CAMERA, in_folder("odd.ini"), &need, &err))
        fail_msg("%s", err.text);
    assert_string_equal(back.camera.device.text, "A ,cam?version = 9,");
}

static void places(void **state)
{
    (void)state;
    char path[300], small[10];
    struct pl_err err;
    setenv("XDG_DATA_HOME", "/data", 1);
    assert_true(pl_calibration_path(path, sizeof path, PL_CALIBRATION_ROOM, &err));
    assert_string_equal(path, "/data/plumbline/room.ini");
    assert_false(pl_calibration_path(small, sizeof small, PL_CALIBRATION_ROOM, &err));
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/home/me", 1);
    assert_true(pl_calibration_path(path, sizeof path, PL_CALIBRATION_TOE, &err));
    assert_string_equal(path, "/home/me/.local/share/plumbline/toe.ini");
    unsetenv("HOME");
    assert_false(pl_calibration_path(path, sizeof path, PL_CALIBRATION_TOE, &err));
    assert_int_equal(err.code, PL_E_IO);
}

static void straightens_landmarks(void **state)
{
    (void)state;
    struct pl_lens lens = pl_calibration_lens(&camera.camera);
    struct pl_landmarks marks;
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        marks.px[i] = (struct pl_point){ 40.0f * (float)i, 20.0f * (float)i, 5, 0.9f };
        marks.m[i] = (struct pl_vec3){ 1, 2, 3 };
    }
    marks.px[4].x_px = NAN;
    marks.px[5].x_px = 90000; /* where this lens maps nothing */
    pl_calibration_straighten(&lens, &marks);
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        struct pl_vec2 back = pl_lens_distort(&lens, (struct pl_vec2){ marks.px[i].x_px, marks.px[i].y_px });
        if (i == 4 || i == 5) {
            assert_true(isnan(marks.px[i].y_px) && isnan(marks.px[i].visibility_p) && isnan(marks.m[i].x));
            continue;
        }
        assert_float_equal(back.x, 40 * i, 5e-3);
        assert_float_equal(back.y, 20 * i, 5e-3);
        assert_true(marks.px[i].z_px == 5 && marks.px[i].visibility_p == 0.9f && marks.m[i].z == 3);
    }
    assert_true(fabsf(marks.px[0].x_px) > 0.5f); /* there was something to straighten */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_back),        cmocka_unit_test(examples),         cmocka_unit_test(wrong_files),
        cmocka_unit_test(stale_files),      cmocka_unit_test(refuses_to_write), cmocka_unit_test(places),
        cmocka_unit_test(straightens_landmarks), cmocka_unit_test(odd_names), cmocka_unit_test(at_the_bound),
        cmocka_unit_test(contradictions), cmocka_unit_test(broken_off_and_foreign),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
