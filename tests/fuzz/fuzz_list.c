/* The other lists that are texts: a choice of the kind, then the file. */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "directory/text_decode.h"
#include "tests/fuzz/found.h"

#include <assert.h>
#include <stdlib.h>

static const enum directory_type kinds[] = { DIRECTORY_FILE, DIRECTORY_POSTFIX,
	DIRECTORY_PASSWD, DIRECTORY_ALIASES };
enum { KINDS = sizeof kinds / sizeof *kinds };

/* For each kind an entry, then for each but the first a bad line. */
const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		"an entry of a list",
		"an entry of a Postfix map",
		"an entry of passwd(5)",
		"an entry of aliases(5)",
		"a bad line of a Postfix map",
		"a bad line of passwd(5)",
		"a bad line of aliases(5)",
		NULL,
	};

	return goals[goal];
}

static void read_list(size_t kind, struct decoded *text)
{
	const struct directory directory = { .type = kinds[kind],
		.source = "list",
		.local_domain = "d.example",
		.min_uid = 1000,
		.max_uid = 60000 };
	struct err err = { 0 };
	struct found found;

	found_init(&found);
	const struct sink sink = found_sink(&found);
	const bool is_read =
		source_read_text(kinds[kind], &directory, text, &sink, &err);

	assert(is_read == (err.text[0] == '\0'));
	if (found.entries > 0)
		goals_reach(kind);
	assert(found.bad == 0 || kind > 0);
	if (found.bad > 0)
		goals_reach(KINDS + kind - 1);
	found_fini(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	const size_t kind = input_choose(&input, KINDS);
	struct arena *arena = arena_open();
	char *bytes = input_copy(input);
	struct decoded decoded;

	if (text_decode(&decoded, bytes, input.len, arena, NULL))
		read_list(kind, &decoded);
	free(bytes);
	arena_close(&arena);
	return 0;
}
