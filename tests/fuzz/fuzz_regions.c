/* A file of regions (--roi-from) nobody vouches for. */
#include "fuzz.h"
#include "plumbline/keypoints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_regions *regions;
    struct pl_region region;
    struct pl_err err = { 0 };

    if (!pl_regions_open(&regions, fuzz_file(".json", data, size), &err)) {
        fuzz_check_sentence(&err);
        return 0;
    }
    for (int k = -1; k <= pl_regions_n_frames(regions); k++)
        (void)pl_regions_get(regions, k, 640, 480, &region);
    pl_regions_close(regions);
    return 0;
}
