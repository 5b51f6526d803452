/* Frame -> landmarks of one person, followed from frame to frame.
 *
 * One frame: the region comes from the last frame's person, or from the detector when there is none; the landmark
 * network looks at the region; its landmarks are smoothed; two of them give the region for the next frame. A frame
 * without a person forgets everything, and the detector runs on the next frame, not again on this one.
 * The person is whoever the networks believe in: they see people in furniture and in a face close to the lens.
 * Whether the skeleton is plausible is judged later (pose).
 * src: MediaPipe, pose_landmark_gpu.pbtxt
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct pl_tracker {
    struct pl_pool *pool;
    unsigned cpu;
    bool has_detector;
    struct pl_detector detector;
    char models_dir[4096];
    struct pl_lander landers[PL_N_MODELS]; /* those used so far are open */
    bool open[PL_N_MODELS];
    enum pl_model_kind model;   /* the one that looks */

    bool tracking;              /* next is where the person of the last frame should be */
    struct pl_region next;
    int width_px, height_px;    /* of the last picture */
    struct pl_smoother smoother;
    struct pl_people people;
    int looking;                /* the parts of a look round that are done; 0: none is under way */
    struct pl_region then;      /* of the followed one, when it began */
    int64_t then_ns;
    bool has_stickers;
    struct pl_stickers stickers;
    struct pl_stage_times *watch; /* NULL: nobody wants to know */
};

const char *pl_model_kind_name(enum pl_model_kind kind)
{
    static const char *const names[PL_N_MODELS] = { "lite", "full", "heavy" };
    return (unsigned)kind < PL_N_MODELS ? names[kind] : "?";
}

bool pl_keypoints_open(struct pl_tracker **out, const struct pl_tracker_options *o, struct pl_err *err)
{
    bool ok = false;

    if (o && (unsigned)o->model >= PL_N_MODELS)
        return pl_fail(err, PL_E_ARG, "there is no pose model number %d; choose lite, full or heavy", (int)o->model);
    struct pl_tracker *t = calloc(1, sizeof *t);
    if (!t)
        return pl_fail(err, PL_E_MEMORY, "out of memory for the pose networks");

    pl_keypoints_reset(t);
    if (!o) { /* landmark tables need no network */
        *out = t;
        return true;
    }
    t->cpu = o->cpu;
    if (!pl_pool_open(&t->pool, o->threads, err))
        goto done;
    snprintf(t->models_dir, sizeof t->models_dir, "%s", o->models_dir); /* too long: pl_lander_open says so of any cut name */
    if (!pl_keypoints_use(t, o->model, err))
        goto done;
    if (!o->roi_only && !pl_detector_open(&t->detector, o->models_dir, t->cpu, t->pool, err))
        goto done;
    t->has_detector = !o->roi_only;
    t->has_stickers = o->stickers;
    ok = true;
done:
    if (ok)
        *out = t;
    else
        pl_keypoints_close(t);
    return ok;
}

void pl_keypoints_close(struct pl_tracker *t)
{
    if (!t)
        return;
    pl_detector_close(&t->detector);
    for (int i = 0; i < PL_N_MODELS; i++)
        if (t->open[i])
            pl_lander_close(&t->landers[i]);
    pl_pool_close(t->pool);
    free(t);
}

static void forget_person(struct pl_tracker *t)
{
    t->tracking = false;
    t->looking = 0;
    pl_smoother_reset(&t->smoother);
    for (int i = 0; i < PL_N_MODELS; i++)
        if (t->open[i])
            pl_lander_forget(&t->landers[i]);
}

bool pl_keypoints_use(struct pl_tracker *t, enum pl_model_kind model, struct pl_err *err)
{
    if (t->pool && !t->open[model])
        t->open[model] = pl_lander_open(&t->landers[model], t->models_dir, model, t->cpu, t->pool, err);
    if (t->pool && !t->open[model])
        return false;
    t->model = model;
    return true;
}

void pl_keypoints_reset(struct pl_tracker *t)
{
    forget_person(t);
    pl_people_reset(&t->people);
    pl_stickers_reset(&t->stickers);
}

void pl_keypoints_time(struct pl_tracker *t, struct pl_stage_times *watch)
{
    t->watch = watch;
}

static void set_nobody(struct pl_keypoints *out, const struct pl_frame *frame)
{
    *out = (struct pl_keypoints){ .t_ns = frame->t_ns, .width_px = frame->width_px, .height_px = frame->height_px,
                                  .region = { NAN, NAN, NAN, NAN },
                                  .pelvis_head_deg = NAN, .pelvis_stickers_deg = NAN, .yaw_head_deg = NAN };
    pl_landmarks_unknown(&out->raw);
    pl_landmarks_unknown(&out->smooth);
}

/* a picture that can be looked at */
static bool is_picture(const struct pl_tracker *t, const struct pl_frame *f)
{
    return t->pool && f->pixels != PL_PIXELS_NONE && f->data && f->width_px > 0 && f->height_px > 0 &&
           f->stride >= 3 * (size_t)f->width_px;
}

/* A row of a landmark table is the answer already. */
static void pass_given(const struct pl_frame *frame, struct pl_keypoints *out)
{
    out->person_p = isnan(frame->given_person_p) ? 0.0f : frame->given_person_p;
    if (!frame->given)
        return;
    out->present = true;
    out->raw = *frame->given;
    out->smooth = *frame->given;
    if (frame->given_added) {
        out->pelvis_head_deg = frame->given_added->pelvis_head_deg;
        out->yaw_head_deg = frame->given_added->yaw_head_deg;
        out->pelvis_stickers_deg = frame->given_added->pelvis_stickers_deg;
        out->leg = frame->given_added->leg;
    }
}

enum { NOBODY = PL_SOMEBODY_ELSE + 1 };

/* Landmarks of the person in the region, if it is the one followed. any: whoever it is. aux: the smoothed auxiliary points */
static int look(struct pl_tracker *t, const struct pl_frame *frame, const struct pl_region *region, bool any,
                struct pl_keypoints *out, struct pl_vec2 aux[PL_N_AUX])
{
    struct pl_person person;
    int verdict = NOBODY;

    out->region = *region;
    if (pl_lander_look(&t->landers[t->model], frame, region, t->cpu, t->pool, t->watch, &person)) {
        struct pl_region now = pl_region_from_points(person.aux[PL_AUX_CENTRE], person.aux[PL_AUX_REACH]);
        verdict = any || !pl_region_is_usable(&now) ? PL_THE_SAME : (int)pl_people_judge(&t->people, frame, &person.body, &now);
    }
    out->present = verdict == PL_THE_SAME;
    out->person_p = isnan(person.person_p) ? 0.0f : person.person_p;
    if (out->present) {
        out->raw = person.body;
        out->pelvis_head_deg = person.pelvis_deg;
        out->yaw_head_deg = person.yaw_deg;
        out->leg = person.leg;
        pl_smoother_apply(&t->smoother, frame->t_ns, &person, &out->smooth, aux);
        if (t->has_stickers)
            out->pelvis_stickers_deg = pl_stickers_step(&t->stickers, frame, &out->raw);
    }
    pl_stage_lap(t->watch, PL_STAGE_LANDMARKS);
    return verdict;
}

/* Coordinates of a picture of another size mean nothing in this one. */
static void note_size(struct pl_tracker *t, const struct pl_frame *frame)
{
    if (frame->width_px != t->width_px || frame->height_px != t->height_px)
        pl_keypoints_reset(t);
    t->width_px = frame->width_px;
    t->height_px = frame->height_px;
}

/* Nobody is tracked: the detector says where to look. */
static bool find(struct pl_tracker *t, const struct pl_frame *frame, struct pl_region *out)
{
    struct pl_found found[PL_MAX_FOUND];
    int n = 0;

    if (t->has_detector && pl_people_searches(&t->people, frame->t_ns)) {
        pl_detector_run(&t->detector, frame, t->cpu, t->pool, 0, 1);
        n = pl_detector_found(&t->detector, frame, found);
        if (n)
            *out = found[pl_people_choose(&t->people, frame, found, n)].region;
        /* who was lost is not yet known to be among them */
        pl_people_found(&t->people, found, n, n && !t->people.known ? out : NULL, frame->t_ns);
    }
    pl_stage_lap(t->watch, PL_STAGE_DETECT);
    return n > 0;
}

/* Somebody is tracked: now and then the detector looks for others, a part of it with each frame. */
static void look_round(struct pl_tracker *t, const struct pl_frame *frame, const struct pl_region *followed)
{
    enum { PARTS = 8 };
    struct pl_found found[PL_MAX_FOUND];

    if (!t->has_detector || (!t->looking && !pl_people_wants_look(&t->people, frame->t_ns)))
        return;
    if (!t->looking) {
        t->then = *followed;
        t->then_ns = frame->t_ns;
    }
    pl_detector_run(&t->detector, frame, t->cpu, t->pool, t->looking++, PARTS);
    if (t->looking == PARTS) {
        t->looking = 0;
        int n = pl_detector_found(&t->detector, frame, found);
        pl_people_found(&t->people, found, n, &t->then, t->then_ns);
    }
    pl_stage_lap(t->watch, PL_STAGE_DETECT);
}

/* The person of this frame, followed. */
static void follow(struct pl_tracker *t, const struct pl_frame *frame, struct pl_keypoints *out)
{
    struct pl_vec2 aux[PL_N_AUX];
    struct pl_region region = t->next;
    const bool looks = t->tracking || pl_people_searches(&t->people, frame->t_ns);

    if (!t->tracking)
        t->tracking = out->detected = find(t, frame, &region);
    else
        look_round(t, frame, &region);
    int verdict = t->tracking ? look(t, frame, &region, false, out, aux) : NOBODY;
    if (verdict == PL_THE_SAME) {
        t->next = pl_region_from_points(aux[PL_AUX_CENTRE], aux[PL_AUX_REACH]);
        t->tracking = pl_region_is_usable(&t->next);
    } else if (verdict == PL_DOUBTED) {
        t->next = t->people.place; /* not along with whoever passes in front */
    } else {
        forget_person(t); /* the same one will most likely be back, stickers and all */
        if (looks)
            pl_people_lose(&t->people, frame->t_ns, verdict == PL_SOMEBODY_ELSE);
    }
}

void pl_keypoints_step(struct pl_tracker *t, const struct pl_frame *frame, struct pl_keypoints *out)
{
    set_nobody(out, frame);
    if (!is_picture(t, frame)) {
        pl_keypoints_reset(t);
        pass_given(frame, out);
        return;
    }
    note_size(t, frame);
    follow(t, frame, out);
    pl_people_tell(&t->people, out);
}

void pl_keypoints_step_in(struct pl_tracker *t, const struct pl_frame *frame, const struct pl_region *region,
                          struct pl_keypoints *out)
{
    struct pl_vec2 aux[PL_N_AUX];

    set_nobody(out, frame);
    t->tracking = false;
    if (is_picture(t, frame))
        note_size(t, frame);
    if (!is_picture(t, frame) || !pl_region_is_usable(region) || look(t, frame, region, true, out, aux) != PL_THE_SAME)
        pl_keypoints_reset(t);
}
