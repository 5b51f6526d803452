/* voice: utterances -> plan -> samples -> device, file.
 *
 * in:   the utterance of each frame
 * out:  sound; what was said and when; why there is none
 * how:  with a device, a thread takes the utterances from a queue. It plans by the clock, because that is how long sentences last
 *       however fast a recording is played; times told outside are the frames', by the newest utterance's difference to the
 *       clock. Without a device the plan goes by the frames' times, inside the call
 *       Another mode is an atomic that the thread looks at when it is woken, and between making a sound and playing it
 * not:  nothing is turned down or paused for it; other programs' sound goes on
 */
#include <SDL2/SDL.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"
#include "plumbline/clock.h"
#include "plumbline/handover.h"

enum { N_ASKED = 64, N_SPOKEN = 64, N_PROBLEMS = 4, PROBLEM_BYTES = 256, DEVICE_SAMPLES = 1024 };

static const int64_t IDLE_NS = PL_NS_PER_S / 2;
static const int64_t HANG_NS = 2 * PL_NS_PER_S;      /* a sound server that says nothing for so long is left alone */
static const int64_t TONE_PAUSE_NS = PL_NS_PER_S / 20; /* between a tone and its words */

struct asked {
    struct pl_utterance utterance;
    int64_t clock_ns;
    bool hush, mode; /* mode: nothing but a wake-up */
    bool frameless;  /* the utterance has no frame's time */
};

struct pl_voice {
    struct pl_voice_options options;
    struct pl_language language;
    struct pl_queue *asked, *spoken, *problems;
    pthread_t thread;
    bool threaded, finished, abandoned;
    atomic_bool quit;
    atomic_int wish;               /* enum pl_voice_mode: the caller's last word */
    atomic_bool no_words;          /* espeak-ng does not speak here */
    int64_t last_ns;               /* caller's thread only: the newest frame */
    /* the thread's only, while there is one */
    struct plan plan;
    struct sound sound;
    struct wav wav;
    enum pl_voice_mode mode;       /* as planned by now; never more than is there */
    bool asked_synth, asked_device; /* opened, or found to be none */
    bool wav_failed, audio;
    SDL_AudioDeviceID device;
    int64_t frame_less_clock_ns;   /* until a frame asks for something, time begins with the opening */
    struct pl_spoken now;          /* being said, in the plan's time; told when it is over */
    bool says;
    int64_t now_less_clock_ns;     /* as it was when that began: where it stands in the file */
};

static const char *const mode_names[PL_N_VOICE_MODES] = { "off", "tones", "full" };

const char *pl_voice_mode_name(enum pl_voice_mode mode) { return (unsigned)mode < PL_N_VOICE_MODES ? mode_names[mode] : ""; }

bool pl_voice_mode_from_name(enum pl_voice_mode *out, const char *name)
{
    for (int i = 0; i < PL_N_VOICE_MODES; i++)
        if (!strcmp(name, mode_names[i])) {
            *out = (enum pl_voice_mode)i;
            return true;
        }
    return false;
}

/* before: what is wrong; after: what becomes of it */
static void report(struct pl_voice *v, const char *before, const char *detail, const char *after)
{
    char text[PROBLEM_BYTES] = "";
    snprintf(text, sizeof text, "%s%.180s%s", before, detail, after);
    pl_queue_put(v->problems, text);
}

/* A wish as far as it can be had. */
static enum pl_voice_mode possible(const struct pl_voice *v, enum pl_voice_mode wish)
{
    return wish == PL_VOICE_FULL && atomic_load(&v->no_words) ? PL_VOICE_TONES : wish;
}

static bool is_other_mode(const struct pl_voice *v)
{
    return v->mode != possible(v, (enum pl_voice_mode)atomic_load(&v->wish));
}

/* ---- the device */

static void no_words(const char *file, int line, const char *function, int code, const char *fmt, ...)
{
    (void)file, (void)line, (void)function, (void)code, (void)fmt;
}

/* ALSA writes to stderr what only its authors understand, a dozen lines where there is no sound card. SDL brings it along or not;
 * it is asked by name so that we need none of it. */
static void quieten_alsa(void)
{
    typedef void words_fn(const char *, int, const char *, int, const char *, ...);
    int (*set)(words_fn *);

    *(void **)&set = dlsym(RTLD_DEFAULT, "snd_lib_error_set_handler");
    if (set)
        set(no_words);
}

static void open_device(struct pl_voice *v)
{
    SDL_AudioSpec want = { .freq = RATE_HZ, .format = AUDIO_S16SYS, .channels = 1, .samples = DEVICE_SAMPLES }, have;

    quieten_alsa();
    v->audio = SDL_InitSubSystem(SDL_INIT_AUDIO) == 0;
    if (v->audio)
        v->device = SDL_OpenAudioDevice(NULL, 0, &want, &have, 0);
    if (!v->device) {
        report(v, "no sound (", SDL_GetError(), "): it goes on in silence; check the sound, or pass --voice off");
        return;
    }
    SDL_PauseAudioDevice(v->device, 0);
}

static void close_device(struct pl_voice *v)
{
    if (v->device)
        SDL_CloseAudioDevice(v->device);
    if (v->audio)
        SDL_QuitSubSystem(SDL_INIT_AUDIO);
    v->device = 0;
    v->audio = false;
}

static void play(struct pl_voice *v)
{
    if (!v->device)
        return;
    if (SDL_GetAudioDeviceStatus(v->device) == SDL_AUDIO_STOPPED) { /* unplugged: what is there now takes over */
        close_device(v);
        open_device(v);
    }
    if (v->device)
        SDL_QueueAudio(v->device, v->sound.sample, (Uint32)(v->sound.n * (int64_t)sizeof *v->sound.sample));
}

/* ---- saying */

static void tell_spoken(struct pl_voice *v, int64_t end_ns)
{
    struct pl_spoken told = v->now;

    if (!v->says)
        return;
    told.end_ns = end_ns < told.end_ns ? end_ns : told.end_ns;
    told.end_ns += v->now_less_clock_ns;
    told.start_ns += v->now_less_clock_ns;
    pl_queue_put(v->spoken, &told);
    v->says = false;
}

static bool make_sound(struct pl_voice *v, const struct plan_item *item)
{
    v->sound.n = 0;
    if (!pl_voice_tone(&v->sound, item->tone))
        return false;
    if (!*item->text || v->mode != PL_VOICE_FULL)
        return v->sound.n > 0;
    return (!v->sound.n || pl_voice_sound_add(&v->sound, NULL, samples_of_ns(TONE_PAUSE_NS))) &&
           pl_voice_synth(&v->sound, item->text);
}

/* In the file everything stands as soon as it begins; what is broken off is taken out again. */
static void cut_file(struct pl_voice *v, int64_t from_ns)
{
    int64_t at = samples_of_ns(from_ns + v->now_less_clock_ns);
    int64_t rest = samples_of_ns(v->now.end_ns + v->now_less_clock_ns) - at;

    if (v->says && rest > 0 && !pl_voice_wav_put(&v->wav, at, NULL, rest + 1))
        v->wav_failed = true;
}

static void write_file(struct pl_voice *v, int64_t start_ns)
{
    if (!pl_voice_wav_put(&v->wav, samples_of_ns(start_ns + v->frame_less_clock_ns), v->sound.sample, v->sound.n))
        v->wav_failed = true;
}

static void break_off(struct pl_voice *v, int64_t t_ns)
{
    cut_file(v, t_ns);
    tell_spoken(v, t_ns);
    if (v->device)
        SDL_ClearQueuedAudio(v->device);
}

static void begin(struct pl_voice *v, const struct plan_item *item, int64_t start_ns, bool breaks_off)
{
    if (breaks_off)
        break_off(v, start_ns);
    tell_spoken(v, INT64_MAX);
    if (!make_sound(v, item) || is_other_mode(v)) /* switched off while the words were made */
        return;
    play(v);
    write_file(v, start_ns);
    v->now = (struct pl_spoken){ .start_ns = start_ns, .end_ns = start_ns + ns_of_samples(v->sound.n) };
    memcpy(v->now.text, item->text, sizeof v->now.text);
    v->says = true;
    v->now_less_clock_ns = v->frame_less_clock_ns;
    pl_voice_plan_began(&v->plan, item, v->now.end_ns);
}

/* Everything that can begin by t_ns. late_ns: nothing can begin before that any more (the clock has gone on). */
static void run_plan(struct pl_voice *v, int64_t t_ns, int64_t late_ns)
{
    struct plan_item item;
    int64_t start_ns;
    bool breaks_off;

    while (pl_voice_plan_next(&v->plan, t_ns, &item, &start_ns, &breaks_off))
        begin(v, &item, start_ns > late_ns ? start_ns : late_ns, breaks_off);
    if (v->says && v->now.end_ns <= t_ns)
        tell_spoken(v, INT64_MAX);
}

static void hush(struct pl_voice *v, int64_t t_ns)
{
    break_off(v, t_ns);
    v->plan = (struct plan){ 0 };
}

/* ---- the mode */

static void open_synth(struct pl_voice *v)
{
    char why[PROBLEM_BYTES];

    v->asked_synth = true;
    const bool speaks = pl_voice_synth_open(*v->language.voice ? v->language.voice : "en", why, sizeof why);
    if (*why)
        report(v, "", why, speaks ? "" : "; tones are there all the same");
    atomic_store(&v->no_words, !speaks);
}

/* Less than before is less at once; more begins with what is said next. What more needs is opened when it is first asked for. */
static void follow_mode(struct pl_voice *v, int64_t t_ns)
{
    const enum pl_voice_mode wish = (enum pl_voice_mode)atomic_load(&v->wish), before = v->mode;

    if (wish != PL_VOICE_OFF && v->options.device && !v->asked_device) {
        v->asked_device = true;
        open_device(v);
    }
    if (wish == PL_VOICE_FULL && !v->asked_synth)
        open_synth(v);
    v->mode = possible(v, wish);
    if (v->mode < before)
        hush(v, t_ns);
}

/* ---- with a device: the thread */

static void take_asked(struct pl_voice *v, const struct asked *a)
{
    struct pl_utterance u = a->utterance;

    if (a->hush)
        hush(v, a->clock_ns);
    if (a->hush || a->mode)
        return;
    if (!a->frameless)
        v->frame_less_clock_ns = u.t_ns - a->clock_ns;
    u.t_ns = a->clock_ns;
    pl_voice_plan_add(&v->plan, &u, v->mode, &v->language);
}

static void *work(void *arg)
{
    struct pl_voice *v = arg;
    struct asked a;

    follow_mode(v, pl_clock_now_ns());
    while (!atomic_load(&v->quit)) {
        int64_t now_ns = pl_clock_now_ns(), due_ns = pl_voice_plan_due_ns(&v->plan);
        int64_t wait_ns = due_ns > now_ns + IDLE_NS ? IDLE_NS : due_ns - now_ns;
        const bool any = pl_queue_take(v->asked, &a, wait_ns);
        if (is_other_mode(v)) /* before what was asked for before it */
            follow_mode(v, pl_clock_now_ns());
        if (any)
            take_asked(v, &a);
        now_ns = pl_clock_now_ns();
        run_plan(v, now_ns, now_ns);
    }
    hush(v, pl_clock_now_ns());
    close_device(v);
    SDL_TLSCleanup(); /* SDL keeps its last error for each thread */
    return NULL;
}

/* ---- the face */

static void release(struct pl_voice *v)
{
    pl_queue_close(v->asked);
    pl_queue_close(v->spoken);
    pl_queue_close(v->problems);
    free(v->sound.sample);
    free(v);
}

bool pl_voice_open(struct pl_voice **out, const struct pl_voice_options *options, struct pl_err *err)
{
    struct pl_voice *v = calloc(1, sizeof *v);

    if (!v)
        return pl_fail(err, PL_E_MEMORY, "out of memory for the voice");
    v->options = *options;
    atomic_store(&v->wish, (int)options->mode);
    if (options->language)
        v->language = *options->language;
    else
        pl_language_english(&v->language);
    v->asked = pl_queue_open(sizeof(struct asked), N_ASKED);
    v->spoken = pl_queue_open(sizeof(struct pl_spoken), N_SPOKEN);
    v->problems = pl_queue_open(PROBLEM_BYTES, N_PROBLEMS);
    if (!v->asked || !v->spoken || !v->problems) {
        pl_fail(err, PL_E_MEMORY, "out of memory for the voice");
        goto failed;
    }
    if (options->file && !pl_voice_wav_open(&v->wav, options->file, err))
        goto failed;
    if (options->device) {
        v->frame_less_clock_ns = -pl_clock_now_ns();
        SDL_SetHint(SDL_HINT_AUDIO_DEVICE_APP_NAME, "plumbline"); /* here: SDL's hints are not made for two threads */
        v->threaded = pthread_create(&v->thread, NULL, work, v) == 0;
        if (!v->threaded) {
            pl_fail(err, PL_E_INTERNAL, "the system let us start no thread: close other programs and try again");
            goto failed;
        }
    } else {
        follow_mode(v, 0);
    }
    *out = v;
    return true;
failed:
    (void)!pl_voice_wav_close(&v->wav, 0);
    release(v);
    return false;
}

/* To the thread. If the queue is full it hangs in the sound system, and what it does not get is not missed. */
static void ask(struct pl_voice *v, struct asked a)
{
    a.clock_ns = pl_clock_now_ns();
    pl_queue_put(v->asked, &a);
}

void pl_voice_say(struct pl_voice *v, const struct pl_utterance *u)
{
    if (!v || v->finished)
        return;
    v->last_ns = u->t_ns > v->last_ns ? u->t_ns : v->last_ns;
    if (v->threaded && (u->count || u->sentence != PL_SAY_NOTHING)) {
        ask(v, (struct asked){ .utterance = *u });
    } else if (!v->threaded) {
        run_plan(v, u->t_ns, INT64_MIN);
        pl_voice_plan_add(&v->plan, u, v->mode, &v->language);
        run_plan(v, u->t_ns, INT64_MIN);
    }
}

void pl_voice_say_now(struct pl_voice *v, enum pl_sentence sentence, enum pl_urgency urgency)
{
    if (!v || v->finished)
        return;
    const struct pl_utterance u = { .t_ns = v->last_ns, .sentence = sentence, .urgency = urgency };
    if (v->threaded)
        ask(v, (struct asked){ .utterance = u, .frameless = true });
    else
        pl_voice_say(v, &u);
}

void pl_voice_hush(struct pl_voice *v)
{
    if (!v || v->finished)
        return;
    if (v->threaded)
        ask(v, (struct asked){ .hush = true });
    else
        hush(v, v->last_ns);
}

void pl_voice_set_mode(struct pl_voice *v, enum pl_voice_mode mode)
{
    if (!v || v->finished || (unsigned)mode >= PL_N_VOICE_MODES)
        return;
    atomic_store(&v->wish, (int)mode);
    if (v->threaded)
        ask(v, (struct asked){ .mode = true });
    else
        follow_mode(v, v->last_ns);
}

enum pl_voice_mode pl_voice_mode(const struct pl_voice *v)
{
    return v ? possible(v, (enum pl_voice_mode)atomic_load(&v->wish)) : PL_VOICE_OFF;
}

bool pl_voice_problem(struct pl_voice *v, char *text, size_t size)
{
    char problem[PROBLEM_BYTES];

    if (!v || !pl_queue_take(v->problems, problem, 0))
        return false;
    snprintf(text, size, "%s", problem);
    return true;
}

bool pl_voice_spoken(struct pl_voice *v, struct pl_spoken *out) { return v && pl_queue_take(v->spoken, out, 0); }

static bool end_thread(struct pl_voice *v)
{
    struct timespec until;

    atomic_store(&v->quit, true);
    pl_queue_end(v->asked);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += HANG_NS / PL_NS_PER_S;
    if (pthread_clockjoin_np(v->thread, NULL, CLOCK_MONOTONIC, &until) == 0)
        return true;
    pthread_detach(v->thread); /* it still holds what is ours: left to it */
    return false;
}

bool pl_voice_finish(struct pl_voice *v, struct pl_err *err)
{
    if (!v || v->finished)
        return true;
    v->finished = true;
    if (v->threaded && !end_thread(v)) {
        v->abandoned = true;
        return pl_fail(err, PL_E_DEVICE, "the sound system does not answer: restart it, or pass --voice off");
    }
    if (!v->threaded) {
        run_plan(v, INT64_MAX, INT64_MIN);
        tell_spoken(v, INT64_MAX);
    }
    bool ok = pl_voice_wav_close(&v->wav, samples_of_ns(v->last_ns)) && !v->wav_failed;
    return ok || pl_fail(err, PL_E_IO, "%s: not everything could be written: is the disk full?", v->options.file);
}

void pl_voice_close(struct pl_voice *v)
{
    if (!v)
        return;
    (void)!pl_voice_finish(v, NULL);
    if (!v->abandoned)
        release(v);
}
