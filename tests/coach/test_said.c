/* Somebody walks into a recorded sample, stands, works, is done: what is said, in which order, in both languages, and as sound. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/media.h"
#include "plumbline/camera.h"
#include "plumbline/coach.h"
#include "plumbline/cpu.h"
#include "plumbline/session.h"
#include "plumbline/voice.h"

enum { MAX_FRAMES = 400, MAX_SPOKEN = 60, WAV_HEAD = 44 };
static const char *const sample = "samples/walk_in_sls_front_R.mp4"; /* 18.8 s: walks in, three repetitions on the right leg */

/* What the coach lets be said with each frame. */
struct course { struct pl_utterance frame[MAX_FRAMES]; int n; };

static const char *models(void) { return getenv("PL_MODELS") ? getenv("PL_MODELS") : "models"; }

static bool no_models(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pose_landmark_lite.tflite", models());
    return access(path, R_OK) != 0;
}

static void must(bool ok, const struct pl_err *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

static void watch(struct course *c)
{
    struct pl_err err = { 0 };
    struct pl_camera *camera = NULL;
    struct pl_session *session = NULL;
    struct pl_frame frame;
    static struct pl_moment m;
    struct pl_coach_look look = { 0 };
    struct pl_coach_view v;
    struct pl_session_options so = { .tracker = { .models_dir = models(), .model = PL_MODEL_LITE, .cpu = pl_cpu_detect(),
                                                     .threads = 1 },
                                     .limits = pl_limits_default() };
    struct pl_coach_options co = { .limits = pl_limits_default(), .plan = pl_plan_default(), .hands = true };

    so.exercise = co.exercise = (struct pl_exercise_options){ PL_EXERCISE_SINGLE_LEG_SQUAT, PL_SIDE_RIGHT };
    co.plan.sets = 1;
    co.plan.reps = 3;
    must(pl_camera_open(&camera, &(struct pl_camera_options){ .source = sample }, &err), &err);
    must(pl_session_open(&session, &so, &err), &err);
    struct pl_coach *coach = pl_coach_open(&co);
    c->n = 0;
    while (pl_camera_next(camera, PL_NS_PER_S, &frame, &err) == PL_NEXT_FRAME) {
        assert_true(c->n < MAX_FRAMES);
        pl_session_step(session, &frame, NULL, &m);
        pl_coach_look(&look, &frame);
        pl_coach_step(coach, &m, &(struct pl_coach_input){ look.brightness, look.noise, 15, 15, 0, NULL, NULL }, &v);
        c->frame[c->n++] = v.utterance;
    }
    pl_coach_close(coach);
    pl_session_close(session);
    pl_camera_close(camera);
}

/* "coach.step_in 1 2": ids and numbers in the order in which they are to be said. */
static void write_order(char *out, size_t size, const struct course *c)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < c->n && used < size; i++) {
        const struct pl_utterance *u = &c->frame[i];
        if (u->count && used < size)
            used += (size_t)snprintf(out + used, size - used, " %d", u->count);
        if (u->sentence != PL_SAY_NOTHING && used < size)
            used += (size_t)snprintf(out + used, size - used, " %s", pl_sentence_id(u->sentence));
    }
}

static int loudest(const uint8_t *wav, size_t size, double from_s, double to_s)
{
    int most = 0;
    for (size_t i = WAV_HEAD + 2 * (size_t)(from_s * 22050); i + 1 < size && i < WAV_HEAD + 2 * (size_t)(to_s * 22050); i += 2) {
        const int v = abs((int16_t)(wav[i] | wav[i + 1] << 8));
        most = v > most ? v : most;
    }
    return most;
}

struct heard { struct pl_spoken said[MAX_SPOKEN]; int n; };

static void speak(struct heard *h, const struct course *c, const char *language_file)
{
    static struct pl_language language;
    char folder[MEDIA_PATH], path[MEDIA_PATH + 20];
    struct pl_voice *voice = NULL;
    struct pl_err err = { 0 };
    size_t size;

    media_folder(folder);
    snprintf(path, sizeof path, "%s/said.wav", folder);
    must(pl_language_read(&language, language_file, &err), &err);
    const struct pl_voice_options options = { .mode = PL_VOICE_FULL, .language = &language, .file = path };
    must(pl_voice_open(&voice, &options, &err), &err);
    for (int i = 0; i < c->n; i++)
        pl_voice_say(voice, &c->frame[i]);
    must(pl_voice_finish(voice, &err), &err);
    for (h->n = 0; h->n < MAX_SPOKEN && pl_voice_spoken(voice, &h->said[h->n]);)
        h->n++;
    pl_voice_close(voice);
    uint8_t *wav = media_read(&size, path);
    double silent_s = 0;
    for (int i = 0; i < h->n; i++) {
        const double from_s = pl_s_from_ns(h->said[i].start_ns), to_s = pl_s_from_ns(h->said[i].end_ns);
        if (from_s < silent_s)
            fail_msg("%s: \"%s\" at %.2f s over what lasts until %.2f s", language_file, h->said[i].text, from_s, silent_s);
        if (loudest(wav, size, silent_s + 0.002, from_s - 0.002) != 0 || loudest(wav, size, from_s, to_s) < 2000)
            fail_msg("%s: sound and silence around \"%s\" are not as told", language_file, h->said[i].text);
        silent_s = to_s;
    }
    free(wav);
    media_remove(folder);
}

static void test_walk_in(void **state)
{
    static struct course c;
    static struct heard en, de;
    char order[1000];
    (void)state;
    if (no_models())
        skip();
    watch(&c);
    write_order(order, sizeof order, &c);
    assert_string_equal(order, " coach.step_in say.start coach.hands phase.start 1 2 3 coach.all_done");
    speak(&en, &c, "src/cues/languages/en.ini");
    speak(&de, &c, "src/cues/languages/de.ini");
    assert_true(en.n == 8 && de.n == 8); /* all of it */
    for (int i = 0; i < 8; i++) { /* the same things in other words, but for the numbers */
        const bool number = strspn(en.said[i].text, "0123456789") > 0;
        assert_int_equal(strcmp(en.said[i].text, de.said[i].text) == 0, number);
    }
    assert_string_equal(de.said[2].text, "Leg die H\303\244nde an die H\303\274ften.");
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(test_walk_in) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
