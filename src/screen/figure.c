/* What is drawn on the person: skeleton, plumb line from knee to toe, the leg that a cue means.
 *
 * in:   raw landmarks; the pose's leg points where it has them (legs put right, single-frame jumps removed): the joints, so
 *       that what is drawn is what the angles are of
 * out:  sure bones thick and blue, unsure ones thin and yellow, hidden ones dashed grey or not at all: never by colour alone
 * how:  everything is mapped, mirrored and put back into the lens' picture by `place` and by nothing else
 * not:  no wedge where the drift is not measured (wrong view, hidden foot): a picture must not claim more than the numbers do
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>

/* Confidence of a bone is that of its less certain end. src: own choice; 0.5 is MediaPipe's default confidence. */
static const float sure_p = 0.8f, seen_p = 0.5f, guessed_p = 0.1f;

/* From pixels of the frame to pixels of the window. */
struct place {
    float x, y, scale, frame_w;
    bool mirror;
    float body_px;              /* the person's size in the window */
    const struct pl_lens *lens; /* the points were straightened, the picture was not; NULL: the points stand as they are */
};

static SDL_FPoint put(const struct place *p, struct pl_vec2 v)
{
    if (p->lens)
        v = pl_lens_distort(p->lens, v);
    return (SDL_FPoint){ p->x + p->scale * (p->mirror ? p->frame_w - v.x : v.x), p->y + p->scale * v.y };
}

static bool known(struct pl_vec2 v)
{
    return fabsf(v.x) < 1e5f && fabsf(v.y) < 1e5f; /* false for NAN, and for points so far out that they mean nothing */
}

struct joint { struct pl_vec2 at; float p; };

static struct joint raw_joint(const struct pl_moment *m, int i)
{
    const struct pl_point *r = &m->keypoints.raw.px[i];
    return (struct joint){ { r->x_px, r->y_px }, r->visibility_p };
}

/* Joints of the whole body; legs as the pose has them. */
static void gather(const struct pl_moment *m, struct joint joint[PL_N_LANDMARKS])
{
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        joint[i] = raw_joint(m, i);
    for (int s = 0; s < PL_N_SIDES; s++) {
        const struct pl_leg *leg = &m->pose.leg[s];
        const struct { enum pl_landmark lm; struct pl_vec2 at; } points[] = {
            { PL_LM_LEFT_HIP, leg->joint.hip_px }, { PL_LM_LEFT_KNEE, leg->joint.knee_px },
            { PL_LM_LEFT_ANKLE, leg->joint.ankle_px },
            { PL_LM_LEFT_HEEL, leg->heel_px }, { PL_LM_LEFT_FOOT_INDEX, leg->toe_px },
        };
        for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
            enum pl_side source = m->pose.swapped ? pl_side_other((enum pl_side)s) : (enum pl_side)s;
            struct joint *j = &joint[pl_landmark_of(points[i].lm, (enum pl_side)s)];
            *j = raw_joint(m, (int)pl_landmark_of(points[i].lm, source));
            if (m->pose.person && known(points[i].at))
                j->at = points[i].at;
        }
    }
}

#define SIDED(a, b) { PL_LM_LEFT_##a, PL_LM_LEFT_##b, PL_SIDE_LEFT }, { PL_LM_RIGHT_##a, PL_LM_RIGHT_##b, PL_SIDE_RIGHT }
static const struct bone { enum pl_landmark a, b; enum pl_side leg; } bones[] = {
    { PL_LM_LEFT_SHOULDER, PL_LM_RIGHT_SHOULDER, PL_SIDE_UNKNOWN }, { PL_LM_LEFT_HIP, PL_LM_RIGHT_HIP, PL_SIDE_UNKNOWN },
    { PL_LM_LEFT_SHOULDER, PL_LM_LEFT_HIP, PL_SIDE_UNKNOWN }, { PL_LM_RIGHT_SHOULDER, PL_LM_RIGHT_HIP, PL_SIDE_UNKNOWN },
    { PL_LM_LEFT_SHOULDER, PL_LM_LEFT_ELBOW, PL_SIDE_UNKNOWN }, { PL_LM_LEFT_ELBOW, PL_LM_LEFT_WRIST, PL_SIDE_UNKNOWN },
    { PL_LM_RIGHT_SHOULDER, PL_LM_RIGHT_ELBOW, PL_SIDE_UNKNOWN }, { PL_LM_RIGHT_ELBOW, PL_LM_RIGHT_WRIST, PL_SIDE_UNKNOWN },
    SIDED(HIP, KNEE), SIDED(KNEE, ANKLE), SIDED(ANKLE, HEEL), SIDED(HEEL, FOOT_INDEX), SIDED(ANKLE, FOOT_INDEX),
};
#undef SIDED
enum { N_BONES = sizeof bones / sizeof bones[0] };

/* Which bones the cue is about: the pelvis for a hip drop, the trunk for a lean, the leg otherwise. */
static bool blamed(const struct pl_cue *cue, const struct bone *b)
{
    bool trunk = b->leg == PL_SIDE_UNKNOWN, pelvis = b->a == PL_LM_LEFT_HIP && b->b == PL_LM_RIGHT_HIP;

    if (!cue->on)
        return false;
    if (cue->fault == PL_FAULT_HIP_DROP)
        return pelvis;
    if (cue->fault == PL_FAULT_TRUNK_LEAN)
        return trunk && (b->b == PL_LM_LEFT_HIP || b->b == PL_LM_RIGHT_HIP) && !pelvis;
    return !trunk && (cue->side == PL_SIDE_UNKNOWN || b->leg == cue->side);
}

static bool working(const struct pl_moment *m, enum pl_side leg)
{
    return leg != PL_SIDE_UNKNOWN && m->progress.side == leg;
}

/* One bone; `under` draws what lies below all bones: the dark rim that keeps it visible on a bright picture, the cue's glow. */
static void draw_bone(struct pl_screen *s, const struct place *place, const struct pl_moment *m, const struct joint *joint,
                      const struct bone *b, bool under)
{
    float p = fminf(joint[b->a].p, joint[b->b].p), width = fmaxf(2.5f, 0.012f * place->body_px);

    if (!known(joint[b->a].at) || !known(joint[b->b].at) || !(p >= guessed_p))
        return;
    SDL_FPoint from = put(place, joint[b->a].at), to = put(place, joint[b->b].at);
    if (working(m, b->leg))
        width *= 1.5f;
    if (p < seen_p || !m->pose.person) {
        pl_screen_dashes(s, from, to, under ? 0.7f * width + 3 : 0.7f * width, 2.5f * width, under ? PL_SHADE : PL_MUTED);
        return;
    }
    if (under && blamed(&m->cue, b))
        pl_screen_line(s, from, to, 2.8f * width, PL_AMBER);
    if (p < sure_p)
        width *= 0.6f;
    pl_screen_line(s, from, to, under ? width + 3 : width, under ? PL_SHADE : p < sure_p ? PL_YELLOW : PL_SKY);
}

static void draw_joints(struct pl_screen *s, const struct place *place, const struct pl_moment *m, const struct joint *joint)
{
    float r = fmaxf(2.5f, 0.011f * place->body_px);

    for (int i = 0; i < N_BONES; i++) {
        const struct joint *j = &joint[bones[i].b];
        if (!known(j->at) || !(j->p >= seen_p) || !m->pose.person)
            continue;
        SDL_FPoint c = put(place, j->at);
        pl_screen_disc(s, c, r + 1.5f, PL_SHADE);
        pl_screen_disc(s, c, r, PL_WHITE);
    }
}

static void draw_diamond(struct pl_screen *s, SDL_FPoint c, float r, SDL_Color colour)
{
    SDL_FPoint p[4] = { { c.x, c.y - r }, { c.x + r, c.y }, { c.x, c.y + r }, { c.x - r, c.y } };
    pl_screen_convex(s, p, 4, colour);
}

/* Where the plumb line hangs, in pixels of the frame. */
struct plumb {
    struct pl_vec2 top, bottom; /* the line */
    struct pl_vec2 knee, toe;
    float drift_px;             /* > 0: knee towards the midline (front) or in front of the toe (side); NAN: not measured */
    enum pl_fault_kind fault;   /* the one that this drift can become */
};

/* Front: hangs from the knee down to the toe's level. Side: stands on the toe up to the knee's level. */
static bool find_plumb(const struct pl_moment *m, enum pl_side side, struct plumb *out)
{
    const struct pl_leg *leg = &m->pose.leg[side], *other = &m->pose.leg[pl_side_other(side)];
    bool front = m->pose.view == PL_VIEW_FRONT;
    struct pl_vec2 knee = front ? leg->joint.knee_px : leg->knee_px; /* which its measure is of */
    enum pl_measure measure = front ? PL_M_FPPA : PL_M_KNEE_OVER_TOE;
    float inwards = front ? other->hip_px.x - leg->hip_px.x : leg->toe_px.x - leg->heel_px.x;

    if ((!front && m->pose.view != PL_VIEW_SIDE) || !known(knee) || !known(leg->toe_px))
        return false;
    out->knee = knee;
    out->toe = leg->toe_px;
    out->top = (struct pl_vec2){ front ? knee.x : leg->toe_px.x, knee.y };
    out->bottom = (struct pl_vec2){ out->top.x, leg->toe_px.y };
    out->fault = front ? PL_FAULT_KNEE_COLLAPSE : PL_FAULT_KNEE_OVER_TOE;
    out->drift_px = (knee.x - leg->toe_px.x) * (inwards < 0 ? -1.0f : 1.0f);
    if (!isfinite(m->measures.v[side][measure].value))
        out->drift_px = NAN;
    return out->bottom.y > out->top.y;
}

static void draw_plumb(struct pl_screen *s, const struct place *place, const struct pl_moment *m, enum pl_side side)
{
    struct plumb line;
    float width = fmaxf(2, 0.008f * place->body_px);

    if (!find_plumb(m, side, &line))
        return;
    SDL_FPoint top = put(place, line.top), bottom = put(place, line.bottom);
    SDL_FPoint knee = put(place, line.knee), toe = put(place, line.toe);
    bool blame = m->cue.on && m->cue.fault == line.fault && (m->cue.side == side || m->cue.side == PL_SIDE_UNKNOWN);

    /* below 4 % of the knee's height the landmarks' own noise would make the wedge flicker */
    if (line.drift_px > 0.04f * (line.bottom.y - line.top.y)) {
        SDL_FPoint wedge[3] = { knee, toe, m->pose.view == PL_VIEW_FRONT ? bottom : top };
        pl_screen_convex(s, wedge, 3, PL_COLOUR(PL_AMBER.r, PL_AMBER.g, PL_AMBER.b, blame ? 235 : 140));
        for (int i = 0; i < 3 && blame; i++)
            pl_screen_line(s, wedge[i], wedge[(i + 1) % 3], width, PL_BLACK);
    }
    pl_screen_line(s, top, bottom, width + 3, PL_SHADE);
    pl_screen_dashes(s, top, bottom, width, 3 * width, PL_WHITE);
    draw_diamond(s, toe, 3.4f * width, PL_BLACK);
    draw_diamond(s, toe, 2.4f * width, PL_WHITE);
}

/* The best repetition so far, hollow, so that it is not taken for the person: two thin lines for each bone. */
static void draw_ghost(struct pl_screen *s, const struct place *place)
{
    static const signed char pairs[][2] = {
        { PL_GHOST_SHOULDER, PL_GHOST_SHOULDER + 1 }, { PL_GHOST_HIP, PL_GHOST_HIP + 1 },
        { PL_GHOST_SHOULDER, PL_GHOST_HIP }, { PL_GHOST_SHOULDER + 1, PL_GHOST_HIP + 1 },
        { PL_GHOST_HIP, PL_GHOST_KNEE }, { PL_GHOST_HIP + 1, PL_GHOST_KNEE + 1 },
        { PL_GHOST_KNEE, PL_GHOST_ANKLE }, { PL_GHOST_KNEE + 1, PL_GHOST_ANKLE + 1 },
        { PL_GHOST_ANKLE, PL_GHOST_TOE }, { PL_GHOST_ANKLE + 1, PL_GHOST_TOE + 1 },
    };
    const float half = 0.024f * place->body_px, w = fmaxf(2, 0.006f * place->body_px);

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct pl_vec2 a = s->coach->ghost_px[(int)pairs[i][0]], b = s->coach->ghost_px[(int)pairs[i][1]];
        if (!known(a) || !known(b))
            continue;
        const SDL_FPoint p = put(place, a), q = put(place, b);
        const float d = hypotf(q.x - p.x, q.y - p.y);
        if (!(d > 1))
            continue;
        const SDL_FPoint n = { (q.y - p.y) / d * half, (p.x - q.x) / d * half };
        for (int side = -1; side <= 1; side += 2) {
            const float k = (float)side;
            const SDL_FPoint from = { p.x + k * n.x, p.y + k * n.y }, to = { q.x + k * n.x, q.y + k * n.y };
            pl_screen_line(s, from, to, w, PL_WHITE);
        }
    }
}

/* Where the pelvis line runs: through the hands where they spoke of the drop, else through the middle of the hips with the tilt
 * of the stickers or of the network's head. */
static bool find_pelvis(const struct pl_moment *m, enum pl_side side, struct pl_vec2 out[PL_N_SIDES])
{
    const unsigned by = m->measures.hip_drop_by[side];
    const float tilt_deg = by & 1u << PL_PELVIS_STICKERS ? m->keypoints.pelvis_stickers_deg : m->keypoints.pelvis_head_deg;
    const float tilt = tilt_deg * (float)(PL_PI / 180), half = 0.11f * m->pose.stature_px; /* to the sides of the body */
    const float left = m->pose.from_behind ? -1 : 1; /* the person's left in the picture */

    if (by & 1u << PL_PELVIS_HANDS) {
        out[PL_SIDE_LEFT] = m->pose.hand_px[PL_SIDE_LEFT];
        out[PL_SIDE_RIGHT] = m->pose.hand_px[PL_SIDE_RIGHT];
    } else {
        const struct pl_vec2 c = m->pose.hips_px, d = { left * half * cosf(tilt), -half * sinf(tilt) };
        out[PL_SIDE_LEFT] = (struct pl_vec2){ c.x + d.x, c.y + d.y };
        out[PL_SIDE_RIGHT] = (struct pl_vec2){ c.x - d.x, c.y - d.y };
    }
    return by && known(out[PL_SIDE_LEFT]) && known(out[PL_SIDE_RIGHT]);
}

/* The pelvis line, level dashes from its lower end, and the change in degrees: only where that is measured. */
static void draw_pelvis(struct pl_screen *s, const struct place *place, const struct pl_moment *m)
{
    const enum pl_side side = m->progress.side;
    const float width = fmaxf(2, 0.008f * place->body_px), u = s->layout.u;
    struct pl_vec2 end[PL_N_SIDES];
    char text[24];

    if (side == PL_SIDE_UNKNOWN || !m->progress.needed[PL_M_PELVIC_DROP_CHANGE] || !find_pelvis(m, side, end))
        return;
    const struct pl_value v = s->held[side][PL_M_PELVIC_DROP_CHANGE].v;
    if (!isfinite(m->measures.v[side][PL_M_PELVIC_DROP_CHANGE].value) || !isfinite(v.value))
        return;
    const bool blame = m->cue.on && m->cue.fault == PL_FAULT_HIP_DROP;
    const SDL_FPoint a = put(place, end[PL_SIDE_LEFT]), b = put(place, end[PL_SIDE_RIGHT]);
    const SDL_FPoint low = a.y > b.y ? a : b, high = a.y > b.y ? b : a;
    pl_screen_line(s, a, b, width + 3, PL_SHADE);
    pl_screen_line(s, a, b, blame ? 1.8f * width : width, blame ? PL_AMBER : PL_WHITE);
    pl_screen_dashes(s, low, (SDL_FPoint){ high.x, low.y }, 0.8f * width, 3 * width, PL_WHITE);
    snprintf(text, sizeof text, "%s%.0f\xc2\xb0", v.value <= -0.5f ? "\xe2\x88\x92" : "", (double)fabsf(v.value));
    /* beside the free side's end, where the drop is */
    const SDL_FPoint at = side == PL_SIDE_LEFT ? b : a, other = side == PL_SIDE_LEFT ? a : b;
    const SDL_FRect box = { at.x < other.x ? at.x - 11 * u : at.x + 2 * u, at.y - 3 * u, 9 * u, 6 * u };
    pl_screen_pill(s, box, PL_BLACK);
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = box, .em_px = 5 * u, .em_least_px = 2 * u, .bold = true,
                    .align = PL_ALIGN_MIDDLE, .colour = blame ? PL_AMBER : PL_WHITE });
}

static void draw_ring(struct pl_screen *s, const struct place *place, const struct pl_moment *m)
{
    enum pl_side side = m->cue.side;
    bool knee = m->cue.fault == PL_FAULT_KNEE_COLLAPSE || m->cue.fault == PL_FAULT_KNEE_OVER_TOE ||
                m->cue.fault == PL_FAULT_WOBBLE;

    if (!m->cue.on || !knee || side == PL_SIDE_UNKNOWN || !known(m->pose.leg[side].knee_px))
        return;
    SDL_FPoint c = put(place, m->pose.leg[side].knee_px);
    float r = 0.06f * place->body_px, width = fmaxf(3, 0.014f * place->body_px);
    pl_screen_ring(s, c, r, width + 4, PL_BLACK);
    pl_screen_ring(s, c, r, width, PL_AMBER);
}

/* Which way a tag beside the knee hides nothing: away from the other leg, in a side view away from the toes; -1 = left. */
static float free_side(const struct place *place, const struct pl_pose *pose, enum pl_side side)
{
    const struct pl_leg *leg = &pose->leg[side];
    bool profile = pose->view == PL_VIEW_SIDE;
    struct pl_vec2 from = profile ? leg->heel_px : leg->hip_px, to = profile ? leg->toe_px : pose->leg[pl_side_other(side)].hip_px;

    return known(from) && known(to) && put(place, to).x > put(place, from).x ? -1 : 1;
}

/* "L" or "R" beside the working knee: the picture may be mirrored, the letter never is. */
static void draw_side_tag(struct pl_screen *s, const struct place *place, const struct pl_moment *m)
{
    enum pl_side side = m->progress.side;
    float size = 5.5f * s->layout.u;
    SDL_FRect picture = s->layout.picture;

    if (side == PL_SIDE_UNKNOWN || !m->pose.person || !known(m->pose.leg[side].knee_px))
        return;
    SDL_FPoint c = put(place, m->pose.leg[side].knee_px);
    c.x += free_side(place, &m->pose, side) * (0.075f * place->body_px + 0.8f * size);
    c.x = fminf(fmaxf(c.x, picture.x + size), picture.x + picture.w - size);
    c.y = fminf(fmaxf(c.y, picture.y + size), picture.y + picture.h - size);
    pl_screen_disc(s, c, 0.62f * size, PL_BLACK);
    pl_screen_disc(s, c, 0.54f * size, PL_WHITE);
    pl_screen_label(s, &(struct pl_screen_label){
        .text = side == PL_SIDE_LEFT ? "L" : "R", .box = { c.x - size, c.y - size, 2 * size, 2 * size },
        .em_px = 0.85f * size, .em_least_px = 4, .bold = true, .align = PL_ALIGN_MIDDLE, .colour = PL_BLACK });
}

/* Everybody else: dimmed and framed by dashes, and said not to be measured. Their places are those of the picture. */
static void draw_others(struct pl_screen *s, const struct place *p, const struct pl_keypoints *k)
{
    const char *text = pl_language_text(s->language, PL_SAY_NOT_MEASURED);
    const float u = s->layout.u;

    for (int i = 0; i < k->n_others; i++) {
        const struct pl_region *o = &k->other[i];
        const float size = p->scale * o->size_px, half_w = 0.18f * size, half_h = 0.42f * size; /* a body stands in .75 of it */
        const float x = p->x + p->scale * (p->mirror ? p->frame_w - o->cx_px : o->cx_px), y = p->y + p->scale * o->cy_px;
        const SDL_FRect box = { x - half_w, y - half_h, 2 * half_w, 2 * half_h };
        const SDL_FPoint corner[4] = { { box.x, box.y }, { box.x + box.w, box.y }, { box.x + box.w, box.y + box.h },
                                       { box.x, box.y + box.h } };
        pl_screen_rect(s, box, PL_SHADE);
        for (int c = 0; c < 4; c++)
            pl_screen_dashes(s, corner[c], corner[(c + 1) % 4], 0.5f * u, 2 * u, PL_MUTED);
        const float w = fmaxf(box.w, 26 * u);
        const SDL_FRect r = s->layout.picture;
        /* low: the list of checks stands above */
        SDL_FRect plate = { fminf(fmaxf(x - w / 2, r.x), r.x + r.w - w), fminf(y + half_h, r.y + r.h) - 9 * u, w, 8 * u };
        pl_screen_pill(s, plate, PL_BLACK);
        pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = plate, .em_px = 5 * u, .em_least_px = 2 * u, .lines = 1,
                        .align = PL_ALIGN_MIDDLE, .colour = PL_WHITE });
    }
}

void pl_screen_figure(struct pl_screen *s, const struct pl_frame *frame, const struct pl_moment *m)
{
    struct joint joint[PL_N_LANDMARKS];
    int frame_w = frame && frame->width_px > 0 ? frame->width_px : m->keypoints.width_px;
    SDL_FRect r = s->layout.picture;
    const bool bent = s->lens && s->lens->width_px == m->keypoints.width_px && s->lens->height_px == m->keypoints.height_px;
    struct place place = { r.x, r.y, r.w / (float)frame_w, (float)frame_w, s->mirror, 0.75f * r.h, bent ? s->lens : NULL };
    float body_px = place.scale * m->pose.stature_px;

    SDL_RenderSetClipRect(s->renderer, &(SDL_Rect){ (int)r.x, (int)r.y, (int)r.w, (int)r.h });
    if (frame_w > 0)
        draw_others(s, &place, &m->keypoints);
    SDL_RenderSetClipRect(s->renderer, NULL);
    /* without a plausible person only what the pose calls a hidden leg is sketched: no skeletons on furniture */
    if (frame_w <= 0 || !m->keypoints.present || (!m->pose.person && m->pose.reason == PL_REASON_NO_PERSON))
        return;
    if (body_px > 0.2f * r.h) /* else unknown, or so small that thinner lines would vanish */
        place.body_px = fminf(body_px, 1.2f * r.h);
    SDL_RenderSetClipRect(s->renderer, &(SDL_Rect){ (int)r.x, (int)r.y, (int)r.w, (int)r.h });
    gather(m, joint);
    if (s->ghost && s->coach && s->coach->ghost)
        draw_ghost(s, &place);
    for (int i = 0; i < N_BONES; i++)
        draw_bone(s, &place, m, joint, &bones[i], true);
    for (int i = 0; i < N_BONES; i++)
        draw_bone(s, &place, m, joint, &bones[i], false);
    for (int side = 0; side < PL_N_SIDES && m->pose.person; side++) {
        bool both = m->progress.side == PL_SIDE_UNKNOWN && m->progress.exercise == PL_EXERCISE_SQUAT &&
                    (m->pose.view == PL_VIEW_FRONT || m->pose.near_side == (enum pl_side)side);
        if (both || working(m, (enum pl_side)side))
            draw_plumb(s, &place, m, (enum pl_side)side);
    }
    draw_joints(s, &place, m, joint);
    if (m->pose.person)
        draw_pelvis(s, &place, m);
    draw_ring(s, &place, m);
    draw_side_tag(s, &place, m);
    SDL_RenderSetClipRect(s->renderer, NULL);
}
