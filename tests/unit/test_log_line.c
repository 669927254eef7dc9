#include "verdicts/log_line.h"

#include "sink_text.h"
#include "unit_main.h"

#include "verdicts/verdict.h"

#define VERDICT \
	"verdict=reject reason=unknown recipient=<bob@company.example> " \
	"domain=company.example type=internal-relay connector=- nexthop=- " \
	"directory=- client=192.0.2.7 sender=<a@b.example> queue_id=- " \
	"instance=1a2b.3c generation=42 reply=\"550 5.1.1 No such user\" us=14"

#define STAMP "Nov 21 09:05:03"
#define TAGGED STAMP " mx1 postfix/policyd[812]: "

static const struct line_case {
	const char *name, *line;
	const char *stamp, *host, *program;
	unsigned long pid;
	const char *message, *service;
} LINES[] = {
	{ "traditional", TAGGED VERDICT, STAMP, "mx1", "postfix/policyd", 812,
		VERDICT, "policyd" },
	{ "a day below ten", "Nov  1 00:00:00 h p[1]: m", "Nov  1 00:00:00",
		"h", "p", 1, "m", "p" },
	{ "a day with a zero", "Nov 01 00:00:00 h p[1]: m", "Nov 01 00:00:00",
		"h", "p", 1, "m", "p" },
	{ "a day of one digit", "Nov 7 09:05:03 h p[1]: m", "Nov 7 09:05:03",
		"h", "p", 1, "m", "p" },
	{ "RFC 3339 with microseconds",
		"2026-11-21T09:05:03.123456+01:00 mx1 postfix/policyd[812]: m",
		"2026-11-21T09:05:03.123456+01:00", "mx1", "postfix/policyd",
		812, "m", "policyd" },
	{ "RFC 3339 in UTC", "2026-11-21T09:05:03Z mx1 policyd[812]: m",
		"2026-11-21T09:05:03Z", "mx1", "policyd", 812, "m", "policyd" },
	{ "journalctl -o short-iso",
		"2026-11-21T09:05:03+0000 mx1 policyd[812]: m",
		"2026-11-21T09:05:03+0000", "mx1", "policyd", 812, "m",
		"policyd" },
	{ "journalctl -o short-iso-precise",
		"2026-11-21T09:05:03.000001-0330 mx1 policyd[812]: m",
		"2026-11-21T09:05:03.000001-0330", "mx1", "policyd", 812, "m",
		"policyd" },
	{ "a priority in front", "<22>" TAGGED "m", STAMP, "mx1",
		"postfix/policyd", 812, "m", "policyd" },
	{ "a short priority", "<6>2026-11-21T09:05:03Z mx1 p: m",
		"2026-11-21T09:05:03Z", "mx1", "p", 0, "m", "p" },
	{ "a long priority", "<191>" TAGGED "m", STAMP, "mx1",
		"postfix/policyd", 812, "m", "policyd" },
	{ "an IPv6 host", STAMP " 2001:db8::1 policyd[8]: m", STAMP,
		"2001:db8::1", "policyd", 8, "m", "policyd" },
	{ "an odd host", STAMP " mx-1_a.b.example] policyd: m", STAMP,
		"mx-1_a.b.example]", "policyd", 0, "m", "policyd" },
	{ "no host name", STAMP " - policyd: m", STAMP, "-", "policyd", 0, "m",
		"policyd" },
	{ "no pid", STAMP " mx1 policyd: m", STAMP, "mx1", "policyd", 0, "m",
		"policyd" },
	{ "several names", STAMP " mx1 postfix-in/submission/smtpd[4242]: m",
		STAMP, "mx1", "postfix-in/submission/smtpd", 4242, "m",
		"smtpd" },
	{ "a name that ends in a slash", STAMP " mx1 postfix/[1]: m", STAMP,
		"mx1", "postfix/", 1, "m", "" },
	{ "the largest pid", STAMP " mx1 p[4194304]: m", STAMP, "mx1", "p",
		4194304, "m", "p" },
	{ "Solaris", STAMP " mx1 p[1]: [ID 197553 mail.info] " VERDICT, STAMP,
		"mx1", "p", 1, VERDICT, "p" },
	{ "nearly Solaris: no number",
		STAMP " mx1 p[1]: [ID x mail.info] " VERDICT, STAMP, "mx1", "p",
		1, "[ID x mail.info] " VERDICT, "p" },
	{ "nearly Solaris: no end", STAMP " mx1 p[1]: [ID 1 mail.info " VERDICT,
		STAMP, "mx1", "p", 1, "[ID 1 mail.info " VERDICT, "p" },
	{ "nearly Solaris: no blank", STAMP " mx1 p[1]: [ID 1 mail.info]m",
		STAMP, "mx1", "p", 1, "[ID 1 mail.info]m", "p" },
	{ "nearly Solaris: too many words", STAMP " mx1 p[1]: [ID 1 a b] m",
		STAMP, "mx1", "p", 1, "[ID 1 a b] m", "p" },
	{ "nearly Solaris: nothing more", STAMP " mx1 p[1]: [ID ", STAMP, "mx1",
		"p", 1, "[ID ", "p" },
	{ "nothing said", STAMP " mx1 p[1]:", STAMP, "mx1", "p", 1, "", "p" },
	{ "a blank said", STAMP " mx1 p[1]: ", STAMP, "mx1", "p", 1, "", "p" },
	{ "no blank behind the tag", STAMP " mx1 p[1]:m", STAMP, "mx1", "p", 1,
		"m", "p" },
	{ "two blanks behind the tag", STAMP " mx1 p[1]:  m", STAMP, "mx1", "p",
		1, " m", "p" },
	{ "a header in the message", STAMP " mx1 x[1]: " TAGGED VERDICT, STAMP,
		"mx1", "x", 1, TAGGED VERDICT, "x" },
	{ "a tag in the message", STAMP " mx1 x: postfix/policyd[1]: " VERDICT,
		STAMP, "mx1", "x", 0, "postfix/policyd[1]: " VERDICT, "x" },
	{ "another policyd", STAMP " mx1 policyd-spf[3]: m", STAMP, "mx1",
		"policyd-spf", 3, "m", "policyd-spf" },
	{ "a repetition", TAGGED "message repeated 3 times: [ " VERDICT "]",
		STAMP, "mx1", "postfix/policyd", 812,
		"message repeated 3 times: [ " VERDICT "]", "policyd" },
};

static void compare(const char *name, struct slice piece, const char *wanted)
{
	ck_assert_msg(slice_is(piece, wanted), "%s: %.*s", name, (int)piece.len,
		piece.bytes);
}

START_TEST(lines_are_taken_apart)
{
	const struct line_case *c = &LINES[_i];
	struct log_line line;

	ck_assert_msg(log_line_parse(&line, slice_of(c->line)), "%s", c->name);
	compare(c->name, line.stamp, c->stamp);
	compare(c->name, line.host, c->host);
	compare(c->name, line.program, c->program);
	compare(c->name, line.message, c->message);
	compare(c->name, log_line_service(&line), c->service);
	ck_assert_msg(line.pid == c->pid, "%s: %lu", c->name, line.pid);
}
END_TEST

/* To the byte, so that a sanitizer sees a read beyond. */
START_TEST(cut_lines_are_borne)
{
	const char *whole = LINES[_i].line;
	const size_t header = strlen(whole) - strlen(LINES[_i].message);

	for (size_t len = 0; len <= strlen(whole); len++) {
		char *cut = malloc(len + (len == 0));
		struct log_line line;

		ck_assert_ptr_nonnull(cut);
		memcpy(cut, whole, len);
		const bool is_line =
			log_line_parse(&line, (struct slice){ cut, len });

		ck_assert_msg(is_line || len < header, "%zu of %s", len, whole);
		free(cut);
	}
}
END_TEST

static const struct {
	const char *name, *line;
} OTHERS[] = {
	{ "nothing", "" },
	{ "a verdict alone", VERDICT },
	{ "a stamp alone", STAMP },
	{ "a stamp and a blank", STAMP " " },
	{ "no tag", STAMP " mx1 " },
	{ "no colon", STAMP " mx1 policyd[812] verdict=" },
	{ "a blank in the tag", STAMP " mx1 policy d[812]: " VERDICT },
	{ "an empty tag", STAMP " mx1 : " VERDICT },
	{ "two blanks before the tag", STAMP " mx1  policyd[812]: " VERDICT },
	{ "two blanks before the host", STAMP "  mx1 policyd[812]: " VERDICT },
	{ "no host", STAMP " policyd[812]: " VERDICT },
	{ "an empty pid", STAMP " mx1 policyd[]: " VERDICT },
	{ "letters in the pid", STAMP " mx1 policyd[8a]: " VERDICT },
	{ "a pid too long", STAMP " mx1 policyd[12345678901]: " VERDICT },
	{ "a pid alone", STAMP " mx1 [812]: " VERDICT },
	{ "a bracket alone", STAMP " mx1 ]: " VERDICT },
	{ "a line of BSD's syslogd",
		STAMP " mx1 last message repeated 3 times" },
	{ "a blank in front", " " TAGGED VERDICT },
	{ "something in front", "x" TAGGED VERDICT },
	{ "an empty priority", "<>" TAGGED VERDICT },
	{ "a priority too long", "<1234>" TAGGED VERDICT },
	{ "a priority of letters", "<a>" TAGGED VERDICT },
	{ "an open priority", "<22" },
	{ "capitals in the month", "NOV 21 09:05:03 mx1 policyd: m" },
	{ "a year", "Nov 21 2026 09:05:03 mx1 policyd: m" },
	{ "a byte that is no digit but for its high bit",
		"202\xb6-11-21T09:05:03Z mx1 policyd: m" },
	{ "a date without time", "2026-11-21 mx1 policyd: m" },
	{ "a date with a blank", "2026-11-21 09:05:03 mx1 policyd: m" },
	{ "seconds since 1970", "1795251903 mx1 policyd: m" },
};

START_TEST(other_lines_are_none)
{
	struct log_line line;

	ck_assert_msg(!log_line_parse(&line, slice_of(OTHERS[_i].line)), "%s",
		OTHERS[_i].name);
}
END_TEST

/* "...program[pid]: " by hand, for lines whose host has no colon. */
static void compare_line(const char *text)
{
	struct log_line line;
	const char *end = strstr(text, ": ");
	const char *bracket = memchr(text, '[', (size_t)(end - text));
	const char *blank = memrchr(text, ' ', (size_t)(end - text));

	ck_assert_msg(log_line_parse(&line, slice_of(text)), "%s", text);
	ck_assert_msg(line.program.bytes == blank + 1, "%s", text);
	ck_assert_msg(
		bracket == line.program.bytes + line.program.len, "%s", text);
	ck_assert_uint_eq(line.pid, strtoul(bracket + 1, NULL, 10));
	ck_assert(line.message.bytes == end + 2);
	ck_assert(!verdict_begins(line.message));
	ck_assert(!slice_is(log_line_service(&line), "policyd"));
}

START_TEST(real_lines_are_read)
{
	struct arena *arena = arena_open();
	const char *path = test_sample("mail-rejects.log", arena);
	FILE *file = path == NULL ? NULL : fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	unsigned count = 0;

	while (file != NULL && getline(&text, &room, file) > 0) {
		text[strcspn(text, "\n")] = '\0';
		if (text[0] == '\0' || text[0] == '#')
			continue;
		compare_line(text);
		count++;
	}
	ck_assert(file == NULL || count > 50);
	if (file != NULL)
		fclose(file);
	free(text);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, lines_are_taken_apart, 0, COUNT(LINES));
	tcase_add_loop_test(tcase, cut_lines_are_borne, 0, COUNT(LINES));
	tcase_add_loop_test(tcase, other_lines_are_none, 0, COUNT(OTHERS));
	tcase_add_test(tcase, real_lines_are_read);
	return unit_run(suite_create("log_line"), tcase);
}
