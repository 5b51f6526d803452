#include "plumbline/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct pl_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[PL_MAX_THREADS];
    int n_workers;          /* threads of our own, without the caller's */
    unsigned round;         /* guarded by lock: grows with every run */
    int busy;               /* guarded by lock: workers that have not finished this round */
    bool quit;              /* guarded by lock */
    pl_task_fn *fn;         /* written under lock before round grows, read-only during a round */
    void *context;          /* "" */
    int n_tasks;            /* "" */
    atomic_int next;        /* next task nobody has taken */
};

static void take_tasks(struct pl_pool *p)
{
    int n = p->n_tasks;
    for (int i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed); i < n;
         i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed))
        p->fn(p->context, i);
}

static void *worker(void *arg)
{
    struct pl_pool *p = arg;
    unsigned seen = 0;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->round == seen && !p->quit)
            pthread_cond_wait(&p->work, &p->lock);
        if (p->quit)
            break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        take_tasks(p);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
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
    if (!p || !p->n_workers || n_tasks <= 1) {
        for (int i = 0; i < n_tasks; i++)
            fn(context, i);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->context = context;
    p->n_tasks = n_tasks;
    p->busy = p->n_workers;
    atomic_store_explicit(&p->next, 0, memory_order_relaxed);
    p->round++;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);

    take_tasks(p);

    pthread_mutex_lock(&p->lock);
    while (p->busy)
        pthread_cond_wait(&p->done, &p->lock);
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
    p->quit = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_workers; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
