/*
 * The reader of verdict lines: what it takes from whole ones, and that it
 * takes nothing from any other.  test_verdict_by_chance.c holds it against
 * the writer.
 */
#include "verdicts/verdict.h"

#include "unit_main.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define PLAIN \
	"verdict=reject reason=unknown recipient=<bob@company.example> " \
	"domain=company.example type=internal-relay connector=- nexthop=- " \
	"directory=- client=192.0.2.7 sender=<a@b.example> queue_id=- " \
	"instance=1a2b.3c generation=42 reply=\"550 5.1.1 No such user\" us=14"

#define ROUTED \
	"verdict=accept reason=directory-listed " \
	"recipient=\"<x y@d.example>\" " \
	"domain=\xc3\xbc.example type=authoritative " \
	"connector=\"the \\\"new\\\" one\" " \
	"nexthop=\"smtp:[10.8.0.25]:25, [10.8.0.26]:25\" " \
	"directory=\"-\" client=2001:db8::1 sender=<> queue_id=4XY12z " \
	"instance=1.2.3.0 generation=0 reply=DUNNO us=0 shadow=yes"

#define CUT \
	"verdict=relay reason=unlisted " \
	"recipient=\"<\\x00\\xff\\\\\xe7\x94\xa8...>\"... " \
	"domain=d.example type=- connector=\"c...\" nexthop=- directory=- " \
	"client=- sender=\"<\\x0a>\" queue_id=\"q \"... instance=i " \
	"generation=18446744073709551615 reply=\"=\" us=1000000"

static const char *const LINES[] = { PLAIN, ROUTED, CUT };

static bool parses(const char *bytes, size_t len)
{
	struct verdict_line verdict;

	return verdict_parse(&verdict, (struct slice){ bytes, len });
}

static const struct value_case {
	const char *line;
	enum verdict_field field;
	const char *value;
	size_t len;
	bool is_cut;
} VALUES[] = {
	{ PLAIN, FIELD_VERDICT, "reject", 6, false },
	{ PLAIN, FIELD_REASON, "unknown", 7, false },
	{ PLAIN, FIELD_RECIPIENT, "bob@company.example", 19, false },
	{ PLAIN, FIELD_DOMAIN, "company.example", 15, false },
	{ PLAIN, FIELD_TYPE, "internal-relay", 14, false },
	{ PLAIN, FIELD_CONNECTOR, NULL, 0, false },
	{ PLAIN, FIELD_CLIENT, "192.0.2.7", 9, false },
	{ PLAIN, FIELD_SENDER, "a@b.example", 11, false },
	{ PLAIN, FIELD_INSTANCE, "1a2b.3c", 7, false },
	{ PLAIN, FIELD_GENERATION, "42", 2, false },
	{ PLAIN, FIELD_REPLY, "550 5.1.1 No such user", 22, false },
	{ PLAIN, FIELD_US, "14", 2, false },
	{ PLAIN, FIELD_SHADOW, NULL, 0, false },
	{ ROUTED, FIELD_RECIPIENT, "x y@d.example", 13, false },
	{ ROUTED, FIELD_DOMAIN, "\xc3\xbc.example", 10, false },
	{ ROUTED, FIELD_CONNECTOR, "the \"new\" one", 13, false },
	{ ROUTED, FIELD_DIRECTORY, "-", 1, false },
	{ ROUTED, FIELD_SENDER, "", 0, false },
	{ ROUTED, FIELD_QUEUE_ID, "4XY12z", 6, false },
	{ ROUTED, FIELD_SHADOW, "yes", 3, false },
	{ CUT, FIELD_RECIPIENT, "\0\xff\\\xe7\x94\xa8...", 9, true },
	{ CUT, FIELD_TYPE, NULL, 0, false },
	{ CUT, FIELD_CONNECTOR, "c...", 4, false },
	{ CUT, FIELD_SENDER, "\n", 1, false },
	{ CUT, FIELD_QUEUE_ID, "q ", 2, true },
	{ CUT, FIELD_REPLY, "=", 1, false },
};

START_TEST(values_are_read)
{
	const struct value_case *c = &VALUES[_i];
	struct verdict_line verdict;
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	ck_assert(verdict_parse(&verdict, slice_of(c->line)));
	verdict_value(&out, &verdict, c->field);
	ck_assert_msg(verdict_has(&verdict, c->field) == (c->value != NULL),
		"%s", c->line);
	ck_assert_msg(
		verdict_is_cut(&verdict, c->field) == c->is_cut, "%s", c->line);
	ck_assert_msg(out.len == c->len &&
			(c->len == 0 ||
				memcmp(out.data, c->value, c->len) == 0),
		"%s: %s of %s", verdict_field_name(c->field), out.data,
		c->line);
	text_fini(&out);
}
END_TEST

START_TEST(numbers_are_read)
{
	struct verdict_line verdict;

	ck_assert(verdict_parse(&verdict, slice_of(CUT)));
	ck_assert_uint_eq(verdict_number(&verdict, FIELD_US), 1000000);
	ck_assert_uint_eq(verdict_number(&verdict, FIELD_GENERATION),
		18446744073709551615u);
	ck_assert_uint_eq(verdict_number(&verdict, FIELD_REASON), 0);
	ck_assert_uint_eq(verdict_number(&verdict, FIELD_TYPE), 0);
	verdict.written[FIELD_US] = slice_of("18446744073709551616");
	ck_assert_uint_eq(verdict_number(&verdict, FIELD_US), 0);
}
END_TEST

/* Each stands right before its value. */
START_TEST(fields_have_the_names_of_the_line)
{
	struct verdict_line verdict;

	ck_assert(verdict_parse(&verdict, slice_of(ROUTED)));
	for (int i = 0; i < VERDICT_FIELDS; i++) {
		const char *name = verdict_field_name((enum verdict_field)i);
		const size_t len = strlen(name);
		const char *value = verdict.written[i].bytes;

		ck_assert_msg(strncmp(value - len - 1, name, len) == 0,
			"%s: %s", name, value);
		ck_assert_int_eq(value[-1], '=');
	}
}
END_TEST

/* In PLAIN `from` is replaced by `to`, and the line is one no more. */
static const struct refused_case {
	const char *name, *from, *to;
} REFUSED[] = {
	{ "nothing", PLAIN, "" },
	{ "another message", PLAIN, "connect from mx" },
	{ "a blank in front", "verdict=", " verdict=" },
	{ "a blank behind", "us=14", "us=14 " },
	{ "two blanks", " reason=", "  reason=" },
	{ "a tab", " reason=", "\treason=" },
	{ "a missing field", " type=internal-relay", "" },
	{ "another order", "connector=- nexthop=-", "nexthop=- connector=-" },
	{ "a field twice", "connector=-", "connector=- connector=-" },
	{ "a field more", "us=14", "us=14 more=1" },
	{ "capitals in a name", "domain=", "Domain=" },
	{ "no value", "domain=company.example", "domain=" },
	{ "an empty verdict", "verdict=reject", "verdict=" },
	{ "capitals in a word", "verdict=reject", "verdict=Reject" },
	{ "a digit in a word", "reason=unknown", "reason=unkn0wn" },
	{ "a quoted word", "reason=unknown", "reason=\"unknown\"" },
	{ "a comma", "internal-relay", "internal,relay" },
	{ "an empty number", "generation=42", "generation=" },
	{ "no number", "generation=42", "generation=-" },
	{ "a sign", "generation=42", "generation=-42" },
	{ "a zero in front", "generation=42", "generation=042" },
	{ "a quoted number", "us=14", "us=\"14\"" },
	{ "a number with a unit", "us=14", "us=14s" },
	{ "no address", "<bob@company.example>", "-" },
	{ "an address without angles", "<bob@company.example>", "bob@d" },
	{ "an open angle", "<bob@company.example>", "<bob@d" },
	{ "an angle within", "<bob@", "<b<ob@" },
	{ "two addresses", "<bob@company.example>", "<bob@d><eve@d>" },
	{ "quotes without angles", "<bob@company.example>", "\"bob@d\"" },
	{ "one angle in quotes", "<bob@company.example>", "\"<\"" },
	{ "an angle missing in quotes", "<bob@company.example>", "\"<bob@d\"" },
	{ "quotes within angles", "<bob@company.example>", "<\"bob\"@d>" },
	{ "a cut without quotes", "<bob@company.example>", "<bob@d>..." },
	{ "quotes left open", "user\"", "user" },
	{ "empty quotes", "\"550 5.1.1 No such user\"", "\"\"" },
	{ "quotes in a plain value", "client=192", "client=1\"2" },
	{ "an apostrophe in one", "client=192", "client=1'2" },
	{ "an equals sign in one", "client=192", "client=1=2" },
	{ "a backslash in one", "client=192", "client=1\\2" },
	{ "text behind quotes", "user\"", "user\"x" },
	{ "two dots behind quotes", "user\"", "user\".." },
	{ "four dots behind quotes", "user\"", "user\"...." },
	{ "a control in quotes", "such user", "such\tuser" },
	{ "DEL in quotes", "such user", "such\x7fuser" },
	{ "an escape of a letter", "such user", "such\\nuser" },
	{ "an octal escape", "such user", "such\\012user" },
	{ "capitals in an escape", "such user", "such\\x0Auser" },
	{ "half an escape", "such user\"", "such\\x0\"" },
	{ "an escaped end", "user\"", "user\\\"" },
	{ "a byte that is not UTF-8", "such user", "such\xffuser" },
	{ "half a character", "such user", "such\xc3user" },
	{ "half a character at the end", "user\"", "user\xe7\x94\"" },
	{ "an overlong form", "such user", "such\xc0\xafuser" },
	{ "a surrogate", "bob@", "b\xed\xa0\x80@" },
	{ "a control of two bytes", "bob@", "b\xc2\x85@" },
	{ "a line separator", "such user", "such\xe2\x80\xa8user" },
	{ "a mark of direction", "bob@", "b\xe2\x80\xae@" },
	{ "half a character in a plain value", "company.example ", "c\xc3 " },
	{ "shadow=no", "us=14", "us=14 shadow=no" },
	{ "shadow without a value", "us=14", "us=14 shadow=" },
	{ "more of a shadow", "us=14", "us=14 shadow=yes!" },
	{ "something behind shadow", "us=14", "us=14 shadow=yes x" },
	{ "an escaped CR, as some syslogd write it", "us=14", "us=14#015" },
};

START_TEST(anything_else_is_refused)
{
	const struct refused_case *c = &REFUSED[_i];
	const char *at = strstr(PLAIN, c->from);
	struct text line;

	ck_assert_msg(at != NULL, "%s", c->name);
	text_init(&line);
	text_add(&line, PLAIN, (size_t)(at - PLAIN));
	text_adds(&line, c->to);
	text_adds(&line, at + strlen(c->from));
	ck_assert_msg(!parses(line.data, line.len), "%s", c->name);
	text_fini(&line);
}
END_TEST

START_TEST(a_nul_ends_nothing)
{
	char line[] = PLAIN;

	ck_assert(parses(line, sizeof line - 1));
	ck_assert(!parses(line, sizeof line));
	strchr(line, '@')[0] = '\0';
	ck_assert(!parses(line, sizeof line - 1));
}
END_TEST

/* Cut, and yet a line; see the header for the two exceptions. */
static bool is_unseen(const char *line, size_t len)
{
	const char *us = strstr(line, " us=");
	const size_t digits = (size_t)(us - line) + 4;
	const char *shadow = strstr(us, " shadow=");
	const size_t end = shadow == NULL ? strlen(line)
					  : (size_t)(shadow - line);

	return len > digits && len <= end;
}

/* Allocated to the byte, so that a sanitizer sees a read beyond. */
START_TEST(cut_lines_are_refused)
{
	const char *line = LINES[_i];

	for (size_t len = 0; len < strlen(line); len++) {
		char *cut = malloc(len + (len == 0));

		ck_assert_ptr_nonnull(cut);
		memcpy(cut, line, len);
		ck_assert_msg(parses(cut, len) == is_unseen(line, len),
			"%zu of %s", len, line);
		free(cut);
	}
	ck_assert(parses(line, strlen(line)));
}
END_TEST

/* Any beginning of one, and another or the rest of another behind it. */
START_TEST(joined_lines_are_refused)
{
	const char *first = LINES[_i / 3];
	const char *second = LINES[_i % 3];

	for (size_t i = 1; i <= strlen(first); i++) {
		char *joined;
		const int len =
			asprintf(&joined, "%.*s%s", (int)i, first, second);

		ck_assert_msg(!parses(joined, (size_t)len), "%s", joined);
		memmove(joined + i + 1, joined + i, (size_t)len - i);
		joined[i] = ' ';
		ck_assert_msg(!parses(joined, (size_t)len), "%s", joined);
		free(joined);
	}
}
END_TEST

/* Bytes that no value has outside quotes, but for an address's own. */
START_TEST(junk_is_refused)
{
	static const char junk[] = " \"'=\\\t\x01\x7f\x80\xff<>";
	const char *line = PLAIN;
	const size_t len = strlen(line);
	const size_t open = (size_t)(strchr(line, '"') - line);
	const size_t close = (size_t)(strrchr(line, '"') - line);
	char *mixed = malloc(len + 1);

	for (size_t i = 0; i <= len; i++) {
		if (i > open && i <= close)
			continue;
		memcpy(mixed, line, i);
		memcpy(mixed + i + 1, line + i, len - i);
		for (size_t j = 0; j < sizeof junk; j++) {
			mixed[i] = junk[j];
			ck_assert_msg(!parses(mixed, len + 1), "%.*s",
				(int)len + 1, mixed);
		}
	}
	free(mixed);
}
END_TEST

static const struct begin_case {
	const char *message;
	bool begins;
} BEGINS[] = {
	{ PLAIN, true },
	{ "verdict=", true },
	{ "verdict", false },
	{ "", false },
	{ " verdict=reject", false },
	{ "message repeated 3 times: [ verdict=reject us=1]", true },
	{ "message repeated 3 times: [ " PLAIN "]", true },
	{ "message repeated 3 times: [ warning: x]", false },
	{ "message repeated 12 times", false },
	{ "message repeated ", false },
	{ "message repeated verdict=", false },
	{ "warning: verdict=reject", false },
};

START_TEST(beginnings_are_known)
{
	const struct begin_case *c = &BEGINS[_i];

	ck_assert_msg(verdict_begins(slice_of(c->message)) == c->begins, "%s",
		c->message);
}
END_TEST

START_TEST(repetitions_are_none)
{
	const char *line = "message repeated 3 times: [ " PLAIN "]";

	ck_assert(!parses(line, strlen(line)));
}
END_TEST

static const struct show_case {
	const char *bytes, *shown;
} SHOWN[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "a \"b' <c>=", "a \"b' <c>=" },
	{ "\xc3\xa4\xf0\x9f\x90\x98", "\xc3\xa4\xf0\x9f\x90\x98" },
	{ "\\", "\\x5c" },
	{ "\\x41\\", "\\x5cx41\\x5c" },
	{ "a\tb\n", "a\\x09b\\x0a" },
	{ "\x1b[31m\x7f", "\\x1b[31m\\x7f" },
	{ "\xff\xc3", "\\xff\\xc3" },
	{ "x\xe2\x80\xaey", "x\\xe2\\x80\\xaey" },
};

START_TEST(bytes_are_shown_safely)
{
	const struct show_case *c = &SHOWN[_i];
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	verdict_show(&out, slice_of(c->bytes));
	ck_assert_str_eq(out.data, c->shown);
	text_fini(&out);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, values_are_read, 0, COUNT(VALUES));
	tcase_add_test(tcase, numbers_are_read);
	tcase_add_test(tcase, fields_have_the_names_of_the_line);
	tcase_add_loop_test(tcase, anything_else_is_refused, 0, COUNT(REFUSED));
	tcase_add_test(tcase, a_nul_ends_nothing);
	tcase_add_loop_test(tcase, cut_lines_are_refused, 0, COUNT(LINES));
	tcase_add_loop_test(tcase, joined_lines_are_refused, 0,
		COUNT(LINES) * COUNT(LINES));
	tcase_add_test(tcase, junk_is_refused);
	tcase_add_loop_test(tcase, beginnings_are_known, 0, COUNT(BEGINS));
	tcase_add_test(tcase, repetitions_are_none);
	tcase_add_loop_test(tcase, bytes_are_shown_safely, 0, COUNT(SHOWN));
	return unit_run(suite_create("verdict"), tcase);
}
