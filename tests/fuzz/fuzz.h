/* What the fuzzers share. */
#ifndef PLUMBLINE_TESTS_FUZZ_H
#define PLUMBLINE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plumbline/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer calls it */

/* Writes data to a file of this process in memory (or $TMPDIR) and returns its path, the same one every time. */
static inline const char *fuzz_file(const char *ending, const uint8_t *data, size_t size)
{
    static char path[128];
    FILE *f;

    if (!path[0])
        snprintf(path, sizeof path, "%s/plumbline-fuzz-%d%s", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (int)getpid(),
                 ending);
    f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
        perror(path);
        exit(1);
    }
    return path;
}

/* Whatever was wrong with the input was said in one sentence: not empty, one line, no control characters. */
static inline void fuzz_check_sentence(const struct pl_err *err)
{
    if (err->code == PL_E_NONE || err->code == PL_E_INTERNAL || !err->text[0])
        abort();
    for (const char *c = err->text; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127) {
            fprintf(stderr, "control character %d in the sentence: %s\n", *c, err->text);
            abort();
        }
}

#endif
