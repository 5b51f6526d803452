/* The reader for files with a region per frame (keypoints.h describes them). It believes nothing it reads. */
#include "plumbline/keypoints.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { MAX_FILE_MB = 256 };

struct fraction { bool known; float cx, cy, w, h, rotation_rad; };

struct pl_regions {
    int n_frames;
    struct fraction frames[];   /* the region used in each */
};

/* out: the whole file, and a 0 behind it; the caller frees */
static bool read_all(char **out, size_t *size, const char *path, struct pl_err *err)
{
    size_t room = 1 << 16, used = 0;
    char *text = NULL, *more;
    bool ok = false;
    FILE *f = fopen(path, "rb");

    if (!f)
        return pl_fail(err, PL_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    do {
        room *= 2;
        if (room > (size_t)MAX_FILE_MB << 20) {
            pl_fail(err, PL_E_FORMAT, "%s: larger than %d MB; this is no file of regions", path, MAX_FILE_MB);
            goto done;
        }
        if (!(more = realloc(text, room + 1))) {
            pl_fail(err, PL_E_MEMORY, "%s: out of memory while reading it", path);
            goto done;
        }
        text = more;
        used += fread(text + used, 1, room - used, f);
    } while (used == room);
    if (ferror(f)) {
        pl_fail(err, PL_E_IO, "%s: reading failed: %s", path, strerror(errno));
        goto done;
    }
    text[used] = 0;
    *out = text;
    *size = used;
    ok = true;
done:
    if (!ok)
        free(text);
    fclose(f);
    return ok;
}

static bool read_number(float *out, const cJSON *region, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(region, key);
    if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble) || fabs(v->valuedouble) > 1e6)
        return false;
    *out = (float)v->valuedouble;
    return true;
}

/* out: frames[k].key, untouched when it is null or absent */
static bool read_region(struct fraction *out, const cJSON *frame, int k, const char *key, const char *path,
                        struct pl_err *err)
{
    const cJSON *r = cJSON_GetObjectItemCaseSensitive(frame, key);
    struct fraction f = { .known = true };

    if (!r || cJSON_IsNull(r))
        return true;
    if (!cJSON_IsObject(r) || !read_number(&f.cx, r, "cx") || !read_number(&f.cy, r, "cy") ||
        !read_number(&f.w, r, "w") || !read_number(&f.h, r, "h") || !read_number(&f.rotation_rad, r, "rot"))
        return pl_fail(err, PL_E_FORMAT, "%s: frame %d: \"%s\" is neither null nor {cx, cy, w, h, rot} in numbers",
                       path, k, key);
    if (f.w <= 0.0f || f.h <= 0.0f)
        return pl_fail(err, PL_E_FORMAT, "%s: frame %d: \"%s\" has no size (w %g, h %g)", path, k, key, (double)f.w,
                       (double)f.h);
    *out = f;
    return true;
}

/* out: the region of each frame of the list */
static bool read_frames(struct pl_regions *out, const cJSON *frames, const char *path, struct pl_err *err)
{
    struct fraction from_landmarks = { 0 }; /* of the frame before */
    const cJSON *frame;
    int k = 0;

    cJSON_ArrayForEach(frame, frames) {
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(frame, "frame");
        if (!cJSON_IsObject(frame))
            return pl_fail(err, PL_E_FORMAT, "%s: frame %d is not an object", path, k);
        if (number && (!cJSON_IsNumber(number) || number->valuedouble != k))
            return pl_fail(err, PL_E_FORMAT, "%s: frame %d of the list does not carry the number %d; frames are "
                           "missing or out of order", path, k, k);
        out->frames[k] = from_landmarks;
        from_landmarks = (struct fraction){ 0 };
        if (!read_region(&out->frames[k], frame, k, "roi_det", path, err) ||
            !read_region(&from_landmarks, frame, k, "roi_lm", path, err))
            return false;
        k++;
    }
    return true;
}

bool pl_regions_open(struct pl_regions **out, const char *path, struct pl_err *err)
{
    struct pl_regions *regions = NULL;
    cJSON *root = NULL;
    char *text = NULL;
    size_t size = 0;
    bool ok = false;

    if (!read_all(&text, &size, path, err))
        return false;
    if (!(root = cJSON_ParseWithLength(text, size))) {
        pl_fail(err, PL_E_FORMAT, "%s: is not JSON, or was cut short", path);
        goto done;
    }
    const cJSON *frames = cJSON_GetObjectItemCaseSensitive(root, "frames");
    int n = cJSON_GetArraySize(frames);
    if (!cJSON_IsArray(frames) || n < 1) {
        pl_fail(err, PL_E_FORMAT, "%s: has no list \"frames\"; this is no file of regions", path);
        goto done;
    }
    if (!(regions = calloc(1, sizeof *regions + (size_t)n * sizeof regions->frames[0]))) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory for %d regions", path, n);
        goto done;
    }
    regions->n_frames = n;
    ok = read_frames(regions, frames, path, err);
done:
    if (ok)
        *out = regions;
    else
        pl_regions_close(regions);
    cJSON_Delete(root);
    free(text);
    return ok;
}

void pl_regions_close(struct pl_regions *regions)
{
    free(regions);
}

int pl_regions_n_frames(const struct pl_regions *regions)
{
    return regions->n_frames;
}

bool pl_regions_get(const struct pl_regions *regions, int64_t k, int width_px, int height_px, struct pl_region *out)
{
    if (k < 0 || k >= regions->n_frames || !regions->frames[k].known)
        return false;
    const struct fraction *f = &regions->frames[k];
    /* MediaPipe's regions are square in pixels; of a rounding difference it takes the longer side, and so do we */
    *out = (struct pl_region){ .cx_px = f->cx * (float)width_px, .cy_px = f->cy * (float)height_px,
                               .size_px = fmaxf(f->w * (float)width_px, f->h * (float)height_px),
                               .rotation_rad = f->rotation_rad };
    return true;
}
