/* A WAV file into which samples go at their times. 16 bit, mono.
 * src: RIFF WAVE with the PCM format chunk, "Multimedia Programming Interface and Data Specifications 1.0" */
#include "internal.h"

#include <errno.h>
#include <string.h>

enum { HEADER = 44 };
static const int64_t MOST = (INT64_C(0xffffffff) - HEADER) / 2; /* samples that the format's sizes can name: 27 hours */

static void put_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static bool write_header(struct wav *w)
{
    uint8_t h[HEADER] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\2\0\20\0data";

    put_u32(h + 4, (uint32_t)(2 * w->n + HEADER - 8));
    put_u32(h + 24, RATE_HZ);
    put_u32(h + 28, 2 * RATE_HZ);
    put_u32(h + 40, (uint32_t)(2 * w->n));
    return fseeko(w->file, 0, SEEK_SET) == 0 && fwrite(h, 1, HEADER, w->file) == HEADER;
}

bool pl_voice_wav_open(struct wav *w, const char *path, struct pl_err *err)
{
    *w = (struct wav){ .file = fopen(path, "wb") };
    if (!w->file)
        return pl_fail(err, PL_E_IO, "%s: cannot be written (%s); choose another place", path, strerror(errno));
    return write_header(w) || pl_fail(err, PL_E_IO, "%s: cannot be written: is the disk full?", path);
}

static bool put(struct wav *w, const int16_t *sample, int64_t n)
{
    uint8_t bytes[2048] = { 0 };

    while (n > 0) {
        size_t part = n < (int64_t)sizeof bytes / 2 ? (size_t)n : sizeof bytes / 2;
        for (size_t i = 0; sample && i < part; i++) {
            bytes[2 * i] = (uint8_t)(sample[i] & 0xff);
            bytes[2 * i + 1] = (uint8_t)((uint16_t)sample[i] >> 8);
        }
        if (fwrite(bytes, 2, part, w->file) != part)
            return false;
        sample = sample ? sample + part : NULL;
        n -= (int64_t)part;
    }
    return true;
}

bool pl_voice_wav_put(struct wav *w, int64_t at, const int16_t *sample, int64_t n)
{
    if (!w->file || at < 0 || at + n > MOST)
        return true;
    if (at > w->n) { /* silence up to there */
        int64_t from = w->n;
        w->n = at;
        if (fseeko(w->file, HEADER + 2 * from, SEEK_SET) || !put(w, NULL, at - from))
            return false;
    }
    if (fseeko(w->file, HEADER + 2 * at, SEEK_SET) || !put(w, sample, n))
        return false;
    w->n = at + n > w->n ? at + n : w->n;
    return true;
}

bool pl_voice_wav_close(struct wav *w, int64_t n)
{
    if (!w->file)
        return true;
    bool ok = pl_voice_wav_put(w, n, NULL, 0) && write_header(w) && fflush(w->file) == 0 && !ferror(w->file);
    ok = fclose(w->file) == 0 && ok;
    w->file = NULL;
    return ok;
}
