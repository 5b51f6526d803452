#include "plumbline/cpu.h"

#include <string.h>

unsigned pl_cpu_detect(void)
{
    unsigned cpu = PL_CPU_C;
#if defined(__x86_64__)
    /* __builtin_cpu_supports also asks the operating system whether it saves the wide registers */
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        cpu |= PL_CPU_AVX2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
            cpu |= PL_CPU_AVX512;
    }
#elif defined(__aarch64__)
    cpu |= PL_CPU_NEON; /* part of the base instruction set */
#endif
    return cpu;
}

bool pl_cpu_from_name(unsigned *out, const char *name, struct pl_err *err)
{
    static const struct { const char *name; unsigned bits; } levels[] = {
        { "c", PL_CPU_C }, { "avx2", PL_CPU_AVX2 }, { "avx512", PL_CPU_AVX2 | PL_CPU_AVX512 }, { "neon", PL_CPU_NEON },
    };
    unsigned have = pl_cpu_detect();

    if (!strcmp(name, "auto")) {
        *out = have;
        return true;
    }
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(name, levels[i].name))
            continue;
        if ((levels[i].bits & have) != levels[i].bits)
            return pl_fail(err, PL_E_UNSUPPORTED, "--cpu %s: this machine does not have it; it offers %s (or use auto)",
                           name, pl_cpu_name(have));
        *out = levels[i].bits;
        return true;
    }
    return pl_fail(err, PL_E_ARG, "--cpu %s: choose c, avx2, avx512, neon or auto", name);
}

const char *pl_cpu_name(unsigned cpu)
{
    return cpu & PL_CPU_AVX512 ? "avx512" : cpu & PL_CPU_AVX2 ? "avx2" : cpu & PL_CPU_NEON ? "neon" : "c";
}
