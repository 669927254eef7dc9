/*
 * What policyd counts for those who watch it: each verdict by what it was,
 * how long decisions took, connections and requests.  A count is an addition
 * at a place known beforehand; nothing is allocated for it.
 *
 * NULL for a struct metrics is nobody who watches: nothing is counted.
 */
#ifndef POLICYD_METRICS_H
#define POLICYD_METRICS_H

#include "namespace/resolver.h"

#include <stdint.h>

struct text;

enum metrics_counter {
	METRICS_OPENED, /* connections */
	METRICS_CLOSED,
	METRICS_REFUSED, /* what broke the protocol */
	METRICS_JUDGED, /* requests */
	METRICS_UNJUDGED, /* another state than RCPT, or no generation */
	METRICS_COUNTERS
};

struct metrics;

struct metrics *metrics_open(void);
void metrics_close(struct metrics **metrics);

/*
 * Before the first verdict by a view: makes a place for each of its
 * connectors, by name.  One that is gone keeps its counts.
 */
void metrics_take_view(struct metrics *metrics, const struct view *view);
/* ns: that the decision took */
void metrics_add_verdict(struct metrics *metrics,
	const struct resolution *resolution, uint64_t ns);

void metrics_add(struct metrics *metrics, enum metrics_counter counter);

/* Appends the families of all that is counted here. */
void metrics_format(struct text *out, const struct metrics *metrics);

#endif
