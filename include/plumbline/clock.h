/* The monotonic clock; only the edges (camera, screen, session, app), profiles and
 * the worker pool's short wait may read it. */
#ifndef PLUMBLINE_CLOCK_H
#define PLUMBLINE_CLOCK_H

#include <stdint.h>

int64_t pl_clock_now_ns(void);
int64_t pl_clock_thread_cpu_ns(void);  /* CPU time of the calling thread */
int64_t pl_clock_process_cpu_ns(void); /* of all threads together */
void pl_clock_sleep_ns(int64_t ns); /* returns at once for ns <= 0; resumes after signals */

#endif
