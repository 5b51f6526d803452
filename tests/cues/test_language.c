/* Language files: complete, readable, refused with file and line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../support/media.h"
#include "plumbline/cues.h"
#include "plumbline/language.h"

static bool read_text(struct pl_language *language, const char *text, struct pl_err *err)
{
    char folder[MEDIA_PATH], path[MEDIA_PATH + 20];
    media_folder(folder);
    snprintf(path, sizeof path, "%s/language.ini", folder);
    media_text(path, text);
    const bool ok = pl_language_read(language, path, err);
    media_remove(folder);
    return ok;
}

static void check_refused(const char *text, const char *says)
{
    static struct pl_language language, before;
    struct pl_err err = { PL_E_NONE, "" };
    pl_language_english(&language);
    snprintf(language.sentence[PL_SAY_START], PL_SENTENCE_BYTES, "mine");
    before = language;
    assert_false(read_text(&language, text, &err));
    assert_int_equal(err.code, PL_E_FORMAT);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    assert_memory_equal(&language, &before, sizeof language);
}

/* Every id once, lower case with one dot; every one but REASON_NONE with words. */
static void test_ids(void **state)
{
    (void)state;
    assert_string_equal(pl_sentence_id(PL_SAY_REASON_FACE_CAMERA), "reason.face_camera");
    assert_string_equal(pl_sentence_id(PL_SAY_ADVICE_WOBBLE), "advice.wobble");
    assert_string_equal(pl_sentence_id(PL_SAY_MEASURE_FPPA), "measure.fppa_deg");
    assert_string_equal(pl_sentence_id(PL_N_SENTENCES), "");
    for (int i = PL_SAY_NOTHING + 1; i < PL_N_SENTENCES; i++) {
        const char *id = pl_sentence_id((enum pl_sentence)i);
        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz_."), strlen(id));
        assert_non_null(strchr(id, '.'));
        assert_true(i == PL_SAY_REASON_NONE || strlen(pl_sentence_english((enum pl_sentence)i)) > 0);
        for (int k = i + 1; k < PL_N_SENTENCES; k++)
            assert_string_not_equal(id, pl_sentence_id((enum pl_sentence)k));
    }
}

static void test_english_is_that_of_the_lists(void **state)
{
    (void)state;
    for (int i = 0; i < PL_N_FAULTS; i++) {
        const enum pl_fault_kind f = (enum pl_fault_kind)i;
        assert_string_equal(pl_language_text(NULL, pl_sentence_of_cue(f)), pl_cue_text(f));
        assert_string_equal(pl_language_text(NULL, pl_sentence_of_advice(f)), pl_cue_advice(f));
    }
    for (int i = 0; i < PL_N_REASONS; i++)
        assert_string_equal(pl_language_text(NULL, pl_sentence_of_reason((enum pl_reason)i)), pl_reason_text((enum pl_reason)i));
    for (int i = 0; i < PL_N_MEASURES; i++)
        assert_string_equal(pl_language_text(NULL, pl_sentence_of_measure((enum pl_measure)i)),
                            pl_measure_text((enum pl_measure)i));
    assert_int_equal(pl_sentence_of_cue(PL_N_FAULTS), PL_SAY_NOTHING);
}

/* The files that are installed: each has every sentence, and en.ini has them as they are built in. */
static void test_shipped_files_are_complete(void **state)
{
    static const char *const files[] = { "src/cues/languages/en.ini", "src/cues/languages/de.ini" };
    static struct pl_language language;
    struct pl_err err = { 0 };
    int n = 0;
    (void)state;
    for (int i = PL_SAY_NOTHING + 1; i < PL_N_SENTENCES; i++)
        n += *pl_sentence_english((enum pl_sentence)i) != '\0';
    for (int f = 0; f < 2; f++) {
        if (!pl_language_read(&language, files[f], &err))
            fail_msg("%s", err.text);
        int differ = 0;
        for (int i = PL_SAY_NOTHING + 1; i < PL_N_SENTENCES; i++) {
            const enum pl_sentence s = (enum pl_sentence)i;
            if (!language.sentence[s][0] && *pl_sentence_english(s))
                fail_msg("%s lacks %s", files[f], pl_sentence_id(s));
            differ += strcmp(pl_language_text(&language, s), pl_sentence_english(s)) != 0;
        }
        assert_int_equal(language.n_given, n);
        if (f == 0)
            assert_int_equal(differ, 0);
        else
            assert_int_equal(differ, n - 3); /* "%d", "L" and "R" are German, too; nothing is left untranslated */
        assert_memory_equal(language.voice, f ? "de" : "en", 3);
    }
}

static void test_what_is_missing_stays_english(void **state)
{
    static struct pl_language language;
    struct pl_err err;
    (void)state;
    assert_true(read_text(&language, "; mine\n\n# too\nsay.start = Halt: ein, wenn's zwickt\nvoice=de\n", &err));
    assert_string_equal(pl_language_text(&language, PL_SAY_START), "Halt: ein, wenn's zwickt");
    assert_string_equal(pl_language_text(&language, PL_SAY_MENDED), "Better. Keep it like that");
    assert_string_equal(language.voice, "de");
    assert_int_equal(language.n_given, 1);
    assert_true(read_text(&language, "", &err));
    assert_string_equal(language.voice, "en");
}

/* Numbers in their places, in the order of the sentence; too few, too many, too small a place for it. */
static void test_numbers_in_sentences(void **state)
{
    static struct pl_language language;
    static const struct { enum pl_sentence sentence; int n; const char *want; } table[] = {
        { PL_SAY_SET_EACH, 3, "Satz 2 (3), je 10" }, { PL_SAY_SET_EACH, 1, "Satz 2 (%d), je %d" },
        { PL_SAY_START, 3, "Stop if it hurts" }, { PL_SAY_COUNT, 1, "2" }, { PL_SAY_SLOW_DARK, 3, "2 fps: more light" },
    };
    const int numbers[] = { 2, 3, 10 };
    char text[PL_SENTENCE_BYTES], small[8];
    struct pl_err err;
    (void)state;
    assert_true(read_text(&language, "screen.set_each = Satz %d (%d), je %d\n", &err));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        pl_language_write(text, sizeof text, &language, table[i].sentence, numbers, table[i].n);
        assert_string_equal(text, table[i].want);
    }
    pl_language_write(small, sizeof small, &language, PL_SAY_SET_EACH, (const int[]){ -2000000000, 3, 10 }, 3);
    assert_string_equal(small, "Satz -2");
    assert_int_equal(pl_sentence_n_numbers("%d %x %% %d"), 2);
}

static void test_bad_lines_are_named(void **state)
{
    char text[1200];
    (void)state;
    check_refused("say.start = x\nsay.begin = y\n", "language.ini:2: there is no sentence named \"say.begin\"");
    check_refused("reason.none = x\n", "language.ini:1: there is no sentence named \"reason.none\"");
    check_refused("\nsay.start =\n", "language.ini:2: there is no sentence for \"say.start\"");
    check_refused("say.start = a\nsay.mended = b\nsay.start = c\n", "language.ini:3: given twice: \"say.start\"");
    check_refused("voice = a\nvoice = b\n", "language.ini:2: given twice: \"voice\"");
    check_refused("[sentences]\nsay.start = a\n", "language.ini:2: there are no sections here");
    check_refused("say.start = a\njust words\n", "language.ini:2: not an id = sentence line");
    check_refused("coach.slow_dark = mehr Licht\n", "language.ini:1: places for numbers (%d)");
    check_refused("say.start = %d Halt\n", "language.ini:1: places for numbers (%d)");
    check_refused("say.start = H\xf6r auf\n", "language.ini:1: the sentence is not UTF-8");
    check_refused("say.start = a\x1b[31mb\n", "language.ini:1: the sentence is not UTF-8");
    check_refused("say.start = \xc3\n", "not UTF-8");
    check_refused("say.start = \xc0\x80\n", "not UTF-8");
    snprintf(text, sizeof text, "say.start = %0*d\n", PL_SENTENCE_BYTES, 1);
    check_refused(text, "language.ini:1: the sentence is too long");
    snprintf(text, sizeof text, "say.mended = x\nsay.start = %0*d\n", 1000, 1);
    check_refused(text, "language.ini:2: this line is too long");
}

static void test_a_line_at_the_limit_is_taken(void **state)
{
    static struct pl_language language;
    char text[PL_SENTENCE_BYTES + 40];
    struct pl_err err;
    (void)state;
    snprintf(text, sizeof text, "say.start = %0*d", PL_SENTENCE_BYTES - 1, 1); /* no line end either */
    assert_true(read_text(&language, text, &err));
    assert_int_equal(strlen(pl_language_text(&language, PL_SAY_START)), PL_SENTENCE_BYTES - 1);
}

static void test_files_that_cannot_be_read(void **state)
{
    static struct pl_language language;
    struct pl_err err = { PL_E_NONE, "" };
    (void)state;
    assert_false(pl_language_read(&language, "/nowhere/xx.ini", &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/xx.ini"));
    assert_false(pl_language_read(&language, "/tmp", &err));
    assert_int_equal(err.code, PL_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_english_is_that_of_the_lists),
        cmocka_unit_test(test_shipped_files_are_complete),
        cmocka_unit_test(test_what_is_missing_stays_english),
        cmocka_unit_test(test_numbers_in_sentences),
        cmocka_unit_test(test_bad_lines_are_named),
        cmocka_unit_test(test_a_line_at_the_limit_is_taken),
        cmocka_unit_test(test_files_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
