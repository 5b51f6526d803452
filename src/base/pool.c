/* How it works: a run publishes its function and then one number, the ticket, that says which run it is, how many tasks
 * it has and which one is next. Who takes a task raises the ticket and learns all three at once, so a worker that was
 * slow to wake never takes a task of one run for that of another. The caller helps, and waits only for tasks that
 * somebody has taken: a worker that sleeps on costs nothing.
 *
 * The runs of one inference follow each other within microseconds, and waking a thread takes about five: so workers look
 * for the next run for a moment before they sleep, and so does the caller before it waits asleep.
 */
#include "plumbline/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include "plumbline/clock.h"

enum { COUNT_BITS = 24, MAX_TASKS = (1 << 23) - 1, LOOK_NS = 30000 };

struct pl_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[PL_MAX_THREADS];
    int n_workers;            /* threads of our own, without the caller's */
    pl_task_fn *fn;           /* written before the ticket, read only by who has a task of that ticket */
    void *context;            /* "" */
    _Atomic uint64_t ticket;  /* run << 48 | tasks << 24 | next task */
    atomic_int n_done;        /* tasks of this run that are finished */
    atomic_int n_sleeping;    /* workers that wait for `work`, or are about to */
    atomic_bool caller_sleeps; /* it waits for `done`, or is about to */
    atomic_bool quit;
};

static int tasks_of(uint64_t ticket)
{
    return (int)(ticket >> COUNT_BITS & ((1 << COUNT_BITS) - 1));
}

/* The first ticket of the run after this one. */
static uint64_t next_run(uint64_t ticket, int n_tasks)
{
    uint64_t run = (ticket >> 2 * COUNT_BITS) + 1;
    return run << 2 * COUNT_BITS | (uint64_t)n_tasks << COUNT_BITS;
}

static int next_of(uint64_t ticket)
{
    return (int)(ticket & ((1 << COUNT_BITS) - 1));
}

static bool has_task(struct pl_pool *p)
{
    uint64_t ticket = atomic_load(&p->ticket);
    return next_of(ticket) < tasks_of(ticket);
}

static void take_tasks(struct pl_pool *p)
{
    while (has_task(p)) { /* so that the count of those who come too late stays small */
        uint64_t ticket = atomic_fetch_add(&p->ticket, 1);
        int n = tasks_of(ticket), task = next_of(ticket);
        if (task >= n)
            return;
        p->fn(p->context, task);
        if (atomic_fetch_add(&p->n_done, 1) + 1 == n && atomic_load(&p->caller_sleeps)) {
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->done);
            pthread_mutex_unlock(&p->lock);
        }
    }
}

static void breathe(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool worker_is_wanted(struct pl_pool *p)
{
    return has_task(p) || atomic_load(&p->quit);
}

static bool all_done(struct pl_pool *p)
{
    return atomic_load(&p->n_done) == tasks_of(atomic_load(&p->ticket));
}

/* Waits a moment for it to come true. */
static bool look_for(bool (*it)(struct pl_pool *p), struct pl_pool *p)
{
    int64_t began_ns = pl_clock_now_ns();

    do {
        for (int i = 0; i < 16; i++, breathe())
            if (it(p))
                return true;
        sched_yield(); /* on a busy machine the one we wait for may wait for our core */
    } while (pl_clock_now_ns() - began_ns < LOOK_NS);
    return false;
}

static void *worker(void *arg)
{
    struct pl_pool *p = arg;

    while (!atomic_load(&p->quit)) {
        take_tasks(p);
        if (look_for(worker_is_wanted, p))
            continue;
        pthread_mutex_lock(&p->lock);
        atomic_fetch_add(&p->n_sleeping, 1); /* before the last look: who publishes a run after that sees us */
        while (!worker_is_wanted(p))
            pthread_cond_wait(&p->work, &p->lock);
        atomic_fetch_sub(&p->n_sleeping, 1);
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

bool pl_pool_open(struct pl_pool **out, int n_threads, struct pl_err *err)
{
    if (n_threads < 1 || n_threads > PL_MAX_THREADS)
        return pl_fail(err, PL_E_ARG, "--threads %d: choose 1 to %d", n_threads, PL_MAX_THREADS);

    struct pl_pool *p = calloc(1, sizeof *p);
    if (!p)
        return pl_fail(err, PL_E_MEMORY, "out of memory for the worker pool");
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    while (p->n_workers < n_threads - 1) {
        if (pthread_create(&p->threads[p->n_workers], NULL, worker, p)) {
            int got = p->n_workers + 1;
            pl_pool_close(p);
            return pl_fail(err, PL_E_INTERNAL, "the system let us start only %d of %d threads; use fewer with --threads",
                           got, n_threads);
        }
        p->n_workers++;
    }
    *out = p;
    return true;
}

void pl_pool_run(struct pl_pool *p, int n_tasks, pl_task_fn *fn, void *context)
{
    if (!p || !p->n_workers || n_tasks <= 1 || n_tasks > MAX_TASKS) {
        for (int i = 0; i < n_tasks; i++)
            fn(context, i);
        return;
    }
    p->fn = fn;
    p->context = context;
    atomic_store(&p->n_done, 0);
    atomic_store(&p->ticket, next_run(atomic_load(&p->ticket), n_tasks));
    if (atomic_load(&p->n_sleeping)) {
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->work);
        pthread_mutex_unlock(&p->lock);
    }
    take_tasks(p);
    if (look_for(all_done, p))
        return;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->caller_sleeps, true); /* before the last look: who finishes the last task after that sees us */
    while (!all_done(p))
        pthread_cond_wait(&p->done, &p->lock);
    atomic_store(&p->caller_sleeps, false);
    pthread_mutex_unlock(&p->lock);
}

int pl_pool_threads(const struct pl_pool *p)
{
    return p ? p->n_workers + 1 : 1;
}

void pl_pool_close(struct pl_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->quit, true);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_workers; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
