/*
 * A CSV export: choices of a preset and of a separator, then the file, in any
 * encoding.  And the table itself: written anew with every cell in quotes it
 * is the same table.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "directory/csv.h"
#include "directory/csv_source.h"
#include "directory/text_decode.h"
#include "tests/fuzz/found.h"

#include <assert.h>
#include <stdlib.h>

enum goal { ENTRY, CONTACT, BAD, OBJECT, BROKEN, UTF_16, ROW };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[ENTRY] = "an entry",
		[CONTACT] = "a contact",
		[BAD] = "a bad row",
		[OBJECT] = "a class",
		[BROKEN] = "a file that is refused",
		[UTF_16] = "a file in UTF-16",
		[ROW] = "a row, written anew",
		NULL,
	};

	return goals[goal];
}

struct setting {
	struct directory directory;
	const char *fields[2];
};

static void choose(struct setting *s, struct slice *input)
{
	static const enum directory_preset presets[] = { PRESET_NONE,
		PRESET_EXCHANGE, PRESET_EXCHANGE_55 };
	static const char separators[] = { 0, ',', ';', '\t' };

	*s = (struct setting){ .fields = { "mail", "proxyAddresses" } };
	s->directory = (struct directory){ .type = DIRECTORY_CSV,
		.source = "x.csv",
		.preset = presets[input_choose(input, 3)],
		.separator = separators[input_choose(input, 4)] };
	if (s->directory.preset != PRESET_NONE)
		return;
	s->directory.fields = s->fields;
	s->directory.n_fields = 1 + input_choose(input, 2);
	s->directory.target_field = input_choose(input, 2) ? "target" : NULL;
}

static void add_cell(struct text *out, const char *cell)
{
	text_adds(out, "\"");
	for (; *cell != '\0'; cell++)
		text_add(out, *cell == '"' ? "\"\"" : cell,
			*cell == '"' ? 2 : 1);
	text_adds(out, "\"");
}

static void add_header(struct text *out, const struct csv *csv)
{
	const char *name;

	for (size_t i = 0; (name = csv_column_name(csv, i)) != NULL; i++) {
		text_adds(out, i == 0 ? "" : ",");
		add_cell(out, name);
	}
	text_adds(out, "\n");
}

static void add_row(struct text *out, const struct csv_row *row)
{
	for (size_t i = 0; i < row->n_cells; i++) {
		text_adds(out, i == 0 ? "" : ",");
		add_cell(out, row->cells[i]);
	}
	text_adds(out, "\n");
}

/* The good rows of a table; false where it is broken. */
static bool write_anew(struct text *out, char *text, size_t len, char separator)
{
	struct csv *csv = csv_open(text, len, separator);
	enum csv_next next = CSV_FAILED;
	struct csv_row row;
	unsigned last = 0;

	if (csv_header(csv, NULL)) {
		add_header(out, csv);
		while ((next = csv_next(csv, &row, NULL)) == CSV_ROW ||
			next == CSV_BAD_ROW) {
			assert(row.row > last);
			last = row.row;
			if (next == CSV_ROW)
				add_row(out, &row);
		}
	}
	csv_close(&csv);
	return next == CSV_DONE;
}

static void check_table(char *text, size_t len, char separator)
{
	struct text once, twice;

	text_init(&once);
	text_init(&twice);
	if (write_anew(&once, text, len, separator)) {
		char *copy = input_copy((struct slice){ once.data, once.len });

		goals_reach(ROW);
		assert(write_anew(&twice, copy, once.len, ','));
		assert(text_same(once.data, twice.data));
		free(copy);
	}
	text_fini(&once);
	text_fini(&twice);
}

static void check_source(const struct directory *directory, char *bytes,
	size_t len, struct arena *arena)
{
	struct decoded decoded;
	struct err err = { 0 };
	struct found found;

	found_init(&found);
	const struct sink sink = found_sink(&found);

	if (!text_decode(&decoded, bytes, len, arena, &err) ||
		!csv_source_read(directory, &decoded, &sink, &err)) {
		assert(err.text[0] != '\0');
		goals_reach(BROKEN);
	} else {
		assert(err.text[0] == '\0');
	}
	for (size_t i = ENTRY; i <= OBJECT; i++)
		if ((size_t[]){ found.entries, found.contacts, found.bad,
			    found.objects }[i] > 0)
			goals_reach(i);
	found_fini(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	struct arena *arena = arena_open();
	struct decoded decoded;
	struct setting setting;

	choose(&setting, &input);
	char *bytes = input_copy(input);

	check_source(&setting.directory, bytes, input.len, arena);
	memcpy(bytes, input.bytes, input.len);
	if (text_decode(&decoded, bytes, input.len, arena, NULL)) {
		if (input.len > 1 && (uint8_t)input.bytes[0] >= 0xfe)
			goals_reach(UTF_16);
		check_table(
			decoded.text, decoded.len, setting.directory.separator);
	}
	free(bytes);
	arena_close(&arena);
	return 0;
}
