/* Words. A text is fitted into its box, rendered once by SDL_ttf in white, and kept as a texture until the place is needed;
 * colour is applied when drawing. Words that stay cost one copy per frame, changing numbers one small rendering per change. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINES = 6 };

/* Where distributions keep DejaVu Sans. It has the signs that we use (degree, plus-minus, dashes) and wide open letters. */
static const char *const font_folders[] = {
    "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu", "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/truetype", "/usr/local/share/fonts",
};

static TTF_Font *open_font(char *path, size_t size, const char *name)
{
    for (size_t i = 0; i < sizeof font_folders / sizeof font_folders[0]; i++) {
        snprintf(path, size, "%s/%s", font_folders[i], name);
        TTF_Font *font = TTF_OpenFont(path, 16);
        if (font)
            return font;
    }
    return NULL;
}

/* path [size]: the one of the last font */
static bool open_fonts(struct pl_screen_texts *texts, char *path, size_t size, struct pl_err *err)
{
    static const char *const names[2] = { "DejaVuSans.ttf", "DejaVuSans-Bold.ttf" };
    const char *own = getenv("PL_FONT");

    if (TTF_Init())
        return pl_fail(err, PL_E_INTERNAL, "the font library does not start: %s", TTF_GetError());
    texts->started = true;
    for (int i = 0; i < 2; i++) {
        texts->font[i] = own && *own ? TTF_OpenFont(own, 16) : open_font(path, size, names[i]);
        if (!texts->font[i] && own && *own)
            return pl_fail(err, PL_E_IO, "%s: not a font that can be read; set PL_FONT to a .ttf file, or unset it", own);
        if (!texts->font[i])
            return pl_fail(err, PL_E_IO, "no font %s: install the package fonts-dejavu-core, or set PL_FONT to a .ttf file",
                           names[i]);
    }
    if (own && *own)
        snprintf(path, size, "%s", own);
    return true;
}

bool pl_screen_texts_open(struct pl_screen_texts *texts, struct pl_err *err)
{
    char path[512];
    return open_fonts(texts, path, sizeof path, err);
}

bool pl_screen_probe_fonts(char *text, int size)
{
    struct pl_screen_texts texts = { 0 };
    struct pl_err err = { 0 };
    bool ok = open_fonts(&texts, text, (size_t)size, &err);

    if (!ok)
        snprintf(text, (size_t)size, "%s", err.text);
    pl_screen_texts_close(&texts);
    return ok;
}

void pl_screen_texts_close(struct pl_screen_texts *texts)
{
    for (int i = 0; i < PL_N_TEXTS; i++)
        if (texts->text[i].texture)
            SDL_DestroyTexture(texts->text[i].texture);
    for (int i = 0; i < 2; i++)
        if (texts->font[i])
            TTF_CloseFont(texts->font[i]);
    if (texts->started)
        TTF_Quit();
}

/* Copies text to `out` with line ends where a line would be wider than width. Returns the number of lines; 0: a word alone is
 * wider, or there are more lines than allowed. */
static int wrap(TTF_Font *font, const char *text, int width, int most, char out[PL_TEXT_BYTES])
{
    char *line = out, *blank = NULL;
    int lines = 1, w = 0;

    snprintf(out, PL_TEXT_BYTES, "%s", text);
    for (char *p = out;; p++) {
        if (*p != ' ' && *p != '\n' && *p)
            continue;
        char end = *p;
        *p = '\0';
        TTF_SizeUTF8(font, line, &w, NULL);
        *p = end;
        if (w > width && !blank)
            return 0;
        if (w > width) {
            *blank = '\n';
            line = blank + 1;
            p = blank; /* measure this line again from its start, the last one, too */
            blank = NULL;
            end = ' ';
            lines++;
        } else if (end == '\n') {
            line = p + 1;
            blank = NULL;
            lines++;
        } else if (end == ' ') {
            blank = p;
        }
        if (lines > most)
            return 0;
        if (!end)
            return lines;
    }
}

/* The narrowest width that needs no more lines: "Push your knee out / over your second toe", not one word alone below. */
static void balance(TTF_Font *font, const char *text, int width, int lines, char out[PL_TEXT_BYTES])
{
    char tried[PL_TEXT_BYTES];
    int low = width / 2, high = width;

    while (lines > 1 && high - low > 4) {
        int middle = (low + high) / 2, n = wrap(font, text, middle, lines, tried);
        if (n)
            high = middle;
        else
            low = middle;
    }
    wrap(font, text, high, lines, out);
}

/* Cuts the text to one line that fits. Whole UTF-8 characters go. */
static void shorten(TTF_Font *font, int width, char out[PL_TEXT_BYTES])
{
    static const char dots[] = "\xe2\x80\xa6";
    size_t n = SDL_min(strlen(out), PL_TEXT_BYTES - sizeof dots);
    int w = 0;

    for (char *p = out; (p = strchr(p, '\n')); )
        *p = ' ';
    while (!TTF_SizeUTF8(font, out, &w, NULL) && w > width && n > 0) {
        while (n > 0 && ((unsigned char)out[--n] & 0xc0) == 0x80)
            ;
        memcpy(out + n, dots, sizeof dots);
    }
}

/* The largest size at which the text fits the box on that many lines; 0: none. */
static int largest(TTF_Font *font, const struct pl_screen_text *t, int lines, char out[PL_TEXT_BYTES])
{
    for (int em = t->em_px; em >= t->em_least_px; em -= SDL_max(1, em / 24)) {
        TTF_SetFontSize(font, em);
        /* the letters of a line reach over one em at most; the rest of a line's height is air that may stick out */
        if (wrap(font, t->text, t->box_w, lines, out) &&
            (lines == 1 || (lines - 1) * TTF_FontLineSkip(font) + em <= t->box_h))
            return em;
    }
    return 0;
}

/* Sets the font's size and breaks the text into lines; returns how many. */
static int fit(TTF_Font *font, const struct pl_screen_text *t, char out[PL_TEXT_BYTES])
{
    int best_em = 0, best_lines = 1;

    for (int lines = 1; lines <= t->lines && best_em < t->em_good_px; lines++) {
        int em = largest(font, t, lines, out);
        if (em > best_em) {
            best_em = em;
            best_lines = lines;
        }
    }
    TTF_SetFontSize(font, best_em ? best_em : t->em_least_px);
    if (best_em) {
        balance(font, t->text, t->box_w, best_lines, out);
    } else {
        snprintf(out, PL_TEXT_BYTES, "%s", t->text);
        shorten(font, t->box_w, out);
    }
    return best_lines;
}

static void render(struct pl_screen *screen, struct pl_screen_text *t)
{
    static const int wrapped[] = { TTF_WRAPPED_ALIGN_LEFT, TTF_WRAPPED_ALIGN_CENTER, TTF_WRAPPED_ALIGN_RIGHT };
    TTF_Font *font = screen->texts.font[t->bold];
    char broken[PL_TEXT_BYTES];
    int lines = fit(font, t, broken), capital = 0;

    TTF_SetFontWrappedAlign(font, wrapped[t->align]);
    TTF_GlyphMetrics32(font, 'H', NULL, NULL, NULL, &capital, NULL);
    t->middle_px = (float)TTF_FontAscent(font) + ((float)((lines - 1) * TTF_FontLineSkip(font)) - (float)capital) / 2;

    SDL_Surface *surface = TTF_RenderUTF8_Blended_Wrapped(font, broken, (SDL_Color){ 255, 255, 255, 255 }, 0);
    if (!surface)
        return;
    t->texture = SDL_CreateTextureFromSurface(screen->renderer, surface);
    t->w_px = surface->w;
    t->h_px = surface->h;
    SDL_FreeSurface(surface);
    if (t->texture)
        SDL_SetTextureBlendMode(t->texture, SDL_BLENDMODE_BLEND);
    screen->texts.n_rendered++;
}

static bool same(const struct pl_screen_text *a, const struct pl_screen_text *b)
{
    return a->em_px == b->em_px && a->em_good_px == b->em_good_px && a->em_least_px == b->em_least_px &&
           a->box_w == b->box_w && a->box_h == b->box_h && a->lines == b->lines && a->bold == b->bold &&
           a->align == b->align && !strcmp(a->text, b->text);
}

/* The kept text with that key, or the one unused longest, rendered anew. */
static struct pl_screen_text *find(struct pl_screen *screen, const struct pl_screen_text *key)
{
    struct pl_screen_texts *texts = &screen->texts;
    struct pl_screen_text *oldest = &texts->text[0];

    texts->clock++;
    for (int i = 0; i < PL_N_TEXTS; i++) {
        struct pl_screen_text *t = &texts->text[i];
        if (t->texture && same(t, key)) {
            t->used = texts->clock;
            return t;
        }
        if (t->used < oldest->used)
            oldest = t;
    }
    if (oldest->texture)
        SDL_DestroyTexture(oldest->texture);
    *oldest = *key;
    oldest->used = texts->clock;
    render(screen, oldest);
    return oldest;
}

SDL_FRect pl_screen_label(struct pl_screen *screen, const struct pl_screen_label *label)
{
    SDL_FRect box = label->box, at = { box.x, box.y, 0, 0 };
    const SDL_Color colour = pl_screen_ink(screen, label->colour);
    float good = label->em_good_px > 0 ? label->em_good_px : 0.8f * label->em_px;
    struct pl_screen_text key = {
        .em_px = (int)SDL_max(label->em_px, 1), .em_good_px = (int)SDL_max(good, 1),
        .em_least_px = (int)SDL_max(label->em_least_px, 1), .box_w = (int)box.w, .box_h = (int)box.h,
        .lines = SDL_max(1, SDL_min(label->lines, MAX_LINES)), .bold = label->bold, .align = label->align,
    };

    if (!label->text || !*label->text || key.box_w < 1 || key.box_h < 1)
        return at;
    snprintf(key.text, sizeof key.text, "%s", label->text);
    const struct pl_screen_text *t = find(screen, &key);
    if (!t->texture)
        return at;
    at.w = (float)t->w_px;
    at.h = (float)t->h_px;
    at.x = SDL_roundf(box.x + (box.w - at.w) * (float)label->align / 2);
    at.y = SDL_roundf(box.y + box.h / 2 - t->middle_px);
    if (pl_screen_list(screen, key.text, strlen(key.text), colour)) {
        pl_screen_list(screen, &at, sizeof at, colour);
        return at;
    }
    SDL_SetTextureColorMod(t->texture, colour.r, colour.g, colour.b);
    SDL_SetTextureAlphaMod(t->texture, colour.a);
    SDL_RenderCopyF(screen->renderer, t->texture, NULL, &at);
    return at;
}
