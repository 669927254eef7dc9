/* Widths are measured when rows are written, so a row is kept as it came. */
#include "verdicts/columns.h"

#include "base/memory.h"
#include "base/text.h"
#include "namespace/width.h"
#include "verdicts/stream.h"

#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

struct row {
	size_t start, len; /* in the cells that wait */
	const char *colour;
};

struct columns {
	struct columns_form form;
	struct shape shape;
	size_t widths[COLUMNS_MAX];
	struct row rows[COLUMNS_WINDOW];
	size_t n_rows;
	struct text cells;
	struct text line;
	bool has_header;
};

struct columns *columns_open(
	const struct columns_form *form, const struct shape *shape)
{
	struct columns *columns = memory_must(calloc(1, sizeof *columns));

	columns->form = *form;
	columns->shape = *shape;
	text_init(&columns->cells);
	text_init(&columns->line);
	for (size_t i = 0; i < form->n; i++)
		columns->widths[i] =
			width_of(form->names[i], strlen(form->names[i]));
	return columns;
}

void columns_close(struct columns **columns)
{
	if (*columns == NULL)
		return;
	text_fini(&(*columns)->cells);
	text_fini(&(*columns)->line);
	free(*columns);
	*columns = NULL;
}

static struct slice take_cell(struct slice *rest)
{
	const char *tab = memchr(rest->bytes, '\t', rest->len);
	const struct slice cell = { rest->bytes,
		tab == NULL ? rest->len : (size_t)(tab - rest->bytes) };

	*rest = slice_after(*rest, cell.len + (tab != NULL));
	return cell;
}

static struct slice cells_of(
	const struct columns *columns, const struct row *row)
{
	return (struct slice){ columns->cells.data + row->start, row->len };
}

/* The last one needs no width. */
static void measure(struct columns *columns, struct slice cells)
{
	for (size_t i = 0; i < columns->form.n && cells.len > 0; i++) {
		const struct slice cell = take_cell(&cells);
		const size_t width = width_of(cell.bytes, cell.len);

		if (width > columns->widths[i] && width <= COLUMNS_WIDTH_MAX)
			columns->widths[i] = width;
	}
}

static void pad(struct text *line, size_t n)
{
	while (n-- > 0)
		text_add(line, " ", 1);
}

/* A cell with its colour, and the blanks on its side. */
static void add_cell(struct columns *columns, size_t index, struct slice cell,
	const char *colour)
{
	struct text *line = &columns->line;
	const size_t width = width_of(cell.bytes, cell.len);
	const size_t missing = width < columns->widths[index]
		? columns->widths[index] - width
		: 0;
	const bool is_right = index == 0 && columns->form.is_first_right;
	const bool is_coloured = colour != NULL && columns->shape.has_colour &&
		index == columns->form.coloured;

	if (is_right)
		pad(line, missing);
	if (is_coloured)
		text_addf(line, "\033[%sm", colour);
	text_add(line, cell.bytes, cell.len);
	if (is_coloured)
		text_adds(line, "\033[0m");
	if (!is_right)
		pad(line, missing);
}

/* As much of the cell as there is room for. */
static struct slice cut(
	const struct columns *columns, struct slice cell, size_t room)
{
	if (columns->shape.columns == 0)
		return cell;
	cell.len = width_fit(cell.bytes, cell.len, room);
	return cell;
}

static void write_row(
	struct columns *columns, struct slice cells, const char *colour)
{
	const size_t n = columns->form.n;
	size_t room = columns->shape.columns;

	for (size_t i = 0; i < n && cells.len > 0; i++) {
		const struct slice cell = cut(columns, take_cell(&cells), room);
		const size_t width = width_of(cell.bytes, cell.len);
		const size_t took =
			(width > columns->widths[i] ? width
						    : columns->widths[i]) +
			GAP;

		add_cell(columns, i, cell, colour);
		if (columns->shape.columns > 0 && took >= room)
			break;
		room -= columns->shape.columns > 0 ? took : 0;
		pad(&columns->line, i + 1 < n ? GAP : 0);
	}
	while (columns->line.len > 0 &&
		columns->line.data[columns->line.len - 1] == ' ')
		columns->line.len--;
	text_add(&columns->line, "\n", 1);
	stream_put(columns->shape.to, &columns->line);
}

static void write_header(struct columns *columns)
{
	struct text names;

	text_init(&names);
	for (size_t i = 0; i < columns->form.n; i++)
		text_addf(&names, "%s%s", i > 0 ? "\t" : "",
			columns->form.names[i]);
	write_row(columns, (struct slice){ names.data, names.len }, NULL);
	text_fini(&names);
	columns->has_header = true;
}

void columns_row(
	struct columns *columns, struct slice cells, const char *colour)
{
	columns->rows[columns->n_rows++] =
		(struct row){ columns->cells.len, cells.len, colour };
	text_add(&columns->cells, cells.bytes, cells.len);
	if (columns->n_rows == COLUMNS_WINDOW)
		columns_flush(columns);
}

void columns_flush(struct columns *columns)
{
	if (columns->n_rows == 0)
		return;
	for (size_t i = 0; i < columns->n_rows; i++)
		measure(columns, cells_of(columns, &columns->rows[i]));
	if (!columns->has_header)
		write_header(columns);
	for (size_t i = 0; i < columns->n_rows; i++)
		write_row(columns, cells_of(columns, &columns->rows[i]),
			columns->rows[i].colour);
	columns->n_rows = 0;
	text_clear(&columns->cells);
}
