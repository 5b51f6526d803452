/* A calibration file nobody vouches for: refused with a sentence and nothing taken; or whole, and then it can be written
 * and read again. */
#include "fuzz.h"
#include "plumbline/calibration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(".ini", data, size);
    char again[160];

    snprintf(again, sizeof again, "%s.again", path);
    for (int k = 0; k < PL_N_CALIBRATIONS; k++) {
        struct pl_calibration c, before, back;
        struct pl_err err = { 0 };
        memset(&c, 0x55, sizeof c);
        before = c;
        if (!pl_calibration_read(&c, (enum pl_calibration_kind)k, path, NULL, &err)) {
            fuzz_check_sentence(&err);
            if (memcmp(&c, &before, sizeof c))
                abort();
        } else if (!pl_calibration_write(again, &c, &err) || !pl_calibration_read(&back, c.kind, again, NULL, &err)) {
            fprintf(stderr, "%s\n", err.text);
            abort();
        }
    }
    unlink(again);
    return 0;
}
