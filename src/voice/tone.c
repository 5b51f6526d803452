/* Tones, soft and short: sines that swell and fade, so that nothing clicks. Told apart by their melody, because pitch alone is hard
 * to name: one high (a repetition, a countdown), two falling (correct something), one low (I can't see you), three low (stop), two
 * rising (what comes next), one long (half of a hold), three rising (its end). */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LOUDNESS = 0.22; /* of full scale; speech peaks at 0.5 to 0.9 */

struct note { double hz, s; };
enum { MOST_NOTES = 3 };

static const struct note melodies[N_TONES][MOST_NOTES] = {
    [TONE_REP] = { { 880, 0.07 } },
    [TONE_CUE] = { { 660, 0.08 }, { 523, 0.10 } },
    [TONE_LOOK] = { { 330, 0.18 } },
    [TONE_STOP] = { { 392, 0.12 }, { 392, 0.12 }, { 330, 0.22 } },
    [TONE_NEXT] = { { 523, 0.10 }, { 784, 0.14 } },
    [TONE_HALF] = { { 784, 0.30 } },
    [TONE_END] = { { 659, 0.12 }, { 784, 0.12 }, { 1047, 0.30 } },
};

static bool grow(struct sound *s, int64_t n)
{
    if (s->n + n <= s->room)
        return true;
    int64_t room = 2 * (s->n + n);
    int16_t *more = realloc(s->sample, (size_t)room * sizeof *more);
    if (!more)
        return false;
    s->sample = more;
    s->room = room;
    return true;
}

bool pl_voice_sound_add(struct sound *s, const int16_t *sample, int64_t n)
{
    if (!grow(s, n))
        return false;
    if (sample)
        memcpy(s->sample + s->n, sample, (size_t)n * sizeof *sample);
    else
        memset(s->sample + s->n, 0, (size_t)n * sizeof *sample);
    s->n += n;
    return true;
}

bool pl_voice_tone(struct sound *s, enum tone tone)
{
    for (int k = 0; k < MOST_NOTES && melodies[tone][k].hz > 0; k++) {
        int n = (int)(melodies[tone][k].s * RATE_HZ);
        if (!grow(s, n))
            return false;
        for (int i = 0; i < n; i++) {
            double swell = 0.5 - 0.5 * cos(2 * PL_PI * (i + 0.5) / n);
            s->sample[s->n++] = (int16_t)(32767 * LOUDNESS * swell * sin(2 * PL_PI * melodies[tone][k].hz * i / RATE_HZ));
        }
    }
    return true;
}
