/*
 * A header has fixed places: stamp, host, tag with colon.  What a program
 * says comes behind them, so nothing in it can pass for another program's.
 */
#include "verdicts/log_line.h"

#include <string.h>

enum { TRADITIONAL_LEN = 15, PID_DIGITS_MAX = 10 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "Nov 21 09:05:03", the day with a blank or a zero in front. */
static bool is_traditional(struct slice line)
{
	static const char form[] = "Aaa 90 00:00:00";

	if (line.len < TRADITIONAL_LEN)
		return false;
	for (size_t i = 0; i < TRADITIONAL_LEN; i++) {
		const char c = line.bytes[i];
		const bool fits = form[i] == 'A' ? c >= 'A' && c <= 'Z'
			: form[i] == 'a'         ? c >= 'a' && c <= 'z'
			: form[i] == '0'         ? is_digit(c)
			: form[i] == '9'         ? is_digit(c) || c == ' '
						 : c == form[i];

		if (!fits)
			return false;
	}
	return true;
}

/* Up to a blank: "2026-11-21T09:05:03" and anything behind. */
static bool is_iso(struct slice line)
{
	static const char form[] = "0000-00-00T00:00:00";

	if (line.len < sizeof form)
		return false;
	for (size_t i = 0; i < sizeof form - 1; i++) {
		const char c = line.bytes[i];

		if (form[i] == '0' ? !is_digit(c) : c != form[i])
			return false;
	}
	return true;
}

/* Cuts the next word off, up to the byte that ends it, which is taken too. */
static bool take_until(struct slice *out, struct slice *rest, char end)
{
	const char *at = memchr(rest->bytes, end, rest->len);

	if (at == NULL || at == rest->bytes)
		return false;
	*out = (struct slice){ rest->bytes, (size_t)(at - rest->bytes) };
	*rest = slice_after(*rest, out->len + 1);
	return true;
}

static bool take_stamp(struct slice *out, struct slice *rest)
{
	if (is_iso(*rest))
		return take_until(out, rest, ' ');
	if (!is_traditional(*rest) || rest->len == TRADITIONAL_LEN ||
		rest->bytes[TRADITIONAL_LEN] != ' ')
		return false;
	*out = (struct slice){ rest->bytes, TRADITIONAL_LEN };
	*rest = slice_after(*rest, TRADITIONAL_LEN + 1);
	return true;
}

/* "program[pid]" or "program" */
static bool split_tag(struct log_line *out, struct slice tag)
{
	struct slice digits = tag;

	out->pid = 0;
	if (memchr(tag.bytes, ' ', tag.len) != NULL)
		return false;
	out->program = tag;
	if (tag.bytes[tag.len - 1] != ']')
		return true;
	if (!take_until(&out->program, &digits, '[') || digits.len < 2 ||
		digits.len > PID_DIGITS_MAX + 1)
		return false;
	for (size_t i = 0; i < digits.len - 1; i++) {
		if (!is_digit(digits.bytes[i]))
			return false;
		out->pid = out->pid * 10 + (unsigned)(digits.bytes[i] - '0');
	}
	return true;
}

bool log_line_parse(struct log_line *out, struct slice line)
{
	struct slice tag;

	if (!take_stamp(&out->stamp, &line) ||
		!take_until(&out->host, &line, ' ') ||
		!take_until(&tag, &line, ':') || !split_tag(out, tag))
		return false;
	if (line.len > 0 && line.bytes[0] == ' ')
		line = slice_after(line, 1);
	out->message = line;
	return true;
}

struct slice log_line_service(const struct log_line *line)
{
	const struct slice program = line->program;
	const char *slash = memrchr(program.bytes, '/', program.len);

	if (slash == NULL)
		return program;
	return slice_after(program, (size_t)(slash + 1 - program.bytes));
}
