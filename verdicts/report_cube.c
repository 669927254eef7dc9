/*
 * A cell is one number: 32 bits of minutes since 1970, which are enough until
 * the year 10135, and 3, 4, 12 and 10 bits of the rest.
 */
#include "verdicts/report_cube.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
	BITS_CONNECTOR = 10,
	BITS_DOMAIN = 12,
	BITS_REASON = 4,
	BITS_VERDICT = 3,
	SHIFT_DOMAIN = BITS_CONNECTOR,
	SHIFT_REASON = SHIFT_DOMAIN + BITS_DOMAIN,
	SHIFT_VERDICT = SHIFT_REASON + BITS_REASON,
	SHIFT_MINUTE = SHIFT_VERDICT + BITS_VERDICT,
	SHIFT_LATENCY = 8,
	GATHERED_MAX = 400000,
	DOMAINS_LEAST = 12,
	DOMAINS_MANY = 120,
	EXACT_US = 16,
	EXACT_OCTAVE = 4,
	OCTAVE_CLASSES = 8,
};

void cube_init(struct report_cube *cube)
{
	*cube = (struct report_cube){ .first_s = INT64_MAX,
		.last_s = INT64_MIN };
}

void cube_fini(struct report_cube *cube)
{
	report_counts_fini(&cube->cells);
	report_counts_fini(&cube->latency);
}

/* Whatever a broken clock wrote, pieces of time can be made around it. */
static const int64_t EARLIEST_S = INT64_C(400) * 24 * 60 * 60;
static const int64_t LATEST_S = INT64_C(8000) * 365 * 24 * 60 * 60 - 1;

static uint64_t minute_of(int64_t start_s)
{
	assert(start_s >= 0 && start_s / 60 <= UINT32_MAX);
	return (uint64_t)(start_s / 60);
}

static uint64_t key_of(const struct cube_cell *cell)
{
	assert(cell->verdict < CUBE_VERDICTS && cell->reason < CUBE_REASONS &&
		cell->domain < CUBE_DOMAINS &&
		cell->connector < CUBE_CONNECTORS);
	return minute_of(cell->start_s) << SHIFT_MINUTE |
		(uint64_t)cell->verdict << SHIFT_VERDICT |
		(uint64_t)cell->reason << SHIFT_REASON |
		(uint64_t)cell->domain << SHIFT_DOMAIN | cell->connector;
}

struct cube_cell cube_cell_of(uint64_t key)
{
	return (struct cube_cell){
		.start_s = (int64_t)(key >> SHIFT_MINUTE) * 60,
		.verdict = key >> SHIFT_VERDICT & (CUBE_VERDICTS - 1),
		.reason = key >> SHIFT_REASON & (CUBE_REASONS - 1),
		.domain = key >> SHIFT_DOMAIN & (CUBE_DOMAINS - 1),
		.connector = key & (CUBE_CONNECTORS - 1),
	};
}

int64_t cube_latency_start(uint64_t key)
{
	return (int64_t)(key >> SHIFT_LATENCY) * 60;
}

unsigned cube_latency_class(uint64_t key)
{
	return key & (LATENCY_CLASSES - 1);
}

static unsigned latency_class(unsigned long us)
{
	unsigned octave = EXACT_OCTAVE;

	if (us < EXACT_US)
		return (unsigned)us;
	while (us >> (octave + 1) != 0)
		octave++;
	const unsigned long eighth = us >> (octave - 3) & (OCTAVE_CLASSES - 1);
	const unsigned found = EXACT_US +
		(octave - EXACT_OCTAVE) * OCTAVE_CLASSES + (unsigned)eighth;

	return found < LATENCY_CLASSES ? found : LATENCY_CLASSES - 1;
}

unsigned long cube_latency_least(unsigned class)
{
	if (class < EXACT_US)
		return class;
	const unsigned octave =
		EXACT_OCTAVE + (class - EXACT_US) / OCTAVE_CLASSES;
	const unsigned eighth = (class - EXACT_US) % OCTAVE_CLASSES;

	return (OCTAVE_CLASSES + (unsigned long)eighth) << (octave - 3);
}

static uint64_t longer_cell(void *context, uint64_t key)
{
	const struct report_cube *cube = context;
	struct cube_cell cell = cube_cell_of(key);

	cell.start_s = report_time_floor(cell.start_s, cube->step);
	return key_of(&cell);
}

static uint64_t longer_latency(void *context, uint64_t key)
{
	const struct report_cube *cube = context;
	const int64_t start_s =
		report_time_floor(cube_latency_start(key), cube->step);

	return minute_of(start_s) << SHIFT_LATENCY | cube_latency_class(key);
}

static void lengthen(struct report_cube *cube)
{
	cube->step++;
	report_counts_map(&cube->cells, longer_cell, cube);
	report_counts_map(&cube->latency, longer_latency, cube);
	cube->first_s = report_time_floor(cube->first_s, cube->step);
	cube->last_s = report_time_floor(cube->last_s, cube->step);
	cube->start_s = cube->end_s = 0;
}

static bool has_too_many(const struct report_cube *cube)
{
	int64_t at = cube->first_s;

	for (int n = 0; at <= cube->last_s; n++) {
		if (n == CUBE_PIECES_MAX)
			return true;
		at = report_time_next(at, cube->step);
	}
	return false;
}

static void enter_piece(struct report_cube *cube, int64_t time_s)
{
	const int64_t start_s = report_time_floor(time_s, cube->step);
	const bool is_wider = start_s < cube->first_s || start_s > cube->last_s;

	if (start_s < cube->first_s)
		cube->first_s = start_s;
	if (start_s > cube->last_s)
		cube->last_s = start_s;
	cube->start_s = start_s;
	cube->end_s = report_time_next(start_s, cube->step);
	if (!is_wider)
		return;
	while (cube->step < STEP_YEAR && has_too_many(cube))
		lengthen(cube);
	if (cube->end_s == 0)
		enter_piece(cube, time_s);
}

void cube_take(struct report_cube *cube, const struct cube_cell *cell,
	unsigned long us)
{
	struct cube_cell own = *cell;

	own.start_s = own.start_s < EARLIEST_S ? EARLIEST_S
		: own.start_s > LATEST_S       ? LATEST_S
					       : own.start_s;
	if (own.start_s < cube->start_s || own.start_s >= cube->end_s)
		enter_piece(cube, own.start_s);
	own.start_s = cube->start_s;
	report_counts_add(&cube->cells, key_of(&own), 1);
	report_counts_add(&cube->latency,
		minute_of(own.start_s) << SHIFT_LATENCY | latency_class(us), 1);
	if (us > cube->us_max)
		cube->us_max = us;
	if (cube->cells.n > GATHERED_MAX && cube->step < STEP_YEAR)
		lengthen(cube);
}

struct folding {
	unsigned long counts[CUBE_DOMAINS];
	unsigned long most; /* of a domain that goes */
	unsigned other;
};

static int greatest_first(const void *a, const void *b)
{
	const unsigned long *first = a, *second = b;

	return *first > *second ? -1 : *first < *second;
}

static uint64_t fold_cell(void *context, uint64_t key)
{
	const struct folding *folding = context;
	struct cube_cell cell = cube_cell_of(key);

	if (folding->counts[cell.domain] <= folding->most)
		cell.domain = folding->other;
	return key_of(&cell);
}

/* All but so many domains at most into the other. */
static void fold(struct report_cube *cube, unsigned keep, unsigned other)
{
	struct folding folding = { .other = other };
	unsigned long sorted[CUBE_DOMAINS];

	for (size_t i = 0; i < cube->cells.room; i++) {
		const struct report_count *place = &cube->cells.places[i];

		folding.counts[cube_cell_of(place->key).domain] += place->count;
	}
	for (size_t i = 0; i < CUBE_DOMAINS; i++)
		sorted[i] = folding.counts[i];
	qsort(sorted, CUBE_DOMAINS, sizeof *sorted, greatest_first);
	folding.most = sorted[keep];
	report_counts_map(&cube->cells, fold_cell, &folding);
}

void cube_reduce(struct report_cube *cube, unsigned other)
{
	unsigned keep = DOMAINS_MANY;

	while (cube->cells.n > CUBE_CELLS_MAX) {
		if (keep > DOMAINS_LEAST) {
			fold(cube, keep, other);
			keep = keep / 2;
		} else if (cube->step < STEP_YEAR) {
			lengthen(cube);
		} else {
			return;
		}
	}
}
