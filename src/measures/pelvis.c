/* Hip drop: the tilt of the pelvis against standing, by up to three sources that back each other.
 *
 *   stickers  two stickers or a strip on the waistband (keypoints)
 *   hands     the line through the two hands while they rest on the hips
 *   head      the small head of our own on the network's features (keypoints)
 *
 * how:  each source has its own gate, its own line in quiet standing and its own error; what speaks is put together by
 *       inverse variance, and how well it agrees sets the band. Two that contradict each other measure nothing; of
 *       three, one that contradicts both others is left out.
 * why:  the network levels the hip landmarks: a true drop of 8 degrees reads -3..+1. It does not level the hands.
 * src:  hip-drop study: gates and limits of hands and stickers
 * not:  never the hip landmarks, not even as a fallback
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"
#include "plumbline/units.h"

enum { STICKERS = PL_PELVIS_STICKERS, HANDS = PL_PELVIS_HANDS, HEAD = PL_PELVIS_HEAD, N_SOURCES = PL_N_PELVIS_SOURCES };
enum { LEAST_FRAMES = 3 };

/* Half widths of 95 % bands, degrees. absolute: how well the source's line is the pelvis' line, and the camera's roll.
 * src:  stickers: 640x480 p95 0.7-1.1, and 5 mm of slip on the cloth 1.4; placed to 5 mm each. hands: 10 rendered clips
 *       -3.2..3.7; real hands are not placed to the millimetre. head: see below */
struct errors { float absolute, change; };
static const struct errors errors[N_SOURCES] = { { 3.5f, 1.8f }, { 4.0f, 3.5f }, { 7.0f, 6.0f } };
static const struct errors shared_errors = { 2.0f, 1.5f }; /* roll, yaw, the median's lag are common to all */

/* The head: all of its numbers. A head that was trained on random poses leans towards their mean; gain is the slope of its
 * change over the true one on bodies it has not seen, and is divided out.
 * src:  models/leg_head.md: single frames of bodies held out, in wild poses: gain .72, 95 % of changes within 6.8; repetitions
 *       on frontal exercise clips: gain 1.0, all within 2. What stands here lies between, nearer to the exercises. */
static const float head_gain = 0.90f;
static const float head_bend_min_deg = 15.0f, head_bend_max_deg = 90.0f; /* what it was trained on */
static const float head_quiet_s = 1.0f;
static const float head_shake_max_deg = 7.0f; /* of second differences: 2.45 standard deviations, which are 0.5-1.3 */

const char *pl_pelvis_source_name(int source)
{
    static const char *const names[] = {
#define X(name, id) id,
        PL_PELVIS_SOURCES(X)
#undef X
    };
    return source >= 0 && source < PL_N_PELVIS_SOURCES ? names[source] : "?";
}

/* What one source says: the tilt now and in standing, NAN where it says nothing. */
struct opinion { float tilt, standing; };

/* Frames that a median is taken of: those of the last moment, but three at least, so that at a low rate it is not late. */
static int recent_frames(const struct pl_measures_state *state)
{
    static const double moment_s = 0.15;
    int n = 0;
    while (n < state->n_hand && state->pelvis_ns[0] - state->pelvis_ns[n] < pl_ns_from_s(moment_s))
        n++;
    return n < LEAST_FRAMES ? LEAST_FRAMES : n;
}

/* Medians of the last frames; false while there are too few. */
static bool steady_hands(const struct pl_measures_state *state, struct pl_vec2 out[PL_N_SIDES])
{
    const int n = recent_frames(state);
    if (state->n_hand < n)
        return false;
    for (int side = 0; side < PL_N_SIDES; side++) {
        float x[PELVIS_FRAMES], y[PELVIS_FRAMES];
        for (int i = 0; i < n; i++) {
            x[i] = state->hand[i][side].x;
            y[i] = state->hand[i][side].y;
        }
        out[side].x = pl_signal_median(x, n);
        out[side].y = pl_signal_median(y, n);
    }
    return true;
}

static bool on_hips(const struct pl_pose *pose, const struct pl_vec2 hand[PL_N_SIDES], const struct pl_limits *limits)
{
    const float trunk = pose->trunk_px, gap = fabsf(hand[0].x - hand[1].x);
    if (!(gap > limits->hands_gap_min * trunk && gap < limits->hands_gap_max * trunk))
        return false;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const float up = pose->hips_px.y - hand[side].y;
        if (!(pl_geometry_distance(hand[side], pose->leg[side].hip_px) < limits->hands_from_hip_max * trunk)
            || up < -limits->hands_below_max * trunk || up > limits->hands_above_max * trunk
            || pose->hand_visibility_p[side] < limits->visibility_min_p)
            return false;
    }
    return true;
}

/* Median of what is known of the last frames; NAN unless that is most of them and this frame too. */
static float steady(const struct pl_measures_state *state, const float *recent)
{
    float copy[PELVIS_FRAMES];
    const int n = recent_frames(state);
    int known = 0;
    for (int i = 0; i < n && i < state->n_hand; i++) {
        copy[i] = recent[i];
        known += !isnan(recent[i]);
    }
    return 2 * known > n && state->n_hand >= n && !isnan(recent[0]) ? pl_signal_median(copy, n) : NAN;
}

/* Median of the second differences: motion has hardly any. */
static float shake(const float *recent, int n)
{
    float differences[PELVIS_FRAMES - 2] = { NAN, NAN, NAN };
    for (int i = 0; i + 2 < n; i++)
        differences[i] = fabsf(recent[i] - 2.0f * recent[i + 1] + recent[i + 2]);
    return pl_signal_median(differences, PELVIS_FRAMES - 2);
}

static struct opinion hands_say(const struct pl_measures_state *state, const struct pl_pose *pose,
                                const struct pl_baseline *standing, enum pl_reason *why)
{
    struct opinion o = { NAN, NAN };
    struct pl_vec2 hand[PL_N_SIDES];
    *why = PL_REASON_HANDS_ON_HIPS;
    if (!steady_hands(state, hand) || !on_hips(pose, hand, &state->limits))
        return o;
    o.tilt = pl_geometry_tilt_deg(hand[PL_SIDE_LEFT], hand[PL_SIDE_RIGHT]);
    if (isnan(standing->hands.deg) || !(standing->hands.sd_deg < state->limits.hands_sd_max_deg))
        *why = PL_REASON_STAND_STILL;
    else if (fabsf(fabsf(hand[0].x - hand[1].x) - standing->hand_gap_px) <= state->limits.hands_slide_max * standing->hand_gap_px)
        o.standing = standing->hands.deg;
    return o;
}

/* knee_deg: NAN unknown, which is no bend that it was trained on. */
static struct opinion head_says(const struct pl_measures_state *state, const struct pl_pose *pose,
                                const struct pl_baseline *standing, float knee_deg)
{
    struct opinion o = { NAN, NAN };
    if (pose->from_behind || !(knee_deg >= head_bend_min_deg && knee_deg <= head_bend_max_deg)
        || !(shake(state->head_deg, state->n_hand) < head_shake_max_deg))
        return o;
    o.tilt = steady(state, state->head_deg);
    if (standing->head.quiet_s >= head_quiet_s)
        o.standing = standing->head.deg;
    return o;
}

/* One source's number with its half width; err NAN: it says nothing. */
struct said { float value, err; };

static bool contradict(struct said a, struct said b) { return fabsf(a.value - b.value) > hypotf(a.err, b.err); }

/* Leaves out the one of three that contradicts both others. False: what is left contradicts itself. */
static bool settle(struct said said[N_SOURCES])
{
    int against[N_SOURCES] = { 0 }, pairs = 0, n = 0;
    for (int i = 0; i < N_SOURCES; i++) {
        n += !isnan(said[i].err);
        for (int j = 0; j < i; j++) {
            if (!contradict(said[i], said[j])) /* also where one says nothing */
                continue;
            against[i]++;
            against[j]++;
            pairs++;
        }
    }
    for (int i = 0; n == 3 && pairs == 2 && i < N_SOURCES; i++) {
        if (against[i] == 2)
            said[i].err = NAN;
    }
    return pairs == 0 || (n == 3 && pairs <= 2);
}

/* Mean by inverse variance. The band is that of the mean, wider by as much as the sources scatter more than their bands
 * say (Birge 1932), and never below what they share. by: bits of those that spoke. */
static struct pl_value together(const struct said said[N_SOURCES], float shared, unsigned *by)
{
    float weights = 0.0f, sum = 0.0f, scatter = 0.0f;
    int n = 0;
    *by = 0;
    for (int i = 0; i < N_SOURCES; i++) {
        if (isnan(said[i].err))
            continue;
        const float weight = 1.0f / (said[i].err * said[i].err);
        weights += weight;
        sum += weight * said[i].value;
        *by |= 1u << i;
        n++;
    }
    const float mean = sum / weights;
    for (int i = 0; i < N_SOURCES; i++) {
        if (!isnan(said[i].err))
            scatter += (said[i].value - mean) * (said[i].value - mean) / (said[i].err * said[i].err);
    }
    const float birge = n > 1 ? fmaxf(1.0f, 1.96f * sqrtf(scatter / (float)(n - 1))) : 1.0f;
    return (struct pl_value){ mean, fmaxf(shared, birge / sqrtf(weights)) };
}

/* why: the reason if nobody says anything. Returns who spoke. */
static unsigned put(struct said said[N_SOURCES], float shared, enum pl_measure m, enum pl_reason why, struct slot slot)
{
    unsigned by = 0;
    bool any = false;
    for (int i = 0; i < N_SOURCES; i++)
        any |= !isnan(said[i].err);
    if (!any) {
        measure_unknown(slot, m, why);
    } else if (!settle(said)) {
        measure_unknown(slot, m, PL_REASON_HIPS_DISAGREE);
    } else {
        const struct pl_value v = together(said, shared, &by);
        measure_known(slot, m, v.value, v.err);
    }
    return by;
}

unsigned pl_measure_pelvis(const struct pl_measures_state *state, const struct pl_pose *pose, enum pl_side side,
                           struct slot slot)
{
    const struct pl_baseline *standing = &pose->baseline[side];
    const float sign = side == PL_SIDE_LEFT ? 1.0f : -1.0f; /* the left leg stands: left end higher = right side drops */
    struct said absolute[N_SOURCES], change[N_SOURCES];
    enum pl_reason why;
    if (pose->view != PL_VIEW_FRONT || pl_pose_off_front_deg(pose) > state->limits.pelvis_yaw_max_deg) {
        measure_unknown(slot, PL_M_PELVIC_DROP, PL_REASON_FACE_CAMERA);
        measure_unknown(slot, PL_M_PELVIC_DROP_CHANGE, PL_REASON_FACE_CAMERA);
        return 0;
    }
    const struct opinion opinion[N_SOURCES] = {
        [STICKERS] = { steady(state, state->stickers_deg), standing->stickers.deg },
        [HANDS] = hands_say(state, pose, standing, &why),
        [HEAD] = head_says(state, pose, standing, slot.v[PL_M_KNEE_FLEXION].value),
    };
    for (int i = 0; i < N_SOURCES; i++) {
        const float gain = i == HEAD ? head_gain : 1.0f, moved = opinion[i].tilt - opinion[i].standing;
        absolute[i] = (struct said){ sign * opinion[i].tilt, isnan(opinion[i].tilt) ? NAN : errors[i].absolute };
        change[i] = (struct said){ sign * moved / gain, isnan(moved) ? NAN : errors[i].change };
    }
    put(absolute, shared_errors.absolute, PL_M_PELVIC_DROP, PL_REASON_HANDS_ON_HIPS, slot);
    return put(change, shared_errors.change, PL_M_PELVIC_DROP_CHANGE,
               isnan(opinion[STICKERS].tilt) ? why : PL_REASON_STAND_STILL, slot);
}

/* Thigh against the pelvis in the frontal plane, 0 = at right angles to it, + = adduction. The thigh's tilt is the
 * picture's, the pelvis is what its sources say; both errors add. src: measures.md 4.3 (Herrington 2017: 2D against 3D r
 * .81 in single-leg squats) */
void pl_measure_hip_adduction(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_value drop = slot.v[PL_M_PELVIC_DROP], fppa = slot.v[PL_M_FPPA];
    const float thigh = -pl_pose_medial(pose, side) * pl_geometry_lean_deg(leg->hip_px, leg->knee_px);
    if (slot.why[PL_M_PELVIC_DROP] != PL_REASON_NONE)
        measure_unknown(slot, PL_M_HIP_ADDUCTION, slot.why[PL_M_PELVIC_DROP]);
    else if (slot.why[PL_M_FPPA] != PL_REASON_NONE)
        measure_unknown(slot, PL_M_HIP_ADDUCTION, slot.why[PL_M_FPPA]);
    else
        measure_known(slot, PL_M_HIP_ADDUCTION, thigh + drop.value, hypotf(drop.err, fppa.err));
}
