/* The set-up guide: can this person be measured where they stand, in this light?
 *
 * in:   the moment, and the picture's brightness, noise and rate
 * out:  each check ok, bad or unknown, and what to change
 * how:  each check is made on the frame alone; it is shown when it has stayed the same for a while
 * not:  nothing is claimed from one camera that it cannot know: the camera's height is told from the floor that the feet
 *       stand on, and only when it is far off; its tilt sideways from a person who stands on both feet, who may lean a little
 * src:  where no other is named, the limits are our own choice, made so that a good set-up (README) never hears of them
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const int64_t bad_ns = PL_NS_PER_S / 2, ok_ns = PL_NS_PER_S / 4; /* how long a check must last to be shown */
static const double mean_s = 1.0;                   /* of tilt and floor */
static const float large = 0.97f, small = 0.42f;    /* statures in the picture's height */
static const float aside = 0.20f, aside_side_on = 0.45f; /* statures from the middle; 0.3 m cost 6 degrees: measures.md 2 */
static const float head_above_nose = 0.08f;         /* statures; Drillis & Contini: eyes .936 */
static const float leans_deg = 6.0f;                /* measures.md 2 asks for 1, which a person does not show */
/* How steeply a lens at height h, distance d looks down on the feet, atan(h / d): the toe is lower in the picture than the heel
 * by its sine of the foot's length. Chair: 0.5-0.9 m at 3 m, 10 to 17 degrees. The network sees toes lower than they are: a
 * rendered person at 19 reads 24. Hence high is a true 28 (1.5 m at 2.7 m), and low is the floor itself. */
static const float floor_high_deg = 32.0f, floor_low_deg = 3.0f;
static const float foot_share = 0.152f;             /* of stature: Drillis & Contini 1966 */
/* What calibrate room measured, beyond its band. src: measures.md 2: between knee and hip (0.5-0.9 m), pitch up to 10 degrees */
static const float lens_high_m = 1.1f, lens_low_m = 0.35f, lens_tilt_deg = 10.0f, lens_sure_m = 0.3f;
static const float dark = 40.0f, bright = 225.0f, grainy = 9.0f, dim = 100.0f; /* grey levels of 255 */
static const float slow_share = 0.75f, slow_fps = 24.0f;

static struct pl_check_now verdict(bool known, bool bad, enum pl_sentence what)
{
    if (!known)
        return (struct pl_check_now){ PL_CHECK_UNKNOWN, PL_SAY_NOTHING, 0 };
    return (struct pl_check_now){ bad ? PL_CHECK_BAD : PL_CHECK_OK, bad ? what : PL_SAY_NOTHING, 0 };
}

static bool somebody(const struct pl_moment *m)
{
    return m->pose.person || (m->keypoints.present && m->pose.reason != PL_REASON_NO_PERSON && m->pose.reason != PL_REASON_NONE);
}

static void check_place(struct pl_check_now *out, const struct pl_moment *m)
{
    const struct pl_pose *p = &m->pose;
    const float w = (float)m->keypoints.width_px, h = (float)m->keypoints.height_px;
    const float nose_y = m->keypoints.raw.px[PL_LM_NOSE].y_px, size = p->stature_px / h, off = p->hips_px.x - 0.5f * w;
    const bool seen = p->person && h > 0 && w > 0, small_one = p->reason == PL_REASON_TOO_SMALL;
    const bool headless = seen && nose_y - head_above_nose * p->stature_px < -0.01f * h;
    /* facing the camera, the person's left is on the picture's right */
    const bool right_of_middle = (off > 0) != p->from_behind;

    out[PL_CHECK_BODY] = verdict(somebody(m) && !small_one, !p->person || headless,
                                 p->person ? PL_SAY_SHOW_HEAD : PL_SAY_SHOW_LEGS);
    out[PL_CHECK_FEET] = verdict(seen, p->reason == PL_REASON_FEET_HIDDEN, PL_SAY_SHOW_FEET);
    out[PL_CHECK_DISTANCE] = verdict(small_one || (seen && size > 0), small_one || size < small || size > large,
                                     !small_one && size > large ? PL_SAY_FURTHER : PL_SAY_CLOSER);
    out[PL_CHECK_CENTRED] = verdict(seen, fabsf(off) > (p->view == PL_VIEW_SIDE ? aside_side_on : aside) * p->stature_px,
                                    p->view != PL_VIEW_FRONT ? PL_SAY_GO_MIDDLE
                                    : right_of_middle ? PL_SAY_GO_RIGHT : PL_SAY_GO_LEFT);
}

/* How many of what the exercise judges is refused with that reason, on the leg that works (or either). */
static int refused(const struct pl_moment *m, enum pl_reason why)
{
    const enum pl_side side = m->progress.side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : m->progress.side;
    int n = 0;
    for (int i = 0; i < PL_N_MEASURES; i++)
        n += m->progress.needed[i] && i != PL_M_KNEE_FLEXION && m->measures.why[side][i] == why;
    return n;
}

static int n_needed(const struct pl_moment *m)
{
    int n = 0;
    for (int i = 0; i < PL_N_MEASURES; i++)
        n += m->progress.needed[i] && i != PL_M_KNEE_FLEXION;
    return n;
}

/* Facing or side-on is right if something that the exercise judges can be seen so. */
static void check_view(struct pl_check_now *out, const struct pl_moment *m, bool told)
{
    const bool seen = m->pose.person && m->pose.view != PL_VIEW_UNKNOWN;
    const int n = told ? n_needed(m) : 0, face = refused(m, PL_REASON_FACE_CAMERA), turn = refused(m, PL_REASON_TURN_SIDE_ON);
    const bool hands = m->progress.needed[PL_M_PELVIC_DROP] || m->progress.needed[PL_M_PELVIC_DROP_CHANGE];

    if (m->pose.view == PL_VIEW_OBLIQUE)
        out[PL_CHECK_VIEW] = verdict(seen, true, n == 0 || (face && turn) ? PL_SAY_FACE_OR_SIDE
                                                 : turn ? PL_SAY_SIDE_ON : PL_SAY_FACE_ME);
    else
        out[PL_CHECK_VIEW] = verdict(seen, n > 0 && (face == n || turn == n), face == n ? PL_SAY_FACE_ME : PL_SAY_SIDE_ON);
    /* the drop itself: its change wants a baseline with the hands there, which is not the person's to mend */
    const enum pl_side side = m->progress.side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : m->progress.side;
    out[PL_CHECK_HANDS] = verdict(seen && hands && m->pose.view == PL_VIEW_FRONT,
                                  m->measures.why[side][PL_M_PELVIC_DROP] == PL_REASON_HANDS_ON_HIPS, PL_SAY_HANDS);
}

static bool on_both_feet(const struct pl_pose *p)
{
    const struct pl_vec2 l = p->leg[PL_SIDE_LEFT].ankle_px, r = p->leg[PL_SIDE_RIGHT].ankle_px;
    return p->person && fabsf(l.y - r.y) < 0.03f * p->stature_px && fabsf(l.x - r.x) < 0.3f * p->stature_px;
}

static void follow(float *mean, float now, double dt_s)
{
    if (!isnan(now))
        *mean = isnan(*mean) ? now : *mean + (float)(1.0 - exp(-dt_s / mean_s)) * (now - *mean);
}

/* How steeply the lens looks down on the floor at the feet, by the way from heels to toes; facing only. */
static float floor_deg(const struct pl_pose *p)
{
    float sum = 0;
    for (int side = 0; side < PL_N_SIDES; side++)
        sum += p->leg[side].toe_px.y - p->leg[side].heel_px.y;
    const float sine = 0.5f * sum / (foot_share * p->stature_px);
    return asinf(fminf(fmaxf(sine, -1), 1)) * (float)(180.0 / PL_PI);
}

static void check_lens(struct guide *g, struct pl_check_now *out, const struct pl_moment *m, double dt_s)
{
    const struct pl_pose *p = &m->pose;
    if (on_both_feet(p) && p->view == PL_VIEW_FRONT && !p->from_behind && m->progress.rep == 0) {
        const struct pl_vec2 feet = pl_geometry_mid(p->leg[PL_SIDE_LEFT].ankle_px, p->leg[PL_SIDE_RIGHT].ankle_px);
        follow(&g->roll_deg, pl_geometry_lean_deg(p->shoulders_px, feet), dt_s);
        follow(&g->floor_deg, floor_deg(p), dt_s);
    }
    out[PL_CHECK_HEIGHT] = verdict(!isnan(g->floor_deg), g->floor_deg > floor_high_deg || g->floor_deg < floor_low_deg,
                                   g->floor_deg > floor_high_deg ? PL_SAY_LENS_HIGH : PL_SAY_LENS_LOW);
    out[PL_CHECK_TILT] = verdict(!isnan(g->roll_deg), fabsf(g->roll_deg) > leans_deg, PL_SAY_LEVEL);
}

/* Measured once beats the look of the feet; only what lies beyond the band is told. */
static void check_room(struct pl_check_now *out, const struct pl_room_calibration *r)
{
    const bool high = r->camera_height_m - r->camera_height_err_m > lens_high_m;
    const bool low = r->camera_height_m + r->camera_height_err_m < lens_low_m;

    if (high || low || r->camera_height_err_m < lens_sure_m)
        out[PL_CHECK_HEIGHT] = verdict(true, high || low, high ? PL_SAY_LENS_HIGH : PL_SAY_LENS_LOW);
    if (fabsf(r->tilt_deg) - r->tilt_err_deg > lens_tilt_deg)
        out[PL_CHECK_TILT] = verdict(true, true, r->tilt_deg > 0 ? PL_SAY_LOOKS_DOWN : PL_SAY_LOOKS_UP);
}

static void check_light(struct pl_check_now *out, const struct pl_coach_input *in)
{
    const bool slow = in->fps < slow_share * in->wanted_fps && in->fps < slow_fps;
    const bool dim_one = !(in->brightness > dim); /* or not known: the usual cause */

    out[PL_CHECK_LIGHT] = verdict(!isnan(in->brightness), in->brightness < dark || in->brightness > bright || in->noise > grainy,
                                  in->brightness < dark ? PL_SAY_DARK
                                  : in->brightness > bright ? PL_SAY_GLARE : PL_SAY_NOISY);
    out[PL_CHECK_RATE] = verdict(!isnan(in->fps) && !isnan(in->wanted_fps), slow, dim_one ? PL_SAY_SLOW_DARK : PL_SAY_SLOW);
    out[PL_CHECK_RATE].number = slow ? (int)lroundf(in->fps) : 0;
}

void pl_guide_reset(struct guide *g)
{
    *g = (struct guide){ .roll_deg = NAN, .floor_deg = NAN };
}

/* The number may change without being another finding. */
static void settle(struct guide *g, int i, struct pl_check_now now, int64_t t_ns)
{
    const struct pl_check_now before = g->raw[i];
    if (now.state != before.state || now.what != before.what)
        g->since_ns[i] = t_ns;
    g->raw[i] = now;
    if (t_ns - g->since_ns[i] >= (now.state == PL_CHECK_BAD ? bad_ns : ok_ns))
        g->shown[i] = now;
}

void pl_guide_step(struct guide *g, const struct pl_moment *m, const struct pl_coach_input *in, bool told)
{
    struct pl_check_now now[PL_N_CHECKS] = { 0 };
    const double dt_s = fmax(pl_s_from_ns(m->t_ns - g->t_ns), 0.0);

    g->t_ns = m->t_ns;
    now[PL_CHECK_PERSON] = verdict(true, !somebody(m), PL_SAY_STEP_IN);
    check_place(now, m);
    check_view(now, m, told);
    check_lens(g, now, m, dt_s);
    if (in->room)
        check_room(now, in->room);
    check_light(now, in);
    now[PL_CHECK_ONE_PERSON] = verdict(in->n_people > 0, in->n_people > 1, PL_SAY_ONE_PERSON);
    for (int i = 0; i < PL_N_CHECKS; i++)
        settle(g, i, now[i], m->t_ns);
}

bool pl_guide_blocks(const struct guide *g)
{
    return g->shown[PL_CHECK_PERSON].state != PL_CHECK_OK || g->shown[PL_CHECK_BODY].what == PL_SAY_SHOW_LEGS ||
           g->shown[PL_CHECK_FEET].state == PL_CHECK_BAD || g->shown[PL_CHECK_DISTANCE].state == PL_CHECK_BAD;
}
