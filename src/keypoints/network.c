/* One network of MediaPipe's: its file, opened, checked to be the network we take it for, and run on a region. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int n_floats(struct pl_tensor t)
{
    return t.n * t.h * t.w * t.c;
}

/* The file may be any network; what follows indexes its outputs with fixed sizes. */
static bool check_shape(const struct pl_network *network, const char *path, const struct pl_network_shape *shape,
                        struct pl_err *err)
{
    struct pl_tensor in;
    pl_runner_input(network->runner, &in);
    if (in.n != 1 || in.h != shape->input_size || in.w != shape->input_size || in.c != 3)
        return pl_fail(err, PL_E_FORMAT, "%s: its input is %dx%dx%dx%d, not 1x%dx%dx3: not the expected pose network; "
                       "run: make models", path, in.n, in.h, in.w, in.c, shape->input_size, shape->input_size);
    for (int k = 0; k < shape->n_outputs; k++) {
        if (!shape->output_floats[k])
            continue;
        int got = n_floats(pl_runner_output(network->runner, k));
        if (got != shape->output_floats[k])
            return pl_fail(err, PL_E_FORMAT, "%s: output %d has %d values, not %d: not the expected pose network; "
                           "run: make models", path, k, got, shape->output_floats[k]);
    }
    return true;
}

bool pl_network_open(struct pl_network *out, const char *dir, const struct pl_network_file *file,
                     const struct pl_network_shape *shape, unsigned cpu, struct pl_pool *pool, struct pl_err *err)
{
    struct pl_network network = { 0 };
    struct pl_model_options options = { .cpu = cpu, .lazy_outputs = shape->lazy_outputs, .keep = { file->keep } };
    char path[4096];
    bool ok = false;

    if (snprintf(path, sizeof path, "%s/%s", dir, file->name) >= (int)sizeof path)
        return pl_fail(err, PL_E_ARG, "the name of the models folder is longer than %zu characters", sizeof path);
    if (access(path, R_OK))
        return pl_fail(err, PL_E_IO, "%s: cannot be read (%s); run: make models", path, strerror(errno));
    for (int k = 0; k < shape->n_outputs; k++)
        options.drop_outputs |= shape->output_floats[k] ? 0u : 1u << k;

    if (!pl_model_open(&network.model, path, &options, err))
        goto done;
    if (pl_model_hash(network.model) != file->crc32) {
        pl_fail(err, PL_E_FORMAT, "%s: not the expected pose network: damaged or of another release (CRC-32 %08x, not %08x); "
                "run: make models",
                path, pl_model_hash(network.model), file->crc32);
        goto done;
    }
    int n_outputs = pl_model_n_outputs(network.model);
    if (n_outputs != shape->n_outputs) {
        pl_fail(err, PL_E_FORMAT, "%s: it has %d outputs, not %d: not the expected pose network; run: make models",
                path, n_outputs, shape->n_outputs);
        goto done;
    }
    ok = pl_runner_open(&network.runner, network.model, pool, err) && check_shape(&network, path, shape, err);
done:
    if (ok)
        *out = network;
    else
        pl_network_close(&network);
    return ok;
}

void pl_network_close(struct pl_network *network)
{
    if (!network)
        return;
    if (network->runner)
        pl_runner_close(network->runner);
    if (network->model)
        pl_model_close(network->model);
    *network = (struct pl_network){ 0 };
}

void pl_network_fill(struct pl_network *network, const struct pl_crop *crop, const struct pl_frame *frame,
                     const struct pl_region *region, unsigned cpu, struct pl_pool *pool)
{
    struct pl_tensor in;
    pl_crop_cut(pl_runner_input(network->runner, &in), crop, frame, region, cpu, pool);
}
