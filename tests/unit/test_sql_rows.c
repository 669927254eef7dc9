#include "directory/sql_rows.h"

#include "sink_text.h"
#include "unit_main.h"

#define VALUE(text) \
	{ \
		text, sizeof text - 1 \
	}
#define NO_VALUE \
	{ \
		NULL, 0 \
	}
#define NOT_UTF8 \
	"is not UTF-8: the database holds it in another character set than " \
	"it says\n"

static const struct row_case {
	const char *name;
	size_t n_columns;
	struct sql_value values[SQL_COLUMNS_MAX];
	const char *found;
} ROWS[] = {
	{ "mailbox", 1, { VALUE("a@b") }, "row 1 a@b\n" },
	{ "contact", 2, { VALUE("a@b"), VALUE("c@d") }, "row 1 a@b -> c@d\n" },
	{ "target is NULL", 2, { VALUE("a@b"), NO_VALUE }, "row 1 a@b\n" },
	{ "target is empty", 2, { VALUE("a@b"), VALUE("") }, "row 1 a@b\n" },
	{ "address is NULL", 1, { NO_VALUE },
		"row 1 BAD the address is NULL; the query must leave such "
		"rows out\n" },
	{ "address is empty", 2, { VALUE(""), VALUE("c@d") },
		"row 1 BAD the address is empty; the query must leave such "
		"rows out\n" },
	{ "NUL in an address", 1, { VALUE("a@b.example\0.other.example") },
		"row 1 BAD the address holds a NUL byte\n" },
	{ "NUL at its end", 1, { VALUE("a@b\0") },
		"row 1 BAD the address holds a NUL byte\n" },
	{ "NUL in a target", 2, { VALUE("a@b"), VALUE("c@d\0") },
		"row 1 BAD the target holds a NUL byte\n" },
	{ "latin1", 1, { VALUE("j\xFCrgen@b") },
		"row 1 BAD the address " NOT_UTF8 },
	{ "half a character", 1, { VALUE("a@b\xC3") },
		"row 1 BAD the address " NOT_UTF8 },
	{ "surrogate", 1, { VALUE("\xED\xA0\x80@b") },
		"row 1 BAD the address " NOT_UTF8 },
	{ "target in latin1", 2, { VALUE("a@b"), VALUE("\xFC@d") },
		"row 1 BAD the target " NOT_UTF8 },
	{ "utf-8", 1, { VALUE("j\xC3\xBCrgen@b") }, "row 1 j\xC3\xBCrgen@b\n" },
	{ "every strange character", 1,
		{ VALUE("\"a\\\"b'%s*(c) d\"@b.example") },
		"row 1 \"a\\\"b'%s*(c) d\"@b.example\n" },
};

START_TEST(values_are_checked)
{
	const struct row_case *c = &ROWS[_i];
	struct text found;
	const struct sink sink = sink_text(&found);
	struct sql_rows rows = { .sink = &sink };

	text_init(&found);
	ck_assert(sql_rows_begin(&rows, c->n_columns, NULL));
	sql_rows_put(&rows, c->values);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	text_fini(&found);
}
END_TEST

START_TEST(rows_are_numbered_bad_ones_too)
{
	static const struct sql_value good[] = { VALUE("a@b") };
	static const struct sql_value bad[] = { NO_VALUE };
	struct text found;
	const struct sink sink = sink_text(&found);
	struct sql_rows rows = { .sink = &sink };

	text_init(&found);
	ck_assert(sql_rows_begin(&rows, 1, NULL));
	sql_rows_put(&rows, good);
	sql_rows_put(&rows, bad);
	sql_rows_put(&rows, good);
	ck_assert_str_eq(text_of(&found),
		"row 1 a@b\nrow 2 BAD the address is NULL; the query must "
		"leave such rows out\nrow 3 a@b\n");
	ck_assert_uint_eq(rows.count, 3);
	text_fini(&found);
}
END_TEST

static void check_columns(size_t n, const char *why)
{
	struct sql_rows rows = { 0 };
	struct err err = { 0 };

	ck_assert(!sql_rows_begin(&rows, n, &err));
	ck_assert_str_eq(err.text, why);
}

START_TEST(other_columns_are_an_error)
{
	check_columns(0, "the query gives no rows; \"query\" must be a SELECT");
	check_columns(3,
		"the query gives 3 columns; it must give an address and, if "
		"wanted, the target of a contact, and no more");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sql_rows");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, values_are_checked, 0, COUNT(ROWS));
	tcase_add_test(tcase, rows_are_numbered_bad_ones_too);
	tcase_add_test(tcase, other_columns_are_an_error);
	return unit_run(suite, tcase);
}
