/*
 * A value is bytes until it was looked at: a NUL in it would cut an address
 * short and make it another one, and bytes in another character set are
 * another address too.  So such a row is bad, and said to be.
 */
#include "directory/sql_rows.h"

#include "base/utf8.h"
#include "directory/source.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool sql_rows_begin(struct sql_rows *rows, size_t n_columns, struct err *err)
{
	if (n_columns == 0)
		return err_set(err,
			"the query gives no rows; \"query\" must be a SELECT");
	if (n_columns > SQL_COLUMNS_MAX)
		return err_set(err,
			"the query gives %zu columns; it must give an address "
			"and, if wanted, the target of a contact, and no more",
			n_columns);
	rows->n_columns = n_columns;
	return true;
}

static bool is_utf8(const struct sql_value *value)
{
	uint32_t c;

	for (size_t i = 0; i < value->len;) {
		const size_t len =
			utf8_parse(&c, value->bytes + i, value->len - i);

		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

static bool is_empty(const struct sql_value *value)
{
	return value->bytes == NULL || value->len == 0;
}

/* NULL where nothing is wrong with it. */
static const char *value_fault(const struct sql_value *value)
{
	if (is_empty(value))
		return NULL;
	if (memchr(value->bytes, '\0', value->len) != NULL)
		return "holds a NUL byte";
	if (!is_utf8(value))
		return "is not UTF-8: the database holds it in another "
		       "character set than it says";
	return NULL;
}

static const char *row_fault(const struct sql_rows *rows,
	const struct sql_value *values, const char **column)
{
	static const char *const columns[SQL_COLUMNS_MAX] = { "the address",
		"the target" };

	*column = columns[0];
	if (values[0].bytes == NULL)
		return "is NULL; the query must leave such rows out";
	if (values[0].len == 0)
		return "is empty; the query must leave such rows out";
	assert(rows->n_columns <= SQL_COLUMNS_MAX);
	for (size_t i = 0; i < rows->n_columns; i++) {
		const char *fault = value_fault(&values[i]);

		*column = columns[i];
		if (fault != NULL)
			return fault;
	}
	return NULL;
}

void sql_rows_put(struct sql_rows *rows, const struct sql_value *values)
{
	const struct sink *sink = rows->sink;
	const char *column;
	const char *fault = row_fault(rows, values, &column);
	char origin[32], why[128];
	struct entry entry = { .address = values[0].bytes, .origin = origin };

	snprintf(origin, sizeof origin, "row %lu", ++rows->count);
	if (fault != NULL) {
		snprintf(why, sizeof why, "%s %s", column, fault);
		sink->bad(sink->context, origin, why);
		return;
	}
	if (rows->n_columns > 1 && !is_empty(&values[1]))
		entry.target = values[1].bytes;
	sink->entry(sink->context, &entry);
}
