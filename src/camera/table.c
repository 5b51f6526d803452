/* A landmark table (.csv) as a recording without pictures. Two kinds, told apart by the header row:
 *
 *   `analyze --frames`   t_s (seconds), person_p, then <landmark>_x_px, _y_px, _z_px, _vis_p and _wx_m, _wy_m, _wz_m by
 *                        the names of landmarks.h; pelvis_head_deg, pelvis_stickers_deg, yaw_head_deg, left_hip_dx_px ...
 *                        (keypoints.h); width_px, height_px may give the picture's size
 *   MediaPipe streams    t (milliseconds), lm0_x, lm0_y, lm0_z, lm0_v ... lm32_v, normalised: x and z by the picture's
 *                        width, y by its height
 *
 * Columns are found by name, in any order; others are passed over. An empty cell is unknown (NAN), a row without any
 * landmark means that nobody is there. Lines that start with # are comments; "# size_px 720 1280" before the first row
 * gives the picture's size. Without it a normalised stream is taken as 720x1280, because such streams come from phones
 * held upright, and pixels must be square for angles: a stream of another aspect needs the comment.
 *
 * Times are given out from the first row on, as for the other recordings.
 *
 * how: the whole table is read at open, so that a bad cell is found before anything is shown.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "number.h"
#include "plumbline/units.h"

enum {
    MAX_COLUMNS = 4096,
    MAX_ROWS = 2000000,     /* 18 hours at 30 fps; 1.9 GB */
    MAX_LINE = 1 << 20,     /* bytes; a row of ours has below 4 kB */
    N_POINT = 7,            /* x, y, z, visibility, and world x, y, z */
    FIELD_T = PL_N_LANDMARKS * N_POINT, FIELD_PERSON, FIELD_HEAD, FIELD_STICKERS, FIELD_YAW, FIELD_WIDTH,
    FIELD_HEIGHT, FIELD_SHIFT, N_FIELDS = FIELD_SHIFT + 2 * PL_N_LEG_POINTS,
    FIELD_IGNORED = -1
};

static const double MAX_T_S = 4e9; /* times of day since 1970 are fine, int64 nanoseconds end at 9.2e9 */

struct row { int64_t t_ns; struct pl_landmarks landmarks; struct pl_added added; bool present; float person_p; };

struct table {
    struct row *row;
    int64_t n, room, at;
    int width_px, height_px;
};

/* What is only needed while reading. */
struct reader {
    const char *path;
    FILE *file;
    char *line;              /* [MAX_LINE + 2] */
    int64_t line_no;
    int field[MAX_COLUMNS];  /* of each column: a FIELD_*, or landmark * N_POINT + k */
    int n_columns;
    bool normalised;
};

static bool fail_line(struct pl_err *err, const struct reader *r, const char *what)
{
    return pl_fail(err, PL_E_FORMAT, "%s line %" PRId64 ": %s", r->path, r->line_no, what);
}

/* 1: r->line holds a line without its end, 0: the file is over, -1: it is too long or holds a zero byte (err). */
static int read_line(struct reader *r, struct pl_err *err)
{
    size_t n = 0;
    int c;
    while ((c = getc_unlocked(r->file)) != EOF && c != '\n' && n <= MAX_LINE && c)
        r->line[n++] = (char)c;
    if (c == EOF && n == 0)
        return ferror(r->file) ? (pl_fail(err, PL_E_IO, "%s cannot be read: %s", r->path, strerror(errno)), -1) : 0;
    r->line_no++;
    if (n > MAX_LINE || c == 0)
        return fail_line(err, r, c ? "the line is too long for a landmark table" : "this is not a text file"), -1;
    while (n && (r->line[n - 1] == '\r' || r->line[n - 1] == ' '))
        n--;
    r->line[n] = 0;
    if (r->line_no == 1 && !strncmp(r->line, "\xef\xbb\xbf", 3)) /* a byte order mark, as spreadsheets write */
        memmove(r->line, r->line + 3, n - 2);
    return 1;
}

/* "# size_px 720 1280" before the first row; other comments are passed over. */
static void read_comment(struct table *t, const char *line)
{
    int w, h;
    if (t->n == 0 && sscanf(line, "# size_px %5d %5d", &w, &h) == 2 && w > 0 && h > 0 && w <= 16384 && h <= 16384) {
        t->width_px = w;
        t->height_px = h;
    }
}

/* The next line that is neither empty nor a comment; results as read_line. */
static int read_data_line(struct table *t, struct reader *r, struct pl_err *err)
{
    int rc;
    while ((rc = read_line(r, err)) == 1 && (r->line[0] == 0 || r->line[0] == '#'))
        read_comment(t, r->line);
    return rc;
}

/* Which field a column of `analyze --frames` holds. */
static int own_field(const char *name, size_t n)
{
    static const char *const suffix[N_POINT] = {"_x_px", "_y_px", "_z_px", "_vis_p", "_wx_m", "_wy_m", "_wz_m"};
    static const struct { const char *name; int field; } single[] = {
        {"t_s", FIELD_T}, {"person_p", FIELD_PERSON}, {"pelvis_head_deg", FIELD_HEAD}, {"yaw_head_deg", FIELD_YAW},
        {"pelvis_stickers_deg", FIELD_STICKERS}, {"width_px", FIELD_WIDTH}, {"height_px", FIELD_HEIGHT}};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (n == strlen(single[i].name) && !memcmp(name, single[i].name, n))
            return single[i].field;
    for (int i = 0; i < 2 * PL_N_LEG_POINTS; i++) {
        const char *landmark = pl_landmark_name((enum pl_landmark)(PL_LM_LEFT_HIP + i / 2)), *by = i % 2 ? "_dy_px" : "_dx_px";
        size_t l = strlen(landmark);
        if (n == l + strlen(by) && !memcmp(name, landmark, l) && !memcmp(name + l, by, n - l))
            return FIELD_SHIFT + i;
    }
    for (int k = 0; k < N_POINT; k++) {
        size_t s = strlen(suffix[k]);
        if (n <= s || memcmp(name + n - s, suffix[k], s))
            continue;
        for (int i = 0; i < PL_N_LANDMARKS; i++) {
            const char *landmark = pl_landmark_name((enum pl_landmark)i);
            if (strlen(landmark) == n - s && !memcmp(landmark, name, n - s))
                return i * N_POINT + k;
        }
    }
    return FIELD_IGNORED;
}

/* Which field a column of a MediaPipe stream holds: "t", or "lm<i>_<x|y|z|v>". */
static int stream_field(const char *name, size_t n)
{
    static const char letters[] = "xyzv";
    int i = 0;
    size_t at = 2;
    if (n == 1 && name[0] == 't')
        return FIELD_T;
    if (n < 5 || name[0] != 'l' || name[1] != 'm')
        return FIELD_IGNORED;
    for (; at < n && at < 4 && name[at] >= '0' && name[at] <= '9'; at++)
        i = i * 10 + (name[at] - '0');
    const char *k = at + 2 == n && at > 2 && name[at] == '_' ? strchr(letters, name[at + 1]) : NULL;
    return k && *k && i < PL_N_LANDMARKS ? i * N_POINT + (int)(k - letters) : FIELD_IGNORED;
}

static bool names_landmark(const struct reader *r)
{
    for (int c = 0; c < r->n_columns; c++)
        if (r->field[c] >= 0 && r->field[c] < FIELD_T)
            return true;
    return false;
}

/* The header's columns read as one kind of table; false when it is not of this kind. */
static bool take_header(struct reader *r, int (*field_of)(const char *name, size_t n), struct pl_err *err, bool *ok)
{
    bool seen[N_FIELDS] = {false};
    const char *cell = r->line;
    *ok = true;
    for (r->n_columns = 0; cell && r->n_columns < MAX_COLUMNS; r->n_columns++) {
        size_t n = strcspn(cell, ",");
        int field = field_of(cell, n);
        if (field != FIELD_IGNORED && seen[field])
            *ok = pl_fail(err, PL_E_FORMAT, "%s line %" PRId64 ": the column %.*s is there twice", r->path, r->line_no,
                          (int)n, cell);
        if (field != FIELD_IGNORED)
            seen[field] = true;
        r->field[r->n_columns] = field;
        cell = cell[n] ? cell + n + 1 : NULL;
    }
    if (cell)
        *ok = fail_line(err, r, "the header has too many columns");
    return seen[FIELD_T] && names_landmark(r);
}

static bool read_header(struct table *t, struct reader *r, struct pl_err *err)
{
    bool ok;
    int rc = read_data_line(t, r, err);
    if (rc <= 0)
        return rc == 0 ? pl_fail(err, PL_E_FORMAT, "%s is empty: it holds no landmark table", r->path) : false;
    if (take_header(r, own_field, err, &ok))
        return ok;
    r->normalised = true;
    if (take_header(r, stream_field, err, &ok))
        return ok;
    return fail_line(err, r, "this is not the header of a landmark table (columns t_s, nose_x_px ... or t, lm0_x ...)");
}

/* A cell for a sentence: short, and without what could upset a terminal. */
static const char *quoted(char out[41], const char *cell, size_t n)
{
    size_t i = 0;
    for (; i < n && i < 40; i++)
        out[i] = (unsigned char)cell[i] < 32 || cell[i] == 127 ? '?' : cell[i];
    out[i] = 0;
    return out;
}

/* The cells of a line into value [N_FIELDS], NAN where nothing stands. */
static bool read_cells(double *value, const struct reader *r, struct pl_err *err)
{
    const char *cell = r->line;
    char text[41];
    int c = 0;
    for (int f = 0; f < N_FIELDS; f++)
        value[f] = NAN;
    for (; cell; c++) {
        size_t n = strcspn(cell, ",");
        if (c < r->n_columns && r->field[c] != FIELD_IGNORED && n > 0 &&
            !pl_camera_number(&value[r->field[c]], cell, n))
            return pl_fail(err, PL_E_FORMAT, "%s line %" PRId64 ", column %d: \"%s\" is not a number", r->path,
                           r->line_no, c + 1, quoted(text, cell, n));
        cell = cell[n] ? cell + n + 1 : NULL;
    }
    return c == r->n_columns || pl_fail(err, PL_E_FORMAT, "%s line %" PRId64 ": %d columns where the header has %d",
                                        r->path, r->line_no, c, r->n_columns);
}

/* A point counts when x and y are known: half a point says nothing. */
static void set_point(struct row *row, int i, const double *v, double scale_x, double scale_y)
{
    struct pl_point *px = &row->landmarks.px[i];
    struct pl_vec3 *m = &row->landmarks.m[i];
    bool known = !isnan(v[0]) && !isnan(v[1]);
    bool world = !isnan(v[4]) && !isnan(v[5]) && !isnan(v[6]);
    *px = (struct pl_point){NAN, NAN, NAN, NAN};
    *m = (struct pl_vec3){NAN, NAN, NAN};
    if (known)
        *px = (struct pl_point){(float)(v[0] * scale_x), (float)(v[1] * scale_y), (float)(v[2] * scale_x), (float)v[3]};
    if (world)
        *m = (struct pl_vec3){(float)v[4], (float)v[5], (float)v[6]};
    row->present |= known || world;
}

/* width_px and height_px columns: one size for the whole table. */
static bool note_size(struct table *t, const struct reader *r, const double *value, struct pl_err *err)
{
    double w = value[FIELD_WIDTH], h = value[FIELD_HEIGHT];
    if (isnan(w) || isnan(h))
        return true;
    if (!(w >= 1 && w <= 16384 && h >= 1 && h <= 16384 && w == floor(w) && h == floor(h)))
        return fail_line(err, r, "width_px and height_px are not a picture's size");
    if (t->width_px && ((int)w != t->width_px || (int)h != t->height_px))
        return fail_line(err, r, "the picture's size differs from the rows before");
    t->width_px = (int)w;
    t->height_px = (int)h;
    return true;
}

/* Known when all of it stands there. */
static struct pl_leg_shift shift_of(const double *v, int64_t t_ns)
{
    struct pl_leg_shift leg = {.known = true, .t_ns = t_ns};
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        leg.px[i] = (struct pl_vec2){(float)v[2 * i], (float)v[2 * i + 1]};
        leg.known = leg.known && isfinite(leg.px[i].x) && isfinite(leg.px[i].y);
    }
    return leg;
}

static bool read_row(struct table *t, const struct reader *r, struct pl_err *err)
{
    double value[N_FIELDS];
    if (!read_cells(value, r, err) || !note_size(t, r, value, err))
        return false;
    double t_s = value[FIELD_T] * (r->normalised ? 1e-3 : 1);
    if (isnan(t_s) || fabs(t_s) > MAX_T_S)
        return fail_line(err, r, "the row has no usable time");
    if (t->n == t->room) {
        int64_t room = t->room ? 2 * t->room : 1024;
        struct row *grown = t->n < MAX_ROWS ? realloc(t->row, (size_t)room * sizeof *grown) : NULL;
        if (!grown)
            return t->n < MAX_ROWS ? pl_fail(err, PL_E_MEMORY, "out of memory reading %s", r->path)
                                   : fail_line(err, r, "the table has too many rows (2 million at most)");
        t->row = grown;
        t->room = room;
    }
    struct row *row = &t->row[t->n];
    *row = (struct row){.t_ns = pl_ns_from_s(t_s)};
    if (t->n && row->t_ns <= t->row[t->n - 1].t_ns)
        return fail_line(err, r, "its time is not after the row before");
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        set_point(row, i, value + i * N_POINT, r->normalised ? t->width_px : 1, r->normalised ? t->height_px : 1);
    row->added = (struct pl_added){(float)value[FIELD_HEAD], (float)value[FIELD_STICKERS], (float)value[FIELD_YAW],
                                   shift_of(value + FIELD_SHIFT, row->t_ns)};
    row->person_p = isnan(value[FIELD_PERSON]) ? (float)row->present : (float)value[FIELD_PERSON];
    t->n++;
    return true;
}

static bool read_table(struct table *t, struct reader *r, struct pl_err *err)
{
    if (!read_header(t, r, err))
        return false;
    if (r->normalised && !t->width_px) {
        t->width_px = 720;
        t->height_px = 1280;
    }
    int rc;
    while ((rc = read_data_line(t, r, err)) == 1)
        if (!read_row(t, r, err))
            return false;
    if (rc == 0 && t->n == 0)
        return pl_fail(err, PL_E_FORMAT, "%s holds a header and no rows", r->path);
    for (int64_t i = t->n; i-- > 0;)
        t->row[i].t_ns -= t->row[0].t_ns;
    return rc == 0;
}

static void fill_info(struct pl_camera_info *info, const struct table *t)
{
    int64_t span_ns = t->row[t->n - 1].t_ns;
    info->kind = PL_CAMERA_TABLE;
    info->width_px = t->width_px;
    info->height_px = t->height_px;
    info->fps = t->n > 1 ? (double)(t->n - 1) / pl_s_from_ns(span_ns) : (double)NAN;
    info->n_frames = t->n;
    info->duration_ns = span_ns + (t->n > 1 ? span_ns / (t->n - 1) : 0);
    info->seekable = true;
    snprintf(info->mode, sizeof info->mode, "landmark table");
}

static bool table_open(struct pl_camera *camera, const char *path, const struct pl_camera_options *options,
                       struct pl_err *err)
{
    bool ok = false;
    struct table *t = calloc(1, sizeof *t);
    struct reader *r = calloc(1, sizeof *r);
    (void)options;
    if (!t || !r || !(r->line = malloc(MAX_LINE + 2))) {
        pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path);
        goto done;
    }
    r->path = path;
    r->file = fopen(path, "rb");
    if (!r->file) {
        pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, strerror(errno));
        goto done;
    }
    if (!read_table(t, r, err))
        goto done;
    fill_info(&camera->info, t);
    camera->source = t;
    ok = true;
done:
    if (r && r->file)
        fclose(r->file);
    if (r)
        free(r->line);
    free(r);
    if (!ok && t)
        free(t->row);
    if (!ok)
        free(t);
    return ok;
}

static enum pl_next table_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err)
{
    struct table *t = camera->source;
    (void)timeout_ns;
    (void)err;
    if (t->at == t->n)
        return PL_NEXT_END;
    const struct row *row = &t->row[t->at];
    *out = (struct pl_frame){.t_ns = row->t_ns, .index = t->at, .width_px = t->width_px, .height_px = t->height_px,
                             .pixels = PL_PIXELS_NONE, .given = row->present ? &row->landmarks : NULL,
                             .given_added = row->present ? &row->added : NULL, .given_person_p = row->person_p};
    t->at++;
    return PL_NEXT_FRAME;
}

static bool table_seek(struct pl_camera *camera, int64_t t_ns, struct pl_err *err)
{
    struct table *t = camera->source;
    int64_t low = 0, high = t->n; /* the first row after t_ns lies in [low, high] */
    (void)err;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (t->row[middle].t_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    t->at = low ? low - 1 : 0;
    return true;
}

static void table_close(struct pl_camera *camera)
{
    struct table *t = camera->source;
    free(t->row);
    free(t);
}

const struct pl_camera_ops pl_camera_table_ops = {table_open, table_next, table_seek, table_close};
