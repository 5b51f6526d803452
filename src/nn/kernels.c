/* The kernel table, and the weight packing that all levels share. The only file that knows every variant. */
#include "plumbline/kernels.h"

#include <stdlib.h>
#include <string.h>
#include "plumbline/cpu.h"
#include "plumbline/nn.h"

void pl_kernels_pick(struct pl_kernels *k, unsigned cpu)
{
    pl_kernels_fill_c(k); /* complete on any machine */
#if defined(__x86_64__)
    if (cpu & PL_CPU_AVX2) {
        pl_kernels_fill_avx2(k);
        pl_sparse_fill_avx2(k);
    }
    if (cpu & PL_CPU_AVX512) {
        pl_kernels_fill_avx512(k);
        pl_sparse_fill_avx512(k);
    }
#elif defined(__aarch64__)
    if (cpu & PL_CPU_NEON) {
        pl_kernels_fill_neon(k);
        pl_sparse_fill_neon(k);
    }
#else
    (void)cpu;
#endif
}

unsigned pl_nn_levels(unsigned cpu)
{
#if defined(__x86_64__)
    return cpu & (PL_CPU_AVX2 | PL_CPU_AVX512);
#elif defined(__aarch64__)
    return cpu & PL_CPU_NEON;
#else
    (void)cpu;
    return PL_CPU_C;
#endif
}

static size_t n_panels(int channels)
{
    return ((size_t)channels + PL_PANEL - 1) / PL_PANEL;
}

static size_t n_terms(const struct pl_window *win)
{
    return (size_t)win->k_h * (size_t)win->k_w * (size_t)win->in_c;
}

size_t pl_pack_conv_size(const struct pl_window *win)
{
    return n_panels(win->out_c) * PL_PANEL * (1 + n_terms(win));
}

/* term_stride, channel_stride: where in w the next term and the next output channel are */
static void pack(float *packed, const float *w, const float *bias, size_t channels, size_t terms, size_t term_stride,
                 size_t channel_stride)
{
    for (size_t c0 = 0; c0 < channels; c0 += PL_PANEL, packed += PL_PANEL * (1 + terms)) {
        size_t n = channels - c0 < PL_PANEL ? channels - c0 : PL_PANEL;
        memset(packed, 0, PL_PANEL * (1 + terms) * sizeof *packed);
        for (size_t j = 0; j < n; j++) {
            packed[j] = bias ? bias[c0 + j] : 0;
            for (size_t k = 0; k < terms; k++)
                packed[PL_PANEL * (1 + k) + j] = w[k * term_stride + (c0 + j) * channel_stride];
        }
    }
}

void pl_pack_conv(float *packed, const float *w, const float *bias, const struct pl_window *win)
{
    pack(packed, w, bias, (size_t)win->out_c, n_terms(win), 1, n_terms(win));
}

size_t pl_pack_dwconv_size(const struct pl_window *win)
{
    return n_panels(win->out_c) * PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w);
}

void pl_pack_dwconv(float *packed, const float *w, const float *bias, const struct pl_window *win)
{
    pack(packed, w, bias, (size_t)win->out_c, (size_t)win->k_h * (size_t)win->k_w, (size_t)win->out_c, 1);
}

/* Fills the entries, or only counts them if there is no room yet. */
static int list_entries(struct pl_sparse *s, const float *w, const struct pl_window *win)
{
    int n = 0, list = 0;

    for (int k = 0; k < win->in_c; k += s->block)
        for (int o = 0; o < win->out_c; o++) {
            if (s->entries)
                s->starts[list++] = n;
            for (int i = k; i < k + s->block && i < win->in_c; i++) {
                float weight = w[(size_t)o * (size_t)win->in_c + (size_t)i];
                if (weight == 0)
                    continue;
                if (s->entries)
                    s->entries[n] = (struct pl_sparse_entry){ weight, (i - k) * PL_SPARSE_PIXELS };
                n++;
            }
        }
    if (s->entries)
        s->starts[list] = n;
    return n;
}

void *pl_pack_sparse(struct pl_sparse *packed, const float *w, const float *bias, const struct pl_window *win)
{
    int n_blocks = (win->in_c + PL_SPARSE_BLOCK - 1) / PL_SPARSE_BLOCK; /* of nearly equal size */
    struct pl_sparse s = { .block = ((win->in_c + n_blocks - 1) / n_blocks + PL_PANEL - 1) / PL_PANEL * PL_PANEL };
    size_t n_entries = (size_t)list_entries(&s, w, win), n_lists = (size_t)n_blocks * (size_t)win->out_c;

    s.entries = malloc(n_entries * sizeof *s.entries + (size_t)win->out_c * sizeof *s.bias + (n_lists + 1) * sizeof *s.starts);
    if (!s.entries)
        return NULL;
    s.bias = (float *)(s.entries + n_entries);
    s.starts = (int *)(s.bias + win->out_c);
    for (int o = 0; o < win->out_c; o++)
        s.bias[o] = bias ? bias[o] : 0;
    list_entries(&s, w, win);
    *packed = s;
    return s.entries;
}
