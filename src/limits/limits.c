/* limits: the table's defaults and its overrides from an ini file.
 *
 * in:   include/plumbline/limits.h's X-list; a file such as
 *           [limits]
 *           fppa_limit_deg = 8.5
 * out:  struct pl_limits
 * how:  inih splits the file; names and ranges come from the table, so a new row needs nothing here
 * not:  other sections are somebody else's and are skipped
 */
#include "plumbline/limits.h"

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

static const struct row rows[] = {
#define X(name, value, least, most, source) { #name, source, offsetof(struct pl_limits, name), value, least, most },
    PL_LIMITS(X)
#undef X
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

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
    if (i < 0 || i >= N_ROWS)
        return false;
    const struct row *r = &rows[i];
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
    struct pl_limits limits;
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
    if (r->problem_line || strcmp(section, "limits") != 0)
        return 1;
    for (int i = 0; i < N_ROWS; i++) {
        if (strcmp(name, rows[i].name) != 0)
            continue;
        if (!number_from_text(&number, value, r->c_locale)) {
            snprintf(r->problem, sizeof r->problem, "%s: \"%.60s\" is not a number", name, value);
        } else if (number < (double)rows[i].least || number > (double)rows[i].most) {
            snprintf(r->problem, sizeof r->problem, "%s = %.60s is outside %g..%g", name, value, (double)rows[i].least,
                     (double)rows[i].most);
        } else {
            float f = (float)number;
            memcpy((char *)&r->limits + rows[i].offset, &f, sizeof f);
            return 1;
        }
        r->problem_line = r->line;
        return 0;
    }
    r->problem_line = r->line;
    snprintf(r->problem, sizeof r->problem, "there is no limit named \"%.60s\"", name);
    return 0;
}

bool pl_limits_read(struct pl_limits *limits, const char *path, struct pl_err *err)
{
    bool ok = false;
    int line;
    struct reading reading = { .limits = *limits, .file = fopen(path, "r") };
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
        *limits = reading.limits;
        ok = true;
    }
done:
    if (reading.c_locale)
        freelocale(reading.c_locale);
    fclose(reading.file);
    return ok;
}
