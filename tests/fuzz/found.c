#include "tests/fuzz/found.h"

#include "base/arena.h"
#include "directory/key.h"
#include "namespace/address.h"
#include "namespace/fold.h"

#include <assert.h>
#include <string.h>

void found_init(struct found *found)
{
	*found = (struct found){ 0 };
	text_init(&found->text);
	text_adds(&found->text, "");
}

void found_fini(struct found *found)
{
	text_fini(&found->text);
}

/* What no line of a last-good copy or of a report could hold. */
static void check_text(const char *text, struct arena *arena)
{
	assert(text != NULL);
	assert(normalize(text, strlen(text), arena) != NULL);
}

/* What becomes of an address: a key, or a sentence that can be shown. */
static void check_key(const char *address, struct arena *arena)
{
	struct err err = { 0 };
	const char *key = key_parse(address, "+", arena, &err);

	assert((key == NULL) == (err.text[0] != '\0'));
	assert(strchr(key_printable(err.text, arena), '\n') == NULL);
	if (key == NULL)
		return;
	struct address again;

	assert(address_from_key(&again, key, "+", arena));
	assert(strcmp(again.key, key) == 0);
}

static void take_entry(void *context, const struct entry *entry)
{
	struct found *found = context;
	struct arena *arena = arena_open();

	check_text(entry->origin, arena);
	check_text(entry->address, arena);
	check_key(entry->address, arena);
	text_addf(&found->text, "%s %s", entry->origin, entry->address);
	if (entry->target != NULL) {
		check_text(entry->target, arena);
		check_key(entry->target, arena);
		text_addf(&found->text, " -> %s", entry->target);
		found->contacts++;
	}
	text_adds(&found->text, "\n");
	found->entries++;
	arena_close(&arena);
}

static void take_bad(void *context, const char *origin, const char *why)
{
	struct found *found = context;

	assert(origin[0] != '\0' && why[0] != '\0');
	text_addf(&found->text, "%s BAD %s\n", origin, why);
	found->bad++;
}

static void take_object(void *context, const char *class)
{
	struct found *found = context;

	assert(class != NULL);
	text_addf(&found->text, "class %s\n", class);
	found->objects++;
}

struct sink found_sink(struct found *found)
{
	return (struct sink){ take_entry, take_bad, take_object, found };
}
