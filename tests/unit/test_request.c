/* The parser of the policy protocol: any split, any order, no guesses. */
#include "policyd/request.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

#define FIRST "request=smtpd_access_policy\n"
#define BYTES(text) \
	{ \
		text, sizeof text - 1 \
	}

/* Feeds a whole stream in pieces and tells what came out as one text. */
static void tell(struct text *out, const struct request *request)
{
	const struct slice *const values[] = { &request->state,
		&request->client, &request->sender, &request->recipient,
		&request->queue_id, &request->instance };

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		text_add(out, values[i]->bytes, values[i]->len);
		text_adds(out, "|");
	}
	text_adds(out, "\n");
}

static void parse_piece(struct request_parser *parser, struct slice piece,
	struct text *out, struct err *err)
{
	struct request request;
	enum request_end end = REQUEST_WHOLE;
	size_t used;

	while (end == REQUEST_WHOLE && err->text[0] == '\0') {
		end = request_feed(parser, piece, &used, &request, err);
		if (end == REQUEST_WHOLE)
			tell(out, &request);
		piece.bytes += used;
		piece.len -= used;
	}
	ck_assert_int_eq(end == REQUEST_REFUSED, err->text[0] != '\0');
}

static void parse(struct slice stream, size_t piece_len, struct text *out,
	struct err *err)
{
	struct request_parser *parser = request_parser_open();

	for (size_t i = 0; i < stream.len && err->text[0] == '\0';
		i += piece_len) {
		const size_t rest = stream.len - i;

		parse_piece(parser,
			(struct slice){ stream.bytes + i,
				rest < piece_len ? rest : piece_len },
			out, err);
	}
	request_parser_close(&parser);
	ck_assert_ptr_null(parser);
}

struct stream_case {
	const char *name;
	struct slice stream;
	const char *out;
	const char *err;
};

static const struct stream_case stream_cases[] = {
	{ "all that matters",
		BYTES(FIRST "protocol_state=RCPT\nclient_address=192.0.2.7\n"
			    "sender=a@b.example\nrecipient=c@d.example\n"
			    "queue_id=4XY\ninstance=1.2.3.0\n\n"),
		"RCPT|192.0.2.7|a@b.example|c@d.example|4XY|1.2.3.0|\n", "" },
	{ "order does not matter",
		BYTES("recipient=c@d.example\n"
		      "protocol_state=RCPT\n" FIRST "\n"),
		"RCPT|||c@d.example|||\n", "" },
	{ "absent and empty", BYTES(FIRST "sender=\n\n"), "||||||\n", "" },
	{ "unknown attributes",
		BYTES(FIRST "recipients=x\nrecipien=y\n=z\nRecipient=Z\n\n"),
		"||||||\n", "" },
	{ "the first of a repeated one counts",
		BYTES(FIRST "recipient=a@b\nrecipient=c@d\nrecipient=\n\n"),
		"|||a@b|||\n", "" },
	{ "an empty first one counts", BYTES(FIRST "sender=\nsender=c@d\n\n"),
		"||||||\n", "" },
	{ "values with =", BYTES(FIRST "recipient=a=b=@c\nsender==\n\n"),
		"||=|a=b=@c|||\n", "" },
	{ "values with odd bytes",
		BYTES(FIRST "recipient=\x01\xff\r\t \"@c\n\n"),
		"|||\x01\xff\r\t \"@c|||\n", "" },
	{ "two at once",
		BYTES(FIRST "recipient=a@b\n\n" FIRST "sender=c@d\n\n"),
		"|||a@b|||\n||c@d||||\n", "" },
	{ "the second unfinished", BYTES(FIRST "\n" FIRST "recipient=a"),
		"||||||\n", "" },
	{ "no request line", BYTES("recipient=a@b\n\n"), "",
		"a request without \"request=smtpd_access_policy\"" },
	{ "another request", BYTES("request=other\n\n"), "",
		"a request without \"request=smtpd_access_policy\"" },
	{ "an empty line alone", BYTES("\n"), "",
		"a request without \"request=smtpd_access_policy\"" },
	{ "one good, then a bad one", BYTES(FIRST "\n\n" FIRST "\n"),
		"||||||\n",
		"a request without \"request=smtpd_access_policy\"" },
	{ "a line without =", BYTES(FIRST "GET / HTTP/1.0\n\n"), "",
		"a line of a request is not \"name=value\"" },
	{ "CR LF", BYTES("request=smtpd_access_policy\r\n\r\n"), "",
		"a line of a request ends with CR LF, not with LF alone" },
	{ "an empty line of CR LF", BYTES(FIRST "\r\n"), "",
		"a line of a request ends with CR LF, not with LF alone" },
	{ "NUL", BYTES(FIRST "recipient=a\0b@c\n\n"), "",
		"a NUL byte within a request" },
	{ "NUL before the end of a bad line", BYTES(FIRST "ab\0\r\n\n"), "",
		"a NUL byte within a request" },
	{ "NUL behind a bad line", BYTES(FIRST "ab\n\0\n"), "",
		"a line of a request is not \"name=value\"" },
};

START_TEST(a_stream_is_parsed_at_any_split)
{
	const struct stream_case *c = &stream_cases[_i];

	for (size_t piece_len = 1; piece_len <= c->stream.len; piece_len++) {
		struct err err = { 0 };
		struct text out;

		text_init(&out);
		text_adds(&out, "");
		parse(c->stream, piece_len, &out, &err);
		ck_assert_msg(strcmp(out.data, c->out) == 0 &&
				strcmp(err.text, c->err) == 0,
			"%s, by %zu: %s%s", c->name, piece_len, out.data,
			err.text);
		text_fini(&out);
	}
}
END_TEST

/* A request of exactly this many bytes. */
static void make_long(struct text *out, size_t size)
{
	text_init(out);
	text_adds(out, FIRST "recipient=");
	while (out->len < size - 2)
		text_adds(out, "x");
	text_adds(out, "\n\n");
	ck_assert_uint_eq(out->len, size);
}

START_TEST(a_request_of_64_KiB_is_taken)
{
	static const size_t pieces[] = { 1, 4096, REQUEST_SIZE_MAX };
	struct text stream;

	make_long(&stream, REQUEST_SIZE_MAX);
	for (size_t i = 0; i < 3; i++) {
		struct err err = { 0 };
		struct text out;

		text_init(&out);
		parse((struct slice){ stream.data, stream.len }, pieces[i],
			&out, &err);
		ck_assert_str_eq(err.text, "");
		ck_assert_uint_gt(out.len, REQUEST_SIZE_MAX - 100);
		text_fini(&out);
	}
	text_fini(&stream);
}
END_TEST

START_TEST(a_byte_more_is_refused)
{
	static const size_t pieces[] = { 1, 4096, REQUEST_SIZE_MAX + 1 };
	struct text stream;

	make_long(&stream, REQUEST_SIZE_MAX + 1);
	for (size_t i = 0; i < 3; i++) {
		struct err err = { 0 };
		struct text out;

		text_init(&out);
		parse((struct slice){ stream.data, stream.len }, pieces[i],
			&out, &err);
		ck_assert_str_eq(
			err.text, "a request of more than 65536 bytes");
		ck_assert_uint_eq(out.len, 0);
		text_fini(&out);
	}
	text_fini(&stream);
}
END_TEST

/* Its "=" at that place; none where that is the length. */
static void add_line(struct text *out, size_t len, size_t equals)
{
	for (size_t i = 0; i < len; i++)
		text_adds(out, i == equals ? "=" : "x");
	text_adds(out, "\n");
}

/* Whatever a line begins, ends or has its "=" at: it is one line. */
START_TEST(lines_of_any_length_are_parted)
{
	static const size_t pieces[] = { 1, 63, 64, 65, 10000 };

	for (size_t len = 1; len <= 130; len++) {
		const size_t equals = len * 7 % (len + 1);
		struct text stream, out;
		struct err err = { 0 };

		text_init(&stream);
		text_init(&out);
		text_adds(&stream, FIRST);
		add_line(&stream, len, equals);
		add_line(&stream, 130 - len + 1, 0);
		text_adds(&stream, "recipient=a@b\n\n");
		parse((struct slice){ stream.data, stream.len },
			pieces[len % 5], &out, &err);
		ck_assert_str_eq(err.text,
			equals < len ? ""
				     : "a line of a request is not "
				       "\"name=value\"");
		if (equals < len)
			ck_assert_str_eq(out.data, "|||a@b|||\n");
		text_fini(&stream);
		text_fini(&out);
	}
}
END_TEST

START_TEST(an_unfinished_request_is_known)
{
	struct request_parser *parser = request_parser_open();
	const struct slice pieces[] = { BYTES(FIRST), BYTES("\n"), BYTES("r") };
	const bool is_partial[] = { true, false, true };
	struct request request;
	size_t used;

	ck_assert(!request_is_partial(parser));
	for (size_t i = 0; i < 3; i++) {
		request_feed(parser, pieces[i], &used, &request, NULL);
		ck_assert_int_eq(request_is_partial(parser), is_partial[i]);
	}
	request_parser_close(&parser);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(
		tcase, a_stream_is_parsed_at_any_split, 0, COUNT(stream_cases));
	tcase_add_test(tcase, a_request_of_64_KiB_is_taken);
	tcase_add_test(tcase, a_byte_more_is_refused);
	tcase_add_test(tcase, lines_of_any_length_are_parted);
	tcase_add_test(tcase, an_unfinished_request_is_known);
	return unit_run(suite_create("request"), tcase);
}
