/* Utterances -> sound: short tones and an espeak-ng voice, played by SDL and, or, written into a WAV file.
 *
 * with a device  a thread of its own synthesises and plays; no call here waits for it. Without a sound device it goes on in
 *                silence (and still writes the file), and says why once
 * without        everything happens inside the call, by the frames' times: the same utterances are said at the same times (the
 *                first voice of a process gives the same bytes, too)
 * never over itself: what is being said is finished; of what waits, the more urgent and then the newer is kept, and what has
 *                waited too long is left out. Only PL_URGENCY_STOP breaks off
 * not:  espeak-ng keeps its state in the library, so there is at most one voice open at a time
 */
#ifndef PLUMBLINE_VOICE_H
#define PLUMBLINE_VOICE_H

#include "plumbline/err.h"
#include "plumbline/language.h"
#include "plumbline/speech.h"

enum pl_voice_mode { PL_VOICE_OFF, PL_VOICE_TONES, PL_VOICE_FULL, PL_N_VOICE_MODES };
const char *pl_voice_mode_name(enum pl_voice_mode mode);                       /* "off", "tones", "full" */
bool pl_voice_mode_from_name(enum pl_voice_mode *out, const char *name);       /* false: no such mode */

struct pl_voice_options {
    enum pl_voice_mode mode;
    const struct pl_language *language; /* copied; NULL: English */
    const char *file;                   /* WAV, 16 bit, mono; NULL: none */
    bool device;
};

struct pl_voice;

/* own: pl_voice_close    err: IO (the file), MEMORY, INTERNAL (no thread). That sound or speech is missing is no error. */
bool pl_voice_open(struct pl_voice **out, const struct pl_voice_options *options, struct pl_err *err) PL_MUST_CHECK;

/* Of every frame, in order. voice NULL: nothing happens, here and below. */
void pl_voice_say(struct pl_voice *voice, const struct pl_utterance *utterance);

/* What no frame asks for (a lost camera sends none): as soon as it can be said, and at that time among the frames'. */
void pl_voice_say_now(struct pl_voice *voice, enum pl_sentence sentence, enum pl_urgency urgency);

/* Time jumped: what is being said is broken off, what waits forgotten. */
void pl_voice_hush(struct pl_voice *voice);

/* From now on no more than that. What is being said, and what waits, ends at once where the new mode is less than the one before.
 * Speech and the device are opened when a mode first wants them: a voice opened OFF costs nothing but a thread. */
void pl_voice_set_mode(struct pl_voice *voice, enum pl_voice_mode mode);

/* What is wished for, or TONES where it was found out that nothing speaks here; OFF for NULL. */
enum pl_voice_mode pl_voice_mode(const struct pl_voice *voice);

/* Why there is no sound or no speech: true once for each reason, with a sentence. */
bool pl_voice_problem(struct pl_voice *voice, char *text, size_t size);

/* The next thing that was said, in order; false: none yet. After pl_voice_finish everything is there. */
bool pl_voice_spoken(struct pl_voice *voice, struct pl_spoken *out);

/* No more utterances. Without a device what waits is said first; with one everything ends now. Completes the file, which is as
 * long as the frames were. err: IO (not everything could be written), DEVICE (the sound system hangs) */
bool pl_voice_finish(struct pl_voice *voice, struct pl_err *err) PL_MUST_CHECK;
void pl_voice_close(struct pl_voice *voice);

/* For doctor: does that language speak? text such as "espeak-ng 1.51, voice en" or the reason why not. No voice may be open. */
bool pl_voice_probe(const struct pl_language *language, char *text, size_t size);

#endif
