/* Opening and closing a model: file -> checked file (tflite.c) -> plan with packed weights (plan.c). */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CRC-32 as in zip and PNG files */
static uint32_t crc32_of(const uint8_t *data, size_t size)
{
    uint32_t table[256], crc = 0xffffffffu;

    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
    }
    for (size_t i = 0; i < size; i++)
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 255];
    return ~crc;
}

bool pl_model_open_memory(struct pl_model **out, const void *data, size_t size, const char *name,
                          const struct pl_model_options *options, struct pl_err *err)
{
    struct pl_model *m = calloc(1, sizeof *m);
    struct pl_tfl tfl;

    if (!m)
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory", name);
    if (!pl_tfl_read(&tfl, data, size, name, err)) {
        pl_model_close(m);
        return false;
    }
    pl_kernels_pick(&m->kernels, options->cpu);
    m->hash = crc32_of(data, size);
    bool ok = pl_plan_make(m, &tfl, options, err);
    pl_tfl_free(&tfl);
    if (ok)
        *out = m;
    else
        pl_model_close(m);
    return ok;
}

static bool read_file(uint8_t **data, size_t *size, const char *path, struct pl_err *err)
{
    bool ok = false;
    FILE *f = fopen(path, "rb");

    if (!f)
        return pl_fail(err, PL_E_IO, "%s: cannot open the network: %s; `make models` fetches it", path, strerror(errno));
    if (fseek(f, 0, SEEK_END) || (*size = (size_t)ftell(f)) > PL_NN_MAX_FILE || fseek(f, 0, SEEK_SET)) {
        pl_fail(err, PL_E_IO, "%s: not a network that can be read (a folder, a pipe, or larger than %d MB)", path,
                PL_NN_MAX_FILE >> 20);
        goto done;
    }
    *data = malloc(*size + 1);
    if (!*data) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory for %zu bytes", path, *size);
        goto done;
    }
    ok = fread(*data, 1, *size, f) == *size || pl_fail(err, PL_E_IO, "%s: reading failed: %s", path, strerror(errno));
done:
    fclose(f);
    return ok;
}

bool pl_model_open(struct pl_model **out, const char *path, const struct pl_model_options *options, struct pl_err *err)
{
    uint8_t *data = NULL;
    size_t size = 0;
    bool ok = read_file(&data, &size, path, err) && pl_model_open_memory(out, data, size, path, options, err);

    free(data);
    return ok;
}

void pl_model_close(struct pl_model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < sizeof m->names / sizeof m->names[0]; i++)
        free(m->names[i]);
    for (int i = 0; i < m->n_ops; i++)
        free(m->ops[i].sparse_memory);
    free(m->weights);
    free(m->values);
    free(m->ops);
    free(m);
}

int pl_model_n_outputs(const struct pl_model *m)
{
    return m->n_outputs;
}

double pl_model_macs(const struct pl_model *m)
{
    return m->macs;
}

uint32_t pl_model_hash(const struct pl_model *m)
{
    return m->hash;
}
