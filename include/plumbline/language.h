/* The sentences in somebody's language, from a text file that anyone can edit.
 *
 * file:  UTF-8, one `id = sentence` a line (sentences.h has the ids), `voice = NAME` for the espeak-ng voice that speaks it;
 *        lines that begin with ; or # are remarks
 * missing ids stay English; an unknown id, an id given twice, a bad line and a sentence with more or fewer places for numbers (%d)
 * than the English one are errors that name file and line
 */
#ifndef PLUMBLINE_LANGUAGE_H
#define PLUMBLINE_LANGUAGE_H

#include "plumbline/err.h"
#include "plumbline/sentences.h"

enum { PL_SENTENCE_BYTES = 160, PL_VOICE_NAME_BYTES = 64 };

/* A plain value: copy it. An empty sentence is an English one. */
struct pl_language {
    char voice[PL_VOICE_NAME_BYTES];                  /* espeak-ng's name, "en" */
    char sentence[PL_N_SENTENCES][PL_SENTENCE_BYTES];
    int n_given;                                      /* sentences that the file had */
};

void pl_language_english(struct pl_language *out);

/* err: IO, FORMAT, MEMORY. out is changed only on success. */
bool pl_language_read(struct pl_language *out, const char *path, struct pl_err *err) PL_MUST_CHECK;

/* The sentence; English where the language has none, and for language NULL. Valid as long as the language. */
const char *pl_language_text(const struct pl_language *language, enum pl_sentence sentence);

/* The sentence with its numbers in their places, the first number in the first; a place without a number stays as it is.
 * out is always ended, and cut where it is too small. */
void pl_language_write(char *out, size_t size, const struct pl_language *language, enum pl_sentence sentence, const int *numbers,
                       int n);

#endif
