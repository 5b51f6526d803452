/* YUYV, the uncompressed format of webcams, to BGR.
 *
 * why:  libv4l's converter takes every luma as 0..255, but cameras send 16..235 unless they say otherwise: its pictures
 *       are greyish, and white is never reached
 * src:  ITU-R BT.601, BT.709, BT.2020; what a driver's fields mean: V4L2 documentation, "Colorspaces"
 */
#include <math.h>
#include "convert.h"
#include "plumbline/cpu.h"

enum { SHIFT = 13, HALF = 1 << (SHIFT - 1) };

/* kr, kb: how much red and blue weigh in the luma; all else follows. */
static struct pl_yuv weights(double kr, double kb, bool full)
{
    double y = full ? 1 : 255.0 / 219, c = full ? 1 : 255.0 / 224, one = 1 << SHIFT, kg = 1 - kr - kb;
    return (struct pl_yuv){
        .black = full ? 0 : 16, .y = (int16_t)lrint(one * y),
        .rv = (int16_t)lrint(one * c * 2 * (1 - kr)), .bu = (int16_t)lrint(one * c * 2 * (1 - kb)),
        .gv = (int16_t)lrint(-one * c * 2 * (1 - kr) * kr / kg), .gu = (int16_t)lrint(-one * c * 2 * (1 - kb) * kb / kg),
    };
}

struct pl_yuv pl_camera_yuv(const struct v4l2_pix_format *pix)
{
    bool extended = pix->priv == V4L2_PIX_FMT_PRIV_MAGIC; /* otherwise the fields behind priv mean nothing */
    uint32_t encoding = extended ? pix->ycbcr_enc : 0, levels = extended ? pix->quantization : 0;

    if (encoding == V4L2_YCBCR_ENC_DEFAULT)
        encoding = V4L2_MAP_YCBCR_ENC_DEFAULT(pix->colorspace);
    if (levels == V4L2_QUANTIZATION_DEFAULT)
        levels = V4L2_MAP_QUANTIZATION_DEFAULT(false, pix->colorspace, encoding);
    bool full = levels == V4L2_QUANTIZATION_FULL_RANGE;
    if (encoding == V4L2_YCBCR_ENC_709 || encoding == V4L2_YCBCR_ENC_XV709)
        return weights(0.2126, 0.0722, full);
    if (encoding == V4L2_YCBCR_ENC_BT2020)
        return weights(0.2627, 0.0593, full);
    return weights(0.299, 0.114, full);
}

static uint8_t level(int sum)
{
    int v = (sum + HALF) >> SHIFT;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

void pl_yuyv_row_c(uint8_t *bgr, const uint8_t *yuyv, int n, const struct pl_yuv *k)
{
    for (int i = 0; i < n; i++, bgr += 3) {
        const uint8_t *pair = yuyv + 4 * (i / 2); /* two pixels share their colour */
        int y = k->y * (pair[2 * (i % 2)] - k->black), u = pair[1] - 128, v = pair[3] - 128;
        bgr[0] = level(y + k->bu * u);
        bgr[1] = level(y + k->gu * u + k->gv * v);
        bgr[2] = level(y + k->rv * v);
    }
}

pl_yuyv_fn *pl_yuyv_row(unsigned cpu)
{
#if defined(__x86_64__)
    if (cpu & PL_CPU_AVX2)
        return pl_yuyv_row_avx2;
#endif
    (void)cpu;
    return pl_yuyv_row_c;
}
