/* A folder of images as a recording: jpg, jpeg, png and bmp files in name order, numbers by value (2 before 10).
 *
 * time: 30 frames a second, unless the folder holds times.csv with one line per image, "name,seconds" (a header line
 *       and lines that start with # are skipped); then every image needs a time, and times grow in name order
 * not:  changes of size: a folder of photographs is not a recording, and that is said at the first file that differs */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "internal.h"
#include "number.h"
#include "plumbline/units.h"
#include "plumbline/video.h"

enum { PATH_SIZE = 4096 };

static const double default_fps = 30;

struct entry { char *name; int64_t t_ns; };

struct images {
    char *folder;
    struct entry *entry;
    int64_t n, at;
    int width_px, height_px; /* of the first image */
    struct pl_image image;   /* the one given out */
};

static bool is_image(const char *name)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".bmp"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && name[0] != '.' && i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i]))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strverscmp(x->name, y->name);
    return order ? order : strcmp(x->name, y->name);
}

static bool add(struct images *s, const char *name)
{
    if ((s->n & (s->n - 1)) == 0) { /* grow at powers of two */
        struct entry *grown = realloc(s->entry, (size_t)(s->n ? 2 * s->n : 1) * sizeof *grown);
        if (!grown)
            return false;
        s->entry = grown;
    }
    s->entry[s->n].name = strdup(name);
    return s->entry[s->n++].name != NULL;
}

static bool list_folder(struct images *s, struct pl_err *err)
{
    DIR *dir = opendir(s->folder);
    bool ok = true;
    if (!dir)
        return pl_fail(err, PL_E_IO, "%s cannot be read: %s", s->folder, strerror(errno));
    for (struct dirent *d; ok && (d = readdir(dir));)
        if (is_image(d->d_name))
            ok = add(s, d->d_name) || pl_fail(err, PL_E_MEMORY, "out of memory reading %s", s->folder);
    closedir(dir);
    if (ok && s->n == 0)
        return pl_fail(err, PL_E_FORMAT, "%s: the folder holds no images (jpg, png, bmp)", s->folder);
    if (ok)
        qsort(s->entry, (size_t)s->n, sizeof *s->entry, by_name);
    return ok;
}

static struct entry *find(struct images *s, char *name)
{
    struct entry key = {.name = name};
    return bsearch(&key, s->entry, (size_t)s->n, sizeof key, by_name);
}

/* One line "name,seconds" of times.csv. */
static bool read_time(struct images *s, const char *path, int64_t line_no, char *line, struct pl_err *err)
{
    double t_s;
    char *comma = strrchr(line, ',');
    if (!comma)
        return pl_fail(err, PL_E_FORMAT, "%s line %" PRId64 ": expected \"name,seconds\"", path, line_no);
    *comma = 0;
    bool number = pl_camera_number(&t_s, comma + 1, strlen(comma + 1)) && fabs(t_s) < 1e9;
    struct entry *e = find(s, line);
    if (!number && line_no == 1 && !e)
        return true; /* header */
    if (!number)
        return pl_fail(err, PL_E_FORMAT, "%s line %" PRId64 ": there is no time in seconds after the last comma", path,
                       line_no);
    if (e)
        e->t_ns = pl_ns_from_s(t_s);
    return true; /* a time for an image that is not here does no harm */
}

static bool check_times(const struct images *s, const char *path, struct pl_err *err)
{
    for (int64_t i = 0; i < s->n; i++) {
        if (s->entry[i].t_ns == INT64_MIN)
            return pl_fail(err, PL_E_FORMAT, "%s has no time for %s", path, s->entry[i].name);
        if (i && s->entry[i].t_ns <= s->entry[i - 1].t_ns)
            return pl_fail(err, PL_E_FORMAT, "%s: the time of %s is not after that of %s", path, s->entry[i].name,
                           s->entry[i - 1].name);
    }
    return true;
}

/* times.csv if there is one. */
static bool read_times(struct images *s, bool *found, struct pl_err *err)
{
    char path[PATH_SIZE], *line = NULL;
    size_t room = 0;
    int64_t line_no = 0;
    bool ok = true;
    snprintf(path, sizeof path, "%s/times.csv", s->folder);
    FILE *f = fopen(path, "r");
    *found = f != NULL;
    if (!f)
        return errno == ENOENT || pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, strerror(errno));
    for (int64_t i = 0; i < s->n; i++)
        s->entry[i].t_ns = INT64_MIN;
    while (ok && getline(&line, &room, f) >= 0) {
        line[strcspn(line, "\r\n")] = 0;
        line_no++;
        if (line[0] && line[0] != '#')
            ok = read_time(s, path, line_no, line, err);
    }
    free(line);
    fclose(f);
    return ok && check_times(s, path, err);
}

static bool load(struct images *s, int64_t i, struct pl_err *err)
{
    char path[PATH_SIZE];
    pl_image_free(&s->image);
    if (snprintf(path, sizeof path, "%s/%s", s->folder, s->entry[i].name) >= (int)sizeof path)
        return pl_fail(err, PL_E_ARG, "%.200s...: the path is too long", s->folder);
    if (!pl_image_read(&s->image, path, err))
        return false;
    if (s->width_px && (s->image.width_px != s->width_px || s->image.height_px != s->height_px))
        return pl_fail(err, PL_E_FORMAT,
                       "%s is %dx%d and the images before it are %dx%d: all images of a folder need one size", path,
                       s->image.width_px, s->image.height_px, s->width_px, s->height_px);
    s->width_px = s->image.width_px;
    s->height_px = s->image.height_px;
    return true;
}

static void release(struct images *s)
{
    if (!s)
        return;
    pl_image_free(&s->image);
    for (int64_t i = 0; i < s->n; i++)
        free(s->entry[i].name);
    free(s->entry);
    free(s->folder);
    free(s);
}

static void fill_info(struct pl_camera_info *info, const struct images *s, bool timed)
{
    int64_t span_ns = s->entry[s->n - 1].t_ns;
    info->kind = PL_CAMERA_IMAGES;
    info->width_px = s->width_px;
    info->height_px = s->height_px;
    info->fps = !timed ? default_fps : s->n > 1 ? (double)(s->n - 1) / pl_s_from_ns(span_ns) : (double)NAN;
    info->n_frames = s->n;
    info->duration_ns = span_ns + (isnan(info->fps) ? 0 : pl_ns_from_s(1 / info->fps));
    info->seekable = true;
    snprintf(info->mode, sizeof info->mode, "%dx%d images%s", s->width_px, s->height_px,
             timed ? " with times.csv" : " at 30 fps");
}

static bool images_open(struct pl_camera *camera, const char *path, const struct pl_camera_options *options,
                        struct pl_err *err)
{
    bool timed = false, ok = false;
    (void)options;
    struct images *s = calloc(1, sizeof *s);
    if (!s || !(s->folder = strdup(path))) {
        pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path);
        goto done;
    }
    if (!list_folder(s, err) || !read_times(s, &timed, err) || !load(s, 0, err))
        goto done;
    int64_t first_ns = timed ? s->entry[0].t_ns : 0;
    for (int64_t i = 0; i < s->n; i++)
        s->entry[i].t_ns = timed ? s->entry[i].t_ns - first_ns : pl_ns_from_s((double)i / default_fps);
    fill_info(&camera->info, s, timed);
    camera->source = s;
    ok = true;
done:
    if (!ok)
        release(s);
    return ok;
}

static enum pl_next images_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err)
{
    struct images *s = camera->source;
    (void)timeout_ns;
    if (s->at == s->n)
        return PL_NEXT_END;
    if (!load(s, s->at, err))
        return PL_NEXT_FAILED;
    *out = (struct pl_frame){.t_ns = s->entry[s->at].t_ns, .index = s->at, .width_px = s->width_px,
                             .height_px = s->height_px, .stride = (size_t)s->width_px * 3,
                             .pixels = PL_PIXELS_BGR24, .data = s->image.bgr, .given_person_p = NAN};
    s->at++;
    return PL_NEXT_FRAME;
}

static bool images_seek(struct pl_camera *camera, int64_t t_ns, struct pl_err *err)
{
    struct images *s = camera->source;
    (void)err;
    s->at = 0;
    while (s->at + 1 < s->n && s->entry[s->at + 1].t_ns <= t_ns)
        s->at++;
    return true;
}

static void images_close(struct pl_camera *camera) { release(camera->source); }

const struct pl_camera_ops pl_camera_images_ops = {images_open, images_next, images_seek, images_close};
