/*
 * Requests that came in together.  Each waits for memory where its recipient
 * stands; so those that the loop finds ready in one pass are answered in one
 * go, after what all of them will read was fetched at once.
 */
#ifndef POLICYD_BATCH_H
#define POLICYD_BATCH_H

#include "base/slice.h"

struct batch;
struct event_base;
struct judge;

/* Of what one read brings. */
enum { BATCH_PIECE_SIZE = 16 * 1024 };

/* A whole request, and who answers it. */
struct batch_item {
	/* rest is what came in behind the request. */
	void (*answer)(void *context, struct slice rest);
	void *context;
	struct slice recipient; /* to be judged; empty = none is */
	struct slice rest;
};

/* Borrows both.  NULL: libevent has nothing to offer. */
struct batch *batch_open(struct event_base *base, const struct judge *judge);
void batch_close(struct batch **batch);

/*
 * Room for BATCH_PIECE_SIZE bytes, for the next piece of a stream.  It stays
 * the same until an item is added.
 */
char *batch_room(struct batch *batch);
/*
 * The first len bytes of the room stay there until answer() returns: the rest
 * is among them, and of the request what is kept nowhere else.  It is called
 * once: now where nothing else is ready, later in this pass of the loop where
 * something is.  Until then the context must not go, nor be added again.
 */
void batch_add(struct batch *batch, const struct batch_item *item, size_t len);
/* All that wait, now. */
void batch_answer(struct batch *batch);

#endif
