/* As [MS-ADTS] section 3.1.1.3.1.3.3 has it. */
#include "directory/ldap_range.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char RANGE[] = "range=";

static bool take_number(unsigned long *out, const char **at)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*out = strtoul(*at, &end, 10);
	*at = end;
	return errno == 0 && *out < ULONG_MAX;
}

/* Behind "range=". */
static bool parse_limits(struct ldap_range *out, const char *at)
{
	unsigned long last;

	if (!take_number(&out->first, &at) || *at++ != '-')
		return false;
	if (*at == '*')
		return at[1] == '\0' || at[1] == ';';
	if (!take_number(&last, &at) || last < out->first)
		return false;
	out->next = last + 1;
	return *at == '\0' || *at == ';';
}

bool ldap_range_parse(struct ldap_range *out, const char *description)
{
	*out = (struct ldap_range){ .name_len = strcspn(description, ";") };
	for (const char *at = strchr(description, ';'); at != NULL;
		at = strchr(at, ';')) {
		at++;
		if (strncasecmp(at, RANGE, strlen(RANGE)) != 0)
			continue;
		out->is_piece = true;
		return parse_limits(out, at + strlen(RANGE));
	}
	return true;
}
