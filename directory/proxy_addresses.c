/*
 * No export escapes its separator, and X.400 values have ";" within, X.500
 * values "," and blanks, local parts "%".  So each cell tells by itself which
 * one separates: the one that most often has "type:" behind it; where none
 * has, the one whose pieces are all addresses.  Blanks are the last of them,
 * for they also stand behind the others; PowerShell writes a collection so
 * that it got from elsewhere.  Format-List puts braces around and "," between.
 * A piece without a type belongs to the X.400 or X.500 value before it,
 * unless it looks like an address.  csvde writes "\;" where a ";" does not
 * separate, Exchange 5.5 "\%".
 *
 * A line end within a value is where a window was too narrow, for no address
 * has one; before a type it separates.
 */
#include "directory/proxy_addresses.h"

#include "base/arena.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char SEPARATORS[] = ";%,";
enum { BLANKS = ' ' }; /* the separator that is any number of them */

static const char JOIN[] = "export the property joined, as in "
			   "@{n='EmailAddresses';e={$_.EmailAddresses "
			   "-join ';'}}";

struct parser {
	struct proxy_addresses *out;
	struct arena *arena;
	bool is_generic; /* Exchange 5.5's format */
};

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

static bool is_separator(char c, char separator)
{
	return separator == BLANKS ? is_blank(c) : c == separator;
}

/* The next separator, a line end before a type, or the end of the cell. */
static const char *find_end(const char *text, char separator)
{
	const char *at = skip_blanks(text);

	at = skip_quoted(skip_blanks(at + type_length(at)));
	while (*at != '\0' && !is_separator(*at, separator)) {
		/* all of them at once, for there may be thousands */
		const char *next = *at == '\n' ? skip_blanks(at) : at + 1;

		if (*at == '\n' && type_length(next) > 0)
			break;
		at = *at == '\\' && at[1] != '\0' ? at + 2 : next;
	}
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

/* How often the separator has a type behind it. */
static size_t count_types(const char *cell, char separator)
{
	const char *end = find_end(cell, separator);
	size_t count = 0;

	while (*end != '\0') {
		const char *next = end + 1;

		if (is_separator(*end, separator) &&
			type_length(skip_blanks(next)) > 0)
			count++;
		end = find_end(next, separator);
	}
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

/* NUL where there is none: one value fills the cell. */
static char bare_separator_of(const char *cell)
{
	for (const char *c = SEPARATORS; *c != '\0'; c++) {
		if (strchr(cell, *c) != NULL && are_addresses(cell, *c))
			return *c;
	}
	return are_addresses(cell, BLANKS) ? BLANKS : '\0';
}

static char separator_of(const char *cell)
{
	char best = '\0';
	size_t most = 0;

	for (const char *c = SEPARATORS; *c != '\0'; c++) {
		const size_t count =
			strchr(cell, *c) == NULL ? 0 : count_types(cell, *c);

		if (count > most) {
			most = count;
			best = *c;
		}
	}
	if (count_types(cell, BLANKS) > most)
		return BLANKS;
	return best != '\0' ? best : bare_separator_of(cell);
}

static bool is_smtp(const char *value)
{
	return strncasecmp(value, "smtp:", 5) == 0;
}

static bool has_mark(const char *text, size_t len)
{
	static const char MARK[] = "~DEL";

	return len >= strlen(MARK) &&
		strncasecmp(text, MARK, strlen(MARK)) == 0;
}

static bool is_removed(const struct piece *value)
{
	return has_mark(value->start, value->len) ||
		(value->len > 4 && has_mark(value->start + value->len - 4, 4));
}

/* A copy without line ends, the blanks behind them and what escapes. */
static const char *copy_value(
	const struct parser *parser, const struct piece *value)
{
	const char *end = value->start + value->len;
	char *copy = arena_strndup(parser->arena, value->start, value->len);
	char *write = copy;

	for (const char *at = value->start; at < end; at++) {
		if (*at == '\r' || *at == '\n') {
			at = skip_blanks(at) - 1;
			continue;
		}
		if (parser->is_generic && *at == '\\' && at + 1 < end)
			at++;
		*write++ = *at;
	}
	*write = '\0';
	return copy;
}

static void add(const struct parser *parser, const struct piece *piece)
{
	struct proxy_addresses *out = parser->out;
	const size_t type = is_smtp(piece->start) ? 5 : 0;
	const struct piece value =
		trim(piece->start + type, piece->start + piece->len);

	if (!parser->is_generic || (!is_removed(piece) && !is_removed(&value)))
		out->list[out->count++] = copy_value(parser, &value);
}

static bool is_type_name(const char *cell)
{
	return strchr(cell, '@') == NULL &&
		(text_starts(cell, "System.") ||
			text_starts(cell, "Microsoft.") ||
			text_starts(cell, "Deserialized."));
}

/* Three dots, the one character for them, or a brace that is not closed. */
static bool is_cut_off(const struct piece *cell)
{
	const char *end = cell->start + cell->len;

	if (cell->len > 1 && *cell->start == '{' && end[-1] != '}' &&
		type_length(cell->start + 1) > 0)
		return true;
	return cell->len >= 3 &&
		(memcmp(end - 3, "...", 3) == 0 ||
			memcmp(end - 3, "\xE2\x80\xA6", 3) == 0);
}

static bool has_braces(const struct piece *cell)
{
	return cell->len >= 2 && *cell->start == '{' &&
		cell->start[cell->len - 1] == '}';
}

static bool check_whole(
	const struct piece *cell, const char *text, struct err *err)
{
	if (is_type_name(text))
		return err_set(err,
			"\"%s\" is the name of a type, not its values: %s",
			text, JOIN);
	if (is_cut_off(cell))
		return err_set(err,
			"a list of addresses is cut off at its end, so that "
			"some are missing: %s, or set "
			"$FormatEnumerationLimit = -1 before",
			JOIN);
	return true;
}

/* Room for as many values as there can be. */
static size_t count_values(const char *cell)
{
	size_t count = 1;

	for (; *cell != '\0'; cell++)
		count += is_blank(*cell) || strchr(SEPARATORS, *cell) != NULL;
	return count;
}

static void take_pieces(
	const struct parser *parser, const char *cell, char separator)
{
	bool is_foreign = false; /* within an X.400 value or the like */
	struct piece piece;

	while (next_piece(&piece, &cell, separator)) {
		if (type_length(piece.start) > 0)
			is_foreign = !is_smtp(piece.start);
		else if (is_foreign && looks_like_address(&piece))
			is_foreign = false;
		else if (is_foreign)
			continue; /* the rest of that value */
		if (is_foreign)
			parser->out->n_ignored++;
		else
			add(parser, &piece);
	}
}

static bool parse(
	const struct parser *parser, const char *cell, struct err *err)
{
	struct proxy_addresses *out = parser->out;
	struct piece inner = trim(cell, cell + strlen(cell));
	const bool is_format_list = has_braces(&inner);

	*out = (struct proxy_addresses){ 0 };
	if (is_format_list)
		inner = trim(inner.start + 1, inner.start + inner.len - 1);
	const char *text = arena_strndup(parser->arena, inner.start, inner.len);

	if (!check_whole(&inner, text, err))
		return false;
	out->list = arena_array(
		parser->arena, count_values(text), sizeof *out->list);
	take_pieces(parser, text, is_format_list ? ',' : separator_of(text));
	return true;
}

bool proxy_addresses_parse(struct proxy_addresses *out, const char *cell,
	struct arena *arena, struct err *err)
{
	const struct parser parser = { out, arena, false };

	return parse(&parser, cell, err);
}

bool proxy_addresses_parse_generic(struct proxy_addresses *out,
	const char *cell, struct arena *arena, struct err *err)
{
	const struct parser parser = { out, arena, true };

	return parse(&parser, cell, err);
}
