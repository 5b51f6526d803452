/* The kernel table, and the weight packing that all levels share. The only file that knows every variant. */
#include "plumbline/kernels.h"

#include <string.h>
#include "plumbline/cpu.h"
#include "plumbline/nn.h"

void pl_kernels_pick(struct pl_kernels *k, unsigned cpu)
{
    pl_kernels_fill_c(k); /* complete on any machine */
#if defined(__x86_64__)
    if (cpu & PL_CPU_AVX2)
        pl_kernels_fill_avx2(k);
    if (cpu & PL_CPU_AVX512)
        pl_kernels_fill_avx512(k);
#else
    (void)cpu;
#endif
}

unsigned pl_nn_levels(unsigned cpu)
{
#if defined(__x86_64__)
    return cpu & (PL_CPU_AVX2 | PL_CPU_AVX512);
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
