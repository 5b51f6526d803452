/* A .tflite file nobody vouches for: refused with a sentence, or planned and run without touching foreign memory. */
#include "fuzz.h"
#include "plumbline/cpu.h"
#include "plumbline/nn.h"

enum { MAX_MACS = 2000000 }; /* a valid file may ask for seconds of work, which finds nothing */

static void run(const struct pl_model *model)
{
    struct pl_runner *runner;
    struct pl_tensor in;
    struct pl_err err = { 0 };

    if (!pl_runner_open(&runner, model, NULL, &err))
        return;
    float *x = pl_runner_input(runner, &in);
    for (int i = 0; i < in.h * in.w * in.c; i++)
        x[i] = (float)(i % 7) - 3.0f;
    pl_runner_run(runner);
    pl_runner_close(runner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* the seed's third output needs an operation that plumbline does not have */
    const struct pl_model_options options = { .cpu = size & 1 ? pl_cpu_detect() : 0, .drop_outputs = 1u << 2 };
    struct pl_model *model;
    struct pl_err err = { 0 };

    if (!pl_model_open_memory(&model, data, size, "input", &options, &err)) {
        fuzz_check_sentence(&err);
        return 0;
    }
    if (pl_model_macs(model) < MAX_MACS)
        run(model);
    pl_model_close(model);
    return 0;
}
