#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "plumbline/clock.h"
#include "plumbline/handover.h"
#include "plumbline/units.h"

static void mailbox_gives_the_newest_once(void **state)
{
    int value[3] = { 0 };
    struct pl_mailbox *m = pl_mailbox_open();
    (void)state;

    assert_non_null(m);
    assert_int_equal(pl_mailbox_take(m, 0), -1);
    for (int v = 1; v <= 5; v++) {
        value[pl_mailbox_writable(m)] = v;
        assert_int_equal(pl_mailbox_post(m), v > 1); /* from the second on, one was never read */
    }
    int slot = pl_mailbox_take(m, 0);
    assert_in_range(slot, 0, 2);
    assert_int_equal(value[slot], 5);
    assert_int_equal(pl_mailbox_take(m, 0), -1);
    for (int v = 6; v < 20; v++) { /* the reader's slot stays untouched while the writer goes on */
        assert_int_not_equal(pl_mailbox_writable(m), slot);
        value[pl_mailbox_writable(m)] = v;
        pl_mailbox_post(m);
    }
    assert_int_equal(value[slot], 5);
    assert_int_equal(value[pl_mailbox_take(m, 0)], 19);
    pl_mailbox_end(m);
    assert_int_equal(pl_mailbox_take(m, PL_NS_PER_S * 60), -1); /* ended: no waiting */
    pl_mailbox_close(m);
}

enum { MANY = 20000 };

struct torn { struct pl_mailbox *m; int64_t value[3][64]; };

static void *write_many(void *arg)
{
    struct torn *t = arg;
    for (int64_t v = 1; v <= MANY; v++) {
        int64_t *slot = t->value[pl_mailbox_writable(t->m)];
        for (int i = 0; i < 64; i++)
            slot[i] = v;
        pl_mailbox_post(t->m);
    }
    pl_mailbox_end(t->m);
    return NULL;
}

static void mailbox_is_never_torn_and_never_goes_back(void **state)
{
    static struct torn t;
    pthread_t thread;
    int64_t last = 0;
    int slot, seen = 0;
    (void)state;

    assert_non_null(t.m = pl_mailbox_open());
    assert_int_equal(pthread_create(&thread, NULL, write_many, &t), 0);
    while ((slot = pl_mailbox_take(t.m, PL_NS_PER_S * 60)) >= 0) {
        assert_true(t.value[slot][0] > last);
        last = t.value[slot][0];
        for (int i = 0; i < 64; i++)
            assert_int_equal(t.value[slot][i], last);
        seen++;
    }
    pthread_join(thread, NULL);
    assert_int_equal(last, MANY);
    assert_true(seen > 0);
    pl_mailbox_close(t.m);
}

static void queue_keeps_order_and_counts_losses(void **state)
{
    struct pl_queue *q = pl_queue_open(sizeof(int), 4);
    int v;
    (void)state;

    assert_non_null(q);
    assert_false(pl_queue_take(q, &v, 0));
    for (int round = 0; round < 3; round++) { /* around the ring */
        for (v = 0; v < 6; v++)
            assert_int_equal(pl_queue_put(q, &v), v < 4);
        for (int want = 0; want < 4; want++) {
            assert_true(pl_queue_take(q, &v, 0));
            assert_int_equal(v, want);
        }
        assert_int_equal(pl_queue_lost(q), 2 * (round + 1));
    }
    v = 7;
    pl_queue_put(q, &v);
    pl_queue_end(q);
    assert_true(pl_queue_take(q, &v, 0)); /* what is in is still given */
    assert_false(pl_queue_take(q, &v, PL_NS_PER_S * 60));
    pl_queue_close(q);
}

static void a_wait_lasts_as_long_as_asked(void **state)
{
    struct pl_queue *q = pl_queue_open(sizeof(int), 1);
    int64_t began_ns = pl_clock_now_ns();
    int v;
    (void)state;

    assert_false(pl_queue_take(q, &v, PL_NS_PER_S / 50));
    assert_true(pl_clock_now_ns() - began_ns >= PL_NS_PER_S / 50);
    pl_queue_close(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailbox_gives_the_newest_once),
        cmocka_unit_test(mailbox_is_never_torn_and_never_goes_back),
        cmocka_unit_test(queue_keeps_order_and_counts_losses),
        cmocka_unit_test(a_wait_lasts_as_long_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
