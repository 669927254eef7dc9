/*
 * Whoever answers may be anybody: nothing grows, each line and their number
 * have an end, and what can not be printed is a question mark.  A line ends
 * with LF, with CR before it or without, as smtp(8) has it.
 */
#include "doctor/smtp_reply.h"

#include "base/printable.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CODE_LEN = 3 };

/* The printable beginning of what came instead of a reply. */
enum { SHOWN_MAX = 60 };

/* A line's end is a blank. */
static size_t print(char *out, size_t size, const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		const size_t width = printable_len(bytes + i, len - i);
		const size_t taken = width == 0 ? 1 : width;

		if (n + taken >= size)
			break;
		if (width == 0)
			out[n] = bytes[i] == '\n' ? ' ' : '?';
		else
			memcpy(out + n, bytes + i, width);
		n += taken;
		i += taken;
	}
	out[n] = '\0';
	return n;
}

static bool is_digit(char c, char last)
{
	return c >= '0' && c <= last;
}

/* "250", "250 text", "250-text" */
static bool is_reply_line(const char *line, size_t len)
{
	return len >= CODE_LEN && is_digit(line[0], '5') && line[0] >= '2' &&
		is_digit(line[1], '9') && is_digit(line[2], '9') &&
		(len == CODE_LEN || line[CODE_LEN] == ' ' ||
			line[CODE_LEN] == '-');
}

static void add_text(struct smtp_reply *reply, const char *bytes, size_t len)
{
	const size_t room = sizeof reply->text - reply->len;

	if (room < 2)
		return;
	reply->len += print(reply->text + reply->len, room - 1, bytes, len);
	reply->text[reply->len++] = '\n';
	reply->text[reply->len] = '\0';
}

static enum smtp_progress line_take(struct smtp_reply *reply, struct err *err)
{
	const char *line = reply->line;
	size_t len = reply->line_len;
	char shown[SHOWN_MAX];

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (!is_reply_line(line, len)) {
		print(shown, sizeof shown, line, len);
		err_set(err, "\"%s\" is no SMTP reply", shown);
		return SMTP_BROKEN;
	}
	const unsigned code = (unsigned)(line[0] - '0') * 100 +
		(unsigned)(line[1] - '0') * 10 + (unsigned)(line[2] - '0');

	if (reply->code != 0 && reply->code != code) {
		err_set(err, "one reply has two codes, %u and %u", reply->code,
			code);
		return SMTP_BROKEN;
	}
	reply->code = code;
	reply->line_len = 0;
	if (len <= CODE_LEN) {
		add_text(reply, "", 0);
		return SMTP_WHOLE;
	}
	add_text(reply, line + CODE_LEN + 1, len - CODE_LEN - 1);
	if (line[CODE_LEN] == ' ')
		return SMTP_WHOLE;
	if (++reply->n_lines < SMTP_LINES_MAX)
		return SMTP_MORE;
	err_set(err, "a reply has more than %d lines", SMTP_LINES_MAX);
	return SMTP_BROKEN;
}

enum smtp_progress smtp_reply_feed(struct smtp_reply *reply, const char *bytes,
	size_t len, size_t *used, struct err *err)
{
	enum smtp_progress progress = SMTP_MORE;

	for (*used = 0; *used < len && progress == SMTP_MORE;) {
		const char c = bytes[(*used)++];

		if (c == '\n') {
			progress = line_take(reply, err);
		} else if (reply->line_len == sizeof reply->line) {
			err_set(err, "a line is longer than %d octets",
				SMTP_LINE_MAX);
			progress = SMTP_BROKEN;
		} else {
			reply->line[reply->line_len++] = c;
		}
	}
	return progress;
}

bool smtp_reply_has(const struct smtp_reply *reply, const char *word)
{
	const size_t len = strlen(word);
	const char *line = strchr(reply->text, '\n');

	for (; line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n'))
		if (strncasecmp(line + 1, word, len) == 0 &&
			(line[len + 1] == ' ' || line[len + 1] == '\n'))
			return true;
	return false;
}

size_t smtp_reply_first_word(const struct smtp_reply *reply)
{
	return strcspn(reply->text, " \n");
}

void smtp_reply_format(const struct smtp_reply *reply, char *out, size_t size)
{
	const size_t len = reply->len > 0 ? reply->len - 1 : 0;
	size_t n;

	snprintf(out, size, "%u%s", reply->code, len > 0 ? " " : "");
	n = strlen(out);
	print(out + n, size - n, reply->text, len);
}
