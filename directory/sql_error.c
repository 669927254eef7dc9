/*
 * The clients' and the servers' own words say best what went wrong, but on
 * several lines and never what to change here.  Advice is chosen by words of
 * theirs: a server that speaks another language than English is quoted
 * without it.
 */
#include "directory/sql_error.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/key.h"

#include <ctype.h>
#include <string.h>

enum { MESSAGE_MAX = 300 };

#define BLANKS " \t\r\n"

#define CHECK_PASSWORD "check user and password-file"
#define ADD_PASSWORD "the server wants one: add password-file"
#define NEEDS_TLS \
	"the server must offer TLS; with tls = none all would cross the " \
	"network in clear"
#define CHECK_NAME "write the host as the server's certificate names it"
#define CHECK_AUTHORITY \
	"tls-ca-file must hold the authority that signed the server's " \
	"certificate"
#define CONNECTION_LOST "the connection was lost"
#define MUST_SELECT "\"query\" must be a SELECT"

static const struct {
	const char *words, *advice;
} ADVICE[] = {
	{ "password authentication failed", CHECK_PASSWORD },
	{ "using password: YES", CHECK_PASSWORD },
	{ "no password supplied", ADD_PASSWORD },
	{ "using password: NO", ADD_PASSWORD },
	{ "does not support SSL", NEEDS_TLS },
	{ "SSL is required", NEEDS_TLS },
	{ "does not match host name", CHECK_NAME },
	{ "Validation of SSL server certificate failed", CHECK_NAME },
	{ "certificate verify failed", CHECK_AUTHORITY },
	{ "unable to get local issuer certificate", CHECK_AUTHORITY },
	{ "self-signed certificate", CHECK_AUTHORITY },
	{ "unexpected eof", CONNECTION_LOST },
	{ "EOF detected", CONNECTION_LOST },
	{ "Can't connect to server",
		"is it running there, and listening on the network?" },
	{ "read-only transaction", MUST_SELECT },
	{ "READ ONLY transaction", MUST_SELECT },
	{ "readonly database", MUST_SELECT },
	{ "multiple commands", "\"query\" must be one statement" },
};

static const char *find_advice(const char *message)
{
	for (size_t i = 0; i < sizeof ADVICE / sizeof *ADVICE; i++) {
		if (strstr(message, ADVICE[i].words) != NULL)
			return ADVICE[i].advice;
	}
	return NULL;
}

/* What stands between two words; a line of libpq may go on in the next. */
static const char *separator(const char *blanks, size_t len, char next)
{
	if (len == 0 || next == '\0')
		return "";
	if (memchr(blanks, '\n', len) != NULL && !islower((unsigned char)next))
		return "; ";
	return " ";
}

/* Blanks run together; cut before a character. */
static const char *one_line(const char *message, struct text *line)
{
	const char *at = message + strspn(message, BLANKS);

	while (*at != '\0' && line->len < MESSAGE_MAX) {
		const size_t word = strcspn(at, BLANKS);
		const char *blanks = at + word;
		const size_t len = strspn(blanks, BLANKS);
		const char next = blanks[len];
		const bool ends = next == '\0' || memchr(blanks, '\n', len);

		text_add(line, at, word - (ends && at[word - 1] == '.'));
		text_adds(line, separator(blanks, len, next));
		at = blanks + len;
	}
	if (line->len > MESSAGE_MAX) {
		size_t end = MESSAGE_MAX;

		while (((unsigned char)line->data[end] & 0xc0) == 0x80)
			end--;
		line->data[end] = '\0';
	}
	return line->data == NULL ? "" : line->data;
}

bool sql_err(struct err *err, const char *message)
{
	struct arena *arena = arena_open();
	struct text line;

	text_init(&line);
	const char *said = message == NULL ? "" : one_line(message, &line);
	const char *advice = find_advice(said);

	err_set(err, "%s%s%s",
		*said == '\0' ? "no reason was given"
			      : key_printable(said, arena),
		advice == NULL ? "" : "; ", advice == NULL ? "" : advice);
	text_fini(&line);
	arena_close(&arena);
	return false;
}

bool sql_err_query(struct err *err, const char *message)
{
	struct err why = { 0 };

	sql_err(&why, message);
	return err_set(err, "the query failed: %s", why.text);
}

bool sql_err_time(struct err *err, unsigned long seconds, const char *key)
{
	return err_set(err, "no answer within %lu s (\"%s\")", seconds, key);
}
