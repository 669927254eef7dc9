/*
 * Verdicts by time, verdict, reason, domain and connector; and how long they
 * took, by time.  Starts with minutes and goes on with longer pieces of time
 * where there would be more than a chart can show, or too many cells.
 */
#ifndef VERDICTS_REPORT_CUBE_H
#define VERDICTS_REPORT_CUBE_H

#include "verdicts/report_counts.h"
#include "verdicts/report_time.h"

enum {
	CUBE_VERDICTS = 8,
	CUBE_REASONS = 16,
	CUBE_DOMAINS = 4096,
	CUBE_CONNECTORS = 1024,
	CUBE_PIECES_MAX = 370, /* a year by days */
	CUBE_CELLS_MAX = 60000, /* a page of them has a megabyte */
};

struct cube_cell {
	int64_t start_s;
	unsigned verdict, reason, domain, connector;
};

/* Start with cube_init(). */
struct report_cube {
	struct report_counts cells, latency;
	enum report_step step;
	int64_t first_s, last_s; /* of pieces; first > last: none yet */
	int64_t start_s, end_s; /* the piece that came last */
	unsigned long us_max;
};

void cube_init(struct report_cube *cube);
void cube_fini(struct report_cube *cube);
/* start_s of the cell is any time; each number is below its bound. */
void cube_take(struct report_cube *cube, const struct cube_cell *cell,
	unsigned long us);
struct cube_cell cube_cell_of(uint64_t key);
/*
 * Few enough cells for a page: the domains with the fewest verdicts become
 * `other`, and where that is not enough, pieces of time longer.
 */
void cube_reduce(struct report_cube *cube, unsigned other);

/* A key of latency: its piece of time, and its class. */
int64_t cube_latency_start(uint64_t key);
unsigned cube_latency_class(uint64_t key);
enum { LATENCY_CLASSES = 256 };
/* Classes are an eighth of an octave wide at most; the least us of one. */
unsigned long cube_latency_least(unsigned latency_class);

#endif
