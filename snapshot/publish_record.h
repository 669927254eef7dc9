/*
 * <state>/publish: how far the newest publish has come, written before each
 * step, so that the next run can finish what a killed one left.
 */
#ifndef SNAPSHOT_PUBLISH_RECORD_H
#define SNAPSHOT_PUBLISH_RECORD_H

#include "base/err.h"

/* The step that is to be done, perhaps for the second time. */
enum publish_step {
	PUBLISH_ROUTES,
	PUBLISH_WAIT,
	PUBLISH_RECIPIENTS,
	PUBLISH_DONE,
};

struct publish_record {
	enum publish_step step;
	unsigned long generation; /* the last one, in work or done */
	/* Where the links led before; 0 = nowhere. */
	unsigned long retired_routes;
	unsigned long retired_current;
	/* Since the epoch, and since the machine started; 0 = not yet. */
	long long routes_switched_ms;
	long long routes_switched_steady_ms;
};

/* No file: PUBLISH_DONE, generation 0. */
bool publish_record_read(
	struct publish_record *out, const char *state, struct err *err);
bool publish_record_write(const struct publish_record *record,
	const char *state, struct err *err);

#endif
