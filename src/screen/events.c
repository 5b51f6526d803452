/* Keys and window events. Each key either changes how things are shown (handled here) or is an action for the caller. */
#include "internal.h"

#include "plumbline/clock.h"

static void set_full(struct pl_screen *s, bool full)
{
    SDL_SetWindowFullscreen(s->window, full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    SDL_ShowCursor(full ? SDL_DISABLE : SDL_ENABLE);
}

static bool is_full(const struct pl_screen *s)
{
    return SDL_GetWindowFlags(s->window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
}

/* Escape first closes what lies on top: someone who presses it in the help means the help, and who is asked for an exercise, or
 * pauses, means that: a choice that closed by itself just now (a repetition began), too.
 * src: own choice: a moment more than it takes to see that it is gone */
static const int64_t gone_ns = PL_NS_PER_S;

static enum pl_screen_action escape(struct pl_screen *s)
{
    if (s->help) {
        s->help = false;
        return PL_SCREEN_NOTHING;
    }
    if (s->n_hits > 0)
        return s->leave_targets;
    return s->targets_ns > 0 && pl_clock_now_ns() - s->targets_ns < gone_ns ? PL_SCREEN_NOTHING : PL_SCREEN_QUIT;
}

static enum pl_screen_action key_down(struct pl_screen *s, const SDL_KeyboardEvent *key)
{
    SDL_Keycode k = key->keysym.sym;

    if (key->keysym.mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI)) /* Alt+F and the like belong to the desktop */
        return PL_SCREEN_NOTHING;
    if (key->repeat && k != SDLK_LEFT && k != SDLK_RIGHT)
        return PL_SCREEN_NOTHING;
    if (k >= SDLK_1 && k <= SDLK_9)
        return k - SDLK_1 < s->n_hits ? (enum pl_screen_action)(PL_SCREEN_TARGET + (k - SDLK_1)) : PL_SCREEN_NOTHING;
    switch (k) {
    case SDLK_SPACE: return PL_SCREEN_PAUSE;
    case SDLK_LEFT: return s->paused ? PL_SCREEN_STEP_BACK : PL_SCREEN_SEEK_BACK;
    case SDLK_RIGHT: return s->paused ? PL_SCREEN_STEP_FORWARD : PL_SCREEN_SEEK_FORWARD;
    case SDLK_PLUS: case SDLK_KP_PLUS: case SDLK_EQUALS: return PL_SCREEN_FASTER; /* + is Shift and = on many keyboards */
    case SDLK_MINUS: case SDLK_KP_MINUS: return PL_SCREEN_SLOWER;
    case SDLK_r: return PL_SCREEN_RESTART;
    case SDLK_c: return PL_SCREEN_CHOOSE;
    case SDLK_n: return PL_SCREEN_NEXT;
    case SDLK_v: return PL_SCREEN_VOICE;
    case SDLK_q: return PL_SCREEN_QUIT;
    case SDLK_ESCAPE: return escape(s);
    case SDLK_m: s->mirror = !s->mirror; break;
    case SDLK_s: s->skeleton = !s->skeleton; break;
    case SDLK_g: s->ghost = !s->ghost; break;
    case SDLK_d: s->light = !s->light; s->stale = true; break;
    case SDLK_t: s->times = !s->times; break;
    case SDLK_F1: s->help = !s->help; break;
    case SDLK_f: case SDLK_F11: set_full(s, !is_full(s)); break;
    default: break;
    }
    return PL_SCREEN_NOTHING;
}

/* The mouse counts in the window's units, which are several pixels each on some displays. */
static enum pl_screen_action click(const struct pl_screen *s, const SDL_MouseButtonEvent *button)
{
    int w = 0, h = 0;

    SDL_GetWindowSize(s->window, &w, &h);
    if (w <= 0 || h <= 0 || button->button != SDL_BUTTON_LEFT || s->help)
        return PL_SCREEN_NOTHING;
    const float x = (float)button->x * (float)s->width_px / (float)w, y = (float)button->y * (float)s->height_px / (float)h;
    for (int i = 0; i < s->n_hits; i++)
        if (x >= s->hit[i].x && x < s->hit[i].x + s->hit[i].w && y >= s->hit[i].y && y < s->hit[i].y + s->hit[i].h)
            return (enum pl_screen_action)(PL_SCREEN_TARGET + i);
    return PL_SCREEN_NOTHING;
}

enum pl_screen_action pl_screen_poll(struct pl_screen *s)
{
    enum pl_screen_action action = PL_SCREEN_NOTHING;
    SDL_Event event;

    while (s->window && action == PL_SCREEN_NOTHING && SDL_PollEvent(&event)) {
        if (event.type == SDL_QUIT)
            action = PL_SCREEN_QUIT;
        else if (event.type == SDL_RENDER_TARGETS_RESET || event.type == SDL_RENDER_DEVICE_RESET)
            s->stale = true; /* the canvas has lost its pixels */
        else if (event.type == SDL_KEYDOWN)
            action = key_down(s, &event.key);
        else if (event.type == SDL_MOUSEBUTTONDOWN)
            action = click(s, &event.button);
    }
    return action;
}

void pl_screen_wait(struct pl_screen *s, int64_t timeout_ns)
{
    int64_t ms = (timeout_ns + 999999) / 1000000;

    if (timeout_ns <= 0)
        return;
    if (s->window)
        SDL_WaitEventTimeout(NULL, (int)SDL_min(ms, 1000000));
    else
        pl_clock_sleep_ns(timeout_ns); /* no window, no events: only the time can pass */
}

void pl_screen_wake(struct pl_screen *s)
{
    SDL_Event event = { .type = s->wake_event };

    /* one waiting wake-up is enough: a program that polls rarely must not fill the queue */
    if (s->window && s->wake_event != (uint32_t)-1 && !SDL_HasEvent(s->wake_event))
        SDL_PushEvent(&event);
}
