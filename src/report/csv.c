/* The table of frames. Columns are found by name when it is read back, so their order is free; the size stands last. */
#include <math.h>

#include "plumbline/report.h"

/* an empty cell for "not known" */
static void put(FILE *out, double value, int decimals)
{
    if (isfinite(value))
        fprintf(out, ",%.*f", decimals, value);
    else
        fputc(',', out);
}

bool pl_report_csv_header(FILE *out)
{
    fputs("t_s,person_p,view,yaw_deg,phase,rep", out);
    for (int i = 0; i < PL_N_MEASURES; i++) {
        const char *id = pl_measure_id((enum pl_measure)i);
        if (pl_measure_has_side((enum pl_measure)i))
            fprintf(out, ",left_%s,right_%s", id, id);
        else
            fprintf(out, ",%s", id);
    }
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        const char *n = pl_landmark_name((enum pl_landmark)i);
        fprintf(out, ",%s_x_px,%s_y_px,%s_z_px,%s_vis_p,%s_wx_m,%s_wy_m,%s_wz_m", n, n, n, n, n, n, n);
    }
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        const char *n = pl_landmark_name((enum pl_landmark)(PL_LM_LEFT_HIP + i));
        fprintf(out, ",%s_dx_px,%s_dy_px", n, n);
    }
    fputs(",pelvis_head_deg,pelvis_stickers_deg,yaw_head_deg,width_px,height_px\n", out);
    return !ferror(out);
}

static void put_measures(FILE *out, const struct pl_measures *m)
{
    for (int i = 0; i < PL_N_MEASURES; i++) {
        put(out, m->v[PL_SIDE_LEFT][i].value, 3);
        if (pl_measure_has_side((enum pl_measure)i))
            put(out, m->v[PL_SIDE_RIGHT][i].value, 3);
    }
}

static void put_landmarks(FILE *out, const struct pl_landmarks *l)
{
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        put(out, l->px[i].x_px, 4);
        put(out, l->px[i].y_px, 4);
        put(out, l->px[i].z_px, 3);
        put(out, l->px[i].visibility_p, 5);
        put(out, l->m[i].x, 6);
        put(out, l->m[i].y, 6);
        put(out, l->m[i].z, 6);
    }
}

bool pl_report_csv_row(FILE *out, const struct pl_moment *m, bool raw)
{
    fprintf(out, "%.9f", pl_s_from_ns(m->t_ns));
    put(out, m->keypoints.person_p, 4);
    fprintf(out, ",%s", m->pose.view == PL_VIEW_UNKNOWN ? "" : pl_view_name(m->pose.view));
    put(out, m->pose.yaw_deg, 1);
    fprintf(out, ",%s", pl_phase_name(m->progress.phase));
    if (m->progress.rep)
        fprintf(out, ",%d", m->progress.rep);
    else
        fputc(',', out);
    put_measures(out, &m->measures);
    put_landmarks(out, raw ? &m->keypoints.raw : &m->keypoints.smooth);
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        const struct pl_leg_shift *leg = &m->keypoints.leg;
        put(out, leg->known ? (double)leg->px[i].x : NAN, 4);
        put(out, leg->known ? (double)leg->px[i].y : NAN, 4);
    }
    put(out, m->keypoints.pelvis_head_deg, 3);
    put(out, m->keypoints.pelvis_stickers_deg, 3);
    put(out, m->keypoints.yaw_head_deg, 3);
    if (m->keypoints.width_px)
        fprintf(out, ",%d,%d\n", m->keypoints.width_px, m->keypoints.height_px);
    else
        fputs(",,\n", out);
    return !ferror(out);
}
