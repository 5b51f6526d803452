/* The calibration files: one table per kind says names, types, ranges and comments; reader and writer follow it. */
#include <errno.h>
#include <ini.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plumbline/calibration.h"

enum { MAX_FIELDS = 24, MAX_PATH = 4096, MAX_LINES = 400 };

struct field {
    const char *name;
    size_t offset;
    double least, most;
    const char *comment;
    char type;
    bool optional;
};

#define X(name, type, least, most, optional, comment) \
    { #name, offsetof(struct OWNER, name), (double)(least), (double)(most), comment, #type[0], optional },
static const struct field camera_fields[] = {
#define OWNER pl_camera_calibration
    PL_CALIBRATION_CAMERA_FIELDS(X)
#undef OWNER
};
static const struct field room_fields[] = {
#define OWNER pl_room_calibration
    PL_CALIBRATION_ROOM_FIELDS(X)
#undef OWNER
};
static const struct field body_fields[] = {
#define OWNER pl_body_calibration
    PL_CALIBRATION_BODY_FIELDS(X)
#undef OWNER
};
static const struct field toe_fields[] = {
#define OWNER pl_toe_calibration
    PL_CALIBRATION_TOE_FIELDS(X)
#undef OWNER
};
#undef X

static const struct {
    const char *name, *title;
    const struct field *fields;
    int n;
    int max_age_days;
} kinds[PL_N_CALIBRATIONS] = {
#define TABLE(t) t, sizeof t / sizeof t[0]
    [PL_CALIBRATION_CAMERA] = { "camera", "The camera's lens", TABLE(camera_fields), 0 },
    [PL_CALIBRATION_ROOM] = { "room", "How the camera stands in the room; move it, and this is void", TABLE(room_fields), 7 },
    [PL_CALIBRATION_BODY] = { "body", "The person's lengths and neutral stance", TABLE(body_fields), 365 },
    [PL_CALIBRATION_TOE] = { "toe", "Wall test of knee over toe", TABLE(toe_fields), 365 },
#undef TABLE
};

const char *pl_calibration_name(enum pl_calibration_kind kind)
{
    return kinds[kind].name;
}

int pl_calibration_max_age_days(enum pl_calibration_kind kind)
{
    return kinds[kind].max_age_days;
}

/* --- dates ------------------------------------------------------------------------------------------------------------- */

struct pl_calibration_date pl_calibration_date_of(time_t when)
{
    struct tm tm = { 0 };
    localtime_r(&when, &tm);
    return (struct pl_calibration_date){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
}

/* Days since an arbitrary day. src: the usual count of a year that begins in March, so that a leap day is its last */
static int day_number(struct pl_calibration_date d)
{
    int y = d.month > 2 ? d.year : d.year - 1, m = (d.month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d.day - 1;
}

static bool valid_date(struct pl_calibration_date d)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
    return d.year >= 2000 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= days[d.month - 1] + (d.month == 2 && leap ? 1 : 0);
}

/* --- values ------------------------------------------------------------------------------------------------------------ */

static void *at(void *values, const struct field *f)
{
    return (char *)values + f->offset;
}

/* What is held is used through the kind's own type: the union's members all begin at its address. */
static void *values_of(struct pl_calibration *c)
{
    return &c->camera;
}

static double number_of(const struct field *f, const void *p)
{
    return f->type == 'i' ? *(const int *)p : f->type == 'd' ? *(const double *)p : (double)*(const float *)p;
}

/* A float is compared as one: .02 in the file lies below .02 once it is read. */
static bool in_range(const struct field *f, double v)
{
    if (f->type == 'f')
        return (float)v >= (float)f->least && (float)v <= (float)f->most;
    return v >= f->least && v <= f->most;
}

/* A decimal number with a point whatever the user's locale says. */
static bool number_from_text(double *out, const char *text, locale_t c_locale)
{
    char *end;
    if (text[strspn(text, "0123456789+-.eE")]) /* strtod knows more kinds */
        return false;
    *out = strtod_l(text, &end, c_locale);
    return end != text && !*end && isfinite(*out);
}

static bool date_from_text(struct pl_calibration_date *out, const char *text)
{
    int used = 0;
    return sscanf(text, "%4d-%2d-%2d%n", &out->year, &out->month, &out->day, &used) == 3 && !text[used] && used == 10 &&
           valid_date(*out);
}

/* A camera's name as an ini file can hold it: without what begins a comment or a line, and without blanks around it. */
static struct pl_calibration_text plain_name(const char *name)
{
    struct pl_calibration_text t = { "" };
    size_t n = 0;

    while (*name == ' ')
        name++;
    for (; *name && n < sizeof t.text - 1; name++)
        t.text[n++] = *name == ';' ? ',' : (unsigned char)*name < 32 || *name == 127 ? '?' : *name;
    while (n && t.text[n - 1] == ' ')
        t.text[--n] = 0;
    return t;
}

/* --- reading ----------------------------------------------------------------------------------------------------------- */

struct reading {
    enum pl_calibration_kind kind;
    struct pl_calibration values;
    bool seen[MAX_FIELDS], version_seen;
    locale_t c_locale;
    FILE *file;
    int line, problem_line;
    char problem[256];
};

/* Without the blanks before it: to the ini reader they would mean that the line belongs to the one above. */
static char *read_line(char *text, int size, void *user)
{
    struct reading *r = user;
    if (++r->line > MAX_LINES || !fgets(text, size, r->file))
        return NULL;
    const char *from = text + strspn(text, " \t");
    memmove(text, from, strlen(from) + 1);
    return text;
}

__attribute__((format(printf, 2, 3))) static int problem(struct reading *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->problem, sizeof r->problem, fmt, ap);
    va_end(ap);
    r->problem_line = r->line;
    return 0;
}

static int take_value(struct reading *r, const struct field *f, const char *text)
{
    void *to = at(values_of(&r->values), f);
    double v;

    if (f->type == 's') {
        if (!*text || strlen(text) >= sizeof(struct pl_calibration_text))
            return problem(r, "%s: a name of 1 to %zu letters belongs here", f->name, sizeof(struct pl_calibration_text) - 1);
        *(struct pl_calibration_text *)to = plain_name(text);
        return 1;
    }
    if (f->type == 't')
        return date_from_text(to, text) || problem(r, "%s: \"%.40s\" is not a date such as 2026-01-31", f->name, text);
    if (f->optional && !strcmp(text, "unknown")) {
        *(float *)to = NAN;
        return 1;
    }
    if (!number_from_text(&v, text, r->c_locale))
        return problem(r, "%s: \"%.40s\" is not a number", f->name, text);
    if (!in_range(f, v))
        return problem(r, "%s = %.40s is outside %g..%g", f->name, text, f->least, f->most);
    if (f->type == 'i' && v != floor(v))
        return problem(r, "%s = %.40s is not a whole number", f->name, text);
    if (f->type == 'i')
        *(int *)to = (int)v;
    else if (f->type == 'd')
        *(double *)to = v;
    else
        *(float *)to = (float)v;
    return 1;
}

static int take_line(void *user, const char *section, const char *name, const char *text)
{
    struct reading *r = user;
    if (r->problem_line)
        return 1;
    if (!*section)
        return problem(r, "[%s] must come first", kinds[r->kind].name);
    if (strcmp(section, kinds[r->kind].name))
        return problem(r, "the section [%.40s] does not belong into a %s calibration", section, kinds[r->kind].name);
    if (!r->version_seen) { /* before anything else: another version may mean anything by the rest */
        double v;
        if (strcmp(name, "version"))
            return problem(r, "\"version\" must come first");
        if (!number_from_text(&v, text, r->c_locale))
            return problem(r, "version: \"%.40s\" is not a number", text);
        if (v != PL_CALIBRATION_VERSION)
            return problem(r, "is of version %.20s, this program reads version %d", text, PL_CALIBRATION_VERSION);
        r->version_seen = true;
        return 1;
    }
    for (int i = 0; i < kinds[r->kind].n; i++)
        if (!strcmp(name, kinds[r->kind].fields[i].name)) {
            if (r->seen[i])
                return problem(r, "%s stands there twice", name);
            r->seen[i] = true;
            return take_value(r, &kinds[r->kind].fields[i], text);
        }
    for (int i = 0; i < kinds[r->kind].n; i++) {
        const char *whole = kinds[r->kind].fields[i].name;
        const size_t n = strlen(name);
        if (!strncmp(whole, name, n) && whole[n] == '_' && !strchr(whole + n + 1, '_'))
            return problem(r, "\"%.60s\" is called %s here: units are part of the names", name, whole);
    }
    return problem(r, "there is nothing named \"%.60s\" in a %s calibration", name, kinds[r->kind].name);
}

/* What is wrong with a file is mended by making it anew. */
__attribute__((format(printf, 4, 5))) static bool refuse(struct pl_err *err, const char *path, enum pl_calibration_kind kind,
                                                         const char *fmt, ...)
{
    char why[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    return pl_fail(err, PL_E_FORMAT, "%.240s%s; run: plumbline calibrate %s", path, why, kinds[kind].name);
}

static bool read_file(struct reading *r, const char *path, struct pl_err *err)
{
    const char *name = kinds[r->kind].name;
    const int line = ini_parse_stream(read_line, r, take_line, r);

    if (ferror(r->file))
        return pl_fail(err, PL_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (line < 0)
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
    if (line > 0 && (!r->problem_line || line < r->problem_line)) {
        if (!r->version_seen)
            return refuse(err, path, r->kind, ":%d: not a [section] or a name = value line: is it a %s calibration?", line, name);
        return refuse(err, path, r->kind, ":%d: not a [section] or a name = value line", line);
    }
    if (r->problem_line)
        return refuse(err, path, r->kind, ":%d: %s", r->problem_line, r->problem);
    if (!r->version_seen)
        return refuse(err, path, r->kind, ": is not a %s calibration: there is no [%s] in it", name, name);
    for (int i = 0; i < kinds[r->kind].n; i++)
        if (!r->seen[i])
            return refuse(err, path, r->kind, ": %s is missing", kinds[r->kind].fields[i].name);
    return r->line <= MAX_LINES || refuse(err, path, r->kind, ": is longer than any %s calibration", name);
}

/* ---- values that are each possible, but not together */

static bool check_lens(const struct pl_camera_calibration *c, const char *path, struct pl_err *err)
{
    /* src: own choice. A phone's longest lens sees 10 degrees, a fish eye 180; squeezed modes differ by a third */
    const double least_focal = 0.15, most_focal = 6, most_unlike = 1.5;
    const struct pl_lens lens = pl_calibration_lens(c);

    if (c->cx_px > c->width_px || c->cy_px > c->height_px)
        return refuse(err, path, PL_CALIBRATION_CAMERA, ": the optical centre is outside the picture");
    if (c->fx_px < least_focal * c->width_px || c->fx_px > most_focal * c->width_px)
        return refuse(err, path, PL_CALIBRATION_CAMERA, ": fx_px = %g is no focal length for pictures %d px wide", c->fx_px,
                      c->width_px);
    if (c->fy_px > most_unlike * c->fx_px || c->fx_px > most_unlike * c->fy_px)
        return refuse(err, path, PL_CALIBRATION_CAMERA, ": fx_px = %g and fy_px = %g do not belong together", c->fx_px, c->fy_px);
    return pl_lens_invertible(&lens) ||
           refuse(err, path, PL_CALIBRATION_CAMERA, ": such a distortion folds the picture's corners back");
}

static bool check_body(const struct pl_body_calibration *b, const char *path, struct pl_err *err)
{
    /* as the maker has it (stance.c), and a little, for what is rounded */
    const struct { const char *name; float length_m, least, most; } parts[] = {
        { "left_leg_m", b->left_leg_m, 0.35f, 0.63f }, { "right_leg_m", b->right_leg_m, 0.35f, 0.63f },
        { "left_foot_m", b->left_foot_m, 0.065f, 0.205f }, { "right_foot_m", b->right_foot_m, 0.065f, 0.205f },
    };
    for (int i = 0; i < 4; i++) {
        const float share = parts[i].length_m / b->stature_m;
        if (share < parts[i].least || share > parts[i].most)
            return refuse(err, path, PL_CALIBRATION_BODY, ": %s = %g does not belong to a stature of %g m", parts[i].name,
                          (double)parts[i].length_m, (double)b->stature_m);
    }
    return true;
}

static bool check_toe(const struct pl_toe_calibration *t, const char *path, struct pl_err *err)
{
    if (isnan(t->left_offset_pct) && isnan(t->right_offset_pct))
        return refuse(err, path, PL_CALIBRATION_TOE, ": neither knee was tested");
    if ((!isnan(t->left_offset_pct) && !t->left_touches) || (!isnan(t->right_offset_pct) && !t->right_touches))
        return refuse(err, path, PL_CALIBRATION_TOE, ": an offset without a touch of the wall");
    return true;
}

static bool check_sense(const struct pl_calibration *c, const char *path, struct pl_err *err)
{
    switch (c->kind) {
    case PL_CALIBRATION_CAMERA: return check_lens(&c->camera, path, err);
    case PL_CALIBRATION_BODY:   return check_body(&c->body, path, err);
    case PL_CALIBRATION_TOE:    return check_toe(&c->toe, path, err);
    case PL_CALIBRATION_ROOM: case PL_N_CALIBRATIONS: break;
    }
    return true;
}

static bool check_need(const struct pl_calibration *c, const char *path, const struct pl_calibration_need *need, struct pl_err *err)
{
    const char *name = kinds[c->kind].name;
    const struct pl_calibration_date *date = c->kind == PL_CALIBRATION_CAMERA ? &c->camera.date
                                             : c->kind == PL_CALIBRATION_ROOM ? &c->room.date
                                             : c->kind == PL_CALIBRATION_BODY ? &c->body.date : &c->toe.date;
    bool of_camera = c->kind == PL_CALIBRATION_CAMERA || c->kind == PL_CALIBRATION_ROOM;
    const char *device = c->kind == PL_CALIBRATION_CAMERA ? c->camera.device.text : c->room.device.text;
    int width = c->kind == PL_CALIBRATION_CAMERA ? c->camera.width_px : c->room.width_px;
    int height = c->kind == PL_CALIBRATION_CAMERA ? c->camera.height_px : c->room.height_px;

    if (of_camera && need->device && strcmp(plain_name(need->device).text, device))
        return pl_fail(err, PL_E_ARG, "%s: belongs to the camera \"%s\", this one is \"%s\"; run: plumbline calibrate %s", path,
                       device, need->device, name);
    if (of_camera && need->width_px && (need->width_px != width || need->height_px != height))
        return pl_fail(err, PL_E_ARG, "%s: belongs to pictures of %d x %d pixels, these have %d x %d; run: plumbline calibrate %s",
                       path, width, height, need->width_px, need->height_px, name);
    if (!need->today.year)
        return true;
    int age = day_number(need->today) - day_number(*date);
    if (age < 0)
        return pl_fail(err, PL_E_ARG, "%s: its date %04d-%02d-%02d is still to come: is the clock right?", path, date->year,
                       date->month, date->day);
    if (need->max_age_days && age > need->max_age_days)
        return pl_fail(err, PL_E_ARG, "%s: is %d days old, more than %d; run: plumbline calibrate %s", path, age,
                       need->max_age_days, name);
    return true;
}

bool pl_calibration_read(struct pl_calibration *out, enum pl_calibration_kind kind, const char *path,
                         const struct pl_calibration_need *need, struct pl_err *err)
{
    struct reading r = { .kind = kind, .values = { .kind = kind }, .file = fopen(path, "r") };
    bool ok = false;

    if (!r.file)
        return pl_fail(err, PL_E_IO, "%s: cannot be read: %s", *path ? path : "a calibration without a name", strerror(errno));
    if (!(r.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)))
        pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
    else
        ok = read_file(&r, path, err) && check_sense(&r.values, path, err) &&
             (!need || check_need(&r.values, path, need, err));
    if (ok)
        *out = r.values;
    if (r.c_locale)
        freelocale(r.c_locale);
    fclose(r.file);
    return ok;
}

/* --- writing ----------------------------------------------------------------------------------------------------------- */

bool pl_calibration_path(char *out, size_t size, enum pl_calibration_kind kind, struct pl_err *err)
{
    const char *base = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n;

    if (base && *base)
        n = snprintf(out, size, "%s/plumbline/%s.ini", base, kinds[kind].name);
    else if (home && *home)
        n = snprintf(out, size, "%s/.local/share/plumbline/%s.ini", home, kinds[kind].name);
    else
        return pl_fail(err, PL_E_IO, "neither HOME nor XDG_DATA_HOME says where calibrations are kept");
    return (n > 0 && (size_t)n < size) || pl_fail(err, PL_E_IO, "the folder for calibrations has too long a name");
}

static bool make_folders(const char *path, struct pl_err *err)
{
    char folder[MAX_PATH];

    if (strlen(path) >= sizeof folder)
        return pl_fail(err, PL_E_IO, "%.60s...: too long a name", path);
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        memcpy(folder, path, (size_t)(slash - path));
        folder[slash - path] = 0;
        if (mkdir(folder, 0755) && errno != EEXIST)
            return pl_fail(err, PL_E_IO, "%s: the folder cannot be made: %s", folder, strerror(errno));
    }
    return true;
}

static bool check_values(const struct pl_calibration *c, const char *path, struct pl_err *err)
{
    struct pl_calibration copy = *c;
    for (int i = 0; i < kinds[c->kind].n; i++) {
        const struct field *f = &kinds[c->kind].fields[i];
        const void *p = at(values_of(&copy), f);
        if (f->type == 't' && !valid_date(*(const struct pl_calibration_date *)p))
            return pl_fail(err, PL_E_ARG, "%s: there is no such date", path);
        if (f->type == 's' && !*plain_name(p).text)
            return pl_fail(err, PL_E_ARG, "%s: %s: a name belongs here", path, f->name);
        if (strchr("idf", f->type) && !(f->optional && isnan(number_of(f, p))) && !in_range(f, number_of(f, p)))
            return pl_fail(err, PL_E_ARG, "%s: %s = %g is outside %g..%g: nothing was written", path, f->name, number_of(f, p),
                           f->least, f->most);
    }
    return check_sense(c, path, err);
}

static void print_value(FILE *file, const struct field *f, const void *p)
{
    const struct pl_calibration_date *d = p;

    if (*f->comment)
        fprintf(file, "; %s\n", f->comment);
    fprintf(file, "%s = ", f->name);
    if (f->type == 's')
        fprintf(file, "%s\n", plain_name(p).text);
    else if (f->type == 't')
        fprintf(file, "%04d-%02d-%02d\n", d->year, d->month, d->day);
    else if (isnan(number_of(f, p)))
        fputs("unknown\n", file);
    else
        fprintf(file, "%.*g\n", f->type == 'd' ? 9 : 6, number_of(f, p));
}

static bool print_all(FILE *file, const struct pl_calibration *c)
{
    struct pl_calibration copy = *c;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), before;

    if (!plain)
        return false;
    before = uselocale(plain);
    fprintf(file, "; %s. Written by plumbline calibrate %s; units are in the names.\n[%s]\nversion = %d\n", kinds[c->kind].title,
            kinds[c->kind].name, kinds[c->kind].name, PL_CALIBRATION_VERSION);
    for (int i = 0; i < kinds[c->kind].n; i++)
        print_value(file, &kinds[c->kind].fields[i], at(values_of(&copy), &kinds[c->kind].fields[i]));
    uselocale(before);
    freelocale(plain);
    return fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
}

bool pl_calibration_write(const char *path, const struct pl_calibration *c, struct pl_err *err)
{
    char fresh[MAX_PATH];

    if (!check_values(c, path, err) || !make_folders(path, err))
        return false;
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.%ld.new", path, (long)getpid()) >= sizeof fresh)
        return pl_fail(err, PL_E_IO, "%.60s...: too long a name", path);
    FILE *file = fopen(fresh, "w");
    bool ok = file && print_all(file, c);
    int why = errno;
    if (file && fclose(file) && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(fresh, path)) {
        ok = false;
        why = errno;
    }
    if (!ok) {
        if (file)
            unlink(fresh);
        return pl_fail(err, PL_E_IO, "%s cannot be written: %s", path, strerror(why));
    }
    return true;
}

struct pl_lens pl_calibration_lens(const struct pl_camera_calibration *c)
{
    return (struct pl_lens){ c->width_px, c->height_px, c->fx_px, c->fy_px, c->cx_px, c->cy_px, c->k1, c->k2, c->p1, c->p2, c->k3 };
}

void pl_calibration_straighten(const struct pl_lens *lens, struct pl_landmarks *landmarks)
{
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        struct pl_point *p = &landmarks->px[i];
        struct pl_vec2 flat = pl_lens_undistort(lens, (struct pl_vec2){ p->x_px, p->y_px });
        if (isnan(flat.x)) {
            *p = (struct pl_point){ NAN, NAN, NAN, NAN };
            landmarks->m[i] = (struct pl_vec3){ NAN, NAN, NAN };
        } else {
            p->x_px = flat.x;
            p->y_px = flat.y;
        }
    }
}
