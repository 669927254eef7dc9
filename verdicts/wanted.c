/*
 * Lots of some hundred verdicts, each with memory of its own, so that the
 * oldest can be given up while the log is read.
 */
#include "verdicts/wanted.h"

#include "base/arena.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { LOT_SIZE = 256 };

struct lot {
	struct arena *arena;
	struct record *records[LOT_SIZE];
};

struct wanted {
	struct lot **lots; /* the first has number first_lot * LOT_SIZE */
	size_t n_lots, room, first_lot;
	size_t first, end;
};

struct wanted *wanted_open(void)
{
	return memory_must(calloc(1, sizeof(struct wanted)));
}

static void lot_close(struct lot *lot)
{
	arena_close(&lot->arena);
	free(lot);
}

void wanted_close(struct wanted **wanted)
{
	if (*wanted == NULL)
		return;
	for (size_t i = 0; i < (*wanted)->n_lots; i++)
		lot_close((*wanted)->lots[i]);
	free((*wanted)->lots);
	free(*wanted);
	*wanted = NULL;
}

static struct lot *lot_of(const struct wanted *wanted, size_t number)
{
	return wanted->lots[number / LOT_SIZE - wanted->first_lot];
}

static void add_lot(struct wanted *wanted)
{
	struct lot *lot = memory_must(calloc(1, sizeof *lot));

	lot->arena = arena_open();
	if (wanted->n_lots == wanted->room) {
		wanted->room = wanted->room == 0 ? 16 : wanted->room * 2;
		wanted->lots = memory_must(reallocarray(
			wanted->lots, wanted->room, sizeof(struct lot *)));
	}
	wanted->lots[wanted->n_lots++] = lot;
}

size_t wanted_add(struct wanted *wanted, const struct record *record)
{
	const size_t number = wanted->end++;

	if (number / LOT_SIZE - wanted->first_lot == wanted->n_lots)
		add_lot(wanted);
	struct lot *lot = lot_of(wanted, number);
	struct record *copy = record_copy(record, lot->arena);

	copy->has_fates = true;
	copy->queue_id = "";
	copy->fates = NULL;
	copy->n_fates = 0;
	lot->records[number % LOT_SIZE] = copy;
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
	if (number < wanted->first)
		return;
	struct lot *lot = lot_of(wanted, number);
	struct record *record = lot->records[number % LOT_SIZE];
	struct fate *fates = grow(record, lot->arena);

	fates[record->n_fates++] = (struct fate){
		.time_us = fate->time_us,
		.to = arena_strdup(lot->arena, fate->to),
		.status = arena_strdup(lot->arena, fate->status),
		.dsn = arena_strdup(lot->arena, fate->dsn),
		.system = arena_strdup(lot->arena, fate->system),
		.said = arena_strdup(lot->arena, fate->said),
	};
	record->fates = fates;
}

void wanted_set_queue_id(
	struct wanted *wanted, size_t number, const char *queue_id)
{
	if (number < wanted->first)
		return;
	struct lot *lot = lot_of(wanted, number);

	lot->records[number % LOT_SIZE]->queue_id =
		arena_strdup(lot->arena, queue_id);
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
	return lot_of(wanted, number)->records[number % LOT_SIZE];
}

void wanted_give_up(struct wanted *wanted, size_t first)
{
	if (first <= wanted->first || first > wanted->end)
		return;
	wanted->first = first;
	size_t n = first / LOT_SIZE - wanted->first_lot;

	n = n < wanted->n_lots ? n : wanted->n_lots;
	for (size_t i = 0; i < n; i++)
		lot_close(wanted->lots[i]);
	wanted->n_lots -= n;
	wanted->first_lot += n;
	if (n > 0)
		memmove(wanted->lots, wanted->lots + n,
			wanted->n_lots * sizeof(struct lot *));
}
