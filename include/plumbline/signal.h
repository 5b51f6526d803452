/* Small signal processing on short recordings: medians, resampling by time, filters without lag. NAN = no sample. */
#ifndef PLUMBLINE_SIGNAL_H
#define PLUMBLINE_SIGNAL_H

#include <stdint.h>

struct pl_sample { int64_t t_ns; float value; };

/* Median of the known values; NAN if there is none. Reorders values. */
float pl_signal_median(float *values, int n);

/* The p-quantile (0..1) of the known values, nearest rank; NAN if there is none. Reorders values. */
float pl_signal_quantile(float *values, int n, float p);

/* Median of three, of two their mean, of one itself; NANs do not count. */
float pl_signal_median3(float a, float b, float c);

/* Which samples are what their neighbours say: out[i] = in[i].value, or NAN where it is further from the median of the known
 * samples within half_ns before and after than `least` and than `spreads` times their spread (1.48 times the median distance
 * from that median, which is the standard deviation of normal noise). What lasts for less than half of the window is left
 * out, what lasts longer stays. Times grow.
 * src:  Hampel's identifier: Davies & Gather 1993; Pearson 2002 (spreads = 3) */
void pl_signal_hampel(const struct pl_sample *in, int n, int64_t half_ns, float least, float spreads, float *out);

/* Samples with growing times -> even steps from start_ns on, by straight lines; NAN outside and in gaps longer than
 * gap_ns. */
void pl_signal_resample(const struct pl_sample *in, int n_in, int64_t gap_ns, int64_t start_ns, int64_t step_ns,
                        float *out, int n_out);

/* Low-pass without lag: Butterworth of second order, forwards and backwards (together fourth order), in place on
 * even steps.
 *
 * how:  gaps (NAN) are bridged by straight lines for the filter and are NAN again afterwards; the ends are mirrored
 *       through their first and last value so that a trend is not bent there
 * why:  the usual filter of movement analysis; two passes move the cut-off, which is put right (Winter 2009, section
 *       3.4.4.2)
 * in:   cutoff_hz below half the rate, else nothing happens */
void pl_signal_smooth(float *values, int n, double rate_hz, double cutoff_hz);

/* The share of the way that a first-order low-pass with time constant tau_s goes in dt_s. */
float pl_signal_share(double dt_s, double tau_s);

#endif
