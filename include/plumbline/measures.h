/* Pose -> named numbers with units and error bands, per side.
 *
 * in:   struct pl_pose of one frame, state for what needs a history (wobble)
 * out:  every measure of every side as value and half width of its 95 % band, or NAN and the reason
 * src:  definitions and sources at each function in src/measures/
 * not:  no judgement: limits and faults are the exercise's business
 */
#ifndef PLUMBLINE_MEASURES_H
#define PLUMBLINE_MEASURES_H

#include "plumbline/limits.h"
#include "plumbline/pose.h"

/* name in JSON and CSV, whether it has a side, unit for the screen, short name for the screen, sign convention */
#define PL_MEASURES(X) \
    X(KNEE_FLEXION,        "knee_flexion_deg",        true,  "°", "knee bend")      /* 0 = straight */ \
    X(FPPA,                "fppa_deg",                true,  "°", "knee in, as seen") /* + = towards the midline (collapse) */ \
    X(FPPA_CORRECTED,      "fppa_corrected_deg",      true,  "°", "knee in") /* as a camera straight ahead of the leg would */ \
                                                                                      /* see it: what is judged */ \
    X(FPPA_CHANGE,         "fppa_change_deg",         true,  "°", "knee in, change")/* against standing */ \
    X(PELVIC_DROP,         "pelvic_drop_deg",         true,  "°", "hip drop")       /* this side stands; + = other side lower */ \
    X(PELVIC_DROP_CHANGE,  "pelvic_drop_change_deg",  true,  "°", "hip drop, change") \
    X(HIP_ADDUCTION,       "hip_adduction_deg",       true,  "°", "thigh in")       /* thigh against the pelvis, + = adduction */ \
    X(KNEE_OVER_TOE,       "knee_over_toe_pct",       true,  "%", "knee over toe")  /* of foot length, + = in front of the toe */ \
    X(TRUNK_LEAN_SIDE,     "trunk_lean_side_deg",     true,  "°", "lean sideways")  /* + = towards this side */ \
    X(TRUNK_LEAN_FORWARD,  "trunk_lean_forward_deg",  false, "°", "lean forward") \
    X(WOBBLE,              "wobble_pct",              true,  "%", "wobble")         /* RMS sideways knee motion, of leg length */

enum pl_measure {
#define X(name, id, sided, unit, text) PL_M_##name,
    PL_MEASURES(X)
#undef X
    PL_N_MEASURES
};
const char *pl_measure_id(enum pl_measure m);    /* "knee_flexion_deg" */
bool pl_measure_has_side(enum pl_measure m);
const char *pl_measure_unit(enum pl_measure m);
const char *pl_measure_text(enum pl_measure m);

/* Who can speak of the pelvis; the bits of hip_drop_by are 1 << source. */
#define PL_PELVIS_SOURCES(X) X(STICKERS, "stickers") X(HANDS, "hands") X(HEAD, "head")
enum pl_pelvis_source {
#define X(name, id) PL_PELVIS_##name,
    PL_PELVIS_SOURCES(X)
#undef X
    PL_N_PELVIS_SOURCES
};
const char *pl_pelvis_source_name(int source); /* "hands" */

struct pl_value { float value, err; }; /* err: half width of the 95 % band; both NAN if not known */

/* A measure without side has the same value on both sides. */
struct pl_measures {
    int64_t t_ns;
    struct pl_value v[PL_N_SIDES][PL_N_MEASURES];
    enum pl_reason why[PL_N_SIDES][PL_N_MEASURES]; /* NONE where the value is known */
    unsigned hip_drop_by[PL_N_SIDES]; /* who spoke of PELVIC_DROP_CHANGE */
};

struct pl_measures_state;
struct pl_measures_state *pl_measures_open(const struct pl_limits *limits); /* NULL when out of memory */
void pl_measures_close(struct pl_measures_state *state);
void pl_measures_reset(struct pl_measures_state *state);
void pl_measures_step(struct pl_measures_state *state, const struct pl_pose *pose, struct pl_measures *out);

#endif
