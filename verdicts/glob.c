/*
 * After a star that fits too early only the last star has to try again: so
 * no pattern takes exponential time (fnmatch(3) knows locales, and would
 * take brackets, which addresses may have, for classes).
 */
#include "verdicts/glob.h"

#include "base/arena.h"

bool glob_parse(struct glob *out, struct slice text, struct arena *arena)
{
	uint16_t *tokens =
		arena_array(arena, text.len + 1, sizeof out->tokens[0]);

	*out = (struct glob){ .tokens = tokens };
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.bytes[i];
		uint16_t token = (unsigned char)c;

		if (c == '\\' && ++i == text.len)
			return false;
		if (c == '\\')
			token = (unsigned char)text.bytes[i];
		else if (c == '*')
			token = GLOB_ANY;
		else if (c == '?')
			token = GLOB_ONE;
		out->has_wildcard |= token >= GLOB_ANY;
		tokens[out->n++] = token;
	}
	return true;
}

struct slice glob_literal(const struct glob *glob, struct arena *arena)
{
	char *bytes = arena_alloc(arena, glob->n + 1);

	for (size_t i = 0; i < glob->n; i++)
		bytes[i] = (char)glob->tokens[i];
	return (struct slice){ bytes, glob->n };
}

/* Where the next character begins. */
static size_t behind(struct slice value, size_t at)
{
	do {
		at++;
	} while (at < value.len &&
		((unsigned char)value.bytes[at] & 0xc0) == 0x80);
	return at;
}

/* Whether the token takes what stands there, and moves behind it. */
static bool takes(uint16_t token, struct slice value, size_t *at)
{
	if (token == GLOB_ONE)
		*at = behind(value, *at);
	else if (token == (unsigned char)value.bytes[*at])
		++*at;
	else
		return false;
	return true;
}

bool glob_fits(const struct glob *glob, struct slice value)
{
	size_t i = 0, at = 0;
	size_t star = glob->n, resume = 0; /* none yet */

	while (at < value.len) {
		if (i < glob->n && glob->tokens[i] == GLOB_ANY) {
			star = i++;
			resume = at;
		} else if (i < glob->n && takes(glob->tokens[i], value, &at)) {
			i++;
		} else if (star < glob->n) {
			i = star + 1;
			at = resume = behind(value, resume);
		} else {
			return false;
		}
	}
	while (i < glob->n && glob->tokens[i] == GLOB_ANY)
		i++;
	return i == glob->n;
}
