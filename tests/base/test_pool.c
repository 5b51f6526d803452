#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <string.h>

#include "plumbline/pool.h"

enum { N = 1000 };

struct marks { atomic_int n[N]; };

static void mark(void *context, int task)
{
    atomic_fetch_add(&((struct marks *)context)->n[task], 1);
}

static void every_task_runs_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 5; threads += 2) {
        struct pl_pool *pool;
        struct pl_err err;
        assert_true(pl_pool_open(&pool, threads, &err));
        assert_int_equal(pl_pool_threads(pool), threads);
        for (int n = 0; n <= N; n = n * 3 + 1) { /* none, fewer than threads, many */
            static struct marks m;
            memset(&m, 0, sizeof m);
            for (int round = 0; round < 20; round++)
                pl_pool_run(pool, n, mark, &m);
            for (int i = 0; i < N; i++)
                assert_int_equal(atomic_load(&m.n[i]), i < n ? 20 : 0);
        }
        pl_pool_close(pool);
    }
}

static void without_a_pool_it_runs_here(void **state)
{
    static struct marks m;
    (void)state;
    pl_pool_run(NULL, 7, mark, &m);
    for (int i = 0; i < 8; i++)
        assert_int_equal(atomic_load(&m.n[i]), i < 7);
    assert_int_equal(pl_pool_threads(NULL), 1);
    pl_pool_close(NULL);
}

static void absurd_thread_counts_are_refused(void **state)
{
    static const int bad[] = { 0, -1, 65, 1000000 };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pl_pool *pool = NULL;
        struct pl_err err;
        assert_false(pl_pool_open(&pool, bad[i], &err));
        assert_int_equal(err.code, PL_E_ARG);
        assert_non_null(strstr(err.text, "--threads"));
        assert_null(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(without_a_pool_it_runs_here),
        cmocka_unit_test(absurd_thread_counts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
