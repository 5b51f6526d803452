/* The same network through XNNPACK's subgraph interface, as TensorFlow Lite's delegate would run it. */
#ifndef PLUMBLINE_BENCH_XNNPACK_H
#define PLUMBLINE_BENCH_XNNPACK_H

#include "graph.h"

struct xnn_peer;
struct xnn_peer *xnn_peer_open(const struct graph *g, int threads, bool sparse); /* sparse: with XNNPACK's hint for it */
float *xnn_peer_input(struct xnn_peer *p);
void xnn_peer_run(struct xnn_peer *p);
const float *xnn_peer_output(const struct xnn_peer *p, int k); /* in the graph's order */
void xnn_peer_close(struct xnn_peer *p);

#endif
