/* All results of one frame together: what the screen draws, the log prints, the tests compare. Plain values, no ownership. */
#ifndef PLUMBLINE_MOMENT_H
#define PLUMBLINE_MOMENT_H

#include "plumbline/cues.h"
#include "plumbline/exercise.h"
#include "plumbline/keypoints.h"
#include "plumbline/measures.h"
#include "plumbline/pose.h"
#include "plumbline/scores.h"
#include "plumbline/speech.h"

struct pl_moment {
    int64_t t_ns;
    struct pl_keypoints keypoints;
    struct pl_pose pose;
    struct pl_measures measures;
    struct pl_progress progress;
    struct pl_cue cue;
    struct pl_scores scores;
    struct pl_utterance say;
};

#endif
