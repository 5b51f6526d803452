/* What doctor asks: does a display, does a sound device answer?
 *
 * how:  a child process asks SDL, the parent waits a few seconds. A sound server or an X display that accepts the connection
 *       and then says nothing would hold us for ever, and the libraries below SDL write to stderr what only they understand.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

struct answer { bool works; char text[200]; };

static void ask_display(struct answer *a)
{
    SDL_DisplayMode mode = { 0 };

    if (SDL_InitSubSystem(SDL_INIT_VIDEO)) {
        snprintf(a->text, sizeof a->text, "none (%.100s): start plumbline from a desktop session", SDL_GetError());
        return;
    }
    const char *driver = SDL_GetCurrentVideoDriver();
    if (pl_screen_video_is_blind())
        snprintf(a->text, sizeof a->text, "none: start plumbline from a desktop session");
    else if ((a->works = !SDL_GetDesktopDisplayMode(0, &mode)))
        snprintf(a->text, sizeof a->text, "%s, %dx%d", driver, mode.w, mode.h);
    else
        snprintf(a->text, sizeof a->text, "%s, but no screen (%.100s)", driver, SDL_GetError());
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

/* Starting the library is not enough: ALSA starts on machines without any sound card. */
static void ask_sound(struct answer *a)
{
    SDL_AudioSpec want = { .freq = 44100, .format = AUDIO_S16SYS, .channels = 1, .samples = 1024 }, have;

    if (SDL_InitSubSystem(SDL_INIT_AUDIO)) {
        snprintf(a->text, sizeof a->text, "none (%.100s)", SDL_GetError());
        return;
    }
    const char *driver = SDL_GetCurrentAudioDriver();
    SDL_AudioDeviceID device = SDL_OpenAudioDevice(NULL, 0, &want, &have, SDL_AUDIO_ALLOW_ANY_CHANGE);
    a->works = device != 0;
    if (!a->works)
        snprintf(a->text, sizeof a->text, "%s, but no device opens (%.100s): check the sound settings", driver, SDL_GetError());
    else if (!strcmp(driver, "dummy"))
        snprintf(a->text, sizeof a->text, "dummy");
    else
        snprintf(a->text, sizeof a->text, "%s, %d Hz", driver, have.freq);
    if (device)
        SDL_CloseAudioDevice(device);
    SDL_QuitSubSystem(SDL_INIT_AUDIO);
}

static void answer_and_exit(void (*ask)(struct answer *), int to)
{
    struct answer a = { 0 };
    int null = open("/dev/null", O_WRONLY);

    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    ask(&a);
    _exit(write(to, &a, sizeof a) == (ssize_t)sizeof a ? 0 : 1);
}

/* Small enough for one write into a pipe, so it arrives whole or not at all. */
static bool wait_for(int from, struct answer *a)
{
    struct pollfd fd = { .fd = from, .events = POLLIN };
    int n;

    do
        n = poll(&fd, 1, PATIENCE_MS);
    while (n < 0 && errno == EINTR);
    return n > 0 && read(from, a, sizeof *a) == (ssize_t)sizeof *a;
}

static bool probe(void (*ask)(struct answer *), const char *what, char *text, int size)
{
    struct answer a = { 0 };
    int ends[2];

    if (pipe(ends)) {
        snprintf(text, (size_t)size, "cannot ask (%s)", strerror(errno));
        return false;
    }
    pid_t child = fork();
    if (child == 0)
        answer_and_exit(ask, ends[1]);
    close(ends[1]);
    if (child < 0) {
        snprintf(a.text, sizeof a.text, "cannot ask (%s)", strerror(errno));
    } else {
        if (!wait_for(ends[0], &a)) {
            a = (struct answer){ 0 };
            snprintf(a.text, sizeof a.text, "%s does not answer", what);
            kill(child, SIGKILL);
        }
        waitpid(child, NULL, 0);
    }
    close(ends[0]);
    snprintf(text, (size_t)size, "%s", a.text);
    return a.works;
}

bool pl_screen_probe_display(char *text, int size) { return probe(ask_display, "the display", text, size); }
bool pl_screen_probe_sound(char *text, int size) { return probe(ask_sound, "the sound system", text, size); }
