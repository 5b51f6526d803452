/* The voice's parts.
 *
 *   plan.c    what is said when: one thing at a time, no clock, no sound
 *   synth.c   text -> samples, by espeak-ng
 *   tone.c    tones -> samples
 *   wav.c     samples at their time -> file
 *   voice.c   puts them together; the thread, the device
 */
#ifndef VOICE_INTERNAL_H
#define VOICE_INTERNAL_H

#include <stdio.h>
#include "plumbline/voice.h"

enum { RATE_HZ = 22050 }; /* espeak-ng's own */

static inline int64_t ns_of_samples(int64_t n) { return n * PL_NS_PER_S / RATE_HZ; }
static inline int64_t samples_of_ns(int64_t ns) { return ns / 1000 * RATE_HZ / (PL_NS_PER_S / 1000); }

/* ---- tone.c ---- */

enum tone { TONE_NONE, TONE_REP, TONE_CUE, TONE_LOOK, TONE_STOP, TONE_NEXT, TONE_HALF, TONE_END, N_TONES };

/* Grows as needed. */
struct sound {
    int16_t *sample;
    int64_t n, room;
};
bool pl_voice_sound_add(struct sound *sound, const int16_t *sample, int64_t n); /* sample NULL: silence. false: memory */
bool pl_voice_tone(struct sound *sound, enum tone tone);                        /* appended */

/* ---- plan.c ---- */

struct plan_item {
    char text[PL_SPOKEN_BYTES]; /* empty: a tone alone */
    enum tone tone;
    enum pl_urgency urgency;
    int64_t t_ns, until_ns;     /* asked for; not worth saying any more */
};

/* A number, a sentence and what comes next may wait, one of each. */
struct plan {
    struct plan_item count, sentence, flow;
    bool count_waits, sentence_waits, flow_waits;
    bool speaks;                /* until busy_ns, with that urgency */
    int64_t busy_ns;
    enum pl_urgency urgency;
};

/* What an utterance becomes. */
void pl_voice_plan_add(struct plan *plan, const struct pl_utterance *utterance, enum pl_voice_mode mode,
                       const struct pl_language *language);

/* The next thing to be said that can begin at or before t_ns, and when; false: none. breaks_off: what is being said ends then.
 * pl_voice_plan_began must follow. */
bool pl_voice_plan_next(struct plan *plan, int64_t t_ns, struct plan_item *out, int64_t *start_ns, bool *breaks_off);
void pl_voice_plan_began(struct plan *plan, const struct plan_item *item, int64_t end_ns);

/* When pl_voice_plan_next will have something; INT64_MAX: nothing waits. */
int64_t pl_voice_plan_due_ns(const struct plan *plan);

/* ---- synth.c ---- */

/* False: no speech, and why says so. True with a sentence in why: another voice than wanted. */
bool pl_voice_synth_open(const char *voice, char *why, size_t size);
bool pl_voice_synth(struct sound *sound, const char *text); /* appended; false: it failed */

/* ---- wav.c ---- */

struct wav {
    FILE *file;
    int64_t n; /* samples so far */
};
bool pl_voice_wav_open(struct wav *wav, const char *path, struct pl_err *err);
bool pl_voice_wav_put(struct wav *wav, int64_t at, const int16_t *sample, int64_t n); /* sample NULL: silence */
bool pl_voice_wav_close(struct wav *wav, int64_t n);                                  /* at least so long */

#endif
