/*
 * The verdict log: the line to the letter, and the proof that a reader who
 * knows nothing but the header gets back what was put in.
 */
#include "policyd/verdict_log.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

#define SLICE(text) \
	{ \
		text, sizeof text - 1 \
	}
#define NONE SLICE("")

static const struct judgement rejected = {
	.verdict = "reject",
	.reason = "unknown",
	.domain = "company.example",
	.type = "internal-relay",
	.reply = "550 5.1.1 User unknown",
	.generation = 42,
	.us = 14,
};

static const struct judgement accepted = {
	.verdict = "accept",
	.reason = "listed",
	.domain = "company.example",
	.type = "authoritative",
	.connector = "exchange",
	.nexthop = "smtp:[10.8.0.25]:25, [10.8.0.26]:25",
	.directory = "the staff",
	.reply = "DUNNO",
	.generation = 7,
};

static void format(struct text *out, const struct request *request,
	const struct judgement *judgement, bool is_shadow)
{
	text_init(out);
	verdict_log_format(out, request, judgement, is_shadow);
}

START_TEST(the_line_has_its_fields_in_order)
{
	const struct request request = {
		.recipient = SLICE("bob@company.example"),
		.client = SLICE("192.0.2.7"),
		.sender = SLICE("a@b.example"),
		.queue_id = NONE,
		.instance = SLICE("1a2b.3c"),
	};
	struct text line;

	format(&line, &request, &rejected, false);
	ck_assert_str_eq(line.data,
		"verdict=reject reason=unknown "
		"recipient=<bob@company.example> domain=company.example "
		"type=internal-relay connector=- nexthop=- directory=- "
		"client=192.0.2.7 sender=<a@b.example> queue_id=- "
		"instance=1a2b.3c generation=42 "
		"reply=\"550 5.1.1 User unknown\" us=14");
	text_fini(&line);
}
END_TEST

START_TEST(a_route_is_quoted_and_shadow_comes_last)
{
	const struct request request = {
		.recipient = SLICE("bob@company.example"),
		.client = SLICE("2001:db8::1"),
		.sender = NONE,
		.queue_id = SLICE("4XY12z"),
		.instance = SLICE("1.2.3.0"),
	};
	struct text line;

	format(&line, &request, &accepted, true);
	ck_assert_str_eq(line.data,
		"verdict=accept reason=listed "
		"recipient=<bob@company.example> domain=company.example "
		"type=authoritative connector=exchange "
		"nexthop=\"smtp:[10.8.0.25]:25, [10.8.0.26]:25\" "
		"directory=\"the staff\" client=2001:db8::1 sender=<> "
		"queue_id=4XY12z instance=1.2.3.0 generation=7 reply=DUNNO "
		"us=0 shadow=yes");
	text_fini(&line);
}
END_TEST

struct value_case {
	const char *name;
	struct slice value;
	const char *address; /* as it stands in recipient= */
	const char *word; /* as it stands in client= */
};

static const struct value_case value_cases[] = {
	{ "plain", SLICE("bob@d"), "<bob@d>", "bob@d" },
	{ "empty", NONE, "<>", "-" },
	{ "a hyphen", SLICE("-"), "<->", "\"-\"" },
	{ "a blank", SLICE("a b@d"), "\"<a b@d>\"", "\"a b@d\"" },
	{ "quotes", SLICE("a\"b'c"), "\"<a\\\"b'c>\"", "\"a\\\"b'c\"" },
	{ "a backslash", SLICE("a\\b"), "\"<a\\\\b>\"", "\"a\\\\b\"" },
	{ "angles", SLICE("<a>"), "\"<<a>>\"", "\"<a>\"" },
	{ "equals", SLICE("b+a=c@d"), "\"<b+a=c@d>\"", "\"b+a=c@d\"" },
	{ "a forged field", SLICE("x> reply=DUNNO us=1"),
		"\"<x> reply=DUNNO us=1>\"", "\"x> reply=DUNNO us=1\"" },
	{ "a forged end of quotes", SLICE("x\" reply=\"y"),
		"\"<x\\\" reply=\\\"y>\"", "\"x\\\" reply=\\\"y\"" },
	{ "controls", SLICE("\x01\t\r\x7f"), "\"<\\x01\\x09\\x0d\\x7f>\"",
		"\"\\x01\\x09\\x0d\\x7f\"" },
	{ "UTF-8", SLICE("\xc3\xa4\xe7\x94\xa8\xf0\x9f\x90\x98@d"),
		"<\xc3\xa4\xe7\x94\xa8\xf0\x9f\x90\x98@d>",
		"\xc3\xa4\xe7\x94\xa8\xf0\x9f\x90\x98@d" },
	{ "not UTF-8", SLICE("\xff\xc3(\xe7\x94"),
		"\"<\\xff\\xc3(\\xe7\\x94>\"", "\"\\xff\\xc3(\\xe7\\x94\"" },
	{ "overlong", SLICE("\xc0\xaf\xe0\x80\xaf"),
		"\"<\\xc0\\xaf\\xe0\\x80\\xaf>\"",
		"\"\\xc0\\xaf\\xe0\\x80\\xaf\"" },
	{ "surrogate, too large", SLICE("\xed\xa0\x80\xf4\x90\x80\x80"),
		"\"<\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80>\"",
		"\"\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\"" },
	{ "C1, line separator, right to left",
		SLICE("\xc2\x85\xe2\x80\xa8\xe2\x80\xae"),
		"\"<\\xc2\\x85\\xe2\\x80\\xa8\\xe2\\x80\\xae>\"",
		"\"\\xc2\\x85\\xe2\\x80\\xa8\\xe2\\x80\\xae\"" },
	{ "an escape that is none", SLICE("\\x41"), "\"<\\\\x41>\"",
		"\"\\\\x41\"" },
	{ "dots at the end", SLICE("a b..."), "\"<a b...>\"", "\"a b...\"" },
};

START_TEST(a_value_is_written_without_doubt)
{
	const struct value_case *c = &value_cases[_i];
	const struct request request = {
		.recipient = c->value,
		.client = c->value,
		.sender = c->value,
		.queue_id = NONE,
		.instance = NONE,
	};
	struct text line, wanted;

	format(&line, &request, &rejected, false);
	text_init(&wanted);
	text_addf(&wanted,
		"verdict=reject reason=unknown recipient=%s "
		"domain=company.example type=internal-relay connector=- "
		"nexthop=- directory=- client=%s sender=%s queue_id=- "
		"instance=- generation=42 reply=\"550 5.1.1 User unknown\" "
		"us=14",
		c->address, c->word, c->address);
	ck_assert_msg(strcmp(line.data, wanted.data) == 0, "%s:\n%s\n%s",
		c->name, line.data, wanted.data);
	text_fini(&line);
	text_fini(&wanted);
}
END_TEST

/* The reader: one field, from after its "=" to the blank that ends it. */
static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static const char *read_quoted(struct text *out, const char *at)
{
	while (*at != '"') {
		char c = *at++;

		ck_assert_int_ne(c, '\0');
		if (c == '\\') {
			c = *at++;
			if (c == 'x') {
				c = (char)(digit(at[0]) << 4 | digit(at[1]));
				at += 2;
			}
		}
		text_add(out, &c, 1);
	}
	return at + 1;
}

static const char *find_field(const char *line, const char *name)
{
	const size_t len = strlen(name);
	struct text skipped;

	text_init(&skipped);
	while (strncmp(line, name, len) != 0 || line[len] != '=') {
		line = strchr(line, '=');
		ck_assert_ptr_nonnull(line);
		line++;
		if (*line == '"')
			line = read_quoted(&skipped, line + 1);
		line = strchr(line, ' ');
		ck_assert_ptr_nonnull(line);
		line++;
	}
	text_fini(&skipped);
	return line + len + 1;
}

/* The value without its angles; whether it was cut. */
static bool read_address(struct text *out, const char *line, const char *name)
{
	const char *at = find_field(line, name);
	bool is_cut = false;

	text_init(out);
	if (*at == '"') {
		at = read_quoted(out, at + 1);
		is_cut = strncmp(at, "...", 3) == 0;
	} else {
		text_add(out, at, strcspn(at, " "));
	}
	ck_assert_int_eq(out->data[0], '<');
	ck_assert_int_eq(out->data[out->len - 1], '>');
	memmove(out->data, out->data + 1, out->len - 2);
	out->len -= 2;
	return is_cut;
}

START_TEST(a_reader_gets_back_what_was_put_in)
{
	const struct value_case *c = &value_cases[_i];
	const struct request request = {
		.recipient = c->value,
		.client = NONE,
		.sender = c->value,
		.queue_id = c->value,
		.instance = NONE,
	};
	static const char *const names[] = { "recipient", "sender" };
	struct text line;

	format(&line, &request, &accepted, false);
	for (size_t i = 0; i < 2; i++) {
		struct text value;

		ck_assert(!read_address(&value, line.data, names[i]));
		ck_assert_msg(value.len == c->value.len &&
				memcmp(value.data, c->value.bytes, value.len) ==
					0,
			"%s: %s", c->name, line.data);
		text_fini(&value);
	}
	text_fini(&line);
}
END_TEST

struct filler_case {
	const char *name;
	const char *unit;
	size_t kept; /* of a recipient, in bytes: 384 with marks and dots */
};

static const struct filler_case filler_cases[] = {
	{ "plain", "x", 377 },
	{ "escaped", "\x01", 94 },
	{ "quotes", "\"", 188 },
	{ "characters of three bytes", "\xe7\x94\xa8", 375 },
	{ "of four", "\xf0\x9f\x90\x98", 376 },
	{ "mixed", "\xf0\x9f\x90\x98\x02z ", 263 },
};

/* As long as a request can be; what is kept is whole characters of it. */
START_TEST(long_values_are_cut_with_a_mark)
{
	const struct filler_case *c = &filler_cases[_i];
	struct text filler, line, value;

	text_init(&filler);
	while (filler.len < 60000)
		text_adds(&filler, c->unit);
	const struct slice slice = { filler.data, filler.len };
	const struct request request = { slice, slice, slice, slice, slice,
		slice };
	const struct judgement judgement = { filler.data, filler.data,
		filler.data, filler.data, filler.data, filler.data, filler.data,
		filler.data, ~0ul, ~0ul };

	format(&line, &request, &judgement, true);
	ck_assert_msg(
		line.len < VERDICT_LINE_MAX, "%s: %zu", c->name, line.len);
	ck_assert(read_address(&value, line.data, "recipient"));
	ck_assert_msg(value.len == c->kept, "%s: %zu", c->name, value.len);
	ck_assert_int_eq(memcmp(value.data, filler.data, value.len), 0);
	ck_assert_int_ne(filler.data[value.len] & 0xc0, 0x80);
	ck_assert_str_eq(find_field(line.data, "shadow"), "yes");
	text_fini(&filler);
	text_fini(&line);
	text_fini(&value);
}
END_TEST

START_TEST(the_longest_address_of_SMTP_is_kept_whole)
{
	char address[64 + 1 + 255 + 1];
	struct text line, value;

	memset(address, 'x', sizeof address);
	address[64] = '@';
	address[sizeof address - 1] = '\0';
	const struct request request = {
		.recipient = { address, sizeof address - 1 },
		.client = NONE,
		.sender = NONE,
		.queue_id = NONE,
		.instance = NONE,
	};

	format(&line, &request, &accepted, false);
	ck_assert(!read_address(&value, line.data, "recipient"));
	ck_assert_uint_eq(value.len, sizeof address - 1);
	text_fini(&line);
	text_fini(&value);
}
END_TEST

/* Its marks, <>, count: a byte more is cut. */
static const struct length_case {
	size_t len;
	bool is_cut;
} length_cases[] = { { 381, false }, { 382, false }, { 383, true } };

START_TEST(a_value_is_cut_at_its_own_length)
{
	const struct length_case *c = &length_cases[_i];
	char address[400];
	struct text line, value;

	memset(address, 'x', sizeof address);
	const struct request request = {
		.recipient = { address, c->len },
		.client = NONE,
		.sender = NONE,
		.queue_id = NONE,
		.instance = NONE,
	};

	format(&line, &request, &accepted, false);
	ck_assert(read_address(&value, line.data, "recipient") == c->is_cut);
	ck_assert(c->is_cut ? value.len < c->len : value.len == c->len);
	text_fini(&line);
	text_fini(&value);
}
END_TEST

/* Or nobody would find it by that name. */
START_TEST(the_longest_name_of_a_block_is_kept_whole)
{
	char name[64 + 1];
	struct judgement judgement = rejected;
	struct text line, expected;

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	judgement.connector = judgement.directory = name;
	format(&line, &(struct request){ .recipient = NONE }, &judgement,
		false);
	text_init(&expected);
	text_addf(&expected, " connector=%s nexthop=- directory=%s client=- ",
		name, name);
	ck_assert_msg(
		strstr(line.data, expected.data) != NULL, "%s", line.data);
	text_fini(&expected);
	text_fini(&line);
}
END_TEST

int main(void)
{
	const int values = COUNT(value_cases);
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, the_line_has_its_fields_in_order);
	tcase_add_test(tcase, a_route_is_quoted_and_shadow_comes_last);
	tcase_add_loop_test(tcase, a_value_is_written_without_doubt, 0, values);
	tcase_add_loop_test(
		tcase, a_reader_gets_back_what_was_put_in, 0, values);
	tcase_add_loop_test(
		tcase, long_values_are_cut_with_a_mark, 0, COUNT(filler_cases));
	tcase_add_loop_test(tcase, a_value_is_cut_at_its_own_length, 0,
		COUNT(length_cases));
	tcase_add_test(tcase, the_longest_address_of_SMTP_is_kept_whole);
	tcase_add_test(tcase, the_longest_name_of_a_block_is_kept_whole);
	return unit_run(suite_create("verdict_log"), tcase);
}
