/* Regions: rotated squares in pixels of the frame.
 * src: MediaPipe, alignment_points_to_rects_calculator.cc, rect_transformation_calculator.cc,
 *      image_to_tensor_utils.cc (PadRoi: the letterbox is a square region around the picture) */
#include "internal.h"

#include <math.h>

#define REGION_MARGIN 1.25      /* src: pose_detection_to_roi.pbtxt, pose_landmarks_to_roi.pbtxt: scale_x, scale_y */
#define REGION_MAX_PX 1048576.0 /* far beyond any picture; keeps crop.c's 32.32 fixed point far from its limits */

struct pl_region pl_region_of_frame(const struct pl_frame *frame)
{
    int longer = frame->width_px > frame->height_px ? frame->width_px : frame->height_px;
    return (struct pl_region){ .cx_px = 0.5f * (float)frame->width_px, .cy_px = 0.5f * (float)frame->height_px,
                               .size_px = (float)longer, .rotation_rad = 0.0f };
}

/* To [-pi, pi). */
static double wrapped(double angle)
{
    return angle - 2.0 * PL_PI * floor((angle + PL_PI) / (2.0 * PL_PI));
}

struct pl_region pl_region_from_points(struct pl_vec2 centre, struct pl_vec2 reach)
{
    double dx = (double)reach.x - centre.x, dy = (double)reach.y - centre.y;
    return (struct pl_region){ .cx_px = centre.x, .cy_px = centre.y,
                               .size_px = (float)(REGION_MARGIN * 2.0 * hypot(dx, dy)),
                               .rotation_rad = (float)wrapped(0.5 * PL_PI - atan2(-dy, dx)) };
}

bool pl_region_is_usable(const struct pl_region *r)
{
    return r->size_px >= 1.0f && r->size_px <= REGION_MAX_PX && fabs(r->cx_px) <= REGION_MAX_PX &&
           fabs(r->cy_px) <= REGION_MAX_PX && isfinite(r->rotation_rad);
}

struct pl_vec2 pl_region_to_frame(const struct pl_region *r, float u, float v)
{
    double c = cos(r->rotation_rad), s = sin(r->rotation_rad);
    double dx = ((double)u - 0.5) * r->size_px, dy = ((double)v - 0.5) * r->size_px;
    return (struct pl_vec2){ (float)(c * dx - s * dy + r->cx_px), (float)(s * dx + c * dy + r->cy_px) };
}
