/*
 * The text of a last-good copy: what was read and written again is read as
 * the same, and who takes it to pieces in place finds the same recipients.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/class_counts.h"
#include "directory/listing.h"
#include "directory/served.h"
#include "namespace/recipients.h"

#include <assert.h>

enum goal { WHOLE, CONTACT, CLASSES, DAMAGED };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[WHOLE] = "a whole copy",
		[CONTACT] = "a contact",
		[CLASSES] = "classes",
		[DAMAGED] = "a damaged copy",
		NULL,
	};

	return goals[goal];
}

static void put_entry(struct text *out, const struct listing_entry *entry)
{
	text_add(out, entry->address.bytes, entry->address.len);
	text_adds(out, "\t");
	text_add(out, entry->origin.bytes, entry->origin.len);
	if (entry->target.len > 0) {
		goals_reach(CONTACT);
		text_adds(out, "\t");
		text_add(out, entry->target.bytes, entry->target.len);
	}
	text_adds(out, "\n");
}

/* Read and written anew; false where it is damaged. */
static bool copy_anew(struct text *out, struct slice text, size_t *count)
{
	struct arena *arena = arena_open();
	struct class_counts classes;
	struct listing_entry entry;
	struct listing_walk walk;
	size_t seen = 0;

	class_counts_init(&classes, arena);
	listing_put_head(out);
	bool is_whole = listing_begin(&walk, text, count);

	for (; is_whole && listing_next(&walk, &entry); seen++)
		put_entry(out, &entry);
	is_whole = is_whole && seen == *count &&
		listing_finish(&walk, seen, &classes);
	if (is_whole && classes.n_classes > 0)
		goals_reach(CLASSES);
	listing_put_tail(out, &classes, seen);
	arena_close(&arena);
	return is_whole;
}

static void check_served(struct slice text, bool is_whole, size_t count)
{
	const struct directory directory = { .name = "ad" };
	struct arena *arena = arena_open();
	struct class_counts classes;
	struct served served;
	char *mapped = memory_map(text.len);

	class_counts_init(&classes, arena);
	memcpy(mapped, text.bytes, text.len);
	const bool is_served =
		served_parse(&served, mapped, text.len, &directory, &classes);

	assert(is_served == is_whole);
	assert(!is_served || served.count == count);
	for (size_t i = 0; is_served && i < served.count; i++) {
		const struct recipient *recipient = &served.list[i];

		assert(strchr(recipient->key, '@') != NULL);
		assert(strcmp(strrchr(recipient->key, '@') + 1,
			       recipient->domain) == 0);
		assert(recipient->origin != NULL);
	}
	if (is_served)
		served_close(&served);
	arena_close(&arena);
}

static void check_copy(struct slice text)
{
	struct text once, twice;
	size_t count = 0;
	size_t again = 0;

	text_init(&once);
	text_init(&twice);
	const bool is_whole = copy_anew(&once, text, &count);

	goals_reach(is_whole ? WHOLE : DAMAGED);
	check_served(text, is_whole, count);
	if (is_whole) {
		const bool is_same = copy_anew(
			&twice, (struct slice){ once.data, once.len }, &again);

		assert(is_same && again == count);
		assert(text_same(once.data, twice.data));
	}
	text_fini(&once);
	text_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0)
		check_copy((struct slice){ (const char *)data, size });
	return 0;
}
