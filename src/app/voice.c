/* The coach's voice in live, replay and analyze: opened from the options, fed with moments, its words into the log. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "plumbline/clock.h"

bool pl_app_voice_open(struct pl_voice **out, const struct pl_app_options *o, bool device, struct pl_err *err)
{
    struct pl_voice_options vo = { .mode = o->voice, .language = &o->language, .file = o->voice_file, .device = device };

    *out = NULL;
    if (o->voice == PL_VOICE_OFF && (!device || o->no_window)) /* with a window there is a key that wakes it */
        return true;
    return pl_voice_open(out, &vo, err);
}

void pl_app_voice_cycle(struct pl_voice *v, int64_t *told_ns)
{
    const enum pl_voice_mode now = pl_voice_mode(v);

    pl_voice_set_mode(v, now == PL_VOICE_FULL ? PL_VOICE_TONES : now == PL_VOICE_TONES ? PL_VOICE_OFF : PL_VOICE_FULL);
    *told_ns = pl_clock_now_ns();
}

const char *pl_app_voice_note(const struct pl_voice *v, const struct pl_language *language, int64_t told_ns)
{
    static const int64_t note_ns = 3 * PL_NS_PER_S; /* src: own choice */
    static const enum pl_sentence notes[PL_N_VOICE_MODES] = { PL_SAY_VOICE_OFF, PL_SAY_VOICE_TONES, PL_SAY_VOICE_FULL };

    if (!told_ns || pl_clock_now_ns() - told_ns > note_ns)
        return NULL;
    return pl_language_text(language, notes[pl_voice_mode(v)]); /* asked each time: that nothing speaks is found out later */
}

static void drain(struct pl_voice *v, struct pl_log *log)
{
    struct pl_spoken spoken;
    char problem[256];

    while (pl_voice_problem(v, problem, sizeof problem))
        pl_app_say("%s", problem);
    while (pl_voice_spoken(v, &spoken))
        if (log)
            pl_report_spoken(log, &spoken);
}

void pl_app_voice_follow(struct pl_voice *v, const struct pl_moment *m, struct pl_log *log)
{
    pl_voice_say(v, &m->say);
    drain(v, log);
}

void pl_app_voice_card(struct pl_voice *v, enum pl_sentence card, enum pl_sentence *told, struct pl_log *log)
{
    if (card == *told)
        return;
    *told = card;
    if (card != PL_SAY_NOTHING)
        pl_voice_say_now(v, card, PL_URGENCY_BLIND);
    drain(v, log);
}

bool pl_app_voice_finish(struct pl_voice *v, struct pl_log *log, struct pl_err *err)
{
    bool ok = pl_voice_finish(v, err);
    drain(v, log);
    return ok;
}

/* A name is looked up among the languages that came with the program; what looks like a file is one. */
bool pl_app_language_read(struct pl_language *out, const char *name, struct pl_err *err)
{
    const char *dot = strrchr(name, '.');
    char folder[4096], path[4200];

    if (strchr(name, '/') || (dot && !strcmp(dot, ".ini")))
        return pl_language_read(out, name, err);
    if (!pl_app_find_dir(folder, sizeof folder, "languages"))
        (void)!pl_app_find_dir(folder, sizeof folder, "src/cues/languages"); /* a built tree */
    snprintf(path, sizeof path, "%s/%s.ini", folder, name);
    if (access(path, R_OK) && strcmp(name, "en") != 0)
        return pl_fail(err, PL_E_ARG, "language %s: there is no %s; choose en or de, or give a file of your own", name, path);
    if (!strcmp(name, "en")) {
        pl_language_english(out);
        return true;
    }
    return pl_language_read(out, path, err);
}
