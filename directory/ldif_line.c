/*
 * One pass over a writable text: unfolding and base64 only ever make it
 * shorter, so no line is copied.  Lines end with LF or CR LF; a continuation
 * begins with one blank, which is no part of it, and comments are folded
 * like the rest.
 */
#include "directory/ldif_line.h"

#include <ctype.h>
#include <string.h>

enum { FOLD_MIN = 72 };

void ldif_lines_init(struct ldif_lines *lines)
{
	*lines = (struct ldif_lines){ .next = 1 };
}

void ldif_lines_feed(struct ldif_lines *lines, char *text, size_t len)
{
	lines->at = text;
	lines->end = text + len;
}

/* The end of the line at "at" without its CR; NULL: it has no end. */
static char *take_line(struct ldif_lines *lines)
{
	char *start = lines->at;
	char *stop = memchr(start, '\n', (size_t)(lines->end - start));

	if (stop == NULL)
		return NULL;
	lines->at = stop + 1;
	lines->next++;
	lines->width = (size_t)(stop - start);
	if (stop > start && stop[-1] == '\r') {
		lines->width--;
		stop--;
	}
	return stop;
}

/* Moves the continuations down behind the line's end at stop. */
static char *unfold(struct ldif_lines *lines, char *stop)
{
	while (lines->at < lines->end && *lines->at == ' ') {
		if (lines->narrowest == 0 || lines->width < lines->narrowest)
			lines->narrowest = lines->width;
		const char *more = lines->at + 1;
		const char *more_stop = take_line(lines);

		if (more_stop == NULL)
			return NULL;
		memmove(stop, more, (size_t)(more_stop - more));
		stop += more_stop - more;
	}
	return stop;
}

static bool is_name_octet(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

/* Active Directory writes ";range=0-1499" and ";range=1500-*". */
static bool is_option_octet(char c)
{
	return is_name_octet(c) || c == ';' || c == '=' || c == '*';
}

/* The colon behind a name and its options; NULL where there is none. */
static char *find_colon(char *text)
{
	char *at = text;

	while (is_name_octet(*at))
		at++;
	if (*at == ';')
		while (is_option_octet(*at))
			at++;
	return at > text && *at == ':' ? at : NULL;
}

static bool split(struct ldif_line *line, char *text, const char *stop)
{
	char *at = find_colon(text);

	if (at == NULL)
		return false;
	*at++ = '\0';
	line->name = text;
	line->options = strchrnul(text, ';');
	if (*line->options == ';')
		*line->options++ = '\0';
	line->form = *at == ':' ? LDIF_BASE64
		: *at == '<'    ? LDIF_URL
				: LDIF_PLAIN;
	at += line->form != LDIF_PLAIN;
	line->value = at + strspn(at, " ");
	line->len = (size_t)(stop - line->value);
	return true;
}

static enum ldif_next fail(
	const struct ldif_lines *lines, struct ldif_line *line, struct err *err)
{
	line->line = lines->next;
	err_set(err,
		"the text ends within a line, so it was cut off; a whole one "
		"ends with a newline");
	return LDIF_FAILED;
}

enum ldif_next ldif_next(
	struct ldif_lines *lines, struct ldif_line *line, struct err *err)
{
	const size_t narrowest = lines->narrowest;
	char *text = lines->at;

	*line = (struct ldif_line){ .line = lines->next };
	if (text == lines->end)
		return LDIF_DONE;
	char *stop = take_line(lines);

	if (stop == text)
		return LDIF_SEPARATOR;
	if (stop != NULL && *text != ' ')
		stop = unfold(lines, stop);
	if (stop == NULL)
		return fail(lines, line, err);
	*stop = '\0';
	if (*text == '#') {
		lines->width = 0; /* nobody misses the rest of it */
		lines->narrowest = narrowest;
		line->name = text + 1;
		return LDIF_COMMENT;
	}
	if (*text != ' ' && split(line, text, stop))
		return LDIF_ATTRIBUTE;
	err_set(err, "%s",
		*text == ' '
			? "a line that goes on (it begins with a blank) has "
			  "none before it to go on from"
			: "no \"attribute: value\": a long line goes on in the "
			  "next one behind a blank");
	return LDIF_FAILED;
}

bool ldif_may_go_on(const struct ldif_lines *lines)
{
	return lines->width >= FOLD_MIN ||
		(lines->narrowest != 0 && lines->width >= lines->narrowest);
}

/* -1 where it is no digit of base64. */
static int digit_of(char c)
{
	static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digit = c == '\0' ? NULL : strchr(DIGITS, c);

	return digit == NULL ? -1 : (int)(digit - DIGITS);
}

/* Without its padding; false where that is not right. */
static bool strip_padding(struct ldif_line *line)
{
	while (line->len > 0 && line->value[line->len - 1] == ' ')
		line->len--;
	if (line->len % 4 != 0)
		return false;
	for (int i = 0; i < 2; i++)
		line->len -= line->len > 0 && line->value[line->len - 1] == '=';
	return true;
}

bool ldif_line_decode(struct ldif_line *line)
{
	unsigned bits = 0;
	size_t used = 0;

	line->form = LDIF_PLAIN;
	if (!strip_padding(line))
		return false;
	for (size_t i = 0; i < line->len; i++) {
		const int digit = digit_of(line->value[i]);

		if (digit < 0)
			return false;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		if (i % 4 > 0)
			line->value[used++] =
				(char)(bits >> (6 - 2 * (i % 4)) & 0xff);
	}
	line->value[used] = '\0';
	line->len = used;
	return true;
}
