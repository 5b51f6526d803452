/* The [coach] section of plumbline.ini: how the coach speaks. Its [limits] section is limits.h's. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

struct reading {
    struct pl_app_settings settings;
    FILE *file;
    int line, problem_line;
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

    if (r->problem_line || strcmp(section, "coach") != 0)
        return 1;
    if (!strcmp(name, "voice") && pl_voice_mode_from_name(&r->settings.voice, value)) {
        r->settings.voice_given = true;
        return 1;
    }
    if (!strcmp(name, "language") && *value && strlen(value) < sizeof r->settings.language) {
        memcpy(r->settings.language, value, strlen(value) + 1);
        return 1;
    }
    r->problem_line = r->line;
    if (!strcmp(name, "voice"))
        snprintf(r->problem, sizeof r->problem, "voice = %.60s: choose off, tones or full", value);
    else if (!strcmp(name, "language"))
        snprintf(r->problem, sizeof r->problem, "language = %.60s: give a name or a file", value);
    else
        snprintf(r->problem, sizeof r->problem, "there is no setting named \"%.60s\" in [coach]", name);
    return 0;
}

bool pl_app_settings_read(struct pl_app_settings *settings, const char *path, struct pl_err *err)
{
    struct reading r = { .settings = *settings, .file = fopen(path, "r") };

    if (!r.file)
        return pl_fail(err, PL_E_IO, "%s: %s", path, strerror(errno));
    int line = ini_parse_stream(read_line, &r, take_line, &r);
    bool ok = line == 0 && !ferror(r.file);
    if (ferror(r.file))
        pl_fail(err, PL_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    else if (line < 0)
        pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
    else if (line > 0)
        pl_fail(err, PL_E_FORMAT, "%s:%d: %s", path, line,
                line == r.problem_line ? r.problem : "not a [section] or a name = value line");
    if (ok)
        *settings = r.settings;
    fclose(r.file);
    return ok;
}
