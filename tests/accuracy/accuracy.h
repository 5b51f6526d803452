/* How far plumbline's numbers are from the truth: tables, sums and pictures of tests/accuracy. */
#ifndef ACCURACY_H
#define ACCURACY_H

#include <stdbool.h>
#include "plumbline/exercise.h"

/* A CSV file: numbers, and the few columns of words by their first letter (table_letter). NAN is an empty cell. */
struct table {
    int n, n_columns;
    char **name;
    double *value; /* [n][n_columns] */
};

bool table_read(struct table *out, const char *path); /* false: said on stderr. own: table_free */
void table_free(struct table *t);
double table_get(const struct table *t, int row, const char *name); /* NAN: no such column, or empty */
char table_letter(const struct table *t, int row, const char *name); /* 0: empty, or a number */
int table_nearest(const struct table *t, const char *time, double t_s);

/* What is compared: a measure, knee bend apart for the views that see it differently. */
enum row { ROW_FLEXION_SIDE, ROW_FLEXION_FRONT, ROW_FPPA, ROW_FPPA_CORRECTED, ROW_FPPA_CHANGE, ROW_DROP, ROW_DROP_CHANGE,
           ROW_ADDUCTION, ROW_TOE, ROW_LEAN_SIDE, ROW_LEAN_FORWARD, N_ROWS };
struct row_info {
    const char *name, *unit;
    enum pl_measure measure;
    char view;              /* 's' only in side view, 'f' only outside of it, 0 any */
    double mae_max;         /* bars at the bottom; NAN none */
    double gain_min, gain_max;
};
extern const struct row_info row_info[N_ROWS];

/* of the bottoms also: the true bend, the body's height in the picture, the yaw that was seen */
struct point { double t_s, estimate, err, truth, flexion_deg, body_px, yaw_deg; };
struct points { int n, room; struct point *p; };
void points_add(struct points *to, struct point p);

struct stats { int n; double bias, spread, gain, mae, band, inside; };
struct stats stats_of(const struct points *p); /* gain NAN where the truth hardly varies */

/* One clip's results. */
struct clip {
    char name[80];
    struct points bottom[N_ROWS], frame[N_ROWS];
    int n_truth, n_found, n_matched, n_wrong_side;
    struct points start, end;                /* estimate and truth: seconds */
    int n_expected, n_raised, n_good, n_false;
    char missed[160], false_ones[160];
    double t_end_s;
};

/* PNG files; false: said on stderr. */
bool plot_row(const char *path, enum row row, const struct clip *clip, int n_clips);
bool plot_clip(const char *path, const struct clip *clip);

/* Residuals by what bands may depend on (bands.c). */
void bands_say(const struct clip *clip, int n_clips);

#endif
