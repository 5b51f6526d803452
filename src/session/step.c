/* One frame's whole journey, top to bottom:
 *
 *     frame -> keypoints -> pose -> measures -> phases/faults -> cues, scores -> (screen, log)
 *
 * Each arrow is one call, each noun one plain struct of struct pl_moment. The session owns the state of every stage and
 * nothing else: from the keypoints on, all is a pure function of state and frame, so that a replay gives the same answer
 * as the exercise did live.
 */
#include <stdlib.h>
#include <string.h>

#include "plumbline/calibration.h"
#include "plumbline/session.h"

struct pl_session {
    struct pl_tracker *tracker; /* NULL: landmark tables only */
    struct pl_pose_state *pose;
    struct pl_measures_state *measures;
    struct pl_exercise_state *exercise;
    struct pl_cues_state *cues;
    struct pl_scores_state *scores;
    struct pl_speech_state *speech;
    struct pl_lens lens;        /* width 0: none */
    struct pl_stage_times times;
};

/* A picture of another size went through another lens. */
static void straighten(const struct pl_lens *lens, struct pl_keypoints *k)
{
    if (!k->present || !lens->width_px || lens->width_px != k->width_px || lens->height_px != k->height_px)
        return;
    struct pl_landmarks joints = k->raw;
    pl_leg_put_right(&joints, &k->leg);
    pl_calibration_straighten(lens, &joints);
    pl_calibration_straighten(lens, &k->raw);
    for (int i = 0; k->leg.known && i < PL_N_LEG_POINTS; i++) {
        const struct pl_point *joint = &joints.px[PL_LM_LEFT_HIP + i], *landmark = &k->raw.px[PL_LM_LEFT_HIP + i];
        k->leg.px[i] = (struct pl_vec2){ joint->x_px - landmark->x_px, joint->y_px - landmark->y_px };
    }
    pl_calibration_straighten(lens, &k->smooth);
}

void pl_session_set_lens(struct pl_session *s, const struct pl_lens *lens)
{
    s->lens = *lens;
}

const struct pl_lens *pl_session_lens(const struct pl_session *s)
{
    return &s->lens;
}

void pl_session_step(struct pl_session *s, const struct pl_frame *frame, const struct pl_region *region, struct pl_moment *out)
{
    s->times = (struct pl_stage_times){ 0 };
    pl_stage_start(&s->times);
    out->t_ns = frame->t_ns;
    if (region)
        pl_keypoints_step_in(s->tracker, frame, region, &out->keypoints);
    else
        pl_keypoints_step(s->tracker, frame, &out->keypoints);
    straighten(&s->lens, &out->keypoints);
    pl_pose_step(s->pose, &out->keypoints, &out->pose);
    pl_measures_step(s->measures, &out->pose, &out->measures);
    pl_exercise_step(s->exercise, &out->pose, &out->measures, &out->progress);
    pl_cues_step(s->cues, &out->progress, &out->cue);
    pl_scores_step(s->scores, &out->pose, &out->measures, &out->progress, &out->scores);
    pl_speech_step(s->speech, &out->pose, &out->measures, &out->progress, &out->cue, &out->say);
    pl_stage_lap(&s->times, PL_STAGE_JUDGE);
}

void pl_session_finish(struct pl_session *s, struct pl_moment *out)
{
    pl_exercise_finish(s->exercise, &out->progress);
    pl_scores_finish(s->scores, &out->progress, &out->scores);
    pl_speech_step(s->speech, &out->pose, &out->measures, &out->progress, &out->cue, &out->say);
}

bool pl_session_open(struct pl_session **out, const struct pl_session_options *o, struct pl_err *err)
{
    struct pl_session *s = calloc(1, sizeof *s);
    if (!s)
        return pl_fail(err, PL_E_MEMORY, "out of memory for the session");
    if (!pl_keypoints_open(&s->tracker, o->no_model ? NULL : &o->tracker, err))
        goto failed;
    pl_keypoints_time(s->tracker, &s->times);
    s->pose = pl_pose_open(&o->limits);
    s->measures = pl_measures_open(&o->limits);
    s->exercise = pl_exercise_open(&o->exercise, &o->limits);
    s->cues = pl_cues_open(&o->limits);
    s->scores = pl_scores_open(&o->limits);
    s->speech = pl_speech_open(&o->limits);
    if (!s->pose || !s->measures || !s->exercise || !s->cues || !s->scores || !s->speech) {
        pl_fail(err, PL_E_MEMORY, "out of memory for the session");
        goto failed;
    }
    *out = s;
    return true;
failed:
    pl_session_close(s);
    return false;
}

void pl_session_close(struct pl_session *s)
{
    if (!s)
        return;
    pl_scores_close(s->scores);
    pl_speech_close(s->speech);
    pl_cues_close(s->cues);
    pl_exercise_close(s->exercise);
    pl_measures_close(s->measures);
    pl_pose_close(s->pose);
    pl_keypoints_close(s->tracker);
    free(s);
}

void pl_session_reset(struct pl_session *s)
{
    pl_keypoints_reset(s->tracker);
    pl_pose_reset(s->pose);
    pl_measures_reset(s->measures);
    pl_exercise_reset(s->exercise);
    pl_cues_reset(s->cues);
    pl_scores_reset(s->scores);
    pl_speech_reset(s->speech);
}

void pl_session_choose(struct pl_session *s, const struct pl_exercise_options *options)
{
    pl_exercise_choose(s->exercise, options);
    pl_cues_reset(s->cues);
}

bool pl_session_use_model(struct pl_session *s, enum pl_model_kind model, struct pl_err *err)
{
    return pl_keypoints_use(s->tracker, model, err);
}

const struct pl_stage_times *pl_session_times(const struct pl_session *s)
{
    return &s->times;
}

int64_t pl_session_pose_ns(const struct pl_session *s)
{
    const int64_t *ns = s->times.wall_ns;
    return ns[PL_STAGE_DETECT] + ns[PL_STAGE_CROP] + ns[PL_STAGE_NETWORK] + ns[PL_STAGE_LANDMARKS];
}
