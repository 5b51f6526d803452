/* limits: the defaults of two tables of numbers and their overrides from an ini file.
 *
 * in:   the X-lists of include/plumbline/limits.h and plan.h; a file such as
 *           [limits]
 *           fppa_limit_deg = 8.5
 *           [session]
 *           sets = 2
 * out:  struct pl_limits, struct pl_plan
 * how:  inih splits the file; names and ranges come from the tables, so a new row needs nothing here
 * not:  other sections are somebody else's and are skipped
 */
#include "plumbline/limits.h"
#include "plumbline/plan.h"

#include <errno.h>
#include <ini.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name, *source;
    size_t offset;
    float value, least, most;
};

static const struct row limit_rows[] = {
#define X(name, value, least, most, source) { #name, source, offsetof(struct pl_limits, name), value, least, most },
    PL_LIMITS(X)
#undef X
};

/* A name of former versions that stands for two of now. */
static const struct { const char *name, *now[2]; } both[] = {
    { "knee_over_toe_offset_pct", { "left_knee_over_toe_offset_pct", "right_knee_over_toe_offset_pct" } },
};

static const struct row plan_rows[] = {
#define X(name, value, least, most, meaning) { #name, meaning, offsetof(struct pl_plan, name), value, least, most },
    PL_PLAN(X)
#undef X
};

/* One section of the file. */
struct table {
    const char *section, *one; /* "limits", "limit" */
    const struct row *rows;
    int n;
};
static const struct table limits_table = { "limits", "limit", limit_rows, sizeof limit_rows / sizeof limit_rows[0] };
static const struct table plan_table = { "session", "setting", plan_rows, sizeof plan_rows / sizeof plan_rows[0] };

struct pl_plan pl_plan_default(void)
{
    static const struct pl_plan defaults = {
#define X(name, value, least, most, meaning) .name = value,
        PL_PLAN(X)
#undef X
    };
    return defaults;
}

struct pl_limits pl_limits_default(void)
{
    static const struct pl_limits defaults = {
#define X(name, value, least, most, source) .name = value,
        PL_LIMITS(X)
#undef X
    };
    return defaults;
}

bool pl_limits_row(struct pl_limit *out, const struct pl_limits *limits, int i)
{
    if (i < 0 || i >= limits_table.n)
        return false;
    const struct row *r = &limit_rows[i];
    *out = (struct pl_limit){ .name = r->name, .source = r->source, .standard = r->value, .least = r->least, .most = r->most };
    memcpy(&out->value, (const char *)limits + r->offset, sizeof out->value);
    return true;
}

/* A decimal number with a point whatever the user's locale says: a German desktop must not read 8.5 as 8. */
static bool number_from_text(double *out, const char *text, locale_t c_locale)
{
    char *end;
    *out = strtod_l(text, &end, c_locale);
    return end != text && *end == '\0' && isfinite(*out);
}

struct reading {
    const struct table *table;
    void *values;     /* struct pl_limits or struct pl_plan */
    locale_t c_locale;
    FILE *file;
    int line;         /* being read; Debian's inih does not tell its handler */
    int problem_line; /* of the first bad value, 0 none */
    char problem[256];
};

static char *read_line(char *text, int size, void *user)
{
    struct reading *r = user;
    r->line++;
    return fgets(text, size, r->file);
}

static int take_line(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    double number;
    if (r->problem_line || strcmp(section, r->table->section) != 0)
        return 1;
    for (size_t i = 0; i < sizeof both / sizeof both[0] && r->table == &limits_table; i++)
        if (!strcmp(name, both[i].name))
            return take_line(user, section, both[i].now[0], value) && take_line(user, section, both[i].now[1], value);
    for (int i = 0; i < r->table->n; i++) {
        const struct row *row = &r->table->rows[i];
        if (strcmp(name, row->name) != 0)
            continue;
        if (!number_from_text(&number, value, r->c_locale)) {
            snprintf(r->problem, sizeof r->problem, "%s: \"%.60s\" is not a number", name, value);
        } else if (number < (double)row->least || number > (double)row->most) {
            snprintf(r->problem, sizeof r->problem, "%s = %.60s is outside %g..%g", name, value, (double)row->least,
                     (double)row->most);
        } else {
            float f = (float)number;
            memcpy((char *)r->values + row->offset, &f, sizeof f);
            return 1;
        }
        r->problem_line = r->line;
        return 0;
    }
    r->problem_line = r->line;
    snprintf(r->problem, sizeof r->problem, "there is no %s named \"%.60s\"", r->table->one, name);
    return 0;
}

/* values is changed as far as the file was good: the callers read into a copy. */
static bool read_section(const struct table *table, void *values, const char *path, struct pl_err *err)
{
    bool ok = false;
    int line;
    struct reading reading = { .table = table, .values = values, .file = fopen(path, "r") };
    if (!reading.file)
        return pl_fail(err, PL_E_IO, "%s: %s", path, strerror(errno));
    reading.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!reading.c_locale) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
        goto done;
    }
    line = ini_parse_stream(read_line, &reading, take_line, &reading);
    if (ferror(reading.file)) {
        pl_fail(err, PL_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    } else if (line < 0) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
    } else if (line > 0) {
        pl_fail(err, PL_E_FORMAT, "%s:%d: %s", path, line,
                line == reading.problem_line ? reading.problem : "not a [section] or a name = value line");
    } else {
        ok = true;
    }
done:
    if (reading.c_locale)
        freelocale(reading.c_locale);
    fclose(reading.file);
    return ok;
}

bool pl_limits_read(struct pl_limits *limits, const char *path, struct pl_err *err)
{
    struct pl_limits read = *limits;
    const bool ok = read_section(&limits_table, &read, path, err);
    if (ok)
        *limits = read;
    return ok;
}

bool pl_plan_read(struct pl_plan *plan, const char *path, struct pl_err *err)
{
    struct pl_plan read = *plan;
    const bool ok = read_section(&plan_table, &read, path, err);
    if (ok)
        *plan = read;
    return ok;
}
