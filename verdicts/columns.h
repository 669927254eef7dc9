/*
 * An aligned table of any length in little memory: rows wait until there are
 * COLUMNS_WINDOW of them, so that most tables are aligned throughout, and the
 * widths of a longer one only grow.  A cell over COLUMNS_WIDTH_MAX shifts its
 * own row alone.
 */
#ifndef VERDICTS_COLUMNS_H
#define VERDICTS_COLUMNS_H

#include "base/slice.h"
#include "verdicts/shape.h"

enum { COLUMNS_MAX = 16, COLUMNS_WINDOW = 256, COLUMNS_WIDTH_MAX = 48 };

struct columns_form {
	const char *const *names; /* the header line; borrowed */
	size_t n; /* up to COLUMNS_MAX */
	bool is_first_right; /* the first one holds numbers */
	size_t coloured; /* which cell a row's colour is for */
};

struct columns;

struct columns *columns_open(
	const struct columns_form *form, const struct shape *shape);
void columns_close(struct columns **columns);

/*
 * cells: printable, tabs between; a row may have fewer of them.  colour: what
 * stands between ESC [ and m, NULL = none.
 */
void columns_row(
	struct columns *columns, struct slice cells, const char *colour);
/* Writes what waits. */
void columns_flush(struct columns *columns);

#endif
