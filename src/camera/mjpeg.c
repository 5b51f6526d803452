/* One picture of a motion-JPEG stream to BGR, on libjpeg-turbo.
 *
 * why:  libv4l's converter is as fast, but prints what it thinks of damaged pictures, and passes some of them on
 * how:  libjpeg's interface and not TurboJPEG's, because damage comes as warnings there, one by one: bytes too many
 *       between two markers, or a missing end mark, are the habit of many cameras and cost nothing; data that runs out or
 *       makes no sense means that a part of the picture is grey or from elsewhere. Huffman tables may be missing, as
 *       usual in motion JPEG: libjpeg-turbo then takes the standard ones.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "convert.h"

struct pl_mjpeg {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf failed;
    bool damaged;
};

static struct pl_mjpeg *of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

static void on_error(j_common_ptr jpeg)
{
    longjmp(of(jpeg)->failed, 1);
}

static void on_message(j_common_ptr jpeg, int message_level)
{
    int code = jpeg->err->msg_code;
    if (message_level < 0 && (code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC))
        of(jpeg)->damaged = true;
}

static void be_silent(j_common_ptr jpeg)
{
    (void)jpeg;
}

/* false: out of memory, the one thing that can go wrong here */
static bool create(struct pl_mjpeg *d)
{
    if (setjmp(d->failed))
        return false;
    jpeg_create_decompress(&d->jpeg);
    return true;
}

struct pl_mjpeg *pl_mjpeg_open(void)
{
    struct pl_mjpeg *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = on_error;
    d->errors.emit_message = on_message;
    d->errors.output_message = be_silent;
    d->jpeg.client_data = d;
    if (create(d))
        return d;
    free(d);
    return NULL;
}

void pl_mjpeg_close(struct pl_mjpeg *d)
{
    if (!d)
        return;
    jpeg_destroy_decompress(&d->jpeg);
    free(d);
}

/* The picture whose header is read; leaves by on_error what cannot be decoded. */
static bool decode_rows(struct pl_mjpeg *d, uint8_t *bgr, size_t stride)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;

    jpeg->out_color_space = JCS_EXT_BGR;
    jpeg->do_fancy_upsampling = FALSE; /* two pixels share their colour, as in YUYV; saves 6 % */
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height && !d->damaged) {
        JSAMPROW row = bgr + (size_t)jpeg->output_scanline * stride;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    return !d->damaged;
}

bool pl_mjpeg_decode(struct pl_mjpeg *d, uint8_t *bgr, size_t stride, int width_px, int height_px, const uint8_t *data,
                     size_t size)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;

    d->damaged = false;
    if (setjmp(d->failed)) {
        jpeg_abort_decompress(jpeg);
        return false;
    }
    jpeg_mem_src(jpeg, data, size);
    jpeg_read_header(jpeg, TRUE);
    bool fits = jpeg->image_width == (JDIMENSION)width_px && jpeg->image_height == (JDIMENSION)height_px;
    bool whole = fits && !jpeg->progressive_mode && decode_rows(d, bgr, stride);
    jpeg_abort_decompress(jpeg); /* not finish: that asks for the end mark, which some cameras leave out */
    return whole;
}
