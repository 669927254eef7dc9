/*
 * Lines are asked in order, the first match wins; those between an "if
 * !/.../" that matches and its "endif" are passed over.  POSIX extended,
 * without regard to case.
 */
#include "transport-map-gen/regexp_map.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"

#include <regex.h>
#include <string.h>

/* "/pattern/ rest": cuts at the closing slash; NULL where there is none. */
static char *pattern_of(char *line, char **rest)
{
	char *at = line + 1;

	if (*line != '/')
		return NULL;
	while (*at != '\0' && *at != '/')
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	if (*at == '\0')
		return NULL;
	*at++ = '\0';
	*rest = at + strspn(at, " \t");
	return line + 1;
}

static enum lookup match(const char *pattern, const char *key)
{
	regex_t regex;

	if (pattern == NULL ||
		regcomp(&regex, pattern,
			REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return LOOKUP_FAILED;
	const int status = regexec(&regex, key, 0, NULL, 0);

	regfree(&regex);
	return status == 0 ? LOOKUP_FOUND : LOOKUP_NONE;
}

enum lookup regexp_map_find(const char **pattern, const char **value,
	const char *path, const char *key, struct arena *arena)
{
	size_t len;
	char *lines = file_read(path, &len, arena, NULL);
	unsigned n_passed_over = 0; /* ifs, one within the other */

	if (lines == NULL)
		return LOOKUP_FAILED;
	while (lines != NULL && lines[0] != '\0') {
		char *line = strsep(&lines, "\n");
		char *rest = NULL;
		enum lookup found;

		if (text_starts(line, "endif")) {
			n_passed_over -= n_passed_over > 0;
		} else if (text_starts(line, "if !")) {
			n_passed_over += n_passed_over > 0 ||
				match(pattern_of(line + 4, &rest), key) !=
					LOOKUP_NONE;
		} else if (n_passed_over == 0) {
			*pattern = pattern_of(line, &rest);
			*value = rest;
			found = match(*pattern, key);
			if (found != LOOKUP_NONE)
				return found;
		}
	}
	return LOOKUP_NONE;
}
