/*
 * Reads Get-Recipient and csvde exports, Exchange 5.5's directory export and
 * any other CSV.  A damaged row is bad, one cell that shows a damaged export
 * fails the whole: half a list must not replace a good one.
 */
#include "directory/csv_source.h"

#include "base/arena.h"
#include "directory/csv.h"
#include "directory/csv_layout.h"
#include "directory/proxy_addresses.h"
#include "directory/text_decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where older versions of Excel cut a cell, in characters. */
enum { EXCEL_CELL_MAX = 255 };

struct reader {
	const struct directory *directory;
	const struct sink *sink;
	struct csv *csv;
	struct csv_layout layout;
	struct arena *row; /* forgotten with each row */
	bool is_generic; /* Exchange 5.5's format */
	size_t longest; /* cell of the file, in characters; generic only */
	const char *full_column; /* of the first cell as long as Excel's */
	unsigned full_line;
};

/* Of one row; texts live in the row's arena. */
struct found {
	struct proxy_addresses *cells; /* one for each address column */
	struct proxy_addresses *sorted; /* the same by name; presets only */
	struct proxy_addresses targets;
	const char *target; /* NULL for a mailbox */
	bool is_own; /* the target is one of the row's addresses */
};

static bool read_header(
	struct reader *reader, struct arena *whole, struct err *err)
{
	return csv_header(reader->csv, err) &&
		csv_layout_find(&reader->layout, reader->directory, reader->csv,
			whole, err);
}

/* "" where there is no such column. */
static const char *cell_of(const struct csv_row *row, size_t column)
{
	return column == CSV_ABSENT ? "" : row->cells[column];
}

static bool is_word(const char *cell, const char *word)
{
	const size_t len = strlen(word);

	cell += strspn(cell, " \t");
	return strncasecmp(cell, word, len) == 0 &&
		cell[len + strspn(cell + len, " \t")] == '\0';
}

static bool parse_cell(const struct reader *reader, const struct csv_row *row,
	size_t column, struct proxy_addresses *out, struct err *err)
{
	const char *cell = cell_of(row, column);

	return reader->is_generic
		? proxy_addresses_parse_generic(out, cell, reader->row, err)
		: proxy_addresses_parse(out, cell, reader->row, err);
}

static bool parse_row(const struct reader *reader, const struct csv_row *row,
	struct found *found, struct err *err)
{
	const struct csv_layout *layout = &reader->layout;

	found->cells = arena_array(
		reader->row, layout->n_addresses, sizeof *found->cells);
	for (size_t i = 0; i < layout->n_addresses; i++) {
		if (!parse_cell(reader, row, layout->addresses[i],
			    &found->cells[i], err))
			return false;
	}
	return parse_cell(reader, row, layout->target, &found->targets, err);
}

static bool lists(const struct proxy_addresses *cell, const char *address)
{
	for (size_t i = 0; i < cell->count; i++) {
		if (strcasecmp(cell->list[i], address) == 0)
			return true;
	}
	return false;
}

static bool is_own(const struct reader *reader, const struct found *found,
	const char *address)
{
	for (size_t i = 0; i < reader->layout.n_addresses; i++) {
		if (lists(&found->cells[i], address))
			return true;
	}
	return false;
}

/*
 * NULL for a mailbox: no target, or none by SMTP (its own system knows the
 * way).  Exchange 5.5 has one in custom recipients alone.
 */
static const char *pick_target(const struct reader *reader,
	const struct csv_row *row, const struct found *found)
{
	const char *class = cell_of(row, reader->layout.class);

	if (found->targets.count == 0 ||
		(reader->is_generic && !is_word(class, "Remote")))
		return NULL;
	return found->targets.list[0];
}

/*
 * A target that is one of the row's own addresses makes no contacts of the
 * others, for their system knows the way as well; of that one address it
 * says that the mailbox is elsewhere.  Exchange 5.5 always has it among
 * them, so there it says nothing.
 */
static const char *target_of(const struct reader *reader,
	const struct found *found, const char *address)
{
	if (reader->is_generic || !found->is_own ||
		strcasecmp(address, found->target) == 0)
		return found->target;
	return NULL;
}

static int compare_addresses(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcasecmp(*x, *y);
}

/* Presets have the same address in two columns; a cell may have thousands. */
static void sort_cells(const struct reader *reader, struct found *found)
{
	const size_t n = reader->layout.n_addresses;

	if (reader->directory->preset == PRESET_NONE)
		return;
	found->sorted = arena_array(reader->row, n, sizeof *found->sorted);
	for (size_t i = 0; i + 1 < n; i++) {
		const struct proxy_addresses *cell = &found->cells[i];
		struct proxy_addresses *sorted = &found->sorted[i];

		sorted->count = cell->count;
		sorted->list = cell->list;
		if (cell->count < 2)
			continue;
		sorted->list = arena_array(
			reader->row, cell->count, sizeof *sorted->list);
		memcpy(sorted->list, cell->list,
			cell->count * sizeof *sorted->list);
		qsort(sorted->list, sorted->count, sizeof *sorted->list,
			compare_addresses);
	}
}

/* In a cell before that one. */
static bool is_repeated(
	const struct found *found, size_t cell, const char *address)
{
	for (size_t i = 0; found->sorted != NULL && i < cell; i++) {
		const struct proxy_addresses *before = &found->sorted[i];

		if (before->count > 0 &&
			bsearch(&address, before->list, before->count,
				sizeof *before->list,
				compare_addresses) != NULL)
			return true;
	}
	return false;
}

static void put_cells(const struct reader *reader, const char *origin,
	const struct found *found)
{
	const struct sink *sink = reader->sink;

	for (size_t i = 0; i < reader->layout.n_addresses; i++) {
		const struct proxy_addresses *cell = &found->cells[i];

		for (size_t k = 0; k < cell->count; k++) {
			const struct entry entry = {
				.address = cell->list[k],
				.target =
					target_of(reader, found, cell->list[k]),
				.origin = origin,
			};

			if (!is_repeated(found, i, entry.address))
				sink->entry(sink->context, &entry);
		}
	}
}

static void put_object(const struct reader *reader, const struct csv_row *row)
{
	const char *class = cell_of(row, reader->layout.class);

	class += strspn(class, " \t");
	if (*class != '\0')
		reader->sink->object(reader->sink->context, class);
}

static bool put_row(const struct reader *reader, const struct csv_row *row,
	const char *origin, struct err *err)
{
	struct found found = { 0 };

	if (!parse_row(reader, row, &found, err))
		return false;
	found.target = pick_target(reader, row, &found);
	if (found.target != NULL && found.targets.count > 1) {
		reader->sink->bad(reader->sink->context, origin,
			"more than one target: a contact has one");
		return true;
	}
	found.is_own =
		found.target != NULL && is_own(reader, &found, found.target);
	sort_cells(reader, &found);
	put_object(reader, row);
	put_cells(reader, origin, &found);
	return true;
}

/* Whether the row says that somebody is there; unknown modes are bad. */
static bool is_present(const struct reader *reader, const struct csv_row *row,
	const char *origin)
{
	static const char *const PRESENT[] = { "", "Create", "Modify",
		"Update" };
	const char *mode = cell_of(row, reader->layout.mode);

	for (size_t i = 0; i < sizeof PRESENT / sizeof *PRESENT; i++) {
		if (is_word(mode, PRESENT[i]))
			return true;
	}
	if (!is_word(mode, "Delete"))
		reader->sink->bad(reader->sink->context, origin,
			arena_printf(reader->row,
				"the mode is Create, Modify, Update or Delete, "
				"not \"%s\"",
				mode));
	return false;
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* Notes how long cells are. */
static void measure(struct reader *reader, const struct csv_row *row)
{
	const struct csv_layout *layout = &reader->layout;

	for (size_t i = 0; i < row->n_cells; i++) {
		const size_t count = count_characters(row->cells[i]);

		if (count > reader->longest)
			reader->longest = count;
	}
	for (size_t i = 0; i < layout->n_addresses; i++) {
		const size_t column = layout->addresses[i];

		if (reader->full_column != NULL ||
			count_characters(row->cells[column]) != EXCEL_CELL_MAX)
			continue;
		reader->full_column = csv_column_name(reader->csv, column);
		reader->full_line = row->line;
	}
}

/*
 * One cell of that length means nothing by itself; none longer in the whole
 * file does.
 */
static bool check_cut(
	const struct reader *reader, unsigned *line, struct err *err)
{
	if (reader->full_column == NULL || reader->longest > EXCEL_CELL_MAX)
		return true;
	*line = reader->full_line;
	return err_set(err,
		"the cell \"%s\" has %d characters and no cell of the file has "
		"more: older versions of Excel cut them there; use the file "
		"as Exchange wrote it, or put a \"%%\" at the end of that "
		"cell if it is whole",
		reader->full_column, (int)EXCEL_CELL_MAX);
}

static bool take_row(struct reader *reader, const struct csv_row *row,
	const char *origin, struct err *err)
{
	if (reader->is_generic)
		measure(reader, row);
	return !is_present(reader, row, origin) ||
		put_row(reader, row, origin, err);
}

/* *line is where it failed. */
static bool read_rows(struct reader *reader, unsigned *line, struct err *err)
{
	struct csv_row row = { 0 };
	char origin[32];

	for (;;) {
		const enum csv_next next = csv_next(reader->csv, &row, err);

		*line = row.line;
		snprintf(origin, sizeof origin, "row %u", row.row);
		arena_reset(reader->row);
		switch (next) {
		case CSV_ROW:
			if (!take_row(reader, &row, origin, err))
				return false;
			break;
		case CSV_BAD_ROW:
			reader->sink->bad(
				reader->sink->context, origin, err->text);
			break;
		case CSV_DONE: return check_cut(reader, line, err);
		case CSV_FAILED: return false;
		}
	}
}

bool csv_source_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	struct arena *whole = arena_open();
	struct reader reader = { .directory = directory,
		.sink = sink,
		.row = arena_open(),
		.is_generic = directory->preset == PRESET_EXCHANGE_55,
		.csv = csv_open(text->text, text->len, directory->separator) };
	struct place place = { directory->source, 0 };
	struct err why = { 0 };
	bool is_read = read_header(&reader, whole, &why);

	place.line = csv_line(reader.csv);
	is_read = is_read && read_rows(&reader, &place.line, &why);
	if (!is_read)
		err_at(err, place, "%s", why.text);
	csv_close(&reader.csv);
	arena_close(&reader.row);
	arena_close(&whole);
	return is_read;
}
