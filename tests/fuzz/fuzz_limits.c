/* A configuration file nobody vouches for: refused with a sentence and no change, or every limit inside its range. */
#include "fuzz.h"
#include "plumbline/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_limits limits = pl_limits_default();
    const struct pl_limits before = limits;
    struct pl_err err = { 0 };

    if (!pl_limits_read(&limits, fuzz_file(".ini", data, size), &err)) {
        fuzz_check_sentence(&err);
        if (memcmp(&limits, &before, sizeof limits))
            abort();
        return 0;
    }
#define X(name, value, least, most, source) \
    if (!(limits.name >= (least) && limits.name <= (most))) \
        abort();
    PL_LIMITS(X)
#undef X
    return 0;
}
