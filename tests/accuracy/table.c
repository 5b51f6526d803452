/* A CSV file as numbers. Nothing is trusted to be there: a missing column reads as unknown. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy.h"

/* A word is kept as a number below every number that these files hold: its first letter. */
static const double word = -1e9;

static int cells(char *line, char **cell, int room)
{
    int n = 0;
    for (char *at = line; at && n < room; n++) {
        cell[n] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return n;
}

static double value_of(const char *cell)
{
    char *end;
    const double v = strtod(cell, &end);
    return *cell == '\0' || !strcmp(cell, "nan") ? NAN : *end == '\0' ? v : word - (double)(unsigned char)*cell;
}

static bool add_row(struct table *t, char **cell, int n, int *room)
{
    if (t->n == *room) {
        *room = *room ? 2 * *room : 256;
        double *more = realloc(t->value, (size_t)*room * (size_t)t->n_columns * sizeof *more);
        if (!more)
            return false;
        t->value = more;
    }
    for (int c = 0; c < t->n_columns; c++)
        t->value[t->n * t->n_columns + c] = c < n ? value_of(cell[c]) : NAN;
    t->n++;
    return true;
}

bool table_read(struct table *out, const char *path)
{
    enum { MAX_CELLS = 1024 };
    static const size_t max_line = 1 << 16;
    char *cell[MAX_CELLS], *line = malloc(max_line);
    int room = 0;
    bool ok = line != NULL;
    FILE *f = fopen(path, "r");
    *out = (struct table){ 0 };
    while (ok && f && fgets(line, (int)max_line, f)) {
        line[strcspn(line, "\r\n")] = '\0';
        const int n = cells(line, cell, MAX_CELLS);
        if (out->name) {
            ok = add_row(out, cell, n, &room);
            continue;
        }
        out->name = calloc((size_t)n, sizeof *out->name);
        out->n_columns = n;
        for (int i = 0; ok && i < n; i++)
            ok = out->name && (out->name[i] = strdup(cell[i])) != NULL;
    }
    ok = ok && f && out->n > 0;
    if (!ok)
        fprintf(stderr, "accuracy: %s: cannot be read as a table\n", path);
    if (f)
        fclose(f);
    free(line);
    return ok;
}

void table_free(struct table *t)
{
    for (int i = 0; t->name && i < t->n_columns; i++)
        free(t->name[i]);
    free(t->name);
    free(t->value);
    *t = (struct table){ 0 };
}

static double raw(const struct table *t, int row, const char *name)
{
    for (int c = 0; c < t->n_columns; c++)
        if (!strcmp(t->name[c], name))
            return t->value[row * t->n_columns + c];
    return NAN;
}

double table_get(const struct table *t, int row, const char *name)
{
    const double v = raw(t, row, name);
    return v <= word ? NAN : v;
}

char table_letter(const struct table *t, int row, const char *name)
{
    const double v = raw(t, row, name);
    return v <= word ? (char)(word - v) : '\0';
}

int table_nearest(const struct table *t, const char *time, double t_s)
{
    int best = 0;
    for (int i = 1; i < t->n; i++)
        if (fabs(table_get(t, i, time) - t_s) < fabs(table_get(t, best, time) - t_s))
            best = i;
    return best;
}
