#include "plumbline/clock.h"

#include <errno.h>
#include <time.h>

#include "plumbline/units.h"

static int64_t read_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * PL_NS_PER_S + ts.tv_nsec;
}

int64_t pl_clock_now_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t pl_clock_thread_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t pl_clock_process_cpu_ns(void)
{
    return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void pl_clock_sleep_ns(int64_t ns)
{
    if (ns <= 0)
        return;
    struct timespec left = { .tv_sec = ns / PL_NS_PER_S, .tv_nsec = ns % PL_NS_PER_S };
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        ;
}
