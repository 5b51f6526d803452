/* The choice of --model auto; what and why: pace.h. */
#include "plumbline/pace.h"

#include <math.h>
#include "plumbline/units.h"

/* What a frame costs with each network, lite = 1. src: analyze on a sample, AVX-512, 1 thread: 3.9, 7.7 and 37.5 ms */
static const double cost[PL_N_MODELS] = { [PL_MODEL_LITE] = 1.0, [PL_MODEL_FULL] = 2.0, [PL_MODEL_HEAVY] = 9.5 };

/* src: own choice. Above `most` single late frames begin to be dropped; `room` is far enough below it that the usual
 * variation of a laptop's clock (a factor of 1.4) does not bring it back at once */
static const double most = 0.9, room = 0.6;
static const double smooth_s = 0.5;
static const int64_t busy_most_ns = PL_NS_PER_S, wait_most_ns = 3 * PL_NS_PER_S;
static const int64_t patience_least_ns = 5 * PL_NS_PER_S, patience_most_ns = 300 * PL_NS_PER_S;
static const int64_t trial_ns = 30 * PL_NS_PER_S;   /* a larger network given up within this time was a mistake */

struct pl_pace pl_pace_start(enum pl_model_kind first)
{
    return (struct pl_pace){ .model = first, .largest = PL_MODEL_HEAVY, .patience_ns = patience_least_ns };
}

static void change(struct pl_pace *p, enum pl_model_kind to, int64_t t_ns)
{
    bool larger = to > p->model;

    if (!larger && p->tried && t_ns - p->changed_ns < trial_ns)
        p->patience_ns = 2 * p->patience_ns < patience_most_ns ? 2 * p->patience_ns : patience_most_ns;
    else if (!larger) /* it had kept up: the machine has changed */
        p->patience_ns = patience_least_ns;
    p->load *= cost[to] / cost[p->model]; /* until it is measured */
    p->model = to;
    p->tried = larger;
    p->changed_ns = p->calm_ns = p->busy_ns = t_ns;
}

/* As small as the load asks for, and no smaller. */
static enum pl_model_kind smaller(const struct pl_pace *p)
{
    int to = (int)p->model - 1;
    while (to > 0 && p->load * cost[to] / cost[p->model] > most)
        to--;
    return (enum pl_model_kind)to;
}

enum pl_model_kind pl_pace_step(struct pl_pace *p, int64_t t_ns, int64_t work_ns, int64_t interval_ns, bool between)
{
    if (interval_ns <= 0 || work_ns <= 0)
        return p->model;
    double load = (double)work_ns / (double)interval_ns;
    int64_t dt_ns = t_ns - p->last_ns;
    if (!p->started || dt_ns < 0 || dt_ns > PL_NS_PER_S) { /* nobody was there, or no camera: what was before is old */
        if (!p->started)
            p->changed_ns = t_ns;
        p->started = true;
        p->load = load;
        p->calm_ns = p->busy_ns = t_ns;
    } else {
        p->load += (1 - exp(-pl_s_from_ns(dt_ns) / smooth_s)) * (load - p->load);
    }
    p->last_ns = t_ns;
    if (!(p->load > most))
        p->busy_ns = t_ns;
    if (p->model >= p->largest || !(p->load * cost[p->model + 1] / cost[p->model] < room))
        p->calm_ns = t_ns;
    int64_t busy_ns = t_ns - p->busy_ns;
    if (p->model > PL_MODEL_LITE && busy_ns >= busy_most_ns && (between || busy_ns >= wait_most_ns))
        change(p, smaller(p), t_ns);
    else if (between && t_ns - p->calm_ns >= p->patience_ns)
        change(p, (enum pl_model_kind)(p->model + 1), t_ns);
    return p->model;
}
