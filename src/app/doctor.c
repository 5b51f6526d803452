/* doctor: what works on this machine, line by line, and what to do about what does not. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "plumbline/cpu.h"
#include "plumbline/nn.h"
#include "plumbline/screen.h"

static void line(bool works, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void line(bool works, const char *what, const char *fmt, ...)
{
    va_list ap;

    printf("%-8s %-9s ", works ? "ok" : "PROBLEM", what);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

static bool check_models(const struct pl_app_options *o)
{
    static const char *const files[] = { "pose_detection", "pose_landmark_lite", "pose_landmark_full", "pose_landmark_heavy" };
    bool all = true;

    for (int i = 0; i < 4; i++) {
        struct pl_model_options mo = { .cpu = o->cpu };
        struct pl_model *model;
        struct pl_err err;
        char path[4200];

        snprintf(path, sizeof path, "%s/%s.tflite", o->models_dir, files[i]);
        if (pl_model_open(&model, path, &mo, &err)) {
            line(true, "model", "%s (CRC-32 %08x, %.0f million multiply-adds)", files[i], pl_model_hash(model),
                 pl_model_macs(model) * 1e-6);
            pl_model_close(model);
        } else {
            line(false, "model", "%s", err.text);
            all = false;
        }
    }
    return all;
}

static bool check_cameras(void)
{
    struct pl_camera_entry c[16];
    int n = pl_camera_list(c, 16);
    bool any = false;

    for (int i = 0; i < n && i < 16; i++) {
        bool works = !c[i].problem[0];
        const char *taken = works && !any && n > 1 ? " (this one, unless --camera names another)" : "";
        line(works, "camera", "%s %s%s: %s", c[i].path, c[i].name, taken, works ? c[i].formats : c[i].problem);
        any |= works;
    }
    if (!n)
        line(false, "camera", "none found: connect one; recordings work without (plumbline replay FILE)");
    return any;
}

/* Where calibrations are kept. The nearest folder that exists must let us write. */
static bool check_data(void)
{
    struct pl_err err = { 0 };
    char path[4096], folder[4096];

    if (!pl_calibration_path(path, sizeof path, PL_CALIBRATION_BODY, &err)) {
        line(false, "data", "%s", err.text);
        return false;
    }
    *strrchr(path, '/') = '\0';
    memcpy(folder, path, sizeof folder);
    while (access(folder, F_OK) && strrchr(folder, '/') > folder)
        *strrchr(folder, '/') = '\0';
    if (access(folder, W_OK)) {
        line(false, "data", "%s cannot be written (%s): no calibration can be kept; all else works", path, strerror(errno));
        return false;
    }
    line(true, "data", "%s: calibrations are kept there", path);
    return true;
}

/* Those that there are. Of which camera they are is seen when it is opened. */
static bool check_calibrations(void)
{
    bool all = true;

    for (int k = 0; k < PL_N_CALIBRATIONS; k++) {
        const enum pl_calibration_kind kind = (enum pl_calibration_kind)k;
        const struct pl_calibration_need need = { .today = pl_calibration_date_of(time(NULL)),
                                                  .max_age_days = pl_calibration_max_age_days(kind) };
        struct pl_calibration c;
        struct pl_err err = { 0 };
        char path[4096];
        if (!pl_calibration_path(path, sizeof path, kind, &err) || access(path, F_OK))
            continue;
        const bool fits = pl_calibration_read(&c, kind, path, &need, &err);
        if (!fits)
            line(false, "calibrate", "%s", err.text);
        else if (kind == PL_CALIBRATION_CAMERA || kind == PL_CALIBRATION_ROOM)
            line(true, "calibrate", "%s: of %s with pictures of %d x %d pixels", path,
                 kind == PL_CALIBRATION_CAMERA ? c.camera.device.text : c.room.device.text,
                 kind == PL_CALIBRATION_CAMERA ? c.camera.width_px : c.room.width_px,
                 kind == PL_CALIBRATION_CAMERA ? c.camera.height_px : c.room.height_px);
        else
            line(true, "calibrate", "%s", path);
        all &= fits;
    }
    return all;
}

int pl_app_doctor(const struct pl_app_options *o)
{
    unsigned have = pl_cpu_detect();
    char text[256];
    bool ok;

    line(true, "version", "plumbline " PL_VERSION);
    line(have != PL_CPU_C, "cpu", "%s%s, %ld cores", pl_cpu_name(have),
         have == PL_CPU_C ? " only: slow; use --model lite" : "", sysconf(_SC_NPROCESSORS_ONLN));
    ok = check_models(o);
    ok &= check_cameras();
    bool works = pl_screen_probe_display(text, sizeof text);
    line(works, "display", "%s", text);
    ok &= works;
    works = pl_screen_probe_fonts(text, sizeof text);
    line(works, "fonts", "%s", text);
    ok &= works;
    works = pl_screen_probe_sound(text, sizeof text);
    line(works, "sound", "%s", text);
    ok &= works;
    works = pl_voice_probe(&o->language, text, sizeof text);
    line(works, "voice", "%s", text);
    ok &= works;
    ok &= check_data();
    ok &= check_calibrations();
    return ok ? PL_EXIT_DONE : PL_EXIT_INPUT;
}
