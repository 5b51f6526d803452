/* Opening and closing a model: file -> checked file (tflite.c) -> plan with packed weights (plan.c). */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* CRC-32 as in zip and PNG files, eight bytes at a step: table[k][b] is what byte b does k bytes later. */
uint32_t pl_crc32(const void *memory, size_t size)
{
    const uint8_t *data = memory;
    uint32_t table[8][256], crc = 0xffffffffu;

    for (uint32_t i = 0; i < 256; i++) {
        table[0][i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[0][i] = table[0][i] >> 1 ^ (table[0][i] & 1 ? 0xedb88320u : 0);
    }
    for (int k = 1; k < 8; k++)
        for (int i = 0; i < 256; i++)
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
    for (; size >= 8; data += 8, size -= 8)
        crc = table[7][data[0] ^ (crc & 255)] ^ table[6][data[1] ^ (crc >> 8 & 255)] ^
              table[5][data[2] ^ (crc >> 16 & 255)] ^ table[4][data[3] ^ crc >> 24] ^
              table[3][data[4]] ^ table[2][data[5]] ^ table[1][data[6]] ^ table[0][data[7]];
    for (; size; data++, size--)
        crc = crc >> 8 ^ table[0][(crc ^ *data) & 255];
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
    m->hash = pl_crc32(data, size);
    bool ok = pl_plan_make(m, &tfl, options, err);
    pl_tfl_free(&tfl);
    if (ok)
        *out = m;
    else
        pl_model_close(m);
    return ok;
}

/* The file as memory; only while the model is opened, so that nothing is in memory twice. */
static bool map_file(void **data, size_t *size, const char *path, struct pl_err *err)
{
    struct stat status;
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return pl_fail(err, PL_E_IO, "%s: cannot open the network: %s; `make models` fetches it", path, strerror(errno));
    if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_size < 1 || status.st_size > PL_NN_MAX_FILE) {
        pl_fail(err, PL_E_IO, "%s: not a network that can be read (empty, a folder, a pipe, or larger than %d MB)", path,
                PL_NN_MAX_FILE >> 20);
        goto done;
    }
    *size = (size_t)status.st_size;
    *data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    ok = *data != MAP_FAILED || pl_fail(err, PL_E_IO, "%s: reading failed: %s", path, strerror(errno));
done:
    close(fd);
    return ok;
}

bool pl_model_open(struct pl_model **out, const char *path, const struct pl_model_options *options, struct pl_err *err)
{
    void *data = NULL;
    size_t size = 0;

    if (!map_file(&data, &size, path, err))
        return false;
    bool ok = pl_model_open_memory(out, data, size, path, options, err);
    munmap(data, size);
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
