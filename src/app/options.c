/* The command line. One table says every option, which commands take it, and its line of help. */
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "internal.h"
#include "plumbline/cpu.h"

enum { LIVE = 1, REPLAY = 2, ANALYZE = 4, BENCH = 8, DOCTOR = 16, DEFAULT = 32, LIMITS = 64, CALIBRATE = 128, ANY = 255 };

enum opt {
    OPT_MODEL = 256, OPT_CPU, OPT_THREADS, OPT_EXERCISE, OPT_SIDE, OPT_HEIGHT, OPT_CONFIG, OPT_MODELS_DIR, OPT_HELP, OPT_VERSION,
    OPT_LANGUAGE, OPT_VOICE, OPT_VOICE_FILE,
    OPT_SETS, OPT_REPS, OPT_REST, OPT_HOLD, OPT_COUNTDOWN,
    OPT_CAMERA, OPT_SIZE, OPT_FPS, OPT_SECONDS, OPT_NO_WINDOW, OPT_MIRROR, OPT_LOOP,
    OPT_JSON, OPT_JSON_FLAG, OPT_FRAMES, OPT_TRACE, OPT_OPS, OPT_RAW, OPT_STICKERS, OPT_OVERLAY, OPT_ROI_FROM,
    OPT_CAMERA_CALIBRATION, OPT_PICTURE, OPT_RESULT, OPT_DEVICE_NAME, OPT_SQUARE
};

static const struct {
    const char *name, *value;
    enum opt id;
    unsigned commands;
    const char *help;
} table[] = {
    { "model", "lite|full|heavy", OPT_MODEL, ANY, "the pose network (full): better and slower to the right; live takes auto, too" },
    { "cpu", "LEVEL", OPT_CPU, ANY, "c, avx2, avx512, neon or auto: instruction set to use (auto)" },
    { "threads", "N", OPT_THREADS, ANY, "threads for inference (the machine's cores, at most 4)" },
    { "exercise", "NAME", OPT_EXERCISE, LIVE | REPLAY | ANALYZE | DEFAULT,
      "auto, single-leg-squat, lunge, reverse-lunge, split-lunge, squat, step-up,\n"
      "                           step-down, mini-squat-reach or single-leg-stance (auto: none of the last two)" },
    { "side", "SIDE", OPT_SIDE, LIVE | REPLAY | ANALYZE | DEFAULT, "auto, left or right: the working leg (auto)" },
    { "height-m", "H", OPT_HEIGHT, ANY, "your height in metres: distances are then shown in cm too" },
    { "sets", "N", OPT_SETS, LIVE | REPLAY | DEFAULT, "sets that the coach asks for (3)" },
    { "reps", "N", OPT_REPS, LIVE | REPLAY | DEFAULT, "repetitions in a set, on each leg (10)" },
    { "rest", "S", OPT_REST, LIVE | REPLAY | DEFAULT, "rest between sets in seconds (45)" },
    { "hold", "S", OPT_HOLD, LIVE | REPLAY | DEFAULT, "how long to stand on one leg, in seconds (30)" },
    { "countdown", "S", OPT_COUNTDOWN, LIVE | REPLAY | DEFAULT, "count down before the first set (0: none)" },
    { "config", "FILE", OPT_CONFIG, ANY, "limits of your own, an ini file (~/.config/plumbline/plumbline.ini if it exists)" },
    { "models-dir", "DIR", OPT_MODELS_DIR, ANY, "folder of the four .tflite files (models)" },
    { "language", "NAME", OPT_LANGUAGE, ANY, "en, de or a file of sentences (~/.config/plumbline/language.ini, else en)" },
    { "stickers", NULL, OPT_STICKERS, LIVE | REPLAY | ANALYZE | DEFAULT,
      "hip drop by two stickers or a strip of tape on your waistband" },
    { "camera", "CAMERA", OPT_CAMERA, LIVE | CALIBRATE | DEFAULT, "/dev/video2, 2 or part of its name (the first that works)" },
    { "size", "WxH", OPT_SIZE, LIVE | CALIBRATE | DEFAULT, "wish for the camera's picture (1280x720)" },
    { "fps", "N", OPT_FPS, LIVE | CALIBRATE | DEFAULT, "wish for the camera's rate (30)" },
    { "seconds", "S", OPT_SECONDS, LIVE | REPLAY | CALIBRATE | DEFAULT, "stop after S seconds" },
    { "no-window", NULL, OPT_NO_WINDOW, LIVE | CALIBRATE, "no screen: for scripts, live with --json or --frames" },
    { "voice", "off|tones|full", OPT_VOICE, LIVE | REPLAY | ANALYZE | CALIBRATE | DEFAULT,
      "the coach's voice (in front of the camera full, else off)" },
    { "voice-file", "FILE.wav", OPT_VOICE_FILE, LIVE | REPLAY | ANALYZE | CALIBRATE, "what is said, as sound at its times" },
    { "mirror", NULL, OPT_MIRROR, REPLAY | ANALYZE, "show the recording as in a mirror (live always is; key m)" },
    { "loop", NULL, OPT_LOOP, REPLAY, "start again at the end" },
    { "json", "FILE", OPT_JSON, LIVE | ANALYZE | BENCH, "analysis, one JSON object per input and line; - is standard output" },
    { "frames", "FILE", OPT_FRAMES, LIVE | ANALYZE, "CSV with one row per frame: measures and landmarks" },
    { "raw", NULL, OPT_RAW, LIVE | ANALYZE, "with --frames: landmarks before smoothing" },
    { "trace", "FILE", OPT_TRACE, LIVE | REPLAY | ANALYZE, "CSV with each frame's time in each stage, and a summary on stderr" },
    { "overlay", "FILE.mp4", OPT_OVERLAY, ANALYZE, "the clip with what the screen shows" },
    { "roi-from", "FILE.json", OPT_ROI_FROM, ANALYZE, "take each frame's region from a reference file (tests)" },
    { "ops", NULL, OPT_OPS, BENCH, "where the time goes: each operation of the networks" },
    { "camera-calibration", "FILE", OPT_CAMERA_CALIBRATION, ANALYZE | REPLAY | LIVE | CALIBRATE,
      "the lens' camera.ini (live: that of your data folder)" },
    { "picture", "FILE.png", OPT_PICTURE, CALIBRATE, "camera: a view before and after" },
    { "result", "FILE.ini", OPT_RESULT, CALIBRATE, "where the result goes (~/.local/share/plumbline/NAME.ini)" },
    { "device-name", "NAME", OPT_DEVICE_NAME, CALIBRATE, "the camera that the recordings are of, by its name in plumbline doctor" },
    { "square-mm", "MM", OPT_SQUARE, CALIBRATE, "side of the chessboard's squares as printed (25)" },
    { "help", NULL, OPT_HELP, ANY, "this text" },
    { "version", NULL, OPT_VERSION, ANY, "the version" },
};
enum { N_OPTIONS = sizeof table / sizeof table[0] };

static const struct { const char *name; enum pl_command id; unsigned bit; const char *args, *help; } commands[] = {
    { "live", PL_COMMAND_LIVE, LIVE, "", "exercise in front of the camera" },
    { "replay", PL_COMMAND_REPLAY, REPLAY, "INPUT", "play a recording with what plumbline sees in it" },
    { "analyze", PL_COMMAND_ANALYZE, ANALYZE, "INPUT...", "measure recordings without a screen, as fast as the machine allows" },
    { "bench", PL_COMMAND_BENCH, BENCH, "", "speed of the pose networks on this machine; --json for data" },
    { "doctor", PL_COMMAND_DOCTOR, DOCTOR, "", "what works on this machine, and what to do about what does not" },
    { "limits", PL_COMMAND_LIMITS, LIMITS, "", "the limits that judge a movement, with their sources, as a file to change" },
    { "calibrate", PL_COMMAND_CALIBRATE, CALIBRATE, "WHAT [INPUT...]", "camera, room, body or toe: once; calibrate --help" },
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

void pl_app_say(const char *fmt, ...)
{
    va_list ap;

    fputs("plumbline: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

/* What is to be done; the general help has a line for it. */
static void print_calibrations(FILE *out)
{
    char board[PATH_MAX];

    pl_app_chessboard(board);
    fprintf(out, "usage: plumbline calibrate WHAT [OPTIONS] [INPUT...]\n\n"
            "Measured once, a minute each, and used by live from then on. Without INPUT a window and the voice lead through it in\n"
            "front of the camera, one step at a time; nothing needs to be touched, q ends it.\n"
            "  camera   the lens: print the board at 100 %%, glue it to something flat, hold it into the picture in fifteen ways\n"
            "           (%s)\n"
            "  body     lengths and neutral stance; --height-m 1.71. Stand still for two seconds facing the camera, then side-on\n"
            "  room     height and tilt of the camera; --height-m 1.71. Stand still for two seconds, head and feet in the picture\n"
            "  toe      what knee over toe is off by in your shoes: side-on, toes at a wall, knee to the wall for a second, three\n"
            "           times with each leg\n"
            "INPUT: a video file, a folder of images, or (not camera) a table of landmarks (.csv, as live --frames writes it)\n",
            board);
}

void pl_app_usage(FILE *out, enum pl_command command)
{
    const unsigned wanted = command == PL_COMMAND_CALIBRATE ? CALIBRATE : ANY;

    fputs("plumbline " PL_VERSION ": watches knee exercises through a laptop camera, measures the leg and says what to change.\n"
          "Not medical advice. Nothing leaves this machine.\n\n", out);
    if (command == PL_COMMAND_CALIBRATE) {
        print_calibrations(out);
    } else {
        fputs("usage: plumbline [COMMAND] [OPTIONS] [INPUT...]\n\n"
              "Without a command: live if there is a camera, else a recorded sample.\n", out);
        for (int i = 0; i < N_COMMANDS; i++)
            fprintf(out, "  %-9s %-15s %s\n", commands[i].name, commands[i].args, commands[i].help);
        fputs("INPUT: a video file, a folder of images, or a table of landmarks (.csv, as --frames writes it)\n", out);
    }
    fputs("\noptions\n", out);
    for (int i = 0; i < N_OPTIONS; i++) {
        if (!(table[i].commands & wanted))
            continue;
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
        fprintf(out, "  %-24s %s", left, table[i].help);
        if (table[i].commands != ANY && wanted == ANY) {
            const char *sep = "  [";
            for (int k = 0; k < N_COMMANDS; k++)
                if (table[i].commands & commands[k].bit) {
                    fprintf(out, "%s%s", sep, commands[k].name);
                    sep = ", ";
                }
            fputc(']', out);
        }
        fputc('\n', out);
    }
    fputs("\nkeys in the window: space pause, arrows step or seek, + - speed, r restart, c choose, 1-9 or a click take a target,\n"
          "n next set, v voice (full, tones, off), m mirror, s skeleton, g ghost, d dark or light, t stage times, f full screen,\n"
          "F1 help, q quit, Escape back\n"
          "exit status: 0 done, 1 some input could not be processed (the others were), 2 wrong usage\n", out);
}

static bool usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool usage_error(const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pl_app_say("%s; see plumbline --help", text);
    return false;
}

static bool read_number(double *out, const char *name, const char *text, double least, double most)
{
    char *end;
    double v = strtod(text, &end);

    if (end == text || *end || !(v >= least && v <= most))
        return usage_error("--%s %s: give a number from %g to %g", name, text, least, most);
    *out = v;
    return true;
}

static bool read_model(struct pl_app_options *o, const char *text)
{
    o->auto_model = !strcmp(text, "auto");
    o->model = PL_MODEL_FULL;
    o->model_given = o->auto_model;
    if (o->auto_model)
        return true;
    for (int i = 0; i < PL_N_MODELS; i++)
        if (!strcmp(text, pl_model_kind_name((enum pl_model_kind)i))) {
            o->model = (enum pl_model_kind)i;
            o->model_given = true;
            return true;
        }
    return usage_error("--model %s: choose lite, full, heavy or (live) auto", text);
}

static bool read_side(struct pl_app_options *o, const char *text)
{
    static const char *const names[] = { "left", "right", "auto" };

    for (int i = 0; i < 3; i++)
        if (!strcmp(text, names[i])) {
            o->exercise.side = (enum pl_side)i;
            return true;
        }
    return usage_error("--side %s: choose auto, left or right", text);
}

static bool read_size(struct pl_app_options *o, const char *text)
{
    int used = 0;

    if (sscanf(text, "%dx%d%n", &o->camera.width_px, &o->camera.height_px, &used) != 2 || text[used] ||
        o->camera.width_px < 64 || o->camera.height_px < 64 || o->camera.width_px > 8192 || o->camera.height_px > 8192)
        return usage_error("--size %s: give it as WIDTHxHEIGHT, e.g. 1280x720", text);
    return true;
}

static bool read_limits(struct pl_app_options *o, const char *path, bool must_exist)
{
    struct pl_err err;

    if (!must_exist && access(path, F_OK))
        return true;
    if (pl_limits_read(&o->limits, path, &err) && pl_plan_read(&o->plan, path, &err) &&
        pl_app_settings_read(&o->settings, path, &err)) {
        snprintf(o->config, sizeof o->config, "%s", path);
        return true;
    }
    pl_app_say("%s", err.text);
    return false;
}

static bool read_option(struct pl_app_options *o, enum opt id, const char *name, char *value, bool *config_given)
{
    struct pl_err err;
    double v;

    switch (id) {
    case OPT_MODEL:      return read_model(o, value);
    case OPT_CPU:        return pl_cpu_from_name(&o->cpu, value, &err) || usage_error("%s", err.text);
    case OPT_THREADS:    if (!read_number(&v, name, value, 1, 64)) return false; o->threads = (int)v; return true;
    case OPT_EXERCISE:   return pl_exercise_from_name(&o->exercise.kind, value) ||
                                usage_error("--exercise %s: choose auto, single-leg-squat, mini-squat-reach, lunge, reverse-lunge, "
                                         "split-lunge, squat, step-up, step-down or single-leg-stance", value);
    case OPT_SIDE:       return read_side(o, value);
    case OPT_HEIGHT:     if (!read_number(&v, name, value, 0.8, 2.5)) return false; o->height_m = (float)v; return true;
    case OPT_CONFIG:     *config_given = true; return read_limits(o, value, true);
    case OPT_SETS:       if (!read_number(&v, name, value, 1, 20)) return false; o->asked.sets = (float)floor(v); return true;
    case OPT_REPS:       if (!read_number(&v, name, value, 1, 100)) return false; o->asked.reps = (float)floor(v); return true;
    case OPT_REST:       if (!read_number(&v, name, value, 0, 600)) return false; o->asked.rest_s = (float)v; return true;
    case OPT_HOLD:       if (!read_number(&v, name, value, 3, 600)) return false; o->asked.hold_s = (float)v; return true;
    case OPT_COUNTDOWN:  if (!read_number(&v, name, value, 0, 30)) return false; o->asked.countdown_s = (float)v; return true;
    case OPT_MODELS_DIR: snprintf(o->models_dir, sizeof o->models_dir, "%s", value); return true;
    case OPT_LANGUAGE:   o->language_given = value; return true;
    case OPT_VOICE:      o->voice_given = true;
                         return pl_voice_mode_from_name(&o->voice, value) ||
                                usage_error("--voice %s: choose off, tones or full", value);
    case OPT_VOICE_FILE: o->voice_file = value; return true;
    case OPT_CAMERA:     o->camera.source = value; return true;
    case OPT_SIZE:       return read_size(o, value);
    case OPT_FPS:        return read_number(&o->camera.fps, name, value, 1, 240);
    case OPT_SECONDS:    return read_number(&o->seconds, name, value, 0.1, 1e6);
    case OPT_NO_WINDOW:  o->no_window = true; return true;
    case OPT_MIRROR:     o->mirror = true; return true;
    case OPT_LOOP:       o->loop = true; return true;
    case OPT_JSON:       o->json = value; return true;
    case OPT_JSON_FLAG:  o->json_flag = true; return true;
    case OPT_FRAMES:     o->frames = value; return true;
    case OPT_TRACE:      o->trace = value; return true;
    case OPT_OPS:        o->ops = true; return true;
    case OPT_RAW:        o->raw = true; return true;
    case OPT_STICKERS:   o->stickers = true; return true;
    case OPT_OVERLAY:    o->overlay = value; return true;
    case OPT_ROI_FROM:   o->roi_from = value; return true;
    case OPT_CAMERA_CALIBRATION: o->camera_calibration = value; return true;
    case OPT_PICTURE:    o->picture = value; return true;
    case OPT_RESULT:     o->result = value; return true;
    case OPT_DEVICE_NAME: o->device = value; return true;
    case OPT_SQUARE:     if (!read_number(&v, name, value, 5, 500)) return false; o->square_m = v / 1000; return true;
    case OPT_HELP:       o->help = true; return true;
    case OPT_VERSION:    o->version = true; return true;
    }
    return false;
}

/* The command is the first word that is no option and no option's value. Known before the options are read, because `bench --json`
 * takes no file. */
static bool find_command(struct pl_app_options *o, int argc, char **argv, unsigned *bit, int *word)
{
    *bit = DEFAULT;
    *word = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1]) {
            if (!strcmp(argv[i], "--"))
                return true;
            for (int k = 0; k < N_OPTIONS; k++)
                if (table[k].value && !strncmp(argv[i], "--", 2) && !strcmp(argv[i] + 2, table[k].name))
                    i++;
            continue;
        }
        for (int k = 0; k < N_COMMANDS; k++)
            if (!strcmp(argv[i], commands[k].name)) {
                o->command = commands[k].id;
                *bit = commands[k].bit;
                *word = i;
                return true;
            }
        return usage_error("%s: no such command (to measure a recording: plumbline analyze %s)", argv[i], argv[i]);
    }
    return true;
}

static bool check_calibrate(const struct pl_app_options *o)
{
    bool body = o->calibrate == PL_CALIBRATION_BODY || o->calibrate == PL_CALIBRATION_ROOM;

    if (o->calibrate == PL_N_CALIBRATIONS)
        return usage_error("calibrate: say what: camera (the lens), body (your lengths), room (the camera's height and tilt) or "
                           "toe (knee to a wall)");
    if (body && isnan(o->height_m))
        return usage_error("calibrate %s: give your height: --height-m 1.70", pl_calibration_name(o->calibrate));
    if (o->picture && o->calibrate != PL_CALIBRATION_CAMERA)
        return usage_error("--picture goes with calibrate camera");
    if (o->voice_file && (o->voice == PL_VOICE_OFF || o->n_inputs > 1))
        return usage_error(o->n_inputs > 1 ? "--voice-file goes with one recording at a time"
                                           : "--voice-file with --voice off: nothing would be in it");
    if (o->calibrate == PL_CALIBRATION_CAMERA && o->camera_calibration)
        return usage_error("--camera-calibration does not go with calibrate camera, which makes it");
    return true;
}

/* The word after `calibrate`; the inputs follow it. */
static void take_kind(struct pl_app_options *o)
{
    o->calibrate = PL_N_CALIBRATIONS;
    for (int k = 0; o->n_inputs && k < PL_N_CALIBRATIONS; k++)
        if (!strcmp(o->inputs[0], pl_calibration_name((enum pl_calibration_kind)k)))
            o->calibrate = (enum pl_calibration_kind)k;
    if (o->calibrate != PL_N_CALIBRATIONS) {
        o->inputs++;
        o->n_inputs--;
    }
}

static bool check_together(const struct pl_app_options *o)
{
    bool one_only = o->frames || o->voice_file || o->trace || o->overlay || o->roi_from;
    const char *const outputs[] = { o->json, o->frames, o->trace };
    int n_stdout = 0;

    if (o->command == PL_COMMAND_ANALYZE && !o->n_inputs)
        return usage_error("analyze: give at least one recording");
    if (o->command == PL_COMMAND_REPLAY && o->n_inputs != 1)
        return usage_error("replay: give one recording");
    if (o->command == PL_COMMAND_CALIBRATE)
        return check_calibrate(o);
    if (o->command != PL_COMMAND_ANALYZE && o->command != PL_COMMAND_REPLAY && o->n_inputs)
        return usage_error("%s: this command takes no recording", o->inputs[0]);
    if (o->command == PL_COMMAND_ANALYZE && o->n_inputs > 1 && one_only)
        return usage_error("--frames, --trace, --overlay, --roi-from and --voice-file go with one recording at a time");
    if (o->voice_file && o->voice == PL_VOICE_OFF)
        return usage_error("--voice-file with --voice off: nothing would be in it");
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        n_stdout += outputs[i] && !strcmp(outputs[i], "-");
    if (o->auto_model && o->command != PL_COMMAND_LIVE && o->command != PL_COMMAND_NONE)
        return usage_error("--model auto keeps up with a camera: it goes with live only; choose lite, full or heavy");
    if (n_stdout > 1)
        return usage_error("only one of --json, --frames and --trace can go to standard output");
    return true;
}

static void defaults(struct pl_app_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    *o = (struct pl_app_options){ .model = PL_MODEL_FULL, .cpu = pl_cpu_detect(), .height_m = NAN, .square_m = 0.025 };
    o->threads = cores < 1 ? 1 : cores > 4 ? 4 : (int)cores;
    o->exercise.side = PL_SIDE_UNKNOWN;
    o->limits = pl_limits_default();
    pl_language_english(&o->language);
    o->plan = pl_plan_default();
#define X(name, value, least, most, meaning) o->asked.name = NAN;
    PL_PLAN(X)
#undef X
}

/* Where a file of the user's configuration would be; false: this user has no such folder. */
static bool config_path(char *out, size_t size, const char *name)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (base && *base)
        snprintf(out, size, "%s/plumbline/%s", base, name);
    else if (home && *home)
        snprintf(out, size, "%s/.config/plumbline/%s", home, name);
    return (base && *base) || (home && *home);
}

/* The command line goes before the file, whichever was read first. */
static void take_asked(struct pl_app_options *o)
{
#define X(name, value, least, most, meaning) if (!isnan(o->asked.name)) o->plan.name = o->asked.name;
    PL_PLAN(X)
#undef X
}

static bool read_users_config(struct pl_app_options *o)
{
    char path[4096];
    return !config_path(path, sizeof path, "plumbline.ini") || read_limits(o, path, false);
}

/* Of --language, the configuration and the user's own file the first. */
static bool read_language(struct pl_app_options *o)
{
    const char *name = o->language_given ? o->language_given : *o->settings.language ? o->settings.language : NULL;
    char path[4096];
    struct pl_err err;

    if (!name && config_path(path, sizeof path, "language.ini") && !access(path, F_OK))
        name = path;
    if (!name || pl_app_language_read(&o->language, name, &err))
        return true;
    pl_app_say("%s", err.text);
    return false;
}

/* Somebody in front of the camera is spoken to; a recording is silent unless that is asked for. */
static void choose_voice(struct pl_app_options *o)
{
    bool live = o->command == PL_COMMAND_LIVE || o->command == PL_COMMAND_NONE ||
                (o->command == PL_COMMAND_CALIBRATE && !o->n_inputs);

    if (!o->voice_given && o->settings.voice_given && (live || o->voice_file))
        o->voice = o->settings.voice;
    else if (!o->voice_given)
        o->voice = live || o->voice_file ? PL_VOICE_FULL : PL_VOICE_OFF;
}

static const char *command_name(const struct pl_app_options *o)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (commands[i].id == o->command)
            return commands[i].name;
    return "no command";
}

/* index in table of getopt's result; every result has one */
static int table_index(int c)
{
    for (int i = 0; i < N_OPTIONS; i++)
        if ((int)table[i].id == c)
            return i;
    return 0;
}

bool pl_app_options_read(struct pl_app_options *o, int argc, char **argv)
{
    struct option longs[N_OPTIONS + 1] = { 0 };
    bool config_given = false;
    unsigned command;
    int c, word;

    defaults(o);
    if (!find_command(o, argc, argv, &command, &word))
        return false;
    for (int i = 0; i < N_OPTIONS; i++) {
        bool flag = table[i].id == OPT_JSON && command == BENCH;
        longs[i] = (struct option){ table[i].name, table[i].value && !flag ? required_argument : no_argument, NULL,
                                    flag ? OPT_JSON_FLAG : (int)table[i].id };
    }
    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
        if (c == '?')
            return usage_error("%s: no such option", argv[optind - 1]);
        if (c == ':')
            return usage_error("%s: a value is missing", argv[optind - 1]);
        int i = table_index(c == OPT_JSON_FLAG ? OPT_JSON : c);
        if (!(table[i].commands & command))
            return usage_error("--%s does not go with %s", table[i].name, command_name(o));
        if (!read_option(o, (enum opt)c, table[i].name, optarg, &config_given))
            return false;
    }
    o->inputs = argv + optind + (word ? 1 : 0);
    o->n_inputs = argc - optind - (word ? 1 : 0);
    if (o->command == PL_COMMAND_CALIBRATE)
        take_kind(o);
    if (o->help || o->version)
        return true;
    if (!o->models_dir[0])
        pl_app_find_dir(o->models_dir, sizeof o->models_dir, "models");
    if (!o->model_given)
        o->auto_model = o->command == PL_COMMAND_LIVE || o->command == PL_COMMAND_NONE;
    if (!(config_given || read_users_config(o)) || !read_language(o))
        return false;
    choose_voice(o);
    take_asked(o);
    return check_together(o);
}
