/* The window: opening, the order of drawing, reading the picture back.
 *
 * in:   a frame, what is known about it (struct pl_moment), and what the program is doing (struct pl_screen_status)
 * out:  one picture in a window, or in memory
 * how:  the renderer is the graphics card's where there is one, else SDL's own in software; both draw the same.  What is
 *       drawn stays (a card's window forgets, so there everything goes to a texture first): it can be read back, and parts
 *       that would look the same are not drawn again. Drawn in software, that is most of the time.
 * not:  no judgement; what is drawn is what the moment says
 */
#include "internal.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SDL logs to stderr by default; what matters comes back from SDL_GetError and goes into our sentence. */
static void swallow_log(void *context, int category, SDL_LogPriority priority, const char *text)
{
    (void)context, (void)category, (void)priority, (void)text;
}

/* Libraries below SDL (libwayland, Mesa) complain on stderr about ways that SDL merely tries; what fails in the end comes
 * back to us as an error. Returns what unmute needs. */
static int mute(void)
{
    int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    fflush(stderr);
    if (saved >= 0 && null >= 0)
        dup2(null, STDERR_FILENO);
    if (null >= 0)
        close(null);
    return saved;
}

static void unmute(int saved)
{
    fflush(stderr);
    if (saved >= 0) {
        dup2(saved, STDERR_FILENO);
        close(saved);
    }
}

/* Where no display answers, SDL falls back to a driver that shows nothing; good only for someone who asked for it by name. */
bool pl_screen_video_is_blind(void)
{
    const char *driver = SDL_GetCurrentVideoDriver(), *asked = SDL_GetHint(SDL_HINT_VIDEODRIVER);
    bool shows_nothing = !driver || !strcmp(driver, "offscreen") || !strcmp(driver, "dummy");
    return shows_nothing && !(asked && *asked);
}

static bool start_video(struct pl_screen *s, struct pl_err *err)
{
    SDL_SetHint(SDL_HINT_APP_NAME, "plumbline");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0"); /* else the whole desktop flickers when we start */
    s->video_started = !SDL_InitSubSystem(SDL_INIT_VIDEO);
    if (!s->video_started || pl_screen_video_is_blind())
        return pl_fail(err, PL_E_DEVICE, "no display to open a window on (%s): start plumbline from a desktop session, or use "
                       "`plumbline analyze`, which needs none", s->video_started ? "none answers" : SDL_GetError());
    SDL_StopTextInput(); /* we take keys, not text: no input method, no on-screen keyboard */
    return true;
}

/* OpenGL without a graphics card: Mesa then computes the picture on all cores, several times slower than SDL does. */
static bool is_gl_in_software(SDL_Renderer *renderer)
{
    typedef const unsigned char *get_string_fn(unsigned name);
    enum { RENDERER = 0x1f01 }; /* GL_RENDERER */
    SDL_RendererInfo info = { 0 };

    if (SDL_GetRendererInfo(renderer, &info) || strncmp(info.name, "opengl", 6))
        return false;
    get_string_fn *get_string = (get_string_fn *)SDL_GL_GetProcAddress("glGetString");
    const char *name = get_string ? (const char *)get_string(RENDERER) : NULL;
    return name && (strstr(name, "llvmpipe") || strstr(name, "softpipe") || strstr(name, "SwiftShader"));
}

static bool open_window(struct pl_screen *s, const char *title, int w, int h, struct pl_err *err)
{
    const uint32_t ways[] = {
        SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC | SDL_RENDERER_TARGETTEXTURE, SDL_RENDERER_ACCELERATED,
        SDL_RENDERER_SOFTWARE,
    };

    if (!start_video(s, err))
        return false;
    s->window = SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, w, h,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!s->window)
        return pl_fail(err, PL_E_DEVICE, "the display refuses a window (%s): start plumbline from a desktop session",
                       SDL_GetError());
    SDL_SetWindowMinimumSize(s->window, 320, 240);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0] && !s->renderer; i++) {
        if (ways[i] & SDL_RENDERER_SOFTWARE)
            SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); /* else the finished picture goes through that OpenGL after all */
        s->renderer = SDL_CreateRenderer(s->window, -1, ways[i]);
        if (s->renderer && is_gl_in_software(s->renderer)) {
            SDL_DestroyRenderer(s->renderer);
            s->renderer = NULL;
        }
    }
    if (!s->renderer)
        return pl_fail(err, PL_E_DEVICE, "the display cannot be drawn on (%s)", SDL_GetError());
    s->wake_event = SDL_RegisterEvents(1);
    return true;
}

static bool open_memory(struct pl_screen *s, int w, int h, struct pl_err *err)
{
    s->surface = SDL_CreateRGBSurfaceWithFormat(0, w, h, 32, SDL_PIXELFORMAT_ARGB8888);
    if (s->surface)
        s->renderer = SDL_CreateSoftwareRenderer(s->surface);
    if (!s->renderer)
        return pl_fail(err, PL_E_MEMORY, "out of memory for a picture of %dx%d pixels", w, h);
    return true;
}

bool pl_screen_open(struct pl_screen **out, const struct pl_screen_options *options, struct pl_err *err)
{
    int w = options->width_px ? options->width_px : 1280, h = options->height_px ? options->height_px : 720;
    bool ok = false;

    if (w < 64 || h < 64 || w > 16384 || h > 16384)
        return pl_fail(err, PL_E_ARG, "a window of %dx%d pixels: choose 64 to 16384 each way", w, h);
    struct pl_screen *s = calloc(1, sizeof *s);
    if (!s)
        return pl_fail(err, PL_E_MEMORY, "out of memory for the window");
    SDL_LogSetOutputFunction(swallow_log, NULL);
    s->mirror = options->mirror;
    s->language = options->language;
    s->skeleton = s->ghost = true;
    s->rep_ns = s->partial_ns = -1;
    int saved = mute();
    bool opened = options->window ? open_window(s, options->title ? options->title : "plumbline", w, h, err)
                                  : open_memory(s, w, h, err);
    unmute(saved);
    if (!opened)
        goto done;
    if (!pl_screen_texts_open(&s->texts, err))
        goto done;
    SDL_RendererInfo info = { 0 };
    s->software = SDL_GetRendererInfo(s->renderer, &info) == 0 && info.flags & SDL_RENDERER_SOFTWARE;
    s->stale = true;
    *out = s;
    ok = true;
done:
    if (!ok)
        pl_screen_close(s);
    return ok;
}

void pl_screen_close(struct pl_screen *s)
{
    if (!s)
        return;
    pl_screen_texts_close(&s->texts);
    if (s->camera)
        SDL_DestroyTexture(s->camera);
    if (s->canvas)
        SDL_DestroyTexture(s->canvas);
    if (s->renderer)
        SDL_DestroyRenderer(s->renderer);
    if (s->window)
        SDL_DestroyWindow(s->window);
    if (s->surface)
        SDL_FreeSurface(s->surface);
    if (s->video_started)
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
    pl_scaler_free(&s->scaler);
    free(s->pixels);
    free(s);
}

static bool keeps_pixels(const struct pl_screen *s)
{
    return s->software || s->canvas;
}

/* Follows the window's size; the canvas is made anew when it changed. Without a canvas the window is drawn directly. */
static void follow_size(struct pl_screen *s)
{
    int w = s->width_px, h = s->height_px;

    SDL_GetRendererOutputSize(s->renderer, &w, &h);
    bool changed = w != s->width_px || h != s->height_px;
    if (s->window && !s->software && (changed || !s->canvas)) {
        if (s->canvas)
            SDL_DestroyTexture(s->canvas);
        s->canvas = SDL_CreateTexture(s->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_TARGET, w, h);
        if (s->canvas)
            SDL_SetTextureBlendMode(s->canvas, SDL_BLENDMODE_NONE);
    }
    s->width_px = w;
    s->height_px = h;
    s->stale |= changed;
}

static void begin(struct pl_screen *s, float aspect)
{
    follow_size(s);
    const bool targets = s->coach && s->coach->n_targets > 0;
    (targets ? pl_screen_layout_targets : pl_screen_layout)(&s->layout, s->width_px, s->height_px, aspect);
    s->stale |= !keeps_pixels(s) || s->aspect != aspect || targets || s->targets; /* targets reach beyond the picture */
    s->aspect = aspect;
    s->targets = targets;
    if (s->canvas)
        SDL_SetRenderTarget(s->renderer, s->canvas);
    if (!s->stale)
        return;
    memset(s->shown, 0, sizeof s->shown);
    s->themed = true;
    const SDL_Color ground = pl_screen_ink(s, PL_GROUND);
    s->themed = false;
    SDL_SetRenderDrawColor(s->renderer, ground.r, ground.g, ground.b, 255);
    SDL_RenderClear(s->renderer);
}

static void end(struct pl_screen *s)
{
    if (s->canvas) {
        SDL_SetRenderTarget(s->renderer, NULL);
        SDL_RenderCopy(s->renderer, s->canvas, NULL, NULL);
    }
    if (s->window)
        SDL_RenderPresent(s->renderer);
    else
        SDL_RenderFlush(s->renderer);
    s->drawn = true;
}

/* One row of 3-byte pixels to ARGB, from the right when mirrored. */
static void copy_row(uint32_t *out, const uint8_t *in, int n, int red, bool mirror)
{
    int blue = 2 - red;
    if (mirror)
        for (int i = 0; i < n; i++, in += 3)
            out[n - 1 - i] = 0xff000000u | (uint32_t)in[red] << 16 | (uint32_t)in[1] << 8 | in[blue];
    else
        for (int i = 0; i < n; i++, in += 3)
            out[i] = 0xff000000u | (uint32_t)in[red] << 16 | (uint32_t)in[1] << 8 | in[blue];
}

static bool make_camera_texture(struct pl_screen *s, int w, int h)
{
    if (s->camera && s->camera_w == w && s->camera_h == h)
        return true;
    if (s->camera)
        SDL_DestroyTexture(s->camera);
    s->camera = SDL_CreateTexture(s->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING, w, h);
    if (!s->camera)
        return false;
    SDL_SetTextureScaleMode(s->camera, SDL_ScaleModeLinear);
    SDL_SetTextureBlendMode(s->camera, SDL_BLENDMODE_NONE);
    s->camera_w = w;
    s->camera_h = h;
    return true;
}

/* The picture into the camera texture: as large as it is shown (w, h) in software, as it is for a graphics card. */
static void upload(struct pl_screen *s, const struct pl_frame *f, int w, int h)
{
    void *pixels;
    int pitch;

    if (!make_camera_texture(s, s->software ? w : f->width_px, s->software ? h : f->height_px) ||
        SDL_LockTexture(s->camera, NULL, &pixels, &pitch))
        return;
    if (s->software)
        pl_scaler_run(&s->scaler, pixels, (size_t)pitch, w, h, f, s->mirror);
    else for (int y = 0; y < f->height_px; y++)
        copy_row((uint32_t *)(void *)((uint8_t *)pixels + (size_t)y * (size_t)pitch), f->data + (size_t)y * f->stride,
                 f->width_px, f->pixels == PL_PIXELS_RGB24 ? 0 : 2, s->mirror);
    SDL_UnlockTexture(s->camera);
}

static void draw_camera(struct pl_screen *s, const struct pl_frame *f)
{
    SDL_FRect r = s->layout.picture;
    SDL_Rect whole = { (int)r.x, (int)r.y, (int)r.w, (int)r.h };

    if (f && f->data && f->pixels != PL_PIXELS_NONE && f->width_px > 0 && f->height_px > 0) {
        upload(s, f, whole.w, whole.h);
        if (s->camera)
            SDL_RenderCopy(s->renderer, s->camera, NULL, &whole);
        return;
    }
    pl_screen_rect(s, r, PL_PANEL);
}

/* Width over height of what fills the picture's place: the frame, or the landmark table's picture, or a camera's usual shape. */
static float picture_aspect(const struct pl_frame *frame, const struct pl_moment *moment)
{
    if (frame && frame->width_px > 0 && frame->height_px > 0)
        return (float)frame->width_px / (float)frame->height_px;
    if (moment && moment->keypoints.width_px > 0 && moment->keypoints.height_px > 0)
        return (float)moment->keypoints.width_px / (float)moment->keypoints.height_px;
    return 16.0f / 9;
}

/* Who calibrates is not counted and gets no numbers. */
static void draw_task_part(struct pl_screen *s, enum pl_screen_part part)
{
    if (part == PL_PART_BAND)
        pl_screen_task_band(s, s->task);
    else if (part == PL_PART_COUNTER)
        pl_screen_task_counter(s, s->task);
    else
        pl_screen_rect(s, part == PL_PART_DEPTH ? s->layout.depth : s->layout.numbers, PL_PANEL);
}

static void draw_part(struct pl_screen *s, enum pl_screen_part part, const struct pl_frame *frame, const struct pl_moment *moment,
                      const struct pl_screen_status *status)
{
    if (s->task && part != PL_PART_STATUS) {
        draw_task_part(s, part);
        return;
    }
    if (s->targets && part != PL_PART_STATUS && part != PL_PART_BAND)
        return; /* there is no place for it */
    if (s->coach && s->coach->guide && (part == PL_PART_COUNTER || part == PL_PART_NUMBERS)) {
        if (part == PL_PART_COUNTER)
            pl_screen_guide_panel(s);
        return;
    }
    switch (part) {
    case PL_PART_DEPTH:   pl_screen_depth(s, moment); break;
    case PL_PART_COUNTER: pl_screen_counter(s, moment); break;
    case PL_PART_NUMBERS: pl_screen_numbers(s, moment); break;
    case PL_PART_BAND:    pl_screen_band(s, moment); break;
    default:
        pl_screen_rect(s, s->layout.status, PL_GROUND);
        if (status)
            pl_screen_status_line(s, frame, status);
    }
}

/* What would be drawn is listed first, which costs next to nothing; and drawn if it is not what was drawn last. */
static void refresh(struct pl_screen *s, enum pl_screen_part part, const struct pl_frame *frame, const struct pl_moment *moment,
                    const struct pl_screen_status *status)
{
    s->list = 1 + (uint64_t)part;
    s->themed = s->listing = true;
    draw_part(s, part, frame, moment, status);
    s->listing = false;
    if (s->list != s->shown[part])
        draw_part(s, part, frame, moment, status);
    s->shown[part] = s->list;
    s->themed = false;
}

void pl_screen_draw(struct pl_screen *s, const struct pl_frame *frame, const struct pl_moment *moment,
                    const struct pl_screen_status *status)
{
    bool covered = s->help || (status && status->card);

    s->paused = status && status->paused;
    s->coach = status ? status->coach : NULL;
    s->lens = status ? status->lens : NULL;
    s->task = status ? status->task : NULL;
    s->height_m = status && status->height_m > 0 ? status->height_m : NAN;
    begin(s, picture_aspect(frame, moment));
    draw_camera(s, frame);
    if (s->coach)
        pl_screen_guide_below(s);
    if (moment) {
        pl_screen_hold(s, moment);
        if (s->skeleton)
            pl_screen_figure(s, frame, moment);
    }
    s->n_hits = 0;
    if (s->coach && moment)
        pl_screen_guide_above(s);
    for (int part = 0; part < PL_N_PARTS; part++)
        refresh(s, (enum pl_screen_part)part, frame, moment, status);
    if (status)
        pl_screen_badge(s, status);
    if (status && status->times)
        pl_screen_pace(s, status->times);
    if (status && status->card)
        pl_screen_card(s, status->card_of, status->card);
    if (s->help)
        pl_screen_help(s);
    s->stale = covered;
    end(s);
}

bool pl_screen_picture(struct pl_screen *s, struct pl_frame *out, struct pl_err *err)
{
    size_t size = (size_t)s->width_px * 3 * (size_t)s->height_px;
    bool target = s->window && s->canvas;

    if (!s->drawn || !keeps_pixels(s))
        return pl_fail(err, PL_E_DEVICE, "there is no picture to read back: %s",
                       s->drawn ? "this display draws but does not let us read" : "nothing was drawn yet");
    if (size > s->pixels_size) {
        uint8_t *more = realloc(s->pixels, size);
        if (!more)
            return pl_fail(err, PL_E_MEMORY, "out of memory for a picture of %dx%d pixels", s->width_px, s->height_px);
        s->pixels = more;
        s->pixels_size = size;
    }
    if (target)
        SDL_SetRenderTarget(s->renderer, s->canvas);
    int failed = SDL_RenderReadPixels(s->renderer, NULL, SDL_PIXELFORMAT_RGB24, s->pixels, s->width_px * 3);
    if (target)
        SDL_SetRenderTarget(s->renderer, NULL);
    if (failed)
        return pl_fail(err, PL_E_DEVICE, "the picture cannot be read back: %s", SDL_GetError());
    *out = (struct pl_frame){ .t_ns = s->t_ns, .width_px = s->width_px, .height_px = s->height_px,
                              .stride = (size_t)s->width_px * 3, .pixels = PL_PIXELS_RGB24, .data = s->pixels,
                              .given_person_p = NAN };
    return true;
}
