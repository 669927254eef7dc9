/*
 * The parts one after the other.  What is not published yet is a view to
 * which no name belongs.
 */
#include "changes/diff.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "changes/diff_private.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"

#include <stdlib.h>
#include <string.h>

static enum lookup no_domain(
	const struct view *view, const char *key, const struct domain **out)
{
	(void)view, (void)key, (void)out;
	return LOOKUP_NONE;
}

static enum lookup no_claims(
	const struct view *view, const char *key, struct claims *out)
{
	(void)view, (void)key, (void)out;
	return LOOKUP_NONE;
}

static enum lookup no_contact(const struct view *view, const char *address,
	struct arena *request, struct contact *out)
{
	(void)view, (void)address, (void)request, (void)out;
	return LOOKUP_NONE;
}

static enum lookup no_listing(const struct view *view, const char *address,
	struct arena *request, struct listing *out)
{
	(void)view, (void)address, (void)request, (void)out;
	return LOOKUP_NONE;
}

static enum lookup no_entries(const struct view *view, const char *domain)
{
	(void)view, (void)domain;
	return LOOKUP_NONE;
}

static const struct view_ops nothing_ops = {
	.domain = no_domain,
	.claims = no_claims,
	.contact = no_contact,
	.directory_contact = no_contact,
	.listing = no_listing,
	.has_entries = no_entries,
};

static const struct view nothing = { .ops = &nothing_ops, .extension = "" };

static bool side_init(struct diff_side *side,
	const struct generation *generation, struct err *err)
{
	static const char *const names[DIFF_MAPS] = {
		[DIFF_RECIPIENTS] = FILES_RELAY_RECIPIENTS,
		[DIFF_ALIASES] = FILES_VIRTUAL_ALIAS,
		[DIFF_ACCESS] = FILES_RECIPIENT_ACCESS,
	};
	struct arena *arena = arena_open();
	bool is_open = true;

	*side = (struct diff_side){ .generation = generation,
		.view = generation == NULL ? &nothing
					   : generation_view(generation) };
	for (size_t i = 0; generation != NULL && is_open && i < DIFF_MAPS;
		i++) {
		side->maps[i] = cdb_reader_open(
			arena_printf(arena, "%s/%s",
				generation_folder(generation), names[i]),
			err);
		is_open = side->maps[i] != NULL;
	}
	arena_close(&arena);
	return is_open;
}

static void side_fini(struct diff_side *side)
{
	for (size_t i = 0; i < DIFF_MAPS; i++)
		cdb_reader_close(&side->maps[i]);
}

/* Doubled where it is full, which it is at each power of two. */
void *diff_grow(
	struct arena *arena, const void *list, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return (void *)list;
	void *grown = arena_array(arena, count == 0 ? 1 : 2 * count, size);

	if (count != 0)
		memcpy(grown, list, count * size);
	return grown;
}

static void add_setting(struct diff_work *work, const char *name,
	const char *from, const char *to)
{
	struct diff *out = work->out;

	if (text_same(from, to))
		return;
	struct diff_value *list = diff_grow(
		work->arena, out->settings, out->n_settings, sizeof *list);

	list[out->n_settings++] = (struct diff_value){ name, from, to };
	out->settings = list;
}

static const char *or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

static void compare_settings(struct diff_work *work)
{
	const struct view *before = work->sides[BEFORE].view;
	const struct view *after = work->sides[AFTER].view;

	add_setting(work, "extension", or_null(before->extension),
		or_null(after->extension));
	add_setting(work, "postmaster", before->postmaster, after->postmaster);
}

static bool compare(struct diff_work *work, struct err *err)
{
	if (!diff_names_collect(work, err) || !diff_recipients(work, err) ||
		!diff_domains(work, err) || !diff_tls(work, err))
		return false;
	diff_unlisted(work);
	diff_connectors(work);
	diff_spaces(work);
	compare_settings(work);
	return true;
}

struct diff *diff_open(const struct generation *before,
	const struct generation *after, time_t now, struct err *err)
{
	struct diff *diff = memory_must(calloc(1, sizeof *diff));
	struct diff_work work = { .out = diff,
		.now = now,
		.arena = arena_open(),
		.request = arena_open(),
		.names = table_open() };

	diff->arena = work.arena;
	if (!side_init(&work.sides[BEFORE], before, err) ||
		!side_init(&work.sides[AFTER], after, err) ||
		!compare(&work, err))
		diff_close(&diff);
	side_fini(&work.sides[BEFORE]);
	side_fini(&work.sides[AFTER]);
	table_close(&work.names);
	arena_close(&work.request);
	return diff;
}

void diff_close(struct diff **diff)
{
	if (*diff == NULL)
		return;
	arena_close(&(*diff)->arena);
	free(*diff);
	*diff = NULL;
}

bool diff_is_empty(const struct diff *diff)
{
	return diff->n_recipients + diff->n_domains + diff->n_unlisted +
		diff->n_connectors + diff->n_spaces + diff->n_tls +
		diff->n_settings ==
		0;
}
