/*
 * One pass over a writable text: cells are ended by a NUL and quotes undone
 * in place, where they only ever get shorter.  A lone CR ends a row as well,
 * for there are programs that write so.  RFC 4180.
 */
#include "directory/csv.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/key.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct csv {
	char *at, *end;
	char separator;
	unsigned row, line; /* of what stands at "at" */
	const char **cells; /* of this row */
	size_t n_cells, room;
	const char **header; /* NULL until it was read */
	size_t n_header;
	unsigned header_line;
};

struct csv *csv_open(char *text, size_t len, char separator)
{
	struct csv *csv = memory_must(calloc(1, sizeof *csv));

	csv->at = text;
	csv->end = text + len;
	csv->separator = separator;
	csv->line = 1;
	return csv;
}

void csv_close(struct csv **csv)
{
	if (*csv == NULL)
		return;
	free((*csv)->cells);
	free((*csv)->header);
	free(*csv);
	*csv = NULL;
}

unsigned csv_line(const struct csv *csv)
{
	return csv->header == NULL ? csv->line : csv->header_line;
}

static void add_cell(struct csv *csv, const char *cell)
{
	if (csv->n_cells == csv->room) {
		csv->room = csv->room == 0 ? 32 : csv->room * 2;
		csv->cells = memory_must(reallocarray(
			csv->cells, csv->room, sizeof *csv->cells));
	}
	csv->cells[csv->n_cells++] = cell;
}

static bool is_row_end(char c)
{
	return c == '\n' || c == '\r' || c == '\0';
}

/*
 * The newline of CR LF counts once, by its LF.  Text ends with a NUL, so
 * the byte after at may be looked at.
 */
static bool is_new_line(const char *at)
{
	return *at == '\n' || (*at == '\r' && at[1] != '\n');
}

/* at stands behind the closing quote. */
static bool check_closed(const struct csv *csv, struct err *err)
{
	if (*csv->at == csv->separator || is_row_end(*csv->at))
		return true;
	return err_set(err,
		"text after a closing quote: a quote within a "
		"cell is written twice");
}

static bool quoted_cell(struct csv *csv, struct err *err)
{
	const unsigned opened = csv->line;
	char *write = ++csv->at;

	add_cell(csv, write);
	for (; csv->at < csv->end; csv->at++) {
		if (*csv->at == '"' && *++csv->at != '"') {
			*write = '\0';
			return check_closed(csv, err);
		}
		csv->line += is_new_line(csv->at);
		*write++ = *csv->at;
	}
	csv->line = opened;
	return err_set(err, "the quote opened here is never closed");
}

/* Leaves at on what ends the cell, which the caller overwrites. */
static bool plain_cell(struct csv *csv, struct err *err)
{
	add_cell(csv, csv->at);
	while (*csv->at != csv->separator && !is_row_end(*csv->at)) {
		if (*csv->at == '"')
			return err_set(err,
				"a quote in the middle of a cell: "
				"a cell with quotes is quoted as "
				"a whole");
		csv->at++;
	}
	return true;
}

/* Ends the cell at its separator or the end of its row; true: more follow. */
static bool end_cell(struct csv *csv)
{
	const char ended_by = *csv->at;

	if (csv->at == csv->end)
		return false;
	csv->line += is_new_line(csv->at);
	*csv->at++ = '\0';
	if (ended_by == '\r' && *csv->at == '\n') {
		csv->line++;
		csv->at++;
	}
	return ended_by == csv->separator;
}

static bool read_row(struct csv *csv, struct err *err)
{
	csv->n_cells = 0;
	csv->row++;
	do {
		const bool good = *csv->at == '"' ? quoted_cell(csv, err)
						  : plain_cell(csv, err);

		if (!good)
			return false;
	} while (end_cell(csv));
	return true;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

static bool is_blank(const char *cell)
{
	return *skip_blanks(cell) == '\0';
}

/* One after the end of the first line. */
static void skip_line(struct csv *csv)
{
	csv->at += strcspn(csv->at, "\r\n");
	if (csv->at[0] == '\r' && csv->at[1] == '\n')
		csv->at++;
	if (csv->at < csv->end)
		csv->at++;
	csv->line++;
	csv->row++;
}

static void skip_prelude(struct csv *csv)
{
	if (text_starts(csv->at, "#TYPE "))
		skip_line(csv);
	if (text_starts(csv->at, "sep=") && !is_row_end(csv->at[4]) &&
		is_row_end(csv->at[5])) {
		if (csv->separator == '\0')
			csv->separator = csv->at[4];
		skip_line(csv);
	}
}

/* Counts one byte in the first row, outside quotes. */
static size_t count_in_row(const char *at, char wanted)
{
	bool in_quotes = false;
	size_t count = 0;

	for (; *at != '\0' && (in_quotes || !is_row_end(*at)); at++) {
		if (*at == '"')
			in_quotes = !in_quotes;
		count += !in_quotes && *at == wanted;
	}
	return count;
}

static char guess_separator(const char *at)
{
	static const char CANDIDATES[] = { ',', ';', '\t' };
	char best = ',';
	size_t most = 0;

	for (size_t i = 0; i < sizeof CANDIDATES; i++) {
		const size_t count = count_in_row(at, CANDIDATES[i]);

		if (count > most) {
			most = count;
			best = CANDIDATES[i];
		}
	}
	return best;
}

bool csv_header(struct csv *csv, struct err *err)
{
	skip_prelude(csv);
	while (csv->at < csv->end && is_row_end(*csv->at))
		skip_line(csv);
	if (csv->at == csv->end)
		return err_set(err,
			"no header row: the first line must name "
			"the columns");
	if (csv->separator == '\0')
		csv->separator = guess_separator(csv->at);
	csv->header_line = csv->line;
	if (!read_row(csv, err))
		return false;
	csv->header = memory_must(calloc(csv->n_cells, sizeof *csv->header));
	csv->n_header = csv->n_cells;
	memcpy(csv->header, csv->cells, csv->n_cells * sizeof *csv->cells);
	return true;
}

static bool is_named(const char *cell, const char *name)
{
	cell = skip_blanks(cell);
	name = skip_blanks(name);
	size_t len = strlen(name);

	while (len > 0 && is_blank(name + len - 1))
		len--;
	return strncasecmp(cell, name, len) == 0 && is_blank(cell + len);
}

static bool no_column(const struct csv *csv, const char *name, struct err *err)
{
	struct arena *arena = arena_open();
	struct text names;

	text_init(&names);
	for (size_t i = 0; i < csv->n_header; i++)
		text_addf(
			&names, "%s\"%s\"", i == 0 ? "" : ", ", csv->header[i]);
	err_set(err, "no column \"%s\"; the columns are %s", name,
		key_printable(names.data, arena));
	text_fini(&names);
	arena_close(&arena);
	return false;
}

const char *csv_column_name(const struct csv *csv, size_t column)
{
	return column < csv->n_header ? csv->header[column] : NULL;
}

enum lookup csv_find_column(
	const struct csv *csv, const char *name, size_t *out, struct err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < csv->n_header; i++) {
		if (!is_named(csv->header[i], name))
			continue;
		if (found++ == 0)
			*out = i;
	}
	if (found < 2)
		return found == 1 ? LOOKUP_FOUND : LOOKUP_NONE;
	err_set(err, "%zu columns are named \"%s\"", found, name);
	return LOOKUP_FAILED;
}

bool csv_column(
	const struct csv *csv, const char *name, size_t *out, struct err *err)
{
	switch (csv_find_column(csv, name, out, err)) {
	case LOOKUP_FOUND: return true;
	case LOOKUP_NONE: return no_column(csv, name, err);
	case LOOKUP_FAILED: break;
	}
	return false;
}

/* More cells than the header has are borne where they are empty. */
static bool check_cells(const struct csv *csv, struct err *err)
{
	if (csv->n_cells < csv->n_header)
		return err_set(err,
			"%zu cells expected, %zu found: "
			"a spreadsheet may have cut it short",
			csv->n_header, csv->n_cells);
	for (size_t i = csv->n_header; i < csv->n_cells; i++) {
		if (!is_blank(csv->cells[i]))
			return err_set(err,
				"%zu cells expected, %zu found: "
				"a cell with the separator in it is quoted",
				csv->n_header, csv->n_cells);
	}
	return true;
}

enum csv_next csv_next(struct csv *csv, struct csv_row *row, struct err *err)
{
	do {
		if (csv->at == csv->end)
			return CSV_DONE;
		row->line = csv->line;
		if (!read_row(csv, err)) {
			row->row = csv->row;
			row->line = csv->line;
			return CSV_FAILED;
		}
	} while (csv->n_cells == 1 && is_blank(csv->cells[0]));
	row->row = csv->row;
	row->cells = csv->cells;
	row->n_cells = csv->n_cells;
	return check_cells(csv, err) ? CSV_ROW : CSV_BAD_ROW;
}
