/* A ring; a place keeps its memory for the line that comes next into it. */
#include "verdicts/last.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>

struct place_kept {
	struct record record;
	struct text line;
};

struct last {
	struct output inner;
	struct place_kept *places;
	size_t count, room; /* count <= room <= n */
	unsigned long n;
	size_t oldest;
	bool is_open; /* nothing is held back any more */
};

static void grow(struct last *last)
{
	const size_t room = last->room == 0 ? 16 : last->room * 2;

	last->room = room > last->n ? last->n : room;
	last->places = memory_must(
		reallocarray(last->places, last->room, sizeof *last->places));
}

static struct place_kept *next_place(struct last *last)
{
	struct place_kept *place;

	if (last->count == last->n) {
		place = &last->places[last->oldest];
		last->oldest = (last->oldest + 1) % last->n;
		return place;
	}
	if (last->count == last->room)
		grow(last);
	place = &last->places[last->count++];
	text_init(&place->line);
	return place;
}

static void last_take(void *context, const struct record *record)
{
	struct last *last = context;

	if (last->is_open) {
		last->inner.take(last->inner.context, record);
		return;
	}
	struct place_kept *place = next_place(last);

	text_clear(&place->line);
	text_add(&place->line, record->line.bytes, record->line.len);
	record_move(&place->record, record, place->line.data);
}

static void hand_on(struct last *last)
{
	for (size_t i = 0; i < last->count; i++) {
		const size_t at = (last->oldest + i) % last->count;

		last->inner.take(last->inner.context, &last->places[at].record);
	}
	for (size_t i = 0; i < last->count; i++)
		text_fini(&last->places[i].line);
	last->count = 0;
	last->is_open = true;
}

static void last_flush(void *context)
{
	struct last *last = context;

	if (!last->is_open)
		hand_on(last);
	last->inner.flush(last->inner.context);
}

static bool last_finish(void *context, struct err *err)
{
	struct last *last = context;

	if (!last->is_open)
		hand_on(last);
	return last->inner.finish(last->inner.context, err);
}

static void last_close(void *context)
{
	struct last *last = context;

	for (size_t i = 0; i < last->count; i++)
		text_fini(&last->places[i].line);
	free(last->places);
	last->inner.close(last->inner.context);
	free(last);
}

void last_open(struct output *out, const struct output *inner, unsigned long n)
{
	struct last *last = memory_must(calloc(1, sizeof *last));

	last->inner = *inner;
	last->n = n;
	*out = (struct output){ last_take, last_flush, last_finish, last_close,
		last };
}
