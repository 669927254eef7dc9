/*
 * The name ends at the first ":" outside quotes, as postalias(1) has it.  A
 * name of several words, a comment in it or a quote in its middle are taken
 * by postalias in ways that few expect, so here they have to be written as
 * one quoted text.
 */
#include "directory/aliases_file.h"

#include "base/arena.h"
#include "directory/logical_line.h"
#include "directory/text_decode.h"
#include "namespace/address.h"

#include <assert.h>
#include <string.h>

static const char BLANKS[] = " \t\r\v\f";

struct reader {
	const struct directory *directory;
	struct arena *line; /* forgotten with each line */
};

/* The ":" behind the name, NULL where there is none. */
static char *find_colon(char *line)
{
	bool in_quotes = false;
	char *at = line;

	for (; *at != '\0' && (in_quotes || *at != ':'); at++) {
		if (*at == '"')
			in_quotes = !in_quotes;
		else if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return *at == ':' ? at : NULL;
}

static void cut_blanks(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
}

/*
 * Takes quotes and backslashes off in place.  False where the quotes do not
 * hold all of it.
 */
static bool unquote(char *name)
{
	const char *at = name + 1;
	char *write = name;

	if (*name != '"')
		return strpbrk(name, "\"\\() \t\v\f") == NULL;
	while (*at != '"') {
		at += *at == '\\';
		*write++ = *at++;
	}
	*write = '\0';
	return at[1] == '\0';
}

/* NULL where it is a name; then it is unquoted. */
static const char *why_no_name(char *name, struct arena *line)
{
	const bool is_quoted = *name == '"';
	const char *shown = arena_strdup(line, name);

	if (!unquote(name))
		return arena_printf(line,
			"%s: a name with blanks, quotes, parentheses or "
			"backslashes is written in double quotes as a whole",
			shown);
	if (*name == '\0')
		return "an alias without a name";
	if (!is_quoted && strchr(name, '@') != NULL)
		return arena_printf(line,
			"\"%s\": the name of an alias has no \"@\"; the domain "
			"is that of \"local-domain\"",
			shown);
	return NULL;
}

/* The unquoted name, NULL where *why says what is wrong. */
static const char *parse(char *line, struct arena *arena, const char **why)
{
	char *colon = find_colon(line);

	if (colon == NULL || colon == line) {
		*why = "no alias: \"name: value\" is expected";
		return NULL;
	}
	*colon = '\0';
	cut_blanks(line);
	*why = why_no_name(line, arena);
	if (*why == NULL && colon[1 + strspn(colon + 1, BLANKS)] == '\0')
		*why = arena_printf(arena,
			"\"%s\" has no value, so Postfix does not use the line "
			"either",
			line);
	return *why == NULL ? line : NULL;
}

static void put_line(
	void *context, const char *origin, char *line, const struct sink *sink)
{
	const struct reader *reader = context;
	const char *why;

	arena_reset(reader->line);
	const char *name = parse(line, reader->line, &why);

	if (name == NULL) {
		sink->bad(sink->context, origin, why);
		return;
	}
	const struct entry entry = {
		.address = address_key(
			name, reader->directory->local_domain, reader->line),
		.origin = origin,
	};

	sink->object(sink->context, "alias");
	sink->entry(sink->context, &entry);
}

bool aliases_file_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	struct reader reader = { directory, arena_open() };

	(void)err;
	assert(directory->local_domain != NULL);
	logical_lines_read(text->text, put_line, &reader, sink);
	arena_close(&reader.line);
	return true;
}
