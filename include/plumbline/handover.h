/* The two ways a value passes between threads: a mailbox keeps only the newest, a queue keeps every one.
 * Locks never leave handover.c. */
#ifndef PLUMBLINE_HANDOVER_H
#define PLUMBLINE_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Three slots of the user's own (indices 0..2): the writer fills one, the reader looks at one, one holds the newest in between.
 * One writer thread, one reader thread; neither ever waits for the other to finish its work. */
struct pl_mailbox;
struct pl_mailbox *pl_mailbox_open(void);                 /* NULL: out of memory */
void pl_mailbox_close(struct pl_mailbox *m);
int pl_mailbox_writable(struct pl_mailbox *m);            /* slot the writer may fill now */
bool pl_mailbox_post(struct pl_mailbox *m);               /* the slot filled is the newest; true: one never read is lost */
int pl_mailbox_take(struct pl_mailbox *m, int64_t timeout_ns); /* newest slot, kept until the next take; -1: none, or ended */
void pl_mailbox_end(struct pl_mailbox *m);                /* wakes the reader for good: take gives -1 when nothing is left */

/* Bounded, first in first out; elements are copied. */
struct pl_queue;
struct pl_queue *pl_queue_open(size_t element_size, int capacity); /* NULL: out of memory */
void pl_queue_close(struct pl_queue *q);
bool pl_queue_put(struct pl_queue *q, const void *element);        /* false: full, the element is lost (and counted) */
bool pl_queue_take(struct pl_queue *q, void *out, int64_t timeout_ns); /* false: none within the time, or ended and empty */
void pl_queue_end(struct pl_queue *q);
int64_t pl_queue_lost(struct pl_queue *q);

#endif
