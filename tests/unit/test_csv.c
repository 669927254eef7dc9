#include "directory/csv.h"

#include "sink_text.h"
#include "unit_main.h"

/* What comes out: "row/line|cell|cell", "BAD why", "FAILED line why". */
static const struct csv_case {
	const char *name, *text, *rows;
	char separator;
} CASES[] = {
	{ "plain", "a,b\n1,2\n3,4\n", "2/2|1|2\n3/3|3|4\n", 0 },
	{ "crlf", "a,b\r\n1,2\r\n", "2/2|1|2\n", 0 },
	{ "lone cr", "a,b\r1,2\r3,4", "2/2|1|2\n3/3|3|4\n", 0 },
	{ "no newline at the end", "a,b\n1,2", "2/2|1|2\n", 0 },
	{ "header alone", "a,b", "", 0 },
	{ "empty cells", "a,b,c\n,,\n", "2/2|||\n", 0 },
	{ "separator at the end", "a,b\n1,", "2/2|1|\n", 0 },
	{ "quoted", "a,b\n\"1\",\"2\"\n", "2/2|1|2\n", 0 },
	{ "quoted empty", "a,b\n\"\",\"\"", "2/2||\n", 0 },
	{ "doubled quotes", "a\n\"x\"\"y\"\"\"\n", "2/2|x\"y\"\n", 0 },
	{ "separator in quotes", "a,b\n\"1,1\",2\n", "2/2|1,1|2\n", 0 },
	{ "newline in quotes", "a,b\n\"1\r\n1\",2\n3,4\n",
		"2/2|1\r\n1|2\n3/4|3|4\n", 0 },
	{ "lone cr in quotes", "a\n\"1\r1\"\n2\n", "2/2|1\r1\n3/4|2\n", 0 },
	{ "blank lines", "a,b\n\n1,2\n  \t\n\r\n3,4\n\n", "3/3|1|2\n6/6|3|4\n",
		0 },
	{ "blank lines before the header", "\n\r\na,b\n1,2\n", "4/4|1|2\n", 0 },
	{ "semicolon", "a;b\n1,5;2\n", "2/2|1,5|2\n", 0 },
	{ "tab", "a\tb\n1,;\t2\n", "2/2|1,;|2\n", 0 },
	{ "separators in a quoted name", "\"a;;;\",b\n1,2\n", "2/2|1|2\n", 0 },
	{ "given separator", "a;b,c\n1;2,3\n", "2/2|1;2|3\n", ',' },
	{ "own separator", "a|b\n1|2\n", "2/2|1|2\n", '|' },
	{ "type line", "#TYPE Selected.Object\r\na,b\r\n1,2\r\n", "3/3|1|2\n",
		0 },
	{ "type line alone", "#TYPE Selected.Object",
		"FAILED 2 no header row: the first line must name the "
		"columns\n",
		0 },
	{ "sep line", "sep=;\r\na;b\n1;2\n", "3/3|1|2\n", 0 },
	{ "sep line with a given separator", "sep=;\na,b\n1,2\n", "3/3|1|2\n",
		',' },
	{ "column named sep=", "sep=,b\n1,2\n", "2/2|1|2\n", 0 },
	{ "empty", "",
		"FAILED 1 no header row: the first line must name the "
		"columns\n",
		0 },
	{ "newlines alone", "\n\n",
		"FAILED 3 no header row: the first line must name the "
		"columns\n",
		0 },
	{ "short row", "a,b,c,d\n1,2,3\n1,2,3,4\n",
		"2 BAD 4 cells expected, 3 found: a spreadsheet may have cut "
		"it short\n3/3|1|2|3|4\n",
		0 },
	{ "extra cell", "a,b\n1,2,3\n1,2\n",
		"2 BAD 2 cells expected, 3 found: a cell with the separator in "
		"it is quoted\n3/3|1|2\n",
		0 },
	{ "extra empty cells", "a,b\n1,2,, \n", "2/2|1|2|| \n", 0 },
	{ "stray quote", "a,b\n1,2\n3,x\"y\n",
		"2/2|1|2\nFAILED 3 a quote in the middle of a cell: a cell "
		"with quotes is quoted as a whole\n",
		0 },
	{ "blank before a quote", "a,b\n1, \"2\"\n",
		"FAILED 2 a quote in the middle of a cell: a cell with quotes "
		"is quoted as a whole\n",
		0 },
	{ "stray quote in the header", "a,b\"\n",
		"FAILED 1 a quote in the middle of a cell: a cell with quotes "
		"is quoted as a whole\n",
		0 },
	{ "text after a quote", "a,b\n\"1\n1\"x,2\n",
		"FAILED 3 text after a closing quote: a quote within a cell is "
		"written twice\n",
		0 },
	{ "unclosed quote", "a,b\n1,2\n3,\"4\n5,6\n",
		"2/2|1|2\nFAILED 3 the quote opened here is never closed\n",
		0 },
	{ "unclosed quote at the end", "a\n\"",
		"FAILED 2 the quote opened here is never closed\n", 0 },
	{ "unclosed after a doubled quote", "a\n\"x\"\"",
		"FAILED 2 the quote opened here is never closed\n", 0 },
};

static void add_row(struct text *out, const struct csv_row *row)
{
	text_addf(out, "%u/%u", row->row, row->line);
	for (size_t i = 0; i < row->n_cells; i++)
		text_addf(out, "|%s", row->cells[i]);
	text_adds(out, "\n");
}

static void read_all(struct text *out, struct csv *csv)
{
	struct csv_row row = { 0 };
	struct err err = { 0 };
	enum csv_next next = CSV_FAILED;

	row.line = csv_line(csv);
	if (csv_header(csv, &err)) {
		while ((next = csv_next(csv, &row, &err)) == CSV_ROW ||
			next == CSV_BAD_ROW) {
			if (next == CSV_ROW)
				add_row(out, &row);
			else
				text_addf(
					out, "%u BAD %s\n", row.row, err.text);
		}
	} else {
		row.line = csv_line(csv);
	}
	if (next == CSV_FAILED)
		text_addf(out, "FAILED %u %s\n", row.line, err.text);
}

START_TEST(rows_are_read)
{
	const struct csv_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	struct text out;

	text_init(&out);
	struct csv *csv = csv_open(
		arena_strdup(arena, c->text), strlen(c->text), c->separator);

	read_all(&out, csv);
	ck_assert_msg(strcmp(text_of(&out), c->rows) == 0, "%s: %s", c->name,
		text_of(&out));
	csv_close(&csv);
	ck_assert_ptr_null(csv);
	csv_close(&csv);
	text_fini(&out);
	arena_close(&arena);
}
END_TEST

/* Whatever is cut off, each text is either read or fails with a sentence. */
START_TEST(truncations_are_borne)
{
	const struct csv_case *c = &CASES[_i];

	for (size_t len = 0; len <= strlen(c->text); len++) {
		struct arena *arena = arena_open();
		struct csv *csv = csv_open(
			arena_strndup(arena, c->text, len), len, c->separator);
		struct text out;

		text_init(&out);
		read_all(&out, csv);
		ck_assert_msg(
			strstr(text_of(&out), "BAD \n") == NULL, "%s", c->name);
		csv_close(&csv);
		text_fini(&out);
		arena_close(&arena);
	}
}
END_TEST

static const struct column_case {
	const char *name, *column;
	size_t index;
	const char *err;
} COLUMNS[] = {
	{ "as it stands", "Name", 0, NULL },
	{ "other case", "EMAILaddresses", 2, NULL },
	{ "blanks in the header", "E-mail Address", 1, NULL },
	{ "blanks in the configuration", " name ", 0, NULL },
	{ "absent", "mail", 0,
		"no column \"mail\"; the columns are \"Name\", "
		"\" E-mail Address \", \"EmailAddresses\", \"Twice\", "
		"\"twice\"" },
	{ "prefix of another", "Email", 0,
		"no column \"Email\"; the columns are \"Name\", "
		"\" E-mail Address \", \"EmailAddresses\", \"Twice\", "
		"\"twice\"" },
	{ "twice", "Twice", 0, "2 columns are named \"Twice\"" },
};

START_TEST(columns_are_found)
{
	const struct column_case *c = &COLUMNS[_i];
	char text[] = "Name, E-mail Address ,EmailAddresses,Twice,twice\n";
	struct csv *csv = csv_open(text, sizeof text - 1, 0);
	struct err err = { 0 };
	size_t index = 99;

	ck_assert(csv_header(csv, &err));
	const bool found = csv_column(csv, c->column, &index, &err);

	ck_assert_msg(found == (c->err == NULL), "%s: %s", c->name, err.text);
	if (found)
		ck_assert_msg(index == c->index, "%s: %zu", c->name, index);
	else
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->name,
			err.text);
	csv_close(&csv);
}
END_TEST

START_TEST(columns_are_told_in_one_line)
{
	char text[] = "\"Na\nme\",b\033\n";
	struct csv *csv = csv_open(text, sizeof text - 1, 0);
	struct err err = { 0 };
	size_t index;

	ck_assert(csv_header(csv, &err));
	ck_assert(!csv_column(csv, "mail", &index, &err));
	ck_assert_str_eq(err.text,
		"no column \"mail\"; the columns are \"Na?me\", \"b?\"");
	csv_close(&csv);
}
END_TEST

START_TEST(columns_have_names)
{
	char text[] = "a, b ,A\n";
	struct csv *csv = csv_open(text, sizeof text - 1, 0);
	struct err err = { 0 };
	size_t index;

	ck_assert(csv_header(csv, &err));
	ck_assert_str_eq(csv_column_name(csv, 1), " b ");
	ck_assert_ptr_null(csv_column_name(csv, 3));
	ck_assert_int_eq(csv_find_column(csv, "b", &index, &err), LOOKUP_FOUND);
	ck_assert_uint_eq(index, 1);
	ck_assert_int_eq(csv_find_column(csv, "c", &index, &err), LOOKUP_NONE);
	ck_assert_str_eq(err.text, "");
	ck_assert_int_eq(
		csv_find_column(csv, "a", &index, &err), LOOKUP_FAILED);
	ck_assert_str_eq(err.text, "2 columns are named \"a\"");
	csv_close(&csv);
}
END_TEST

START_TEST(header_has_a_line)
{
	char text[] = "#TYPE x\n\n\"a\n\",b\n1,2\n";
	struct csv *csv = csv_open(text, sizeof text - 1, 0);
	struct csv_row row;
	struct err err = { 0 };

	ck_assert(csv_header(csv, &err));
	ck_assert_uint_eq(csv_line(csv), 3);
	ck_assert_int_eq(csv_next(csv, &row, &err), CSV_ROW);
	ck_assert_uint_eq(row.line, 5);
	ck_assert_uint_eq(csv_line(csv), 3);
	csv_close(&csv);
}
END_TEST

START_TEST(many_columns_are_borne)
{
	struct text text;
	struct err err = { 0 };
	struct csv_row row;
	size_t index;

	text_init(&text);
	for (unsigned i = 0; i < 300; i++)
		text_addf(&text, "%sc%u", i == 0 ? "" : ",", i);
	text_adds(&text, "\n");
	for (unsigned i = 0; i < 300; i++)
		text_addf(&text, "%sv%u", i == 0 ? "" : ",", i);
	struct csv *csv = csv_open(text.data, text.len, 0);

	ck_assert(csv_header(csv, &err));
	ck_assert(csv_column(csv, "c299", &index, &err));
	ck_assert_int_eq(csv_next(csv, &row, &err), CSV_ROW);
	ck_assert_str_eq(row.cells[index], "v299");
	csv_close(&csv);
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, rows_are_read, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, truncations_are_borne, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, columns_are_found, 0, COUNT(COLUMNS));
	tcase_add_test(tcase, columns_are_told_in_one_line);
	tcase_add_test(tcase, columns_have_names);
	tcase_add_test(tcase, header_has_a_line);
	tcase_add_test(tcase, many_columns_are_borne);
	return unit_run(suite_create("csv"), tcase);
}
