/*
 * A header has fixed places: stamp, host, tag with colon.  What a program
 * says comes behind them, so nothing in it can pass for another program's.
 */
#include "verdicts/log_line.h"

#include <stdint.h>
#include <string.h>

static const uint64_t HIGH_BITS = 0x8080808080808080u;

enum { PRIORITY_DIGITS_MAX = 3, PID_DIGITS_MAX = 10 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 0 stands for a digit, 9 for one or a blank, A and a for letters. */
static bool fits(char c, char form)
{
	switch (form) {
	case '0': return is_digit(c);
	case '9': return is_digit(c) || c == ' ';
	case 'A': return c >= 'A' && c <= 'Z';
	case 'a': return c >= 'a' && c <= 'z';
	default: return c == form;
	}
}

/* Whether the line begins so. */
static bool has_form(struct slice line, const char *form, size_t len)
{
	if (line.len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!fits(line.bytes[i], form[i]))
			return false;
	}
	return true;
}

/* Bytes of a time stamp with the blank behind it, or 0; some write "Nov 7". */
static size_t traditional_len(struct slice line)
{
	static const char padded[] = "Aaa 90 00:00:00 ";
	static const char bare[] = "Aaa 0 00:00:00 ";

	if (has_form(line, padded, sizeof padded - 1))
		return sizeof padded - 1;
	return has_form(line, bare, sizeof bare - 1) ? sizeof bare - 1 : 0;
}

/*
 * Eight bytes at once: each as in the form, or up to `more` above it, where
 * its low bits are 0.
 */
static bool fits_eight(const char *at, const char *form, const char *more)
{
	uint64_t bytes, from, up_to;

	memcpy(&bytes, at, sizeof bytes);
	memcpy(&from, form, sizeof from);
	memcpy(&up_to, more, sizeof up_to);
	bytes ^= from;
	/* No sum carries into the next byte: it lacks the high bit. */
	const uint64_t sums = (bytes & ~HIGH_BITS) + (~HIGH_BITS - up_to);

	return ((sums | bytes) & HIGH_BITS) == 0;
}

/* "2026-11-21T09:05:03" and anything behind, up to a blank. */
static bool is_iso(struct slice line)
{
	static const char form[] = "0000-00-00T00:00:00";
	static const char more[] = "\11\11\11\11\0\11\11\0"
				   "\11\11\0\11\11\0\11\11\0\11\11";
	const size_t last = sizeof form - 1 - 8;

	return line.len >= sizeof form && fits_eight(line.bytes, form, more) &&
		fits_eight(line.bytes + 8, form + 8, more + 8) &&
		fits_eight(line.bytes + last, form + last, more + last);
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

/* "<22>", which some daemons leave in front. */
static struct slice without_priority(struct slice line)
{
	size_t len = 1;

	if (line.len == 0 || line.bytes[0] != '<')
		return line;
	while (len < line.len && len <= PRIORITY_DIGITS_MAX &&
		is_digit(line.bytes[len]))
		len++;
	return len > 1 && len < line.len && line.bytes[len] == '>'
		? slice_after(line, len + 1)
		: line;
}

static bool take_stamp(struct slice *out, struct slice *rest)
{
	if (is_iso(*rest))
		return take_until(out, rest, ' ');
	const size_t len = traditional_len(*rest);

	if (len == 0)
		return false;
	*out = (struct slice){ rest->bytes, len - 1 };
	*rest = slice_after(*rest, len);
	return true;
}

/* "program[pid]" or "program" */
static bool split_tag(struct log_line *out, struct slice tag)
{
	size_t digits = tag.len - 1;

	out->pid = 0;
	out->program = tag;
	if (memchr(tag.bytes, ' ', tag.len) != NULL)
		return false;
	if (tag.bytes[tag.len - 1] != ']')
		return true;
	while (digits > 0 && is_digit(tag.bytes[digits - 1]))
		digits--;
	const size_t count = tag.len - 1 - digits;

	if (digits < 2 || tag.bytes[digits - 1] != '[' || count == 0 ||
		count > PID_DIGITS_MAX)
		return false;
	for (size_t i = digits; i < tag.len - 1; i++)
		out->pid = out->pid * 10 + (unsigned)(tag.bytes[i] - '0');
	out->program.len = digits - 1;
	return true;
}

/* "[ID 197553 mail.info] ", which Solaris writes behind the tag. */
static struct slice without_id(struct slice message)
{
	struct slice rest = message;
	struct slice id, priority;

	if (!slice_starts(message, "[ID "))
		return message;
	rest = slice_after(rest, 4);
	if (!take_until(&id, &rest, ' ') ||
		!take_until(&priority, &rest, ']') || rest.len == 0 ||
		rest.bytes[0] != ' ' ||
		memchr(priority.bytes, ' ', priority.len) != NULL)
		return message;
	for (size_t i = 0; i < id.len; i++) {
		if (!is_digit(id.bytes[i]))
			return message;
	}
	return slice_after(rest, 1);
}

bool log_line_parse(struct log_line *out, struct slice line)
{
	struct slice tag;

	line = without_priority(line);
	if (!take_stamp(&out->stamp, &line) ||
		!take_until(&out->host, &line, ' ') ||
		!take_until(&tag, &line, ':') || !split_tag(out, tag))
		return false;
	if (line.len > 0 && line.bytes[0] == ' ')
		line = slice_after(line, 1);
	out->message = without_id(line);
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
