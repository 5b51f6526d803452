#include "stick.h"

#include <math.h>

#define H STICK_STATURE_M
static const double rad_per_deg = PL_PI / 180.0;

static struct stick_point plus(struct stick_point a, double x, double y, double z)
{
    return (struct stick_point){ a.x + x, a.y + y, a.z + z };
}

struct stick stick_standing(void)
{
    struct stick s = { .hips = { 0, 0, 0 }, .hands_on_hips = true };
    s.ankle[PL_SIDE_LEFT] = (struct stick_point){ 0.09, 0, 0.039 * H };
    s.ankle[PL_SIDE_RIGHT] = (struct stick_point){ -0.09, 0, 0.039 * H };
    stick_bend(&s, PL_SIDE_LEFT, 7.0);
    return s;
}

static struct stick_point hip_of(const struct stick *s, int side)
{
    const double out = (side == PL_SIDE_LEFT ? 0.09 : -0.09), tilt = s->drop_deg * rad_per_deg;
    return plus(s->hips, out * cos(tilt), 0, out * sin(tilt));
}

void stick_bend(struct stick *s, enum pl_side side, double knee_deg)
{
    const struct stick_point ankle = s->ankle[side], hip = hip_of(s, side);
    const double length = STICK_LEG_M * cos(0.5 * knee_deg * rad_per_deg);
    const double flat = hypot(hip.x - ankle.x, hip.y - ankle.y);
    s->hips.z += ankle.z + sqrt(length * length - flat * flat) - hip.z;
}

/* Half-way between hip and ankle, and forwards by what is left of the segments' length. */
static struct stick_point knee_of(const struct stick *s, int side)
{
    const struct stick_point hip = hip_of(s, side), ankle = s->ankle[side];
    const double dy = hip.y - ankle.y, dz = hip.z - ankle.z,
                 d = sqrt((hip.x - ankle.x) * (hip.x - ankle.x) + dy * dy + dz * dz);
    const double half = 0.5 * STICK_LEG_M, out = sqrt(fmax(0.0, half * half - 0.25 * d * d)), plane = hypot(dy, dz);
    const double medial = side == PL_SIDE_LEFT ? -1 : 1;
    return (struct stick_point){ 0.5 * (hip.x + ankle.x) + medial * s->knee_in_m[side],
                                 0.5 * (hip.y + ankle.y) + out * dz / plane,
                                 0.5 * (hip.z + ankle.z) - out * dy / plane };
}

static void body_of(const struct stick *s, struct stick_point p[PL_N_LANDMARKS])
{
    const double forward = sin(s->trunk_forward_deg * rad_per_deg), left = sin(s->trunk_left_deg * rad_per_deg);
    const double up = sqrt(fmax(0.0, 1.0 - forward * forward - left * left));
    const struct stick_point neck = plus(s->hips, 0.288 * H * left, 0.288 * H * forward, 0.288 * H * up);
    const struct stick_point head = plus(neck, 0.12 * H * left, 0.12 * H * forward + 0.04, 0.12 * H * up);
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        p[i] = head;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const double out = side == PL_SIDE_LEFT ? 1 : -1, tilt = s->drop_deg * rad_per_deg;
        const struct stick_point shoulder = plus(neck, out * 0.129 * H, 0, 0), ankle = s->ankle[side];
        struct stick_point hand = plus(shoulder, 0, 0, -0.42 * H);
        if (s->hands_on_hips)
            hand = plus(s->hips, out * 0.10 * H * cos(tilt), 0.03, 0.05 * H + out * 0.10 * H * sin(tilt));
        p[PL_LM_LEFT_SHOULDER + side] = shoulder;
        p[PL_LM_LEFT_ELBOW + side] = plus(shoulder, out * 0.08 * H, 0, -0.17 * H);
        p[PL_LM_LEFT_WRIST + side] = p[PL_LM_LEFT_PINKY + side] = p[PL_LM_LEFT_INDEX + side] =
            p[PL_LM_LEFT_THUMB + side] = hand;
        p[PL_LM_LEFT_HIP + side] = hip_of(s, side);
        p[PL_LM_LEFT_KNEE + side] = knee_of(s, side);
        p[PL_LM_LEFT_ANKLE + side] = ankle;
        p[PL_LM_LEFT_HEEL + side] = plus(ankle, 0, -0.035 * H, -0.03 * H);
        p[PL_LM_LEFT_FOOT_INDEX + side] = plus(ankle, 0, 0.088 * H, -0.03 * H);
        p[side ? PL_LM_RIGHT_EAR : PL_LM_LEFT_EAR] = plus(head, out * 0.08, -0.06, 0);
    }
}

struct stick stick_other_side(const struct stick *s)
{
    struct stick o = *s;
    for (int side = 0; side < PL_N_SIDES; side++) {
        o.ankle[side] = s->ankle[1 - side];
        o.ankle[side].x = -o.ankle[side].x;
        o.knee_in_m[side] = s->knee_in_m[1 - side];
    }
    o.hips.x = -s->hips.x;
    o.drop_deg = -s->drop_deg;
    o.trunk_left_deg = -s->trunk_left_deg;
    o.heading_deg = -s->heading_deg;
    return o;
}

static void turn(const struct stick *s, struct stick_point *p)
{
    const double k = cos(s->heading_deg * rad_per_deg), h = sin(s->heading_deg * rad_per_deg);
    const double x = p->x - s->hips.x, y = p->y - s->hips.y;
    p->x = s->hips.x + k * x + h * y;
    p->y = s->hips.y - h * x + k * y;
}

struct stick_camera stick_camera_at(double yaw_deg)
{
    return (struct stick_camera){
        .yaw_deg = yaw_deg, .distance_m = 3.0, .height_m = 0.9, .focal_px = 1000, .width_px = 1280, .height_px = 720
    };
}

/* In the camera's own directions: right, down, away. */
static struct stick_point seen_from(const struct stick_camera *c, struct stick_point p)
{
    const double s = sin(c->yaw_deg * rad_per_deg), k = cos(c->yaw_deg * rad_per_deg);
    const double r = sin(c->roll_deg * rad_per_deg), q = cos(c->roll_deg * rad_per_deg);
    const double right = k * p.x - s * p.y, down = c->height_m - p.z;
    return (struct stick_point){ q * right - r * down, r * right + q * down, c->distance_m - s * p.x - k * p.y };
}

/* The network's world landmarks are turned to one side in front of the camera (src/pose/view.c): so are these. */
static double turned_deg(double yaw_deg)
{
    const double mean = -4.5, whole = 20.0, gone = 45.0, yaw = remainder(yaw_deg, 360.0), slope = mean / (gone - whole);
    const double near = yaw + mean, far = (near + slope * whole) / (1.0 + (near > 0 ? 1.0 : -1.0) * slope);
    return fabs(near) <= whole ? mean : fabs(far) < gone ? far - yaw : 0.0;
}

void stick_keypoints(const struct stick *s, const struct stick_camera *c, int64_t t_ns, struct pl_keypoints *out)
{
    struct stick_point body[PL_N_LANDMARKS];
    const struct stick_point hips = seen_from(c, s->hips);
    *out = (struct pl_keypoints){
        .t_ns = t_ns, .width_px = c->width_px, .height_px = c->height_px, .present = true, .person_p = 1.0f,
        .pelvis_head_deg = NAN, .pelvis_stickers_deg = NAN, .yaw_head_deg = NAN
    };
    const double more = turned_deg(c->yaw_deg + s->heading_deg) * rad_per_deg;
    body_of(s, body);
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        turn(s, &body[i]);
        const struct stick_point p = seen_from(c, body[i]);
        out->raw.px[i] = (struct pl_point){ (float)(0.5 * c->width_px + c->focal_px * p.x / p.z),
                                            (float)(0.5 * c->height_px + c->focal_px * p.y / p.z),
                                            (float)(c->focal_px * (p.z - hips.z) / hips.z), 1.0f };
        const double x = p.x - hips.x, z = p.z - hips.z;
        out->raw.m[i] = (struct pl_vec3){ (float)(cos(more) * x + sin(more) * z), (float)(p.y - hips.y),
                                          (float)(cos(more) * z - sin(more) * x) };
    }
    out->smooth = out->raw;
}

/* Sum of twelve even numbers: near enough to a normal distribution. */
static double normal(uint64_t *seed)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        sum += (double)(*seed >> 11) / 9007199254740992.0;
    }
    return sum;
}

void stick_noise(struct pl_keypoints *k, double noise_px, uint64_t *seed)
{
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        k->raw.px[i].x_px += (float)(noise_px * normal(seed));
        k->raw.px[i].y_px += (float)(noise_px * normal(seed));
    }
}

void stick_mix_legs(struct pl_keypoints *keypoints, float share)
{
    struct pl_landmarks *set = &keypoints->raw;
    for (int i = PL_LM_LEFT_KNEE; i < PL_N_LANDMARKS; i += 2) {
        struct pl_point *l = &set->px[i], *r = l + 1;
        struct pl_vec3 *l_m = &set->m[i], *r_m = l_m + 1;
        const struct pl_vec3 way = { share * (r->x_px - l->x_px), share * (r->y_px - l->y_px), share * (r->z_px - l->z_px) };
        const struct pl_vec3 way_m = { share * (r_m->x - l_m->x), share * (r_m->y - l_m->y), share * (r_m->z - l_m->z) };
        *l = (struct pl_point){ l->x_px + way.x, l->y_px + way.y, l->z_px + way.z, l->visibility_p };
        *r = (struct pl_point){ r->x_px - way.x, r->y_px - way.y, r->z_px - way.z, r->visibility_p };
        *l_m = (struct pl_vec3){ l_m->x + way_m.x, l_m->y + way_m.y, l_m->z + way_m.z };
        *r_m = (struct pl_vec3){ r_m->x - way_m.x, r_m->y - way_m.y, r_m->z - way_m.z };
    }
}
