/* Utterances to sound: where something is said there is sound, elsewhere silence; without a device or with one that is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/voice/internal.h"
#include "../support/media.h"
#include "plumbline/clock.h"

enum { MAX_SPOKEN = 50, FPS = 30 };
#define MS INT64_C(1000000)

struct recorded {
    char folder[MEDIA_PATH], path[MEDIA_PATH + 20];
    struct pl_voice *voice;
    struct pl_spoken spoken[MAX_SPOKEN];
    int n;
    int16_t *sample; /* of the file */
    int64_t n_samples;
};

struct line { double t_s; enum pl_sentence sentence; enum pl_urgency urgency; int count; };

static void open_voice(struct recorded *r, enum pl_voice_mode mode, bool device, const struct pl_language *language)
{
    struct pl_err err = { 0 };
    *r = (struct recorded){ 0 };
    media_folder(r->folder);
    snprintf(r->path, sizeof r->path, "%s/said.wav", r->folder);
    const struct pl_voice_options options = { .mode = mode, .language = language, .file = r->path, .device = device };
    if (!pl_voice_open(&r->voice, &options, &err))
        fail_msg("%s", err.text);
}

static void drain(struct recorded *r)
{
    while (r->n < MAX_SPOKEN && pl_voice_spoken(r->voice, &r->spoken[r->n]))
        r->n++;
}

static uint32_t u32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

/* A reader of its own: what another program would find in the file. */
static void read_wav(struct recorded *r)
{
    size_t size;
    uint8_t *data = media_read(&size, r->path);
    assert_true(size >= 44);
    assert_memory_equal(data, "RIFF", 4);
    assert_memory_equal(data + 8, "WAVEfmt ", 8);
    assert_int_equal(u32(data + 4), size - 8);
    assert_int_equal(u32(data + 16), 16);
    assert_int_equal(u32(data + 20), 1 | 1 << 16); /* PCM, mono */
    assert_int_equal(u32(data + 24), RATE_HZ);
    assert_int_equal(u32(data + 28), 2 * RATE_HZ);
    assert_int_equal(u32(data + 32), 2 | 16 << 16);
    assert_memory_equal(data + 36, "data", 4);
    assert_int_equal(u32(data + 40), size - 44);
    r->n_samples = (int64_t)(size - 44) / 2;
    r->sample = malloc(size);
    for (int64_t i = 0; i < r->n_samples; i++)
        r->sample[i] = (int16_t)(data[44 + 2 * i] | data[45 + 2 * i] << 8);
    free(data);
}

static void finish(struct recorded *r)
{
    struct pl_err err = { 0 };
    if (!pl_voice_finish(r->voice, &err))
        fail_msg("%s", err.text);
    drain(r);
    read_wav(r);
}

static void close_voice(struct recorded *r)
{
    pl_voice_close(r->voice);
    free(r->sample);
    media_remove(r->folder);
}

static void play(struct recorded *r, const struct line *lines, int n, double seconds)
{
    int next = 0;
    for (int i = 0; i < (int)(seconds * FPS); i++) {
        struct pl_utterance u = { .t_ns = pl_ns_from_s((double)i / FPS) };
        if (next < n && lines[next].t_s <= (double)i / FPS) {
            u.sentence = lines[next].sentence;
            u.urgency = lines[next].urgency;
            u.count = lines[next++].count;
        }
        pl_voice_say(r->voice, &u);
        drain(r);
    }
}

static int loudest(const struct recorded *r, int64_t from_ns, int64_t to_ns)
{
    int most = 0;
    for (int64_t i = samples_of_ns(from_ns); i < samples_of_ns(to_ns) && i < r->n_samples; i++)
        most = abs(r->sample[i]) > most ? abs(r->sample[i]) : most;
    return most;
}

/* Sound while something is said, digital silence else. */
static void check_sound(const struct recorded *r, double seconds)
{
    int64_t silent_from = 0;
    for (int i = 0; i < r->n; i++) {
        const struct pl_spoken *s = &r->spoken[i];
        assert_true(s->end_ns > s->start_ns && s->start_ns >= silent_from);
        if (loudest(r, silent_from + MS, s->start_ns - MS) != 0)
            fail_msg("a sound before \"%s\"", s->text);
        if (loudest(r, s->start_ns, s->end_ns) < 2000)
            fail_msg("no sound of \"%s\"", s->text);
        silent_from = s->end_ns;
    }
    assert_int_equal(loudest(r, silent_from + MS, pl_ns_from_s(seconds)), 0);
}

static const struct line lines[] = {
    { 0.5, PL_SAY_START, PL_URGENCY_HINT, 0 },       { 3.0, PL_SAY_NOTHING, PL_URGENCY_PRAISE, 1 },
    { 4.0, PL_SAY_ADVICE_KNEE_COLLAPSE, PL_URGENCY_CUE, 0 }, { 4.5, PL_SAY_NOTHING, PL_URGENCY_PRAISE, 2 },
    { 5.0, PL_SAY_MENDED, PL_URGENCY_PRAISE, 3 },    { 9.0, PL_SAY_ADVICE_WOBBLE, PL_URGENCY_CUE, 0 },
    { 9.6, PL_SAY_STOP_POOR, PL_URGENCY_STOP, 4 },
};
enum { N_LINES = sizeof lines / sizeof lines[0] };

static void test_file_by_the_frames_times(void **state)
{
    static const struct { const char *text; double start_s; } want[] = {
        { "Stop if it hurts.", 0.5 }, { "1", 3.0 }, { "Push your knee out over your second toe.", 4.0 }, { "3", 0 },
        { "Better. Keep it like that.", 0 }, { "Slow down and press your whole foot into the floor.", 9.0 },
        { "4: Rest, or make it smaller.", 9.6 },
    };
    struct recorded r;
    (void)state;
    open_voice(&r, PL_VOICE_FULL, false, NULL);
    play(&r, lines, N_LINES, 15);
    finish(&r);
    check_sound(&r, 15);
    assert_true(llabs(ns_of_samples(r.n_samples) - 15 * PL_NS_PER_S) < 50 * MS); /* as long as the frames */
    assert_int_equal(r.n, 7);
    for (int i = 0; i < 7; i++) {
        assert_string_equal(r.spoken[i].text, want[i].text);
        if (want[i].start_s > 0)
            assert_true(llabs(r.spoken[i].start_ns - pl_ns_from_s(want[i].start_s)) < 40 * MS);
    }
    assert_true(r.spoken[5].end_ns == r.spoken[6].start_ns); /* broken off, to the sample */
    const double first_s = pl_s_from_ns(r.spoken[0].end_ns - r.spoken[0].start_ns);
    assert_true(first_s > 0.6 && first_s < 2.0);
    close_voice(&r);
}

static void test_one_voice_after_the_other(void **state)
{
    struct recorded a, b;
    (void)state;
    open_voice(&a, PL_VOICE_FULL, false, NULL);
    play(&a, lines, N_LINES, 12);
    finish(&a);
    open_voice(&b, PL_VOICE_FULL, false, NULL); /* a process may have one voice after the other */
    play(&b, lines, N_LINES, 12);
    finish(&b);
    assert_int_equal(a.n, b.n);
    for (int i = 0; i < a.n; i++) { /* espeak-ng's breath is noise that goes on where it was: not the same samples */
        assert_string_equal(a.spoken[i].text, b.spoken[i].text);
        assert_true(llabs(a.spoken[i].start_ns - b.spoken[i].start_ns) < 40 * MS);
    }
    check_sound(&b, 12);
    close_voice(&a);
    close_voice(&b);
}

static void test_tones_are_short_and_soft(void **state)
{
    struct recorded r;
    (void)state;
    open_voice(&r, PL_VOICE_TONES, false, NULL);
    play(&r, lines, N_LINES, 15);
    finish(&r);
    check_sound(&r, 15);
    assert_int_equal(r.n, 6); /* three numbers, two cues, a stop; nothing for hint and praise */
    for (int i = 0; i < r.n; i++) {
        assert_string_equal(r.spoken[i].text, "");
        assert_true(r.spoken[i].end_ns - r.spoken[i].start_ns < 600 * MS);
    }
    assert_true(loudest(&r, 0, 15 * PL_NS_PER_S) < 32767 / 3);
    close_voice(&r);
}

static void test_off(void **state)
{
    struct recorded r;
    (void)state;
    open_voice(&r, PL_VOICE_OFF, true, NULL);
    play(&r, lines, N_LINES, 5);
    finish(&r);
    assert_int_equal(r.n, 0);
    assert_int_equal(loudest(&r, 0, 5 * PL_NS_PER_S), 0);
    close_voice(&r);
    pl_voice_say(NULL, &(struct pl_utterance){ 0 });
    pl_voice_hush(NULL);
    pl_voice_close(NULL);
}

static void test_german_speaks_german(void **state)
{
    static struct pl_language de;
    struct recorded a, b;
    struct pl_err err;
    (void)state;
    assert_true(pl_language_read(&de, "src/cues/languages/de.ini", &err));
    open_voice(&a, PL_VOICE_FULL, false, &de);
    play(&a, lines, 2, 5);
    finish(&a);
    assert_string_equal(a.spoken[0].text, "Hör auf, wenn es weh tut.");
    check_sound(&a, 5);
    snprintf(de.voice, sizeof de.voice, "en"); /* the same words by an English voice sound otherwise */
    open_voice(&b, PL_VOICE_FULL, false, &de);
    play(&b, lines, 2, 5);
    finish(&b);
    assert_memory_not_equal(a.sample, b.sample, (size_t)a.n_samples * sizeof *a.sample);
    close_voice(&a);
    close_voice(&b);
}

static void test_a_voice_that_is_none(void **state)
{
    static struct pl_language language;
    struct recorded r;
    char problem[256];
    (void)state;
    pl_language_english(&language);
    snprintf(language.voice, sizeof language.voice, "xx-nonsense");
    open_voice(&r, PL_VOICE_FULL, false, &language);
    assert_true(pl_voice_problem(r.voice, problem, sizeof problem));
    assert_non_null(strstr(problem, "xx-nonsense"));
    assert_false(pl_voice_problem(r.voice, problem, sizeof problem));
    play(&r, lines, 1, 3);
    finish(&r);
    check_sound(&r, 3); /* the English one speaks */
    assert_int_equal(r.n, 1);
    close_voice(&r);
    assert_false(pl_voice_probe(&language, problem, sizeof problem));
    assert_non_null(strstr(problem, "xx-nonsense"));
    assert_true(pl_voice_probe(NULL, problem, sizeof problem));
    assert_non_null(strstr(problem, "espeak-ng"));
}

static void test_a_file_that_cannot_be_written(void **state)
{
    struct pl_voice *voice = NULL;
    struct pl_err err = { 0 };
    struct pl_voice_options options = { .mode = PL_VOICE_TONES, .file = "/nowhere/said.wav" };
    (void)state;
    assert_false(pl_voice_open(&voice, &options, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/said.wav"));
    options.file = "/dev/full";
    if (pl_voice_open(&voice, &options, &err)) {
        assert_false(pl_voice_finish(voice, &err));
        assert_int_equal(err.code, PL_E_IO);
        pl_voice_close(voice);
    }
}

/* A jump: what was being said ends, what waited is forgotten, and the next begins at once. */
static void test_hush(void **state)
{
    struct recorded r;
    struct pl_utterance u = { .sentence = PL_SAY_ADVICE_WOBBLE, .urgency = PL_URGENCY_CUE };
    (void)state;
    open_voice(&r, PL_VOICE_FULL, false, NULL);
    pl_voice_say(r.voice, &u);
    u = (struct pl_utterance){ .t_ns = 500 * MS, .count = 3 };
    pl_voice_say(r.voice, &u);
    pl_voice_hush(r.voice);
    u = (struct pl_utterance){ .t_ns = 600 * MS, .count = 9 };
    pl_voice_say(r.voice, &u);
    finish(&r);
    assert_int_equal(r.n, 2);
    assert_true(r.spoken[0].end_ns == 500 * MS);
    assert_string_equal(r.spoken[1].text, "9");
    assert_true(r.spoken[1].start_ns == 600 * MS);
    check_sound(&r, 5); /* and the rest is not in the file */
    close_voice(&r);
}

static void test_what_is_broken_off_is_not_in_the_file(void **state)
{
    static const struct line two[] = { { 0.5, PL_SAY_START, PL_URGENCY_HINT, 0 },
                                       { 1.5, PL_SAY_STOP_POOR, PL_URGENCY_STOP, 0 } };
    static struct pl_language language;
    struct recorded r;
    (void)state;
    pl_language_english(&language);
    snprintf(language.sentence[PL_SAY_START], PL_SENTENCE_BYTES, "This sentence goes on and on, and on, and on, and on, and on");
    snprintf(language.sentence[PL_SAY_STOP_POOR], PL_SENTENCE_BYTES, "Stop");
    open_voice(&r, PL_VOICE_FULL, false, &language);
    play(&r, two, 2, 10);
    finish(&r);
    assert_int_equal(r.n, 2);
    assert_true(r.spoken[0].end_ns == r.spoken[1].start_ns && r.spoken[1].end_ns < 3 * PL_NS_PER_S);
    check_sound(&r, 10);
    close_voice(&r);
}

/* As live: frames by the clock. Returns the longest that a call took. */
static int64_t play_live(struct recorded *r, double seconds, bool *problem, char *text, size_t size)
{
    const int64_t began_ns = pl_clock_now_ns();
    int64_t longest_ns = 0;
    for (int i = 0; i < (int)(seconds * FPS); i++) {
        struct pl_utterance u = { .t_ns = 70 * PL_NS_PER_S + pl_ns_from_s((double)i / FPS), .count = i == 15 };
        if (i == 30) {
            u.sentence = PL_SAY_CUE_WOBBLE;
            u.urgency = PL_URGENCY_CUE;
        }
        pl_clock_sleep_ns(began_ns + pl_ns_from_s((double)i / FPS) - pl_clock_now_ns());
        const int64_t before_ns = pl_clock_now_ns();
        pl_voice_say(r->voice, &u);
        const int64_t took_ns = pl_clock_now_ns() - before_ns;
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
        if (pl_voice_problem(r->voice, text, size)) {
            assert_false(*problem); /* said once */
            *problem = true;
        }
        drain(r);
    }
    return longest_ns;
}

static void check_live(const char *driver, bool works)
{
    struct recorded r;
    char text[256] = "", *before = getenv("SDL_AUDIODRIVER") ? strdup(getenv("SDL_AUDIODRIVER")) : NULL;
    bool problem = false;
    setenv("SDL_AUDIODRIVER", driver, 1);
    open_voice(&r, PL_VOICE_FULL, true, NULL);
    const int64_t longest_ns = play_live(&r, 3, &problem, text, sizeof text);
    finish(&r);
    assert_int_equal(problem, !works);
    assert_true(works || strstr(text, driver));
    assert_int_equal(r.n, 2); /* said all the same: the file and the log have it */
    assert_string_equal(r.spoken[0].text, "1");
    assert_string_equal(r.spoken[1].text, "Knee wobbling.");
    for (int i = 0; i < 2; i++) { /* at the frames' times, with what a loaded machine takes */
        const int64_t late_ns = r.spoken[i].start_ns - (70 * PL_NS_PER_S + (i ? 1000 : 500) * MS);
        if (late_ns < -MS || late_ns > 500 * MS)
            fail_msg("%d: %lld ms late", i, (long long)(late_ns / MS));
    }
    check_sound(&r, 73);
    assert_true(longest_ns < 100 * MS); /* nobody waits for it; usually some microseconds */
    close_voice(&r);
    if (before)
        setenv("SDL_AUDIODRIVER", before, 1);
    free(before);
}

static void test_live_on_a_device(void **state)
{
    (void)state;
    check_live("dummy", true);
}

static void test_live_without_a_device(void **state)
{
    (void)state;
    check_live("nonsense", false);
}

static void until_said(struct recorded *r, int n)
{
    for (const int64_t until_ns = pl_clock_now_ns() + 30 * PL_NS_PER_S; r->n < n && pl_clock_now_ns() < until_ns;) {
        pl_clock_sleep_ns(10 * MS);
        drain(r);
    }
}

/* A card before the first frame stands at the beginning, whatever the clock says; one while no frames come after the last of
 * them. Without a device, at the time of the last frame. */
static void test_what_no_frame_asks_for(void **state)
{
    (void)state;
    for (int device = 0; device < 2; device++) {
        const int64_t first_ns = (device ? 20 : 6) * PL_NS_PER_S; /* the first frame's time */
        const struct pl_utterance count = { .t_ns = first_ns, .count = 1 };
        struct recorded r;
        open_voice(&r, PL_VOICE_FULL, device, NULL);
        pl_voice_say_now(r.voice, PL_SAY_STOP_POOR, PL_URGENCY_BLIND);
        until_said(&r, device ? 1 : 0);
        pl_voice_say(r.voice, &count);
        for (int i = 1; i < 200; i++)
            pl_voice_say(r.voice, &(struct pl_utterance){ .t_ns = first_ns + i * 20 * MS });
        until_said(&r, device ? 2 : 0);
        pl_voice_say_now(r.voice, PL_SAY_STOP_POOR, PL_URGENCY_BLIND);
        until_said(&r, device ? 3 : 0);
        finish(&r);
        assert_int_equal(r.n, 3);
        assert_true(r.spoken[0].start_ns >= 0 && r.spoken[0].start_ns < 5 * PL_NS_PER_S);
        assert_true(r.spoken[2].start_ns >= r.spoken[1].end_ns && r.spoken[2].start_ns < first_ns + 15 * PL_NS_PER_S);
        assert_true(r.n_samples < samples_of_ns(first_ns + 20 * PL_NS_PER_S)); /* no hours of silence */
        close_voice(&r);
    }
    pl_voice_say_now(NULL, PL_SAY_STOP_POOR, PL_URGENCY_BLIND);
}

static void test_modes_by_name(void **state)
{
    enum pl_voice_mode mode;
    (void)state;
    for (int i = 0; i < PL_N_VOICE_MODES; i++) {
        assert_true(pl_voice_mode_from_name(&mode, pl_voice_mode_name((enum pl_voice_mode)i)));
        assert_int_equal(mode, i);
    }
    assert_false(pl_voice_mode_from_name(&mode, "loud"));
}

/* A sentence that would last for ten seconds, as long as it is let. */
static struct pl_language *with_long_sentence(void)
{
    static struct pl_language language;
    pl_language_english(&language);
    snprintf(language.sentence[PL_SAY_START], PL_SENTENCE_BYTES,
             "This sentence goes on and on, and on, and on, and on, and on, and on, and on, and on, and on, and on, and on");
    return &language;
}

static void test_the_mode_changes_while_it_runs(void **state)
{
    struct recorded r;
    (void)state;
    open_voice(&r, PL_VOICE_FULL, false, with_long_sentence());
    assert_int_equal(pl_voice_mode(r.voice), PL_VOICE_FULL);
    const enum pl_voice_mode modes[] = { PL_VOICE_TONES, PL_VOICE_OFF, PL_VOICE_FULL };
    pl_voice_say(r.voice, &(struct pl_utterance){ .t_ns = 1000 * MS, .sentence = PL_SAY_START, .urgency = PL_URGENCY_HINT });
    for (int i = 0; i < 3; i++) { /* each for two seconds, with a number in the middle of them */
        pl_voice_say(r.voice, &(struct pl_utterance){ .t_ns = (2000 + 2000 * i) * MS });
        pl_voice_set_mode(r.voice, modes[i]);
        assert_int_equal(pl_voice_mode(r.voice), modes[i]);
        pl_voice_say(r.voice, &(struct pl_utterance){ .t_ns = (3000 + 2000 * i) * MS, .count = i + 1 });
    }
    pl_voice_set_mode(r.voice, PL_N_VOICE_MODES); /* there is none such */
    assert_int_equal(pl_voice_mode(r.voice), PL_VOICE_FULL);
    finish(&r);
    assert_int_equal(r.n, 3);
    assert_true(r.spoken[0].end_ns == 2000 * MS); /* the words end with their mode */
    assert_true(r.spoken[1].text[0] == '\0' && r.spoken[1].start_ns == 3000 * MS);
    assert_string_equal(r.spoken[2].text, "3");
    check_sound(&r, 9);
    close_voice(&r);
    pl_voice_set_mode(NULL, PL_VOICE_FULL);
    assert_int_equal(pl_voice_mode(NULL), PL_VOICE_OFF);
}

/* By the clock, on a thread: what is being said ends when it is switched off, and nothing begins any more. */
static void test_off_is_silent_at_once(void **state)
{
    struct recorded r;
    char *before = getenv("SDL_AUDIODRIVER") ? strdup(getenv("SDL_AUDIODRIVER")) : NULL;
    (void)state;
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    open_voice(&r, PL_VOICE_OFF, true, with_long_sentence()); /* as --voice off does; on with the key */
    pl_voice_set_mode(r.voice, PL_VOICE_FULL);
    const int64_t began_ns = pl_clock_now_ns();
    int64_t off_ns = 0;
    for (int64_t t_ns = 0; t_ns < 4000 * MS; t_ns = pl_clock_now_ns() - began_ns) {
        struct pl_utterance u = { .t_ns = t_ns };
        if (!off_ns && t_ns < 33 * MS)
            u = (struct pl_utterance){ .t_ns = t_ns, .sentence = PL_SAY_START, .urgency = PL_URGENCY_HINT };
        if (!off_ns && t_ns > 2500 * MS) {
            off_ns = t_ns;
            pl_voice_set_mode(r.voice, PL_VOICE_OFF);
        }
        if (off_ns)
            u = (struct pl_utterance){ .t_ns = t_ns, .count = 7 };
        pl_voice_say(r.voice, &u);
        drain(&r);
        pl_clock_sleep_ns(33 * MS);
    }
    finish(&r);
    assert_int_equal(r.n, 1);
    if (r.spoken[0].end_ns < off_ns - 40 * MS || r.spoken[0].end_ns > off_ns + 300 * MS) /* 300: a loaded machine */
        fail_msg("off at %lld ms, silent at %lld", (long long)(off_ns / MS), (long long)(r.spoken[0].end_ns / MS));
    check_sound(&r, 4);
    close_voice(&r);
    if (before)
        setenv("SDL_AUDIODRIVER", before, 1);
    else
        unsetenv("SDL_AUDIODRIVER");
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_by_the_frames_times),
        cmocka_unit_test(test_one_voice_after_the_other),
        cmocka_unit_test(test_tones_are_short_and_soft),
        cmocka_unit_test(test_off),
        cmocka_unit_test(test_german_speaks_german),
        cmocka_unit_test(test_a_voice_that_is_none),
        cmocka_unit_test(test_a_file_that_cannot_be_written),
        cmocka_unit_test(test_hush),
        cmocka_unit_test(test_what_is_broken_off_is_not_in_the_file),
        cmocka_unit_test(test_live_on_a_device),
        cmocka_unit_test(test_live_without_a_device),
        cmocka_unit_test(test_what_no_frame_asks_for),
        cmocka_unit_test(test_modes_by_name),
        cmocka_unit_test(test_the_mode_changes_while_it_runs),
        cmocka_unit_test(test_off_is_silent_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
