/*
 * name:password:uid:gid:comment:home:shell, passwd(5).  A damaged line is
 * bad whatever its uid would be: nobody can tell who stood there.
 */
#include "directory/passwd_file.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/text_decode.h"
#include "namespace/address.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS = 7, NAME = 0, UID = 2 };

struct reader {
	const struct directory *directory;
	const struct sink *sink;
	struct arena *line; /* forgotten with each line */
};

static bool is_no_user(const char *line)
{
	return line[strspn(line, " \t")] == '\0' || *line == '#' ||
		*line == '+' || *line == '-';
}

/* How many there are; only FIELDS of them are kept. */
static size_t split(char *line, char *fields[FIELDS])
{
	size_t count = 0;

	while (line != NULL) {
		char *field = strsep(&line, ":");

		if (count < FIELDS)
			fields[count] = field;
		count++;
	}
	return count;
}

/* NULL where it is a user. */
static const char *why_bad(const struct reader *reader, char *line,
	char *fields[FIELDS], unsigned long *uid)
{
	const size_t count = split(line, fields);

	if (count != FIELDS)
		return arena_printf(reader->line,
			"%zu fields between \":\" expected, %zu found",
			(size_t)FIELDS, count);
	if (*fields[NAME] == '\0')
		return "a user without a name";
	if (!text_to_ulong(uid, fields[UID]))
		return arena_printf(reader->line,
			"\"%s\": the uid must be a number, not \"%s\"",
			fields[NAME], fields[UID]);
	return NULL;
}

static void put_user(
	const struct reader *reader, const char *origin, const char *name)
{
	const struct entry entry = {
		.address = address_key(
			name, reader->directory->local_domain, reader->line),
		.origin = origin,
	};

	reader->sink->object(reader->sink->context, "user");
	reader->sink->entry(reader->sink->context, &entry);
}

static void take_line(
	const struct reader *reader, const char *origin, char *line)
{
	const struct directory *directory = reader->directory;
	char *fields[FIELDS];
	unsigned long uid = 0;

	if (is_no_user(line))
		return;
	const char *why = why_bad(reader, line, fields, &uid);

	if (why != NULL) {
		reader->sink->bad(reader->sink->context, origin, why);
		return;
	}
	if (uid < directory->min_uid || uid > directory->max_uid)
		return;
	if (strchr(fields[NAME], '@') == NULL)
		put_user(reader, origin, fields[NAME]);
	else
		reader->sink->bad(reader->sink->context, origin,
			arena_printf(reader->line,
				"\"%s\": a user's name has no \"@\"; the "
				"domain is that of \"local-domain\"",
				fields[NAME]));
}

static void cut_return(char *line)
{
	const size_t len = strlen(line);

	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
}

bool passwd_file_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	const struct reader reader = { directory, sink, arena_open() };
	struct arena *line_arena = reader.line;
	unsigned number = 0;

	(void)err;
	assert(directory->local_domain != NULL);
	for (char *at = text->text; at != NULL;) {
		char *line = strsep(&at, "\n");
		char origin[16];

		snprintf(origin, sizeof origin, "%u", ++number);
		cut_return(line);
		arena_reset(reader.line);
		take_line(&reader, origin, line);
	}
	arena_close(&line_arena);
	return true;
}
