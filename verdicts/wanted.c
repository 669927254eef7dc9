/*
 * Lots of some hundred verdicts, each with memory of its own, so that the
 * oldest can be given up while the log is read, and a lot of which all were
 * dropped goes at once.
 */
#include "verdicts/wanted.h"

#include "base/arena.h"
#include "base/memory.h"
#include "verdicts/filter.h"

#include <stdlib.h>
#include <string.h>

enum { LOT_SIZE = 256 };

struct lot {
	struct arena *arena;
	struct record *records[LOT_SIZE];
	size_t n_kept;
};

struct wanted {
	struct filter *filter; /* NULL = none */
	struct lot **lots; /* the first has number first_lot * LOT_SIZE; NULL:
			      nothing is left of it */
	size_t n_lots, room, first_lot;
	size_t first, end;
};

struct wanted *wanted_open(void)
{
	return memory_must(calloc(1, sizeof(struct wanted)));
}

void wanted_set_filter(struct wanted *wanted, struct filter *filter)
{
	wanted->filter = filter;
}

static void lot_close(struct lot **lot)
{
	if (*lot != NULL)
		arena_close(&(*lot)->arena);
	free(*lot);
	*lot = NULL;
}

void wanted_close(struct wanted **wanted)
{
	if (*wanted == NULL)
		return;
	for (size_t i = 0; i < (*wanted)->n_lots; i++)
		lot_close(&(*wanted)->lots[i]);
	free((*wanted)->lots);
	free(*wanted);
	*wanted = NULL;
}

static struct lot **lot_of(const struct wanted *wanted, size_t number)
{
	return &wanted->lots[number / LOT_SIZE - wanted->first_lot];
}

static struct lot *lot_open(void)
{
	struct lot *lot = memory_must(calloc(1, sizeof *lot));

	lot->arena = arena_open();
	return lot;
}

static void add_lot(struct wanted *wanted)
{
	if (wanted->n_lots == wanted->room) {
		wanted->room = wanted->room == 0 ? 16 : wanted->room * 2;
		wanted->lots = memory_must(reallocarray(
			wanted->lots, wanted->room, sizeof(struct lot *)));
	}
	wanted->lots[wanted->n_lots++] = NULL;
}

/* NULL: given up, or dropped. */
static struct record *find(const struct wanted *wanted, size_t number)
{
	if (number < wanted->first)
		return NULL;
	struct lot *lot = *lot_of(wanted, number);

	return lot == NULL ? NULL : lot->records[number % LOT_SIZE];
}

size_t wanted_add(struct wanted *wanted, const struct record *record)
{
	const size_t number = wanted->end++;

	if (number / LOT_SIZE - wanted->first_lot == wanted->n_lots)
		add_lot(wanted);
	struct lot **lot = lot_of(wanted, number);

	if (*lot == NULL)
		*lot = lot_open();
	struct record *copy = record_copy(record, (*lot)->arena);

	copy->fates = NULL;
	copy->n_fates = 0;
	(*lot)->records[number % LOT_SIZE] = copy;
	(*lot)->n_kept++;
	return number;
}

/* A power of two of them, doubled when full. */
static struct fate *grow(const struct record *record, struct arena *arena)
{
	const size_t n = record->n_fates;

	if ((n & (n - 1)) != 0)
		return (struct fate *)record->fates;
	struct fate *fates =
		arena_array(arena, n == 0 ? 1 : n * 2, sizeof *fates);

	if (n > 0)
		memcpy(fates, record->fates, n * sizeof *fates);
	return fates;
}

void wanted_add_fate(
	struct wanted *wanted, size_t number, const struct fate *fate)
{
	struct record *record = find(wanted, number);

	if (record == NULL)
		return;
	struct arena *arena = (*lot_of(wanted, number))->arena;
	struct fate *fates = grow(record, arena);

	fates[record->n_fates++] = (struct fate){
		.time_us = fate->time_us,
		.to = arena_strdup(arena, fate->to),
		.status = arena_strdup(arena, fate->status),
		.dsn = arena_strdup(arena, fate->dsn),
		.system = arena_strdup(arena, fate->system),
		.said = arena_strdup(arena, fate->said),
	};
	record->fates = fates;
}

void wanted_set_queue_id(
	struct wanted *wanted, size_t number, const char *queue_id)
{
	struct record *record = find(wanted, number);

	if (record == NULL)
		return;
	struct arena *arena = (*lot_of(wanted, number))->arena;

	record->verdict.written[FIELD_QUEUE_ID] =
		slice_of(arena_strdup(arena, queue_id));
	wanted_settle(wanted, number);
}

void wanted_settle(struct wanted *wanted, size_t number)
{
	const struct record *record = find(wanted, number);

	if (record == NULL || wanted->filter == NULL ||
		filter_takes(wanted->filter, record))
		return;
	struct lot **lot = lot_of(wanted, number);

	(*lot)->records[number % LOT_SIZE] = NULL;
	if (--(*lot)->n_kept == 0)
		lot_close(lot);
}

size_t wanted_first(const struct wanted *wanted)
{
	return wanted->first;
}

size_t wanted_end(const struct wanted *wanted)
{
	return wanted->end;
}

const struct record *wanted_record(const struct wanted *wanted, size_t number)
{
	return find(wanted, number);
}

void wanted_give_up(struct wanted *wanted, size_t first)
{
	if (first <= wanted->first || first > wanted->end)
		return;
	wanted->first = first;
	size_t n = first / LOT_SIZE - wanted->first_lot;

	n = n < wanted->n_lots ? n : wanted->n_lots;
	for (size_t i = 0; i < n; i++)
		lot_close(&wanted->lots[i]);
	wanted->n_lots -= n;
	wanted->first_lot += n;
	if (n > 0)
		memmove(wanted->lots, wanted->lots + n,
			wanted->n_lots * sizeof(struct lot *));
}
