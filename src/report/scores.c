/* The scores of each leg over its repetitions, and as lines to read. */
#include <stddef.h>
#include <stdlib.h>

#include "internal.h"

static int by_size(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Of an even count the lower of the two middle ones for the least, the upper for the most: the range may not get narrower
 * than the repetitions allow. */
static int median(int *values, int n, bool upper)
{
    qsort(values, (size_t)n, sizeof values[0], by_size);
    return values[upper ? n / 2 : (n - 1) / 2];
}

static void sum_up(struct pl_sum *out, const struct pl_scores *s, int n, enum pl_side side, bool piva, int *values)
{
    int k = 0;

    out->n_decided = -1;
    for (int upper = 0; upper < 2; upper++) {
        k = 0;
        for (int i = 0; i < n; i++) {
            if (!s[i].rep || s[i].side != side)
                continue;
            const struct pl_sum *sum = piva ? &s[i].piva_sum : &s[i].qasls_sum;
            values[k++] = upper ? sum->most : sum->least;
            out->of = sum->of;
            out->n_asked = sum->n_asked;
            if (out->n_decided < 0 || sum->n_decided < out->n_decided)
                out->n_decided = sum->n_decided;
        }
        *(upper ? &out->most : &out->least) = median(values, k, upper);
    }
}

static void count(struct pl_score_item *out, const struct pl_scores *s, int n, enum pl_side side, size_t offset)
{
    int votes[PL_N_REASONS] = { 0 };

    for (int i = 0; i < n; i++) {
        if (!s[i].rep || s[i].side != side)
            continue;
        const struct pl_item *item = (const struct pl_item *)(const void *)((const char *)&s[i] + offset);
        out->n[item->answer]++;
        votes[item->why] += item->answer == PL_ANSWER_NOT_SEEN;
    }
    for (int reason = 1; reason < PL_N_REASONS; reason++)
        if (votes[reason] > votes[out->why])
            out->why = (enum pl_reason)reason;
}

bool pl_report_score_side(struct pl_score_side *out, const struct pl_log *log, enum pl_side side)
{
    const struct pl_scores *s = log->scores.data;
    int n = log->scores.n, grades[4] = { 0 };

    *out = (struct pl_score_side){ 0 };
    for (int i = 0; i < n; i++) {
        if (!s[i].rep || s[i].side != side)
            continue;
        out->n_reps++;
        grades[s[i].grade]++;
    }
    if (!out->n_reps)
        return true;
    int *values = malloc((size_t)out->n_reps * sizeof values[0]);
    if (!values)
        return false;
    sum_up(&out->piva, s, n, side, true, values);
    sum_up(&out->qasls, s, n, side, false, values);
    free(values);
    for (int i = PL_GRADE_GOOD; i <= PL_GRADE_POOR; i++)
        if (grades[i] * 2 > out->n_reps)
            out->grade = (enum pl_grade)i;
    for (int i = 0; i < PL_N_PIVA; i++)
        count(&out->piva_item[i], s, n, side, offsetof(struct pl_scores, piva) + (size_t)i * sizeof(struct pl_item));
    for (int i = 0; i < PL_N_QASLS; i++)
        count(&out->qasls_item[i], s, n, side, offsetof(struct pl_scores, qasls) + (size_t)i * sizeof(struct pl_item));
    return true;
}

/* ---- lines ---- */

static void say_sum(FILE *out, const char *name, const struct pl_sum *sum, const char *grade)
{
    char range[32];

    if (!sum->n_decided) {
        fprintf(out, "%s not known", name);
        return;
    }
    pl_scores_range_text(range, sizeof range, sum->least, sum->most);
    fprintf(out, "%s %s of %d%s%s (%d of %d items decided)", name, range, sum->of, grade ? ", " : "", grade ? grade : "",
            sum->n_decided, sum->n_asked);
}

/* The items of QASLS, which has them all singly, with one answer in most repetitions. */
static void say_items(FILE *out, const struct pl_score_side *s, enum pl_answer answer, const char *title)
{
    const char *separator = "";

    for (int i = 0; i < PL_N_QASLS; i++) {
        int n = s->qasls_item[i].n[answer];
        if (!n || (answer != PL_ANSWER_YES && n * 2 <= s->n_reps))
            continue;
        if (!*separator)
            fprintf(out, "    %-9s ", title);
        fprintf(out, "%s%s", separator, pl_qasls_text((enum pl_qasls)i));
        if (n < s->n_reps)
            fprintf(out, " (%d of %d repetitions)", n, s->n_reps);
        separator = "; ";
    }
    if (*separator)
        fputc('\n', out);
}

static bool mostly_unseen(const struct pl_score_side *s, int item, int reason)
{
    return s->qasls_item[item].why == (enum pl_reason)reason && s->qasls_item[item].n[PL_ANSWER_NOT_SEEN] * 2 > s->n_reps;
}

/* By what has to be changed. More than a few items are not named one by one. */
static void say_unseen(FILE *out, const struct pl_score_side *s)
{
    enum { NAMED_MAX = 4 };

    for (int reason = 1; reason < PL_N_REASONS; reason++) {
        const char *separator = "";
        int n = 0;
        for (int i = 0; i < PL_N_QASLS; i++)
            n += mostly_unseen(s, i, reason);
        if (n > NAMED_MAX) {
            fprintf(out, "    not seen  %d items -> %s\n", n, pl_reason_text((enum pl_reason)reason));
            continue;
        }
        for (int i = 0; i < PL_N_QASLS; i++) {
            if (!mostly_unseen(s, i, reason))
                continue;
            fprintf(out, "%s%s", *separator ? separator : "    not seen  ", pl_qasls_text((enum pl_qasls)i));
            separator = "; ";
        }
        if (*separator)
            fprintf(out, " -> %s\n", pl_reason_text((enum pl_reason)reason));
    }
}

static void say_side(FILE *out, const struct pl_score_side *s, enum pl_side side)
{
    fprintf(out, "  %s leg, %d repetition%s: ", pl_side_name(side), s->n_reps, s->n_reps == 1 ? "" : "s");
    say_sum(out, "step-down score (Piva)", &s->piva, pl_grade_name(s->grade));
    say_sum(out, "; QASLS", &s->qasls, NULL);
    fputc('\n', out);
    say_items(out, s, PL_ANSWER_YES, "error");
    say_items(out, s, PL_ANSWER_UNCLEAR, "unclear");
    say_unseen(out, s);
}

/* Which leg is worse, where the ranges do not meet. */
static const char *worse(const struct pl_sum *left, const struct pl_sum *right)
{
    return left->least > right->most ? "left leg worse" : right->least > left->most ? "right leg worse" : "no sure difference";
}

void pl_report_say_scores(const struct pl_log *log, FILE *out)
{
    struct pl_score_side side[PL_N_SIDES];

    for (int i = 0; i < PL_N_SIDES; i++) {
        if (!pl_report_score_side(&side[i], log, (enum pl_side)i))
            return;
        if (side[i].n_reps)
            say_side(out, &side[i], (enum pl_side)i);
    }
    if (side[PL_SIDE_LEFT].qasls.n_decided > 0 && side[PL_SIDE_RIGHT].qasls.n_decided > 0)
        fprintf(out, "  left against right: step-down score %s, QASLS %s\n", worse(&side[0].piva, &side[1].piva),
                worse(&side[0].qasls, &side[1].qasls));
}
