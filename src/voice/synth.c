/* Text -> samples, by espeak-ng. Nothing is played by the library itself.
 *
 * not:  the library has one state for the whole process and no locks: one caller at a time (voice.h says so). Once started it
 *       stays so until the process ends: espeak_Terminate of 1.51 waits for ever now and then (a thread that it has no use for
 *       here misses its signal)
 */
#include "internal.h"

#include <espeak-ng/speak_lib.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_PER_MINUTE = 165, /* a little slower than espeak-ng's 175: heard from three metres, over one's breath. src: own choice */
    QUIET = 64              /* of 32767: the end of a sentence is cut there, so that the next may follow */
};

static int take(short *wav, int n, espeak_EVENT *events)
{
    struct sound *s = events ? events->user_data : NULL;
    return wav && n > 0 && s && !pl_voice_sound_add(s, wav, n); /* 1: stop */
}

/* Asked of the library, because a flag of ours would be a global. Without a start no voice is set. */
static bool is_started(void)
{
    const espeak_VOICE *voice = espeak_GetCurrentVoice();
    return voice && voice->name;
}

bool pl_voice_synth_open(const char *voice, char *why, size_t size)
{
    *why = '\0';
    if (!is_started() && espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 200, NULL, espeakINITIALIZE_DONT_EXIT) != RATE_HZ) {
        snprintf(why, size, "espeak-ng finds no voices: install the package espeak-ng-data");
        return false;
    }
    espeak_SetSynthCallback(take);
    espeak_SetParameter(espeakRATE, WORDS_PER_MINUTE, 0);
    if (espeak_SetVoiceByName(voice) != EE_OK) {
        if (espeak_SetVoiceByName("en") != EE_OK) {
            snprintf(why, size, "espeak-ng has no voice \"%s\" and no \"en\": install the package espeak-ng-data", voice);
            return false;
        }
        snprintf(why, size, "espeak-ng has no voice \"%s\" (espeak-ng --voices lists them): the English one speaks", voice);
    }
    return true;
}

bool pl_voice_synth(struct sound *s, const char *text)
{
    int64_t before = s->n;

    if (espeak_Synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, s) != EE_OK || s->n == before)
        return false;
    while (s->n > before && abs(s->sample[s->n - 1]) < QUIET)
        s->n--;
    return true;
}

bool pl_voice_probe(const struct pl_language *language, char *text, size_t size)
{
    const char *data, *name = language && *language->voice ? language->voice : "en";
    struct sound s = { 0 };
    char why[200];

    if (!pl_voice_synth_open(name, why, sizeof why)) {
        snprintf(text, size, "%s", why);
        return false;
    }
    bool speaks = pl_voice_synth(&s, "1");
    const char *version = espeak_Info(&data);
    if (*why || !speaks)
        snprintf(text, size, "%s", *why ? why : "espeak-ng starts and does not speak: install the package espeak-ng-data again");
    else
        snprintf(text, size, "espeak-ng %s, voice %s", version, name);
    free(s.sample);
    return speaks && !*why;
}
