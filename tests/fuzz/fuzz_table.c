/* A landmark table nobody vouches for. */
#include "fuzz.h"
#include "plumbline/camera.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_camera_options options = { .source = fuzz_file(".csv", data, size) };
    struct pl_camera *camera;
    struct pl_frame frame;
    struct pl_err err = { 0 };
    enum pl_next next;

    if (!pl_camera_open(&camera, &options, &err)) {
        fuzz_check_sentence(&err);
        return 0;
    }
    while ((next = pl_camera_next(camera, 0, &frame, &err)) == PL_NEXT_FRAME || next == PL_NEXT_NONE)
        ;
    if (next == PL_NEXT_FAILED)
        fuzz_check_sentence(&err);
    else if (!pl_camera_seek(camera, pl_camera_info(camera)->duration_ns / 2, &err))
        fuzz_check_sentence(&err);
    pl_camera_close(camera);
    return 0;
}
