/*
 * The plainest source: what an administrator types, or a script prints.  A
 * local part may hold "#", and a quoted one blanks and "#" as well, so a
 * comment is looked for outside quotes and behind a blank only.  The length of
 * a line is bounded, so that a file of another kind is not held whole.
 */
#include "directory/list_file.h"

#include "directory/text_decode.h"
#include "directory/text_parts.h"

#include <string.h>

enum { LIST_LINE_MAX = 65536, UTF8_MAX = 4 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Where the address on this line ends: its NUL or the comment. */
static char *find_comment(char *line)
{
	bool in_quotes = false;
	char *at = line;

	for (; *at != '\0'; at++) {
		if (*at == '"')
			in_quotes = !in_quotes;
		else if (in_quotes && *at == '\\' && at[1] != '\0')
			at++;
		else if (!in_quotes && *at == '#' &&
			(at == line || is_blank(at[-1])))
			break;
	}
	return at;
}

/* The line without comment and blanks around; its end is end, a NUL. */
static const char *strip(char *line, char *end)
{
	if (memchr(line, '#', (size_t)(end - line)) != NULL)
		end = find_comment(line);
	while (is_blank(*line))
		line++;
	while (end > line && is_blank(end[-1]))
		end--;
	*end = '\0';
	return line;
}

/* The number of a line in digits, and nothing but digits in front of them. */
struct line_number {
	char digits[24];
	char *first;
};

static void count_line(struct line_number *number)
{
	char *digit = number->digits + sizeof number->digits - 2;

	while (*digit == '9')
		*digit-- = '0';
	++*digit;
	if (digit < number->first)
		number->first = digit;
}

static void line_number_init(struct line_number *number)
{
	memset(number->digits, '0', sizeof number->digits);
	number->first = number->digits + sizeof number->digits - 1;
	*number->first = '\0';
}

struct lines {
	const char *source;
	const struct sink *sink;
	struct line_number number; /* of the last one */
	unsigned count;
};

static void lines_init(struct lines *lines, const struct directory *directory,
	const struct sink *sink)
{
	*lines = (struct lines){ .source = directory->source, .sink = sink };
	line_number_init(&lines->number);
}

static bool too_long(const struct lines *lines, struct err *err)
{
	const struct place place = { lines->source, lines->count };

	return err_at(err, place,
		"a line of more than %d bytes: is this a list, an address a "
		"line?",
		(int)LIST_LINE_MAX);
}

static bool read_lines(
	struct lines *lines, const struct decoded *text, struct err *err)
{
	char *const end = text->text + text->len;
	const struct sink *sink = lines->sink;
	char *stop;

	for (char *line = text->text; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		lines->count++;
		if (stop - line > LIST_LINE_MAX)
			return too_long(lines, err);
		*stop = '\0';
		count_line(&lines->number);
		const struct entry entry = {
			.address = strip(line, stop),
			.origin = lines->number.first,
		};

		if (*entry.address != '\0')
			sink->entry(sink->context, &entry);
	}
	return true;
}

bool list_file_read_text(const struct directory *directory,
	struct decoded *text, const struct sink *sink, struct err *err)
{
	struct lines lines;

	lines_init(&lines, directory, sink);
	return read_lines(&lines, text, err);
}

/* As much of a line without an end as is too long, in whole characters. */
static size_t cut_line(const char *bytes)
{
	size_t len = LIST_LINE_MAX + UTF8_MAX;

	while ((bytes[len] & 0xc0) == 0x80 && len > LIST_LINE_MAX + 1)
		len--;
	return len;
}

/* A line that is too long is a part, too, so that it is seen to be. */
static size_t find_end(const char *bytes, size_t len)
{
	const char *stop = memrchr(bytes, '\n', len);

	if (stop != NULL)
		return (size_t)(stop + 1 - bytes);
	return len <= LIST_LINE_MAX + UTF8_MAX ? 0 : cut_line(bytes);
}

bool list_file_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct text_parts *parts =
		text_parts_open(directory->path, options, find_end, err);
	enum lookup found;
	struct decoded text;
	struct lines lines;
	bool is_read = true;

	if (parts == NULL)
		return false;
	lines_init(&lines, directory, sink);
	while (is_read &&
		(found = text_parts_next(parts, lines.count + 1, &text, err)) ==
			LOOKUP_FOUND)
		is_read = read_lines(&lines, &text, err);
	text_parts_close(&parts);
	return is_read && found == LOOKUP_NONE;
}
