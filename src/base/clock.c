#include "plumbline/clock.h"

#include <errno.h>
#include <time.h>

#include "plumbline/units.h"

int64_t pl_clock_now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * PL_NS_PER_S + ts.tv_nsec;
}

void pl_clock_sleep_ns(int64_t ns)
{
    if (ns <= 0)
        return;
    struct timespec left = { .tv_sec = ns / PL_NS_PER_S, .tv_nsec = ns % PL_NS_PER_S };
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        ;
}
