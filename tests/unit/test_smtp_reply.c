#include "doctor/smtp_reply.h"

#include "unit_main.h"

#include <string.h>

#define LINE(text) text "\r\n"

/* Each is fed whole, then byte by byte. */
static const struct {
	const char *name, *bytes;
	size_t len; /* 0: up to the NUL */
	enum smtp_progress progress;
	const char *said; /* formatted, or the error */
	size_t n_left; /* bytes of the next reply */
} REPLIES[] = {
	{ "plain", LINE("250 2.1.5 Ok"), 0, SMTP_WHOLE, "250 2.1.5 Ok", 0 },
	{ "LF alone", "250 Ok\n", 0, SMTP_WHOLE, "250 Ok", 0 },
	{ "code alone", LINE("250"), 0, SMTP_WHOLE, "250", 0 },
	{ "code and blank", LINE("250 "), 0, SMTP_WHOLE, "250", 0 },
	{ "lines", LINE("550-no") LINE("550 user"), 0, SMTP_WHOLE,
		"550 no user", 0 },
	{ "a code ends the lines", LINE("250-a") LINE("250"), 0, SMTP_WHOLE,
		"250 a ", 0 },
	{ "the next begins", LINE("250 a") "220", 0, SMTP_WHOLE, "250 a", 3 },
	{ "cut short", "250 a", 0, SMTP_MORE, "", 0 },
	{ "more lines follow", LINE("250-a"), 0, SMTP_MORE, "", 0 },
	{ "8 bit", LINE("550 nobody \xff here \xc3\xa4"), 0, SMTP_WHOLE,
		"550 nobody ? here \xc3\xa4", 0 },
	{ "NUL and controls", "550 a\0b\x1b[31m\r\n", 14, SMTP_WHOLE,
		"550 a?b?[31m", 0 },
	{ "CR in the middle", "550 a\rb\r\n", 0, SMTP_WHOLE, "550 a?b", 0 },
	{ "two codes", LINE("250-a") LINE("550 b"), 0, SMTP_BROKEN,
		"one reply has two codes, 250 and 550", 0 },
	{ "no code", LINE("HTTP/1.1 400 Bad Request"), 0, SMTP_BROKEN,
		"\"HTTP/1.1 400 Bad Request\" is no SMTP reply", 0 },
	{ "empty line", LINE(""), 0, SMTP_BROKEN, "\"\" is no SMTP reply", 0 },
	{ "code too small", LINE("150 a"), 0, SMTP_BROKEN,
		"\"150 a\" is no SMTP reply", 0 },
	{ "code too great", LINE("650 a"), 0, SMTP_BROKEN,
		"\"650 a\" is no SMTP reply", 0 },
	{ "letters in the code", LINE("25x a"), 0, SMTP_BROKEN,
		"\"25x a\" is no SMTP reply", 0 },
	{ "no blank behind the code", LINE("250a"), 0, SMTP_BROKEN,
		"\"250a\" is no SMTP reply", 0 },
	{ "NUL instead of a reply", "\0\0\r\n", 4, SMTP_BROKEN,
		"\"??\" is no SMTP reply", 0 },
};

static enum smtp_progress feed(struct smtp_reply *reply, const char *bytes,
	size_t len, size_t step, size_t *total)
{
	enum smtp_progress progress = SMTP_MORE;
	struct err err = { 0 };

	for (*total = 0; *total < len && progress == SMTP_MORE;) {
		const size_t n = len - *total < step ? len - *total : step;
		size_t used;

		progress =
			smtp_reply_feed(reply, bytes + *total, n, &used, &err);
		*total += used;
	}
	if (progress == SMTP_BROKEN)
		memcpy(reply->text, err.text, sizeof err.text);
	return progress;
}

static void check_reply(int at, size_t step)
{
	const char *bytes = REPLIES[at].bytes;
	const size_t len = REPLIES[at].len > 0 ? REPLIES[at].len
					       : strlen(bytes);
	struct smtp_reply reply = { 0 };
	char said[256] = "";
	size_t total;

	ck_assert_msg(
		feed(&reply, bytes, len, step, &total) == REPLIES[at].progress,
		"%s by %zu", REPLIES[at].name, step);
	if (REPLIES[at].progress == SMTP_MORE)
		return;
	if (REPLIES[at].progress == SMTP_WHOLE)
		smtp_reply_format(&reply, said, sizeof said);
	ck_assert_msg(
		strcmp(REPLIES[at].progress == SMTP_WHOLE ? said : reply.text,
			REPLIES[at].said) == 0,
		"%s by %zu: %s", REPLIES[at].name, step,
		REPLIES[at].progress == SMTP_WHOLE ? said : reply.text);
	ck_assert_msg(REPLIES[at].progress == SMTP_BROKEN ||
			len - total == REPLIES[at].n_left,
		"%s by %zu", REPLIES[at].name, step);
}

START_TEST(reply_is_read_in_any_split)
{
	check_reply(_i, SIZE_MAX);
	check_reply(_i, 1);
}
END_TEST

START_TEST(endless_line_ends)
{
	struct smtp_reply reply = { 0 };
	struct err err = { 0 };
	enum smtp_progress progress = SMTP_MORE;
	size_t used, total = 0;

	while (progress == SMTP_MORE) {
		progress = smtp_reply_feed(&reply, "220 xxxx", 8, &used, &err);
		total += used;
	}
	ck_assert_int_eq(progress, SMTP_BROKEN);
	ck_assert_uint_eq(total, SMTP_LINE_MAX + 1);
	ck_assert_str_eq(err.text, "a line is longer than 2048 octets");
}
END_TEST

START_TEST(endless_lines_end)
{
	static const char line[] = "220-a long line of a greeting that goes on "
				   "and on, and then some more of it\r\n";
	struct smtp_reply reply = { 0 };
	struct err err = { 0 };
	enum smtp_progress progress = SMTP_MORE;
	unsigned n_lines = 0;
	size_t used;

	for (; progress == SMTP_MORE; n_lines++)
		progress = smtp_reply_feed(
			&reply, line, strlen(line), &used, &err);
	ck_assert_int_eq(progress, SMTP_BROKEN);
	ck_assert_uint_eq(n_lines, SMTP_LINES_MAX);
	ck_assert_str_eq(err.text, "a reply has more than 128 lines");
	ck_assert_uint_lt(reply.len, sizeof reply.text);
	ck_assert_uint_eq(strlen(reply.text), reply.len);
}
END_TEST

START_TEST(keywords_are_found)
{
	static const char ehlo[] = LINE("250-STARTTLS.test hello")
		LINE("250-SIZE 1000") LINE("250-StartTLS") LINE("250 X-UTF8");
	struct smtp_reply reply = { 0 };
	size_t total;

	ck_assert_int_eq(
		feed(&reply, ehlo, strlen(ehlo), 7, &total), SMTP_WHOLE);
	ck_assert(smtp_reply_has(&reply, "STARTTLS"));
	ck_assert(smtp_reply_has(&reply, "SIZE"));
	ck_assert(smtp_reply_has(&reply, "x-utf8"));
	ck_assert(!smtp_reply_has(&reply, "SIZ"));
	ck_assert(!smtp_reply_has(&reply, "UTF8"));
	ck_assert(!smtp_reply_has(&reply, "STARTTLS.test"));
	ck_assert_uint_eq(
		smtp_reply_first_word(&reply), strlen("STARTTLS.test"));
}
END_TEST

START_TEST(long_reply_is_cut)
{
	static const char line[] = LINE("550 nobody of that name");
	struct smtp_reply reply = { 0 };
	char said[12];
	static const char wide[] = LINE("550 nobody\xc3\xa4");
	size_t total;

	ck_assert_int_eq(
		feed(&reply, line, strlen(line), 7, &total), SMTP_WHOLE);
	smtp_reply_format(&reply, said, sizeof said);
	ck_assert_str_eq(said, "550 nobody ");
	reply = (struct smtp_reply){ 0 };
	ck_assert_int_eq(
		feed(&reply, wide, strlen(wide), 7, &total), SMTP_WHOLE);
	smtp_reply_format(&reply, said, sizeof said);
	ck_assert_str_eq(said, "550 nobody");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smtp_reply");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, reply_is_read_in_any_split, 0, COUNT(REPLIES));
	tcase_add_test(tcase, endless_line_ends);
	tcase_add_test(tcase, endless_lines_end);
	tcase_add_test(tcase, keywords_are_found);
	tcase_add_test(tcase, long_reply_is_cut);
	return unit_run(suite, tcase);
}
