/*
 * Reads what postmap(1) reads: a line that begins with a blank continues the
 * one before it, even across comments and empty lines; the key ends at the
 * first blank outside quotes.  What postmap would warn of and leave out is a
 * bad line here, and so is a key that is no single recipient.
 */
#include "directory/postfix_map.h"

#include "base/text.h"
#include "directory/text_decode.h"

#include <stdio.h>
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

/* A logical line, which begins at that line of the file. */
static void put_line(char *line, unsigned number, const struct sink *sink)
{
	char origin[16];
	char *end = find_key_end(line);
	const struct entry entry = { .address = line, .origin = origin };

	snprintf(origin, sizeof origin, "%u", number);
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

/* Gathers physical lines until a logical one is complete. */
struct gatherer {
	const struct sink *sink;
	struct text line;
	unsigned number;
};

static void finish_line(struct gatherer *gatherer)
{
	if (gatherer->line.len > 0)
		put_line(gatherer->line.data, gatherer->number, gatherer->sink);
	text_clear(&gatherer->line);
}

static void take_line(
	struct gatherer *gatherer, const char *line, unsigned number)
{
	const char *first = line + strspn(line, BLANKS);
	char origin[16];

	if (*first == '\0' || *first == '#')
		return;
	if (first == line) {
		finish_line(gatherer);
		gatherer->number = number;
		text_adds(&gatherer->line, line);
		return;
	}
	if (gatherer->line.len > 0) {
		text_adds(&gatherer->line, line);
		return;
	}
	snprintf(origin, sizeof origin, "%u", number);
	gatherer->sink->bad(gatherer->sink->context, origin,
		"begins with a blank, but there is no line before it that it "
		"could continue");
}

bool postfix_map_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	struct gatherer gatherer = { .sink = sink };
	unsigned number = 0;

	(void)directory;
	(void)err;
	for (char *at = text->text; at != NULL;)
		take_line(&gatherer, strsep(&at, "\n"), ++number);
	finish_line(&gatherer);
	text_fini(&gatherer.line);
	return true;
}
