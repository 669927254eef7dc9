/*
 * CSV as RFC 4180 has it, with a header row, over text in memory.  Strict
 * on quotes and on the number of cells: a spreadsheet that damaged the file
 * shall be noticed.
 */
#ifndef DIRECTORY_CSV_H
#define DIRECTORY_CSV_H

#include "base/err.h"
#include "namespace/lookup.h"

struct csv;

struct csv_row {
	const char *const *cells; /* until the next row is asked for */
	size_t n_cells; /* as many as the header has, or more: empty ones */
	unsigned row; /* as a spreadsheet counts; the header has one too */
	unsigned line; /* where it begins; after CSV_FAILED where it broke */
};

enum csv_next { CSV_ROW, CSV_BAD_ROW, CSV_DONE, CSV_FAILED };

/*
 * The text is taken to pieces in place and must outlive the csv; a NUL
 * stands after its len bytes, none within.  separator 0: the one of comma,
 * semicolon and tab that the header has most of.
 */
struct csv *csv_open(char *text, size_t len, char separator);
void csv_close(struct csv **csv);

/*
 * Reads the header, first of all.  PowerShell's "#TYPE ..." and Excel's
 * "sep=;" before it are skipped.  *err comes without place.
 */
bool csv_header(struct csv *csv, struct err *err);
/* The line of the header, or at which reading it failed. */
unsigned csv_line(const struct csv *csv);
/* NULL behind the last column. */
const char *csv_column_name(const struct csv *csv, size_t column);
/*
 * The column of that name, whatever its case or the blanks around it.
 * FAILED: it is there twice.
 */
enum lookup csv_find_column(
	const struct csv *csv, const char *name, size_t *out, struct err *err);
/* The same where it has to be there; *err lists those that are. */
bool csv_column(
	const struct csv *csv, const char *name, size_t *out, struct err *err);

/*
 * Empty lines are skipped.  CSV_BAD_ROW: this row has too few or too many
 * cells and *err says so, the next can be asked for.  CSV_FAILED: the text
 * is broken at row->line.
 */
enum csv_next csv_next(struct csv *csv, struct csv_row *row, struct err *err);

#endif
