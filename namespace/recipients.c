/*
 * Millions of entries: each is one struct in a list that somebody made, and
 * a later directory's entry borrows the key of the first.  Keys are numbered
 * in order of arrival, so a walk is repeatable, and found by the slots of
 * their hashes.
 *
 * A directory's keys are distinct as a rule, so those of the first one are
 * numbered as they stand, and a second thread puts them into the slots while
 * others walk over them, until somebody looks one up.  Where a key comes
 * twice all the same, it is all done again, one key after the other.
 */
#include "namespace/recipients.h"

#include "base/arena.h"
#include "base/beside.h"
#include "base/memory.h"
#include "base/slots.h"

#include <stdlib.h>
#include <string.h>

/* How far ahead the slots of a list are fetched; a power of two. */
enum { AHEAD = 16 };

/* The slots of fewer keys are filled before a thread has begun. */
enum { BESIDE_MIN = 100000 };

struct kept {
	struct kept *older;
	void *memory;
	size_t size;
};

struct recipients {
	struct arena *arena;
	struct kept *kept;
	struct recipient *list; /* the first one's, where numbered as it is */
	size_t list_count;
	struct recipient **first; /* of each further key; memory_map() */
	size_t count, room; /* of all keys; of first */
	struct slots slots; /* key -> its number */
	struct beside *beside; /* who fills them; NULL = they are filled */
	bool has_twins; /* of the list, a key twice */
};

bool recipient_is_elsewhere(const struct recipient *recipient)
{
	return recipient->target != NULL &&
		strcmp(recipient->target, recipient->key) == 0;
}

struct recipients *recipients_open(void)
{
	struct recipients *recipients =
		memory_must(calloc(1, sizeof *recipients));

	recipients->arena = arena_open();
	slots_init(&recipients->slots);
	return recipients;
}

void recipients_close(struct recipients **recipients)
{
	struct recipients *r = *recipients;

	if (r == NULL)
		return;
	beside_close(&r->beside);
	slots_fini(&r->slots);
	memory_unmap(r->first, r->room * sizeof(struct recipient *));
	for (const struct kept *at = r->kept; at != NULL; at = at->older)
		memory_unmap(at->memory, at->size);
	arena_close(&r->arena);
	free(r);
	*recipients = NULL;
}

void recipients_keep(struct recipients *recipients, void *memory, size_t size)
{
	struct kept *kept = arena_alloc(recipients->arena, sizeof *kept);

	*kept = (struct kept){ recipients->kept, memory, size };
	recipients->kept = kept;
}

static struct recipient *numbered(const struct recipients *r, size_t number)
{
	return number < r->list_count ? &r->list[number]
				      : r->first[number - r->list_count];
}

static uint32_t hash_of(const struct recipients *recipients, const char *key)
{
	return slots_hash(&recipients->slots, key, strlen(key));
}

static struct recipient *find(
	const struct recipients *recipients, const char *key, uint32_t hash)
{
	struct slots_walk walk = slots_walk(&recipients->slots, hash);
	uint32_t number;

	while (slots_next(&recipients->slots, &walk, &number)) {
		struct recipient *first = numbered(recipients, number);

		if (strcmp(first->key, key) == 0)
			return first;
	}
	return NULL;
}

/* Room for count more keys. */
static void reserve(struct recipients *r, size_t count)
{
	const size_t size = r->room * sizeof *r->first;
	const size_t wanted = r->count - r->list_count + count;

	slots_reserve(&r->slots, count);
	if (r->room >= wanted)
		return;
	r->room = wanted > 2 * r->room ? wanted : 2 * r->room;
	r->first = size == 0
		? memory_map(r->room * sizeof *r->first)
		: memory_remap(r->first, size, r->room * sizeof *r->first);
}

static void add_first(
	struct recipients *r, struct recipient *recipient, uint32_t hash)
{
	reserve(r, 1);
	slots_put(&r->slots, hash, (uint32_t)r->count);
	r->first[r->count++ - r->list_count] = recipient;
}

/*
 * Whatever the order of rows, one that is a mailbox makes it a mailbox: the
 * contact of the same name is how a synchronised directory shows it to
 * others.
 */
static void merge(struct recipient *kept, const struct recipient *again)
{
	if (kept->target == NULL || again->target != NULL)
		return;
	kept->target = NULL;
	kept->origin = again->origin;
}

/* To those of the same key, of which this is the first. */
static void add_again(struct recipient *first, struct recipient *again)
{
	struct recipient *kept = first;

	while (kept->directory != again->directory && kept->next != NULL)
		kept = kept->next;
	if (kept->directory == again->directory) {
		merge(kept, again);
		return;
	}
	again->key = first->key;
	again->domain = first->domain;
	kept->next = again;
}

static void add(struct recipients *recipients, struct recipient *recipient,
	uint32_t hash)
{
	struct recipient *kept = find(recipients, recipient->key, hash);

	if (kept == NULL)
		add_first(recipients, recipient, hash);
	else
		add_again(kept, recipient);
}

typedef void taker(struct recipients *recipients, struct recipient *recipient,
	uint32_t hash);

/* Calls take() for each, whose slots are fetched a little before. */
static void take_each(struct recipients *recipients, struct recipient *list,
	size_t count, taker *take)
{
	uint32_t hashes[AHEAD];

	for (size_t i = 0; i < count + AHEAD; i++) {
		uint32_t *hash = &hashes[i % AHEAD];

		if (i >= AHEAD && i - AHEAD < count)
			take(recipients, &list[i - AHEAD], *hash);
		if (i >= count)
			continue;
		*hash = hash_of(recipients, list[i].key);
		slots_prefetch(&recipients->slots, *hash);
	}
}

/* One that has its number. */
static void place(struct recipients *recipients, struct recipient *recipient,
	uint32_t hash)
{
	if (find(recipients, recipient->key, hash) == NULL)
		slots_put(&recipients->slots, hash,
			(uint32_t)(recipient - recipients->list));
	else
		recipients->has_twins = true;
}

static void fill_slots(void *context)
{
	struct recipients *recipients = context;

	take_each(recipients, recipients->list, recipients->list_count, place);
}

static void take_beside(
	struct recipients *recipients, struct recipient *list, size_t count)
{
	slots_reserve(&recipients->slots, count);
	recipients->count = count;
	recipients->list = list;
	recipients->list_count = count;
	recipients->beside = beside_open(fill_slots, recipients);
	beside_run(recipients->beside);
}

static void take_in_order(
	struct recipients *recipients, struct recipient *list, size_t count)
{
	reserve(recipients, count);
	take_each(recipients, list, count, add);
}

/* The slots of the first list are filled. */
static void settle(struct recipients *recipients)
{
	const size_t count = recipients->list_count;

	if (recipients->beside == NULL)
		return;
	beside_close(&recipients->beside);
	if (!recipients->has_twins)
		return;
	slots_fini(&recipients->slots);
	recipients->count = recipients->list_count = 0;
	take_in_order(recipients, recipients->list, count);
}

void recipients_take(
	struct recipients *recipients, struct recipient *list, size_t count)
{
	settle(recipients);
	if (recipients->count == 0 && count >= BESIDE_MIN)
		take_beside(recipients, list, count);
	else
		take_in_order(recipients, list, count);
}

size_t recipients_count(const struct recipients *recipients)
{
	return recipients->count;
}

const struct recipient *recipients_get(
	const struct recipients *recipients, size_t index)
{
	return numbered(recipients, index);
}

const struct recipient *recipients_find(
	const struct recipients *recipients, const char *key)
{
	/* What a caller can see of them does not change by it. */
	settle((struct recipients *)recipients);
	return find(recipients, key, hash_of(recipients, key));
}
