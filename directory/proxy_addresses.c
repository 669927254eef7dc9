/*
 * No export escapes its separator, and X.400 values have ";" within, X.500
 * values ",", local parts "%".  So each cell tells by itself which one
 * separates: the one that most often has "type:" behind it; where none has,
 * the one whose pieces are all addresses.  A piece without a type belongs to
 * the X.400 or X.500 value before it, unless it looks like an address.
 * csvde writes "\;" where a ";" does not separate.
 */
#include "directory/proxy_addresses.h"

#include "base/arena.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char SEPARATORS[] = ";%,";

struct piece {
	const char *start;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* "smtp:" is 5; 0 where there is no type. */
static size_t type_length(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '-' ||
		text[len] == '_')
		len++;
	return len > 0 && text[len] == ':' ? len + 1 : 0;
}

/* Behind a quoted local part, whose separators do not count. */
static const char *skip_quoted(const char *text)
{
	const char *at = text + 1;

	if (*text != '"')
		return text;
	while (*at != '\0' && *at != '"')
		at += *at == '\\' && at[1] != '\0' ? 2 : 1;
	return *at == '"' ? at : text;
}

/* The next separator, or the end of the cell. */
static const char *find_end(const char *text, char separator)
{
	const char *at = skip_blanks(text);

	at = skip_quoted(skip_blanks(at + type_length(at)));
	while (*at != '\0' && *at != separator)
		at += *at == '\\' && at[1] != '\0' ? 2 : 1;
	return at;
}

static struct piece trim(const char *start, const char *end)
{
	while (start < end && is_blank(*start))
		start++;
	while (end > start && is_blank(end[-1]))
		end--;
	return (struct piece){ start, (size_t)(end - start) };
}

/* False at the end of the cell; *at moves behind the separator. */
static bool next_piece(struct piece *out, const char **at, char separator)
{
	while (**at != '\0') {
		const char *end = find_end(*at, separator);

		*out = trim(*at, end);
		*at = *end == '\0' ? end : end + 1;
		if (out->len > 0)
			return true;
	}
	return false;
}

static bool looks_like_address(const struct piece *piece)
{
	const char *sign = memchr(piece->start, '@', piece->len);

	return sign != NULL &&
		memchr(piece->start, '=', (size_t)(sign - piece->start)) ==
		NULL;
}

/* Pieces behind the first that have a type. */
static size_t count_types(const char *cell, char separator)
{
	struct piece piece;
	size_t count = 0;

	if (!next_piece(&piece, &cell, separator))
		return 0;
	while (next_piece(&piece, &cell, separator))
		count += type_length(piece.start) > 0;
	return count;
}

static bool are_addresses(const char *cell, char separator)
{
	struct piece piece;

	while (next_piece(&piece, &cell, separator)) {
		if (memchr(piece.start, '@', piece.len) == NULL)
			return false;
	}
	return true;
}

/* NUL: one value fills the cell. */
static char separator_of(const char *cell)
{
	char best = '\0';
	size_t most = 0;

	for (const char *c = SEPARATORS; *c != '\0'; c++) {
		const size_t count = count_types(cell, *c);

		if (count > most) {
			most = count;
			best = *c;
		}
	}
	for (const char *c = SEPARATORS; best == '\0' && *c != '\0'; c++) {
		if (strchr(cell, *c) != NULL && are_addresses(cell, *c))
			best = *c;
	}
	return best;
}

static bool is_smtp(const char *value)
{
	return strncasecmp(value, "smtp:", 5) == 0;
}

static void add(struct proxy_addresses *out, const struct piece *piece,
	struct arena *arena)
{
	const size_t type = is_smtp(piece->start) ? 5 : 0;
	const struct piece value =
		trim(piece->start + type, piece->start + piece->len);

	out->list[out->count++] = arena_strndup(arena, value.start, value.len);
}

static bool is_type_name(const char *cell)
{
	return strchr(cell, '@') == NULL &&
		(text_starts(cell, "System.") ||
			text_starts(cell, "Microsoft.") ||
			text_starts(cell, "Deserialized."));
}

/* Room for as many values as there can be. */
static size_t count_values(const char *cell)
{
	size_t count = 1;

	for (; *cell != '\0'; cell++)
		count += strchr(SEPARATORS, *cell) != NULL;
	return count;
}

bool proxy_addresses_parse(struct proxy_addresses *out, const char *cell,
	struct arena *arena, struct err *err)
{
	const char separator = separator_of(cell);
	bool is_foreign = false; /* within an X.400 value or the like */
	struct piece piece;

	*out = (struct proxy_addresses){ 0 };
	if (is_type_name(skip_blanks(cell)))
		return err_set(err,
			"\"%s\" is the name of a type, not its values: "
			"export the property joined, as in "
			"@{n='EmailAddresses';e={$_.EmailAddresses "
			"-join ';'}}",
			skip_blanks(cell));
	out->list = arena_array(arena, count_values(cell), sizeof *out->list);
	while (next_piece(&piece, &cell, separator)) {
		if (type_length(piece.start) > 0)
			is_foreign = !is_smtp(piece.start);
		else if (is_foreign && looks_like_address(&piece))
			is_foreign = false;
		else if (is_foreign)
			continue; /* the rest of that value */
		if (is_foreign)
			out->n_ignored++;
		else
			add(out, &piece, arena);
	}
	return true;
}
