/* language: a file of sentences.
 *
 * in:   "cue.knee_collapse = Knie kippt nach innen" and so on, see language.h
 * how:  inih splits the lines; ids come from the table of sentences, so a new row needs nothing here
 * not:  no translation, no plural forms: numbers are spoken as digits, which espeak-ng reads in its voice's language
 */
#include "plumbline/language.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

struct reading {
    struct pl_language language;
    bool seen[PL_N_SENTENCES], seen_voice;
    FILE *file;
    int line;
    int problem_line; /* the first bad line, 0 none */
    char problem[256];
};

/* A line longer than inih's buffer would come to it in pieces, each a line of its own. */
static char *read_line(char *text, int size, void *user)
{
    struct reading *r = user;
    char *got = fgets(text, size, r->file);

    r->line++;
    if (got && !strchr(got, '\n') && !feof(r->file) && !r->problem_line) {
        r->problem_line = r->line;
        snprintf(r->problem, sizeof r->problem, "this line is too long; %d bytes are the most", size - 2);
        return NULL;
    }
    return got;
}

static bool complain(struct reading *r, const char *what, const char *name)
{
    r->problem_line = r->line;
    snprintf(r->problem, sizeof r->problem, "%s \"%.60s\"", what, name);
    return false;
}

/* Bytes of the UTF-8 character at p, 0 if it is none. Control characters count as none: the sentence goes to a terminal. */
static int utf8_length(const unsigned char *p)
{
    int n = p[0] < 0x20 || p[0] == 0x7f ? 0 : p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3
          : p[0] < 0xf5 ? 4 : 0;

    for (int i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static bool is_utf8(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    for (int n; *p; p += n)
        if (!(n = utf8_length(p)))
            return false;
    return true;
}

static bool take_text(struct reading *r, char *out, size_t size, bool *seen, const char *name, const char *value)
{
    if (*seen)
        return complain(r, "given twice:", name);
    if (!*value)
        return complain(r, "there is no sentence for", name);
    if (!is_utf8(value))
        return complain(r, "the sentence is not UTF-8 text:", name);
    if (strlen(value) >= size)
        return complain(r, "the sentence is too long:", name);
    memcpy(out, value, strlen(value) + 1);
    *seen = true;
    return true;
}

static int take_line(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;

    if (r->problem_line)
        return 1;
    if (*section)
        return complain(r, "there are no sections here:", section);
    if (!strcmp(name, "voice"))
        return take_text(r, r->language.voice, sizeof r->language.voice, &r->seen_voice, name, value);
    for (int i = PL_SAY_NOTHING + 1; i < PL_N_SENTENCES; i++) {
        if (strcmp(name, pl_sentence_id((enum pl_sentence)i)) != 0 || !*pl_sentence_english((enum pl_sentence)i))
            continue;
        if (pl_sentence_n_numbers(value) != pl_sentence_n_numbers(pl_sentence_english((enum pl_sentence)i)))
            return complain(r, "places for numbers (%d), not as many as the English sentence has:", name);
        if (!take_text(r, r->language.sentence[i], PL_SENTENCE_BYTES, &r->seen[i], name, value))
            return 0;
        r->language.n_given++;
        return 1;
    }
    return complain(r, "there is no sentence named", name);
}

void pl_language_english(struct pl_language *out) { *out = (struct pl_language){ .voice = "en" }; }

bool pl_language_read(struct pl_language *out, const char *path, struct pl_err *err)
{
    struct reading r = { .file = fopen(path, "r") };
    bool ok = false;

    if (!r.file)
        return pl_fail(err, PL_E_IO, "%s: %s", path, strerror(errno));
    pl_language_english(&r.language);
    int line = ini_parse_stream(read_line, &r, take_line, &r);
    if (ferror(r.file))
        pl_fail(err, PL_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    else if (r.problem_line && (line <= 0 || r.problem_line <= line))
        pl_fail(err, PL_E_FORMAT, "%s:%d: %s", path, r.problem_line, r.problem);
    else if (line < 0)
        pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
    else if (line > 0)
        pl_fail(err, PL_E_FORMAT, "%s:%d: not an id = sentence line", path, line);
    else
        ok = true;
    if (ok)
        *out = r.language;
    fclose(r.file);
    return ok;
}

const char *pl_language_text(const struct pl_language *language, enum pl_sentence sentence)
{
    bool own = language && (unsigned)sentence < PL_N_SENTENCES && language->sentence[sentence][0];
    return own ? language->sentence[sentence] : pl_sentence_english(sentence);
}

void pl_language_write(char *out, size_t size, const struct pl_language *language, enum pl_sentence sentence, const int *numbers,
                       int n)
{
    const char *text = pl_language_text(language, sentence), *place;
    size_t used = 0;

    for (int i = 0; i < n && used < size && (place = strstr(text, "%d")); i++, text = place + 2) {
        int more = snprintf(out + used, size - used, "%.*s%d", (int)(place - text), text, numbers[i]);
        used += more > 0 ? (size_t)more : 0;
    }
    if (used < size)
        snprintf(out + used, size - used, "%s", text);
}
