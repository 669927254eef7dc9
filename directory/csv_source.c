/*
 * Reads Get-Recipient and csvde exports, Exchange 5.5's directory export and
 * any other CSV.  A damaged row is bad, one cell that shows a damaged export
 * fails the whole: half a list must not replace a good one.
 */
#include "directory/csv_source.h"

#include "base/arena.h"
#include "directory/csv.h"
#include "directory/proxy_addresses.h"
#include "directory/text_decode.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

struct reader {
	const struct directory *directory;
	const struct sink *sink;
	struct csv *csv;
	size_t *columns; /* that hold addresses */
	size_t target; /* where there is a target column */
	struct arena *row; /* forgotten with each row */
};

static bool read_header(
	struct reader *reader, struct arena *whole, struct err *err)
{
	const struct directory *directory = reader->directory;

	assert(directory->n_fields > 0);
	if (!csv_header(reader->csv, err))
		return false;
	reader->columns = arena_array(
		whole, directory->n_fields, sizeof *reader->columns);
	for (size_t i = 0; i < directory->n_fields; i++) {
		if (!csv_column(reader->csv, directory->fields[i],
			    &reader->columns[i], err))
			return false;
	}
	return directory->target_field == NULL ||
		csv_column(reader->csv, directory->target_field,
			&reader->target, err);
}

/* One cell for each column. */
static bool parse_cells(const struct reader *reader, const struct csv_row *row,
	struct proxy_addresses *cells, struct err *err)
{
	for (size_t i = 0; i < reader->directory->n_fields; i++) {
		if (!proxy_addresses_parse(&cells[i],
			    row->cells[reader->columns[i]], reader->row, err))
			return false;
	}
	return true;
}

static bool lists(const struct proxy_addresses *cell, const char *address)
{
	for (size_t i = 0; i < cell->count; i++) {
		if (strcasecmp(cell->list[i], address) == 0)
			return true;
	}
	return false;
}

static bool parse_targets(const struct reader *reader,
	const struct csv_row *row, struct proxy_addresses *targets,
	struct err *err)
{
	*targets = (struct proxy_addresses){ 0 };
	return reader->directory->target_field == NULL ||
		proxy_addresses_parse(
			targets, row->cells[reader->target], reader->row, err);
}

static bool is_own(const struct reader *reader,
	const struct proxy_addresses *cells, const char *target)
{
	for (size_t i = 0; i < reader->directory->n_fields; i++) {
		if (lists(&cells[i], target))
			return true;
	}
	return false;
}

/*
 * target NULL for a mailbox: there is none, or none by SMTP (its own system
 * knows the way).  A target that is one of the row's own addresses makes no
 * contacts of the others, for their system knows the way as well; of that
 * one address it says that the mailbox is elsewhere.
 */
static void put_cells(const struct reader *reader, const char *origin,
	const struct proxy_addresses *cells, const char *target)
{
	const struct sink *sink = reader->sink;
	const bool knows_way = target != NULL && is_own(reader, cells, target);

	for (size_t i = 0; i < reader->directory->n_fields; i++) {
		for (size_t k = 0; k < cells[i].count; k++) {
			const struct entry entry = {
				.address = cells[i].list[k],
				.target = !knows_way ||
						strcasecmp(cells[i].list[k],
							target) == 0
					? target
					: NULL,
				.origin = origin,
			};

			sink->entry(sink->context, &entry);
		}
	}
}

static bool put_row(const struct reader *reader, const struct csv_row *row,
	const char *origin, struct err *err)
{
	struct proxy_addresses *cells = arena_array(
		reader->row, reader->directory->n_fields, sizeof *cells);
	struct proxy_addresses targets;

	if (!parse_cells(reader, row, cells, err) ||
		!parse_targets(reader, row, &targets, err))
		return false;
	if (targets.count > 1)
		reader->sink->bad(reader->sink->context, origin,
			"more than one target: a contact has one");
	else
		put_cells(reader, origin, cells,
			targets.count == 0 ? NULL : targets.list[0]);
	return true;
}

/* *line is where it failed. */
static bool read_rows(
	const struct reader *reader, unsigned *line, struct err *err)
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
			if (!put_row(reader, &row, origin, err))
				return false;
			break;
		case CSV_BAD_ROW:
			reader->sink->bad(
				reader->sink->context, origin, err->text);
			break;
		case CSV_DONE: return true;
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
