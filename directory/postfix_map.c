/*
 * Reads what postmap(1) reads: the key ends at the first blank outside
 * quotes.  What postmap would warn of and leave out is a
 * bad line here, and so is a key that is no single recipient.
 */
#include "directory/postfix_map.h"

#include "base/text.h"
#include "directory/logical_line.h"
#include "directory/text_decode.h"

#include <string.h>

static const char BLANKS[] = " \t\r\v\f";

static bool is_blank(char c)
{
	return c != '\0' && strchr(BLANKS, c) != NULL;
}

/* NULL where a quote is not closed. */
static char *find_key_end(char *line)
{
	bool in_quotes = false;
	char *at = line;

	for (; *at != '\0' && (in_quotes || !is_blank(*at)); at++) {
		if (*at == '"')
			in_quotes = !in_quotes;
		else if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return in_quotes ? NULL : at;
}

static const char *why_no_recipient(const char *key)
{
	if (*key == '@')
		return "stands for a whole domain, not for a recipient: that "
		       "is \"recipient-filter = off\" or \"catch-all\" on the "
		       "accepted domain";
	if (strchr(key, '@') == NULL)
		return "has no domain: write the whole address";
	return NULL;
}

static void put_bad(const struct sink *sink, const char *origin,
	const char *key, const char *why)
{
	struct text text;

	text_init(&text);
	text_addf(&text, "\"%s\" %s", key, why);
	sink->bad(sink->context, origin, text.data);
	text_fini(&text);
}

static void put_line(
	void *context, const char *origin, char *line, const struct sink *sink)
{
	char *end = find_key_end(line);
	const struct entry entry = { .address = line, .origin = origin };

	(void)context;
	if (end == NULL) {
		sink->bad(sink->context, origin, "a quote is not closed");
		return;
	}
	const bool has_value = end[strspn(end, BLANKS)] != '\0';

	*end = '\0';
	const char *why = why_no_recipient(line);

	if (why == NULL && !has_value)
		why = "has no value, so Postfix does not use the line either "
		      "(\"type = file\" reads addresses alone)";
	if (why != NULL)
		put_bad(sink, origin, line, why);
	else
		sink->entry(sink->context, &entry);
}

bool postfix_map_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	(void)directory;
	(void)err;
	logical_lines_read(text->text, put_line, NULL, sink);
	return true;
}
