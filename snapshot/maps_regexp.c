/*
 * relay_recipients.regexp (regexp_table(5)): who is somebody in any name
 * below an unfiltered domain, but for the more specific accepted domains;
 * and the postmaster, with extension, everywhere.  POSIX extended regular
 * expressions, matched without regard to ASCII case.
 */
#include "snapshot/maps_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/files.h"

#include <string.h>

static void add_escaped(struct text *out, const char *literal)
{
	for (; *literal != '\0'; literal++) {
		if (strchr(".[]{}()*+?^$|/\\", *literal) != NULL)
			text_adds(out, "\\");
		text_add(out, literal, 1);
	}
}

/* "d" as it is, ".d" as whatever stands below it. */
static void add_name(struct text *out, const char *name)
{
	if (name[0] == '.')
		text_adds(out, "[^@]+");
	add_escaped(out, name);
}

static void add_forms(struct text *out, const struct name *name)
{
	add_name(out, name->ascii);
	if (name->unicode == name->ascii)
		return;
	text_adds(out, "|");
	add_name(out, name->unicode);
}

static bool is_within(const struct name *inner, const struct name *outer)
{
	const size_t len = strlen(inner->ascii);
	const size_t tail = strlen(outer->ascii);

	return len > tail && !inner->is_entry &&
		strcmp(inner->ascii + len - tail, outer->ascii) == 0;
}

static void add_unfiltered(
	struct text *out, const struct maps *maps, const struct name *name)
{
	struct text spared;

	text_init(&spared);
	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *inner = names_get(maps->names, i);

		if (!is_within(inner, name))
			continue;
		if (spared.len != 0)
			text_adds(&spared, "|");
		add_forms(&spared, inner);
	}
	if (spared.len != 0)
		text_addf(out, "if !/@(%s)$/\n", spared.data);
	text_adds(out, "/@(");
	add_forms(out, name);
	text_adds(out, ")$/ - -\n");
	if (spared.len != 0)
		text_adds(out, "endif\n");
	text_fini(&spared);
}

static void add_postmaster(struct text *out, const char *delimiters)
{
	text_adds(out, "/^postmaster");
	if (delimiters[0] != '\0') {
		text_adds(out, "((");
		for (const char *at = delimiters; *at != '\0'; at++) {
			const char delimiter[2] = { *at, '\0' };

			if (at != delimiters)
				text_adds(out, "|");
			add_escaped(out, delimiter);
		}
		text_adds(out, ")[^@]*)?");
	}
	text_adds(out, "@/ - -\n");
}

bool maps_write_regexp(struct maps *maps, const char *folder)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);

		if (name->is_below && name->wildcard.target == NULL &&
			name->wildcard.verdict == VERDICT_RELAY)
			add_unfiltered(&text, maps, name);
	}
	add_postmaster(&text, maps->view->extension);
	const bool is_written =
		files_replace(arena_printf(maps->arena, "%s/%s", folder,
				      FILES_RELAY_RECIPIENTS_REGEXP),
			&text, maps->err);

	text_fini(&text);
	return is_written;
}
