/* A worker pool. One thread means "run right here", so that a debugger sees a plain call.
 *
 * Tasks are handed out by index. Whoever uses the pool splits the output (rows, channels), never a sum,
 * so that any number of threads gives the same bits. Idle workers sleep; only for some microseconds after a run, in which
 * the next one of the same inference usually comes, do they look out for it.
 */
#ifndef PLUMBLINE_POOL_H
#define PLUMBLINE_POOL_H

#include <stdbool.h>
#include "plumbline/err.h"

struct pl_pool;

enum { PL_MAX_THREADS = 64 };

typedef void pl_task_fn(void *context, int task);

/* out:  a pool of n_threads (the caller's thread counts as one); 1..64
 * own:  pl_pool_close
 * err:  ARG, MEMORY, INTERNAL (a thread cannot be started) */
bool pl_pool_open(struct pl_pool **out, int n_threads, struct pl_err *err) PL_MUST_CHECK;

/* Runs fn(context, 0 .. n_tasks-1), the caller helping, and returns when all are done. One caller at a time.
 * pool NULL: runs everything here. Allocates nothing. */
void pl_pool_run(struct pl_pool *pool, int n_tasks, pl_task_fn *fn, void *context);

int pl_pool_threads(const struct pl_pool *pool); /* 1 for NULL */

void pl_pool_close(struct pl_pool *pool);

#endif
