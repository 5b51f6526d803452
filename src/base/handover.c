#include "plumbline/handover.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plumbline/units.h"

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ended; /* guarded by lock */
};

static void gate_init(struct gate *g)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* a changed wall clock must not stretch a wait */
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, &attr);
    pthread_condattr_destroy(&attr);
}

static void gate_destroy(struct gate *g)
{
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
}

static void gate_end(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->ended = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static struct timespec deadline_after(int64_t timeout_ns)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec + (timeout_ns > 0 ? timeout_ns : 0);
    t.tv_sec += (time_t)(ns / PL_NS_PER_S);
    t.tv_nsec = (long)(ns % PL_NS_PER_S);
    return t;
}

struct pl_mailbox {
    struct gate gate;
    int writing, newest, reading; /* guarded by gate.lock: always a permutation of 0, 1, 2 */
    bool unread;                  /* guarded by gate.lock: newest was not taken yet */
};

struct pl_mailbox *pl_mailbox_open(void)
{
    struct pl_mailbox *m = calloc(1, sizeof *m);
    if (m) {
        gate_init(&m->gate);
        m->newest = 1;
        m->reading = 2;
    }
    return m;
}

void pl_mailbox_close(struct pl_mailbox *m)
{
    if (m) {
        gate_destroy(&m->gate);
        free(m);
    }
}

int pl_mailbox_writable(struct pl_mailbox *m)
{
    pthread_mutex_lock(&m->gate.lock);
    int slot = m->writing;
    pthread_mutex_unlock(&m->gate.lock);
    return slot;
}

bool pl_mailbox_post(struct pl_mailbox *m)
{
    pthread_mutex_lock(&m->gate.lock);
    bool replaced = m->unread;
    int slot = m->newest;
    m->newest = m->writing;
    m->writing = slot;
    m->unread = true;
    pthread_cond_signal(&m->gate.changed);
    pthread_mutex_unlock(&m->gate.lock);
    return replaced;
}

int pl_mailbox_take(struct pl_mailbox *m, int64_t timeout_ns)
{
    struct timespec until = deadline_after(timeout_ns);
    int slot = -1;

    pthread_mutex_lock(&m->gate.lock);
    while (!m->unread && !m->gate.ended)
        if (pthread_cond_timedwait(&m->gate.changed, &m->gate.lock, &until))
            break;
    if (m->unread) {
        slot = m->newest;
        m->newest = m->reading;
        m->reading = slot;
        m->unread = false;
    }
    pthread_mutex_unlock(&m->gate.lock);
    return slot;
}

void pl_mailbox_end(struct pl_mailbox *m)
{
    gate_end(&m->gate);
}

struct pl_queue {
    struct gate gate;
    unsigned char *data;
    size_t size;          /* of an element, bytes */
    int capacity;
    int first, n;         /* guarded by gate.lock */
    int64_t lost;         /* guarded by gate.lock */
};

struct pl_queue *pl_queue_open(size_t element_size, int capacity)
{
    struct pl_queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->data = calloc((size_t)capacity, element_size);
    if (!q->data) {
        free(q);
        return NULL;
    }
    gate_init(&q->gate);
    q->size = element_size;
    q->capacity = capacity;
    return q;
}

void pl_queue_close(struct pl_queue *q)
{
    if (q) {
        gate_destroy(&q->gate);
        free(q->data);
        free(q);
    }
}

bool pl_queue_put(struct pl_queue *q, const void *element)
{
    pthread_mutex_lock(&q->gate.lock);
    bool room = q->n < q->capacity;
    if (room) {
        memcpy(q->data + (size_t)((q->first + q->n) % q->capacity) * q->size, element, q->size);
        q->n++;
        pthread_cond_signal(&q->gate.changed);
    } else {
        q->lost++;
    }
    pthread_mutex_unlock(&q->gate.lock);
    return room;
}

bool pl_queue_take(struct pl_queue *q, void *out, int64_t timeout_ns)
{
    struct timespec until = deadline_after(timeout_ns);

    pthread_mutex_lock(&q->gate.lock);
    while (!q->n && !q->gate.ended)
        if (pthread_cond_timedwait(&q->gate.changed, &q->gate.lock, &until))
            break;
    bool got = q->n > 0;
    if (got) {
        memcpy(out, q->data + (size_t)q->first * q->size, q->size);
        q->first = (q->first + 1) % q->capacity;
        q->n--;
    }
    pthread_mutex_unlock(&q->gate.lock);
    return got;
}

void pl_queue_end(struct pl_queue *q)
{
    gate_end(&q->gate);
}

int64_t pl_queue_lost(struct pl_queue *q)
{
    pthread_mutex_lock(&q->gate.lock);
    int64_t n = q->lost;
    pthread_mutex_unlock(&q->gate.lock);
    return n;
}
