/*
 * The plainest source: what an administrator types, or a script prints.  A
 * local part may hold "#", and a quoted one blanks and "#" as well, so a
 * comment is looked for outside quotes and behind a blank only.
 */
#include "directory/list_file.h"

#include "directory/text_decode.h"

#include <stdio.h>
#include <string.h>

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

/* The line without comment and blanks around. */
static const char *strip(char *line)
{
	char *end = find_comment(line);

	while (is_blank(*line))
		line++;
	while (end > line && is_blank(end[-1]))
		end--;
	*end = '\0';
	return line;
}

static void read_lines(char *text, const struct sink *sink)
{
	unsigned number = 0;
	char *line;

	while (text != NULL && *text != '\0') {
		char origin[16];

		line = strsep(&text, "\n");
		const struct entry entry = {
			.address = strip(line),
			.origin = origin,
		};
		snprintf(origin, sizeof origin, "%u", ++number);
		if (*entry.address != '\0')
			sink->entry(sink->context, &entry);
	}
}

bool list_file_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	(void)directory;
	(void)err;
	read_lines(text->text, sink);
	return true;
}
