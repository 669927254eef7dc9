/*
 * relay_recipients.regexp (regexp_table(5)): who is somebody in any name
 * below an unfiltered domain, but for the more specific accepted domains;
 * and the postmaster, with extension, everywhere.  POSIX extended regular
 * expressions, matched without regard to ASCII case.
 */
#include "snapshot/maps_private.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/fold.h"
#include "snapshot/files.h"

#include <string.h>

enum { PIECE = 32 };

/* Configured names within an unfiltered one, in their order. */
struct inner {
	const struct name *name;
	struct inner *next;
};

/* regcomp(3) knows no case beyond ASCII in the locale that Postfix has. */
static size_t add_either_case(struct text *out, const char *character)
{
	char capital[FOLD_CHARACTER_SIZE];
	const size_t len = fold_capital(capital, character);

	if (capital[0] == '\0')
		text_add(out, character, len);
	else
		text_addf(out, "(%.*s|%s)", (int)len, character, capital);
	return len;
}

static void add_escaped(struct text *out, const char *literal)
{
	while (*literal != '\0') {
		if ((unsigned char)*literal >= 0x80) {
			literal += add_either_case(out, literal);
			continue;
		}
		if (strchr(".[]{}()*+?^$|/\\", *literal) != NULL)
			text_adds(out, "\\");
		text_add(out, literal++, 1);
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

/*
 * Every more specific accepted domain: "if !/.../" in pieces, one within the
 * other, for regcomp(3) takes memory by the square of what stands between
 * two bars, and every smtpd has its own.  The number of pieces.
 */
static unsigned add_spared(struct text *out, const struct inner *inner)
{
	unsigned n_pieces = 0;

	for (size_t i = 0; inner != NULL; inner = inner->next, i++) {
		text_adds(out, i % PIECE == 0 ? "if !/@(" : "|");
		add_forms(out, inner->name);
		n_pieces += i % PIECE == 0;
		if (inner->next == NULL || i % PIECE == PIECE - 1)
			text_adds(out, ")$/\n");
	}
	return n_pieces;
}

static void add_unfiltered(
	struct text *out, const struct name *name, const struct inner *inner)
{
	unsigned n_pieces = add_spared(out, inner);

	text_adds(out, "/@(");
	add_forms(out, name);
	text_adds(out, ")$/ - -\n");
	while (n_pieces-- > 0)
		text_adds(out, "endif\n");
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

static bool is_unfiltered(const struct name *name)
{
	return name->is_below && name->wildcard.target == NULL &&
		name->wildcard.verdict == VERDICT_RELAY;
}

/* outer's ascii form -> those within it */
static void collect_inner(struct table *inner, const struct maps *maps)
{
	for (size_t i = names_count(maps->names); i-- > 0;) {
		const struct name *name = names_get(maps->names, i);
		const char *at = name->is_entry ? "" : name->ascii;

		while (*at != '\0' && (at = strchr(at + 1, '.')) != NULL) {
			const struct name *outer = names_find(maps->names, at);
			struct inner *first;

			if (outer == NULL || !is_unfiltered(outer))
				continue;
			first = arena_alloc(maps->arena, sizeof *first);
			*first = (struct inner){ name,
				table_find(inner, outer->ascii) };
			table_put(inner, outer->ascii, first);
		}
	}
}

bool maps_write_regexp(struct maps *maps, const char *folder)
{
	struct table *inner = table_open();
	struct text text;

	text_init(&text);
	collect_inner(inner, maps);
	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);

		if (is_unfiltered(name))
			add_unfiltered(
				&text, name, table_find(inner, name->ascii));
	}
	table_close(&inner);
	add_postmaster(&text, maps->view->extension);
	const bool is_written =
		files_replace(arena_printf(maps->arena, "%s/%s", folder,
				      FILES_RELAY_RECIPIENTS_REGEXP),
			&text, maps->err);

	text_fini(&text);
	return is_written;
}
