/*
 * What is active in libevent's queue while a callback runs is what this pass
 * of the loop has still to do: where that is nothing, waiting would bring
 * nobody.  An event that is activated meanwhile is put behind the others, so
 * it runs when all of them have, before the loop waits again.
 */
#include "policyd/batch.h"

#include "base/memory.h"
#include "policyd/judge.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
	ITEMS = JUDGE_EXPECTED_MAX,
	/* Requests of usual size do not fill it. */
	ROOM = ITEMS * 1024,
};

struct batch {
	struct event_base *base;
	const struct judge *judge;
	struct event *later;
	size_t count;
	struct batch_item items[ITEMS];
	size_t used; /* bytes */
	char bytes[ROOM + BATCH_PIECE_SIZE];
};

static void fetch(const struct batch *batch)
{
	const struct judge *judge = batch->judge;
	struct slice recipients[ITEMS];
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++)
		if (batch->items[i].recipient.len > 0)
			recipients[count++] = batch->items[i].recipient;
	if (judge->expect != NULL && count > 1)
		judge->expect(judge->context, recipients, count);
}

void batch_answer(struct batch *batch)
{
	const size_t count = batch->count;

	fetch(batch);
	batch->count = 0;
	batch->used = 0;
	for (size_t i = 0; i < count; i++) {
		const struct batch_item *item = &batch->items[i];

		item->answer(item->context, item->rest);
	}
}

static void on_later(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	batch_answer(context);
}

struct batch *batch_open(struct event_base *base, const struct judge *judge)
{
	struct batch *batch = memory_must(calloc(1, sizeof *batch));

	batch->base = base;
	batch->judge = judge;
	batch->later = event_new(base, -1, 0, on_later, batch);
	if (batch->later == NULL)
		batch_close(&batch);
	return batch;
}

void batch_close(struct batch **batch)
{
	if (*batch == NULL)
		return;
	if ((*batch)->later != NULL)
		event_free((*batch)->later);
	free(*batch);
	*batch = NULL;
}

char *batch_room(struct batch *batch)
{
	return batch->bytes + batch->used;
}

void batch_add(struct batch *batch, const struct batch_item *item, size_t len)
{
	const bool is_last = event_base_get_num_events(
				     batch->base, EVENT_BASE_COUNT_ACTIVE) == 0;

	if (is_last && batch->count == 0) {
		item->answer(item->context, item->rest);
		return;
	}
	batch->items[batch->count++] = *item;
	batch->used += len;
	if (is_last || batch->count == ITEMS || batch->used >= ROOM)
		batch_answer(batch);
	else if (batch->count == 1)
		event_active(batch->later, 0, 0);
}
