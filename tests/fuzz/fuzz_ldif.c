/*
 * LDIF: choices of a preset, then the text.  Read part by part, as a large
 * file is, it lists the same as read at once.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "directory/ldif.h"
#include "directory/text_decode.h"
#include "tests/fuzz/found.h"

#include <assert.h>
#include <stdlib.h>

enum goal { ENTRY, CONTACT, BAD, OBJECT, BROKEN, PARTS };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[ENTRY] = "an entry",
		[CONTACT] = "a contact",
		[BAD] = "a bad value",
		[OBJECT] = "a class",
		[BROKEN] = "a text that is refused",
		[PARTS] = "a text in several parts",
		NULL,
	};

	return goals[goal];
}

static void choose(struct directory *directory, struct slice *input)
{
	static const struct directory kinds[] = {
		{ .preset = PRESET_OPENLDAP },
		{ .preset = PRESET_ACTIVE_DIRECTORY },
		{ .preset = PRESET_ACTIVE_DIRECTORY, .skips_disabled = true },
	};

	*directory = kinds[input_choose(input, 3)];
	directory->type = DIRECTORY_LDIF;
	directory->source = "x.ldif";
}

/* Behind the first empty line, or the end. */
static size_t part_len(const char *text, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		const bool is_crlf = i > 1 && text[i - 1] == '\r';

		if (text[i] == '\n' && text[i - 1 - is_crlf] == '\n')
			return i + 1;
	}
	return len;
}

/* Each part in a block of its own, gone once the next was fed. */
static bool read_parts(struct ldif *ldif, struct slice text, struct err *err)
{
	bool is_read = true;
	char *last = NULL;
	size_t n = 0;

	for (; is_read && text.len > 0; n++) {
		const size_t len = part_len(text.bytes, text.len);
		char *part = input_copy((struct slice){ text.bytes, len });
		struct decoded decoded = { .text = part, .len = len };

		is_read = ldif_feed(ldif, &decoded, err);
		text = slice_after(text, len);
		free(last);
		last = part;
	}
	if (n > 1)
		goals_reach(PARTS);
	is_read = is_read && ldif_finish(ldif, err);
	free(last);
	return is_read;
}

static void check_parts(const struct directory *directory, struct slice text,
	const struct found *whole, const struct err *whole_err)
{
	struct err err = { 0 };
	struct found found;

	found_init(&found);
	const struct sink sink = found_sink(&found);
	struct ldif *ldif = ldif_open(directory, &sink);
	const bool is_read = read_parts(ldif, text, &err);

	assert(is_read == (whole_err->text[0] == '\0'));
	assert(!is_read || text_same(found.text.data, whole->text.data));
	ldif_close(&ldif);
	found_fini(&found);
}

static void check_text(
	const struct directory *directory, struct decoded *decoded)
{
	char *copy = input_copy((struct slice){ decoded->text, decoded->len });
	const struct slice text = { copy, decoded->len };
	struct err err = { 0 };
	struct found found;

	found_init(&found);
	const struct sink sink = found_sink(&found);
	const bool is_read = ldif_read(directory, decoded, &sink, &err);

	assert(is_read == (err.text[0] == '\0'));
	check_parts(directory, text, &found, &err);
	if (!is_read)
		goals_reach(BROKEN);
	for (size_t i = ENTRY; i <= OBJECT; i++)
		if ((size_t[]){ found.entries, found.contacts, found.bad,
			    found.objects }[i] > 0)
			goals_reach(i);
	found_fini(&found);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	struct arena *arena = arena_open();
	struct directory directory;
	struct decoded decoded;

	choose(&directory, &input);
	char *bytes = input_copy(input);

	if (text_decode(&decoded, bytes, input.len, arena, NULL))
		check_text(&directory, &decoded);
	free(bytes);
	arena_close(&arena);
	return 0;
}
