/* A sink that writes down what it gets. */
#ifndef TESTS_UNIT_SINK_TEXT_H
#define TESTS_UNIT_SINK_TEXT_H

#include "base/arena.h"
#include "base/text.h"
#include "directory/source.h"
#include "tests/unit/folder_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

HELPER void sink_text_entry(void *context, const struct entry *entry)
{
	text_addf(context, "%s %s", entry->origin, entry->address);
	if (entry->target != NULL)
		text_addf(context, " -> %s", entry->target);
	text_adds(context, "\n");
}

HELPER void sink_text_bad(void *context, const char *origin, const char *why)
{
	text_addf(context, "%s BAD %s\n", origin, why);
}

HELPER void sink_text_object(void *context, const char *class)
{
	text_addf(context, "class %s\n", class);
}

/* Classes are written down only where a test asks for them. */
HELPER void sink_text_no_object(void *context, const char *class)
{
	(void)context;
	(void)class;
}

HELPER struct sink sink_text(struct text *text)
{
	return (struct sink){ sink_text_entry, sink_text_bad,
		sink_text_no_object, text };
}

/* Not NULL, even when nothing was written. */
HELPER const char *text_of(const struct text *text)
{
	return text->data == NULL ? "" : text->data;
}

/* A real export, where they are at hand; NULL = they are not. */
HELPER const char *test_sample(const char *name, struct arena *arena)
{
	const char *folder = getenv("POSTSHARE_SAMPLES");
	const char *path = arena_printf(arena, "%s/%s",
		folder == NULL ? "../shared/samples" : folder, name);

	return access(path, R_OK) == 0 ? path : NULL;
}

#endif
