/* One picture with its time, and what asking a source for the next one can give. */
#ifndef PLUMBLINE_FRAME_H
#define PLUMBLINE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "plumbline/landmarks.h"

enum pl_pixels { PL_PIXELS_NONE, PL_PIXELS_RGB24, PL_PIXELS_BGR24 };

/* What keypoints.h tells besides landmarks, for landmark tables that hold it: the pelvis' tilt and the yaw (NAN where not known),
 * and where the leg's joints are. */
struct pl_added { float pelvis_head_deg, pelvis_stickers_deg, yaw_head_deg; struct pl_leg_shift leg; };

/* own: the pixels belong to whoever filled the frame (camera, video, screen); valid until that object's next call.
 *      Who needs them longer copies them. */
struct pl_frame {
    int64_t t_ns;              /* capture time; > the previous frame's */
    int64_t index;             /* running number of the source; gaps are frames that were dropped */
    int width_px, height_px;
    size_t stride;             /* bytes from one row to the next */
    enum pl_pixels pixels;     /* NONE: no picture (landmark table) */
    const uint8_t *data;       /* [height][stride], 3 bytes a pixel */
    const struct pl_landmarks *given; /* landmark table: the person of this frame; NULL for pictures and for "nobody" */
    const struct pl_added *given_added; /* landmark table: goes with given; NULL: nothing is known of it */
    float given_person_p;      /* landmark table: 1 with a person, 0 without; NAN for pictures */
};

enum pl_next {
    PL_NEXT_FRAME,  /* out was filled */
    PL_NEXT_NONE,   /* nothing new within the time given (live sources only) */
    PL_NEXT_END,    /* the recording is over */
    PL_NEXT_FAILED  /* err says why */
};

#endif
