/* A line is complete when the next one begins, so one is always held. */
#include "directory/logical_line.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char BLANKS[] = " \t\r\v\f";

struct gatherer {
	logical_line_put *put;
	void *context;
	const struct sink *sink;
	struct text line;
	char origin[16];
};

static void finish_line(struct gatherer *gatherer)
{
	if (gatherer->line.len > 0)
		gatherer->put(gatherer->context, gatherer->origin,
			gatherer->line.data, gatherer->sink);
	text_clear(&gatherer->line);
}

static void take_line(
	struct gatherer *gatherer, const char *line, unsigned number)
{
	const char *first = line + strspn(line, BLANKS);
	char origin[sizeof gatherer->origin];

	if (*first == '\0' || *first == '#')
		return;
	snprintf(origin, sizeof origin, "%u", number);
	if (first == line) {
		finish_line(gatherer);
		memcpy(gatherer->origin, origin, sizeof origin);
		text_adds(&gatherer->line, line);
	} else if (gatherer->line.len > 0) {
		text_adds(&gatherer->line, line);
	} else {
		gatherer->sink->bad(gatherer->sink->context, origin,
			"begins with a blank, but there is no line before it "
			"that it could continue");
	}
}

void logical_lines_read(char *text, logical_line_put *put, void *context,
	const struct sink *sink)
{
	struct gatherer gatherer = { put, context, sink, { 0 }, "" };
	unsigned number = 0;

	while (text != NULL)
		take_line(&gatherer, strsep(&text, "\n"), ++number);
	finish_line(&gatherer);
	text_fini(&gatherer.line);
}
