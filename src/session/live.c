/* The threads of live work. Hand-overs: frames by mailbox (newest wins), moments by queue (every one), pictures by mailbox. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plumbline/clock.h"
#include "plumbline/handover.h"
#include "plumbline/live.h"
#include "plumbline/pace.h"

enum { N_SLOTS = 3, N_RESULTS = 256 };

static const int64_t CAPTURE_WAIT_NS = PL_NS_PER_S / 2;   /* how long capture waits for a frame before it looks at `quit` again */
static const int64_t VISION_WAIT_NS = PL_NS_PER_S / 4;
static const int64_t STALL_NS = 3 * PL_NS_PER_S;          /* no frame for this long: tell the person */
static const int64_t REOPEN_NS = 10 * PL_NS_PER_S;       /* no frame for this long: close the camera and open it again */
static const int64_t RETRY_NS = PL_NS_PER_S;

/* A webcam in a dim room exposes longer and sends fewer frames than it was asked for. src: own choice; usual steps are 30 to
 * 25, 20, 15 and 10 fps. The rate must have been low for this long; starting cameras stutter. */
static const float slow_share = 0.75f, fast_share = 0.85f;
static const int64_t SLOW_NS = 2 * PL_NS_PER_S;

/* A frame with pixels (and, from a table, landmarks) of its own. */
struct held_frame {
    struct pl_frame frame;
    struct pl_landmarks given;
    struct pl_added given_added;
    uint8_t *pixels;
    size_t size;
    int64_t taken_ns;       /* when it arrived here */
    struct pl_stage_times times;
};

struct pl_live {
    struct pl_session *session;
    struct pl_live_options options;         /* auto_model: vision thread only, after open */
    char source[256];       /* the device that was opened first; tried again when it is gone */
    char name[128];                         /* its name: it may come back as another device */
    struct pl_camera *camera;               /* capture thread only, after open */
    struct pl_camera_counts counted;        /* "": of this camera, up to the frame before */
    int64_t fast_ns;                        /* "": when the camera last had its rate */
    bool started;                           /* "" */
    int64_t start_ns;                       /* "": the first frame's time; frames are told from then on, as in a recording */
    struct held_frame captured[N_SLOTS];    /* slot owners: frames mailbox */
    struct held_frame shown[N_SLOTS];       /* slot owners: pictures mailbox */
    struct pl_moment shown_moment[N_SLOTS]; /* "" */
    struct pl_mailbox *frames, *pictures;
    struct pl_queue *results;
    pthread_t capture_thread, vision_thread;
    bool capture_started, vision_started;
    atomic_bool quit;
    pthread_mutex_t lock;
    struct pl_live_status status;           /* guarded by lock */
    bool chosen;                            /* guarded by lock: `choice` is new */
    struct pl_exercise_options choice;      /* guarded by lock */
    struct pl_pace pace;                    /* vision thread only, after open */
};

static bool hold(struct held_frame *h, const struct pl_frame *f)
{
    size_t size = f->pixels == PL_PIXELS_NONE ? 0 : f->stride * (size_t)f->height_px;

    if (size > h->size) {
        uint8_t *more = realloc(h->pixels, size);
        if (!more)
            return false;
        h->pixels = more;
        h->size = size;
    }
    if (size)
        memcpy(h->pixels, f->data, size);
    h->frame = *f;
    h->frame.data = size ? h->pixels : NULL;
    if (f->given) {
        h->given = *f->given;
        h->frame.given = &h->given;
    }
    if (f->given_added) {
        h->given_added = *f->given_added;
        h->frame.given_added = &h->given_added;
    }
    return true;
}

/* As hold, of a frame that is held already: it moves, and its slot gets the other's memory. Both slots are the caller's. */
static void move(struct held_frame *to, struct held_frame *from)
{
    uint8_t *pixels = to->pixels;
    size_t size = to->size;

    *to = *from;
    if (to->frame.given)
        to->frame.given = &to->given;
    if (to->frame.given_added)
        to->frame.given_added = &to->given_added;
    from->pixels = pixels;
    from->size = size;
}

static void wake(struct pl_live *l)
{
    if (l->options.wake)
        l->options.wake(l->options.context);
}

/* What the person can do about it. */
static enum pl_sentence card_of(const struct pl_err *err)
{
    switch (err->code) {
    case PL_E_GONE:   return PL_SAY_CAMERA_GONE;
    case PL_E_BUSY:   return PL_SAY_CAMERA_BUSY;
    case PL_E_DENIED: return PL_SAY_CAMERA_DENIED;
    default:          return PL_SAY_CAMERA_FAILED;
    }
}

static void say_lost(struct pl_live *l, enum pl_live_state state, const char *problem, enum pl_sentence card)
{
    pthread_mutex_lock(&l->lock);
    l->status.state = state;
    l->status.card = card;
    snprintf(l->status.problem, sizeof l->status.problem, "%s", problem);
    pthread_mutex_unlock(&l->lock);
    wake(l);
}

/* Rate from timestamps, smoothed over about a second. Frames that were lost on the way count: what the camera sends is meant,
 * not what we manage to take. */
static void say_frame(struct pl_live *l, const struct pl_frame *f, int64_t dt_ns, bool skipped)
{
    struct pl_camera_counts c = pl_camera_counts(l->camera);
    int64_t lost = c.dropped + c.bad - l->counted.dropped - l->counted.bad;
    bool had_been_lost;

    l->counted = c;
    pthread_mutex_lock(&l->lock);
    struct pl_live_status *s = &l->status;
    if (dt_ns > 0 && dt_ns < STALL_NS) {
        float dt_s = (float)pl_s_from_ns(dt_ns) / (float)(1 + lost), share = dt_s < 1 ? dt_s : 1;
        float period_s = isnan(s->measured_fps) ? dt_s : 1 / s->measured_fps;
        s->measured_fps = 1 / (period_s + share * (dt_s - period_s));
    }
    float share = s->camera.live ? s->measured_fps / (float)s->camera.fps : NAN; /* NAN where the mode says no rate */
    if (!(share < (s->hint[0] ? fast_share : slow_share)))
        l->fast_ns = f->t_ns;
    if (f->t_ns - l->fast_ns > SLOW_NS)
        snprintf(s->hint, sizeof s->hint, "%.0f fps: more light", (double)s->measured_fps);
    else if (l->fast_ns == f->t_ns)
        s->hint[0] = '\0';
    s->dropped += lost + skipped;
    had_been_lost = s->state != PL_LIVE_RUNNING;
    s->state = PL_LIVE_RUNNING;
    s->problem[0] = '\0';
    s->card = PL_SAY_NOTHING;
    pthread_mutex_unlock(&l->lock);
    if (had_been_lost)
        wake(l);
}

/* The camera that was open before: at the same place, or wherever one of its name is now. */
static bool open_the_same(struct pl_live *l, struct pl_err *err)
{
    struct pl_camera_options o = l->options.camera;

    o.source = l->source;
    if (pl_camera_open(&l->camera, &o, err)) {
        if (!strcmp(pl_camera_info(l->camera)->name, l->name))
            return true;
        pl_camera_close(l->camera); /* another one took its place */
        l->camera = NULL;
    } else if (err->code == PL_E_BUSY || err->code == PL_E_DENIED) {
        return false;
    }
    o.source = l->name;
    return pl_camera_open(&l->camera, &o, err);
}

static bool open_again(struct pl_live *l)
{
    struct pl_err err = { 0 };

    while (!atomic_load(&l->quit)) {
        pl_clock_sleep_ns(RETRY_NS);
        if (open_the_same(l, &err)) {
            l->counted = (struct pl_camera_counts){ 0 };
            pthread_mutex_lock(&l->lock);
            l->status.camera = *pl_camera_info(l->camera);
            l->status.measured_fps = NAN;
            pthread_mutex_unlock(&l->lock);
            return true; /* running again when a picture comes */
        }
        if (err.code == PL_E_BUSY || err.code == PL_E_DENIED)
            say_lost(l, PL_LIVE_NO_CAMERA, err.text, card_of(&err));
    }
    return false;
}

/* Puts one frame into the mailbox. prev_ns: time of the frame before (0: none), becomes this frame's. */
static bool hand_over(struct pl_live *l, const struct pl_frame *f, int64_t *prev_ns, struct pl_err *err)
{
    struct held_frame *slot = &l->captured[pl_mailbox_writable(l->frames)];

    if (!hold(slot, f))
        return pl_fail(err, PL_E_MEMORY, "out of memory for a picture of %dx%d", f->width_px, f->height_px);
    slot->taken_ns = pl_clock_now_ns();
    slot->times = *pl_camera_times(l->camera);
    pl_stage_lap(&slot->times, PL_STAGE_DECODE); /* the copy */
    if (!l->started) {
        l->started = true;
        l->start_ns = f->t_ns;
    }
    slot->frame.t_ns -= l->start_ns;
    bool skipped = pl_mailbox_post(l->frames);
    if (!*prev_ns)
        l->fast_ns = f->t_ns;
    say_frame(l, f, *prev_ns ? f->t_ns - *prev_ns : 0, skipped);
    *prev_ns = f->t_ns;
    return true;
}

static const char no_pictures[] =
    "The camera sends no pictures: it is tried again by itself; if that does not help, unplug it and plug it in again.";

/* Frames from the open camera until it is lost (err says why, and the card that is returned) or the user quits. */
static enum pl_sentence capture_from_camera(struct pl_live *l, struct pl_err *err)
{
    int64_t prev_ns = 0, heard_ns = pl_clock_now_ns();
    struct pl_frame f;

    while (!atomic_load(&l->quit)) {
        switch (pl_camera_next(l->camera, CAPTURE_WAIT_NS, &f, err)) {
        case PL_NEXT_FRAME:
            if (!hand_over(l, &f, &prev_ns, err))
                return card_of(err);
            heard_ns = pl_clock_now_ns();
            break;
        case PL_NEXT_NONE:
            if (pl_clock_now_ns() - heard_ns > STALL_NS)
                say_lost(l, PL_LIVE_NO_CAMERA, no_pictures, PL_SAY_CAMERA_STALLED);
            if (pl_clock_now_ns() - heard_ns > REOPEN_NS) {
                pl_fail(err, PL_E_DEVICE, "%s", no_pictures);
                return PL_SAY_CAMERA_STALLED;
            }
            break;
        case PL_NEXT_END:
            pl_fail(err, PL_E_DEVICE, "%s: the recording is over", l->source);
            return PL_SAY_NOTHING;
        case PL_NEXT_FAILED:
            return card_of(err);
        }
    }
    return PL_SAY_NOTHING;
}

static void *capture(void *arg)
{
    struct pl_live *l = arg;
    struct pl_err err = { 0 };

    bool again = l->options.keep_trying && pl_camera_info(l->camera)->live;

    do {
        const enum pl_sentence card = capture_from_camera(l, &err);
        pl_camera_close(l->camera);
        l->camera = NULL;
        if (!atomic_load(&l->quit))
            say_lost(l, again ? PL_LIVE_NO_CAMERA : PL_LIVE_ENDED, err.text, card);
    } while (!atomic_load(&l->quit) && again && open_again(l));
    pl_mailbox_end(l->frames);
    return NULL;
}

static void heed_choice(struct pl_live *l)
{
    pthread_mutex_lock(&l->lock);
    const bool chosen = l->chosen;
    const struct pl_exercise_options choice = l->choice;
    l->chosen = false;
    pthread_mutex_unlock(&l->lock);
    if (chosen)
        pl_session_choose(l->session, &choice);
}

/* Of a frame that took work_ns: is the network the right one? One that cannot be loaded is not asked for again. */
static void keep_pace(struct pl_live *l, const struct pl_moment *m, int64_t work_ns)
{
    float fps = pl_live_status(l).measured_fps;
    enum pl_model_kind before = l->pace.model;
    struct pl_err err;

    if (!l->options.auto_model || !m->keypoints.present || m->keypoints.detected || !(fps > 0))
        return; /* the detector's frames say nothing about the network */
    bool between = m->progress.phase == PL_PHASE_NONE || m->progress.phase == PL_PHASE_STAND;
    enum pl_model_kind model = pl_pace_step(&l->pace, m->t_ns, work_ns, (int64_t)((double)PL_NS_PER_S / (double)fps), between);
    if (model == before)
        return;
    if (!pl_session_use_model(l->session, model, &err)) {
        l->options.auto_model = model > before; /* no smaller one: this one stays */
        l->pace.model = l->pace.largest = before;
        return;
    }
    pthread_mutex_lock(&l->lock);
    l->status.model = model;
    l->status.n_model_changes++;
    pthread_mutex_unlock(&l->lock);
}

static void look_at(struct pl_live *l, struct held_frame *h)
{
    struct pl_live_result r = { .times = h->times };
    int64_t began_ns = pl_clock_now_ns();

    if (l->options.look) {
        l->options.look(l->options.look_context, &h->frame);
        r.moment.t_ns = h->frame.t_ns;
    } else {
        heed_choice(l);
        pl_session_step(l->session, &h->frame, NULL, &r.moment);
        r.pose_ns = pl_session_pose_ns(l->session);
        pl_stage_add(&r.times, pl_session_times(l->session));
    }

    int slot = pl_mailbox_writable(l->pictures);
    move(&l->shown[slot], h);
    l->shown_moment[slot] = r.moment;
    pl_mailbox_post(l->pictures);
    r.frame_ns = pl_clock_now_ns() - h->taken_ns;
    pl_queue_put(l->results, &r);
    wake(l);
    keep_pace(l, &r.moment, pl_clock_now_ns() - began_ns);
}

static void *vision(void *arg)
{
    struct pl_live *l = arg;

    while (!atomic_load(&l->quit)) {
        int slot = pl_mailbox_take(l->frames, VISION_WAIT_NS);
        if (slot >= 0)
            look_at(l, &l->captured[slot]);
        else if (pl_live_status(l).state == PL_LIVE_ENDED)
            break;
    }
    pl_queue_end(l->results);
    return NULL;
}

bool pl_live_open(struct pl_live **out, struct pl_session *session, const struct pl_live_options *options, struct pl_err *err)
{
    struct pl_live *l = calloc(1, sizeof *l);
    if (!l) {
        pl_camera_close(options->opened);
        return pl_fail(err, PL_E_MEMORY, "out of memory for live work");
    }
    l->session = session;
    l->camera = options->opened;
    l->options = *options;
    l->status.measured_fps = NAN;
    l->status.model = options->model;
    l->pace = pl_pace_start(options->model);
    pthread_mutex_init(&l->lock, NULL);
    l->frames = pl_mailbox_open();
    l->pictures = pl_mailbox_open();
    l->results = pl_queue_open(sizeof(struct pl_live_result), N_RESULTS);
    if (!l->frames || !l->pictures || !l->results) {
        pl_fail(err, PL_E_MEMORY, "out of memory for live work");
        goto failed;
    }
    if (!l->camera && !pl_camera_open(&l->camera, &options->camera, err))
        goto failed;
    l->status.camera = *pl_camera_info(l->camera);
    memcpy(l->source, l->status.camera.source, sizeof l->source);
    memcpy(l->name, l->status.camera.name, sizeof l->name);
    l->capture_started = pthread_create(&l->capture_thread, NULL, capture, l) == 0;
    l->vision_started = l->capture_started && pthread_create(&l->vision_thread, NULL, vision, l) == 0;
    if (!l->vision_started) {
        pl_fail(err, PL_E_INTERNAL, "the system let us start no thread: close other programs and try again");
        goto failed;
    }
    *out = l;
    return true;
failed:
    pl_live_close(l);
    return false;
}

bool pl_live_next(struct pl_live *l, int64_t timeout_ns, struct pl_live_result *out)
{
    return pl_queue_take(l->results, out, timeout_ns);
}

bool pl_live_picture(struct pl_live *l, struct pl_frame *frame, struct pl_moment *moment)
{
    int slot = pl_mailbox_take(l->pictures, 0);
    if (slot < 0)
        return false;
    *frame = l->shown[slot].frame;
    *moment = l->shown_moment[slot];
    return true;
}

struct pl_live_status pl_live_status(struct pl_live *l)
{
    pthread_mutex_lock(&l->lock);
    struct pl_live_status s = l->status;
    pthread_mutex_unlock(&l->lock);
    return s;
}

void pl_live_choose(struct pl_live *l, const struct pl_exercise_options *options)
{
    pthread_mutex_lock(&l->lock);
    l->choice = *options;
    l->chosen = true;
    pthread_mutex_unlock(&l->lock);
}

void pl_live_close(struct pl_live *l)
{
    if (!l)
        return;
    atomic_store(&l->quit, true);
    if (l->capture_started)
        pthread_join(l->capture_thread, NULL);
    if (l->vision_started)
        pthread_join(l->vision_thread, NULL);
    pl_camera_close(l->camera);
    for (int i = 0; i < N_SLOTS; i++) {
        free(l->captured[i].pixels);
        free(l->shown[i].pixels);
    }
    pl_queue_close(l->results);
    pl_mailbox_close(l->pictures);
    pl_mailbox_close(l->frames);
    pthread_mutex_destroy(&l->lock);
    free(l);
}
