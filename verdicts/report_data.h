/*
 * What a report knows of the verdicts, in memory that does not grow with
 * their number: counts in cells of time (report_cube.h), unknown recipients
 * and loops one by one up to a bound (report_tally.h), few names.
 */
#ifndef VERDICTS_REPORT_DATA_H
#define VERDICTS_REPORT_DATA_H

#include "base/text.h"
#include "verdicts/record.h"
#include "verdicts/report_cube.h"
#include "verdicts/report_names.h"
#include "verdicts/report_tally.h"

struct likeness;
struct report_state;

enum {
	REPORT_SPANS_MAX = 40,
	REPORT_HOSTS_MAX = 12,
	REPORT_ROWS_MAX = 200, /* of a list in the page */
	REPORT_COMPARED_MAX = 600, /* unknown recipients that are compared,
				      the most frequent */
};

/* Without a break of an hour. */
struct report_span {
	int64_t first_us, last_us;
	unsigned long count;
};

/* Deferred for what one directory, or the lookup, could not answer. */
struct report_trouble {
	unsigned long count;
	struct report_span spans[REPORT_SPANS_MAX]; /* the last one takes all
						       that is over */
	size_t n_spans;
};

struct report_data {
	struct arena *arena; /* of the report */
	struct arena *request; /* of one verdict */
	struct text value, shown;
	struct report_state *state;
	struct likeness *likeness; /* NULL until report_data_conclude() */
	unsigned long total, shadow;
	int64_t first_us, last_us;
	unsigned long least_generation, greatest_generation;
	struct report_names domains, connectors, hosts, directories;
	struct report_trouble *troubles; /* of each directory */
	struct report_trouble failed_lookups;
	struct report_cube cube;
	struct tally unknown; /* key: the folded address, as it may be shown;
				 connector: of the view, whose client it was;
				 detail: that client; address: the key
				 to compare, NULL = none */
	struct tally loops; /* key: client and recipient, a blank between;
			       detail: the client; connector: of names */
	int64_t now_s;
	const char *question; /* borrowed; NULL = it is not told */
};

void report_data_init(struct report_data *data, const char *state);
void report_data_fini(struct report_data *data);
void report_data_take(struct report_data *data, const struct record *record);
/* After the last one: lists in order, likenesses, cells that fit a page. */
void report_data_conclude(struct report_data *data, int64_t now_s);

#endif
