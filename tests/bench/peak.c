#include "peak.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "plumbline/clock.h"
#include "plumbline/cpu.h"

enum { ROUNDS = 400000, TRIES = 5, MOST_THREADS = 64 };

struct share { pthread_t thread; peak_fn *fn; pthread_barrier_t *start; int64_t ns; float result; };

static void *work(void *arg)
{
    struct share *s = arg;
    s->result = s->fn(ROUNDS / 10); /* the clock rate settles */
    pthread_barrier_wait(s->start);
    int64_t began_ns = pl_clock_now_ns();
    s->result += s->fn(ROUNDS);
    s->ns = pl_clock_now_ns() - began_ns;
    return NULL;
}

static int64_t slowest_ns(peak_fn *fn, int threads)
{
    struct share share[MOST_THREADS];
    pthread_barrier_t start;
    int64_t most_ns = 0;

    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        share[i] = (struct share){ .fn = fn, .start = &start };
        if (pthread_create(&share[i].thread, NULL, work, &share[i]))
            return INT64_MAX;
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(share[i].thread, NULL);
        most_ns = share[i].ns > most_ns ? share[i].ns : most_ns;
    }
    pthread_barrier_destroy(&start);
    return most_ns;
}

double peak_gflops(unsigned cpu, int threads)
{
    peak_fn *fn = NULL;
    double flops = 0, best = 0;

#if defined(__x86_64__)
    if (cpu & PL_CPU_AVX512)
        fn = peak_avx512, flops = PEAK_AVX512_FLOPS;
    else if (cpu & PL_CPU_AVX2)
        fn = peak_avx2, flops = PEAK_AVX2_FLOPS;
#endif
    for (int i = 0; fn && i < TRIES; i++) {
        double g = flops * ROUNDS * threads / (double)slowest_ns(fn, threads);
        best = g > best ? g : best;
    }
    return best;
}
