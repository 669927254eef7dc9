#include "verdicts/columns.h"

#include "record_case.h"
#include "unit_main.h"

static const char *const NAMES[] = { "name", "n" };

static const struct columns_case {
	const char *name;
	size_t columns;
	bool has_colour;
	const char *rows[4]; /* "colour|cells", ended by NULL */
	const char *expected;
} CASES[] = {
	{ "nothing is nothing", 0, false, { NULL }, "" },
	{ "aligned", 0, false, { "|ab\tx", "|abcdef\ty", NULL },
		"name    n\nab      x\nabcdef  y\n" },
	{ "no blanks at the end", 0, false, { "|ab\t", "|abcdef", NULL },
		"name    n\nab\nabcdef\n" },
	{ "by width, not by bytes", 0, false,
		{ "|äöü日\tx", "|e\xcc\x81\xe2\x82\xac\ty", NULL },
		"name   n\näöü日  x\ne\xcc\x81\xe2\x82\xac     y\n" },
	{ "cut", 8, false, { "|abcd\txyz", NULL }, "name  n\nabcd  xy\n" },
	{ "cut within the first", 3, false, { "|abcd\txyz", NULL },
		"nam\nabc\n" },
	{ "cut before half a character", 4, false, { "|abc日", NULL },
		"name\nabc\n" },
	{ "colour", 0, true, { "31|ab\tx", "|cd\ty", NULL },
		"name  n\n\033[31mab\033[0m    x\ncd    y\n" },
	{ "no colour", 0, false, { "31|ab\tx", NULL }, "name  n\nab    x\n" },
	{ "a cut leaves no colour on", 2, true, { "31|abcd\tx", NULL },
		"na\n\033[31mab\033[0m\n" },
};

static void add_row(struct columns *columns, const char *row)
{
	static const char red[] = "31";
	const char *bar = strchr(row, '|');

	columns_row(columns, slice_of(bar + 1), bar == row ? NULL : red);
}

START_TEST(rows_are_aligned)
{
	const struct columns_case *c = &CASES[_i];
	const struct columns_form form = { NAMES, 2, false, 0 };
	struct printed printed;

	printed_init(&printed);
	const struct shape shape = { .to = printed.to,
		.columns = c->columns,
		.has_colour = c->has_colour };
	struct columns *columns = columns_open(&form, &shape);

	for (size_t i = 0; c->rows[i] != NULL; i++)
		add_row(columns, c->rows[i]);
	columns_flush(columns);
	columns_flush(columns);
	ck_assert_int_eq(fflush(printed.to), 0);
	ck_assert_msg(strcmp(printed.text, c->expected) == 0, "%s:\n%s",
		c->name, printed.text);
	columns_close(&columns);
	ck_assert_ptr_null(columns);
	columns_close(&columns);
	printed_fini(&printed);
}
END_TEST

/* A cell far too long moves its own row alone; widths never shrink. */
START_TEST(a_long_table_is_written_in_pieces)
{
	const struct columns_form form = { NAMES, 2, true, 0 };
	struct printed printed;

	printed_init(&printed);
	const struct shape shape = { .to = printed.to };
	struct columns *columns = columns_open(&form, &shape);

	columns_row(columns, slice_of("123456\tx"), NULL);
	for (unsigned i = 1; i < COLUMNS_WINDOW; i++)
		columns_row(columns, slice_of("1\tx"), NULL);
	ck_assert_int_eq(fflush(printed.to), 0);
	ck_assert_uint_eq(printed.len, 10 + COLUMNS_WINDOW * 10);
	columns_row(columns,
		slice_of("1234567890123456789012345678901234567890123456789"
			 "\ty"),
		NULL);
	columns_row(columns, slice_of("7\tz"), NULL);
	columns_flush(columns);
	ck_assert_int_eq(fflush(printed.to), 0);
	ck_assert_str_eq(printed.text + 10 + COLUMNS_WINDOW * 10,
		"1234567890123456789012345678901234567890123456789  y\n"
		"     7  z\n");
	columns_close(&columns);
	printed_fini(&printed);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, rows_are_aligned, 0, COUNT(CASES));
	tcase_add_test(tcase, a_long_table_is_written_in_pieces);
	return unit_run(suite_create("columns"), tcase);
}
