/*
 * Recipients are compared by a form in which those that look alike are the
 * same: a number made of it for each, sorted, and the forms themselves only
 * where numbers meet.  So a million of them take 16 MB and one sort, and
 * nothing is done for a kind that can not occur: no other script where all
 * is ASCII, no slip where all is one system's.
 */
#include "namespace/lookalike.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "namespace/model.h"
#include "namespace/skeleton.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A recipient and the number of its form; those of equal ones stand together
   once they are sorted. */
struct mark {
	uint64_t number;
	uint32_t index;
};

struct search {
	const struct recipients *recipients;
	const struct skeleton *skeleton;
	enum lookalike kind;
	lookalike_found *found;
	void *context;
	struct arena *request;
};

static bool is_ascii(const char *text, const char *end)
{
	for (; text < end; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* The local part; all domains are in A-labels. */
static bool is_plain(const struct recipient *recipient)
{
	return is_ascii(recipient->key, recipient->domain);
}

static const char *connector_of(const struct recipient *recipient)
{
	const char *name = recipient->directory->connector;

	return name == NULL ? "" : name;
}

/* Forms. */

static const char *script_form(
	const struct search *search, const struct recipient *recipient)
{
	const char *skeleton = skeleton_of(search->skeleton, recipient->key,
		(size_t)(recipient->domain - recipient->key), search->request);

	return skeleton == NULL ? NULL
				: arena_printf(search->request, "%s%s",
					  skeleton, recipient->domain);
}

static const char *slip_form(
	const struct search *search, const struct recipient *recipient)
{
	char *form = arena_strdup(search->request, recipient->key);
	const char *const local_end =
		form + (recipient->domain - recipient->key);
	char *out = form;

	for (const char *at = form; *at != '\0'; at++) {
		const bool is_local = at < local_end;

		if (is_local && strchr(".-_", *at) != NULL)
			continue;
		*out = *at;
		if (is_local && *at == '1')
			*out = 'l';
		else if (is_local && *at == '0')
			*out = 'o';
		out++;
	}
	*out = '\0';
	return form;
}

/* NULL where it has no part in this. */
static const char *form_of(
	const struct search *search, const struct recipient *first)
{
	switch (search->kind) {
	case LOOKALIKE_SCRIPT: return script_form(search, first);
	case LOOKALIKE_SLIP: break;
	}
	return is_plain(first) && recipient_mailbox(first) != NULL
		? slip_form(search, first)
		: NULL;
}

/* FNV-1a. */
static uint64_t number_of(const char *form)
{
	uint64_t number = UINT64_C(14695981039346656037);

	for (; *form != '\0'; form++)
		number = (number ^ (unsigned char)*form) *
			UINT64_C(1099511628211);
	return number;
}

static int compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The number of marks; sorted. */
static size_t make_marks(const struct search *search, struct mark *marks)
{
	size_t count = 0;

	for (size_t i = 0; i < recipients_count(search->recipients); i++) {
		arena_reset(search->request);
		const char *form =
			form_of(search, recipients_get(search->recipients, i));

		if (form != NULL)
			marks[count++] =
				(struct mark){ number_of(form), (uint32_t)i };
	}
	if (count > 1)
		qsort(marks, count, sizeof *marks, compare_marks);
	return count;
}

/* Pairs. */

struct pair {
	uint32_t index, like;
};

struct pairs {
	struct pair *list;
	size_t count, room;
};

static void pairs_add(struct pairs *pairs, uint32_t index, uint32_t like)
{
	if (pairs->count == pairs->room) {
		pairs->room = pairs->room == 0 ? 64 : pairs->room * 2;
		pairs->list = memory_must(reallocarray(
			pairs->list, pairs->room, sizeof *pairs->list));
	}
	pairs->list[pairs->count++] = (struct pair){ index, like };
}

static const struct recipient *recipient_at(
	const struct search *search, const struct mark *mark)
{
	return recipients_get(search->recipients, mark->index);
}

/* Each that is not plain looks like the first plain one, or the first. */
static void pair_scripts(const struct search *search, struct pairs *pairs,
	const struct mark *run, size_t count)
{
	size_t like = 0;

	while (like < count && !is_plain(recipient_at(search, &run[like])))
		like++;
	like = like < count ? like : 0;
	for (size_t i = 0; i < count; i++)
		if (i != like && !is_plain(recipient_at(search, &run[i])))
			pairs_add(pairs, run[i].index, run[like].index);
}

static bool is_of_other_system(
	const struct search *search, const struct mark *a, const struct mark *b)
{
	const struct recipient *x = recipient_mailbox(recipient_at(search, a));
	const struct recipient *y = recipient_mailbox(recipient_at(search, b));

	return strcmp(connector_of(x), connector_of(y)) != 0;
}

/* Each looks like the first, or like the first of another system. */
static void pair_slips(const struct search *search, struct pairs *pairs,
	const struct mark *run, size_t count)
{
	size_t other = 0;

	for (size_t i = 1; i < count; i++) {
		if (is_of_other_system(search, &run[i], &run[0])) {
			pairs_add(pairs, run[i].index, run[0].index);
			other = other == 0 ? i : other;
		} else if (other != 0) {
			pairs_add(pairs, run[i].index, run[other].index);
		}
	}
}

/* Whether two of equal numbers have the same form. */
static bool is_alike(
	const struct search *search, const struct mark *a, const struct mark *b)
{
	arena_reset(search->request);
	return strcmp(form_of(search, recipient_at(search, a)),
		       form_of(search, recipient_at(search, b))) == 0;
}

static void pair_run(const struct search *search, struct pairs *pairs,
	const struct mark *run, size_t count)
{
	/* Numbers that meet by chance are nobody's likeness. */
	for (size_t i = 1; i < count; i++)
		if (!is_alike(search, &run[0], &run[i]))
			return;
	switch (search->kind) {
	case LOOKALIKE_SCRIPT: pair_scripts(search, pairs, run, count); break;
	case LOOKALIKE_SLIP: pair_slips(search, pairs, run, count); break;
	}
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* The entry that is compared. */
static const struct recipient *entry_at(
	const struct search *search, uint32_t index)
{
	const struct recipient *first =
		recipients_get(search->recipients, index);

	return search->kind == LOOKALIKE_SLIP ? recipient_mailbox(first)
					      : first;
}

static void tell_pairs(const struct search *search, const struct pairs *pairs)
{
	if (pairs->count > 1)
		qsort(pairs->list, pairs->count, sizeof *pairs->list,
			compare_pairs);
	for (size_t i = 0; i < pairs->count; i++)
		search->found(search->context, search->kind,
			entry_at(search, pairs->list[i].index),
			entry_at(search, pairs->list[i].like));
}

static void find_kind(const struct search *search)
{
	struct mark *marks = memory_must(calloc(
		recipients_count(search->recipients) + 1, sizeof *marks));
	struct pairs pairs = { .count = 0 };
	const size_t count = make_marks(search, marks);

	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1;
			next < count && marks[next].number == marks[i].number;
			next++)
			continue;
		if (next > i + 1)
			pair_run(search, &pairs, marks + i, next - i);
	}
	free(marks);
	tell_pairs(search, &pairs);
	free(pairs.list);
}

static bool has_other_scripts(const struct recipients *recipients)
{
	for (size_t i = 0; i < recipients_count(recipients); i++)
		if (!is_plain(recipients_get(recipients, i)))
			return true;
	return false;
}

static bool has_systems(const struct recipients *recipients)
{
	const size_t count = recipients_count(recipients);

	for (size_t i = 1; i < count; i++)
		if (strcmp(connector_of(recipients_get(recipients, i)),
			    connector_of(recipients_get(recipients, 0))) != 0)
			return true;
	return false;
}

void lookalikes_find(const struct recipients *recipients,
	lookalike_found *found, void *context)
{
	struct search search = { .recipients = recipients,
		.found = found,
		.context = context,
		.request = arena_open() };

	if (has_other_scripts(recipients)) {
		struct skeleton *skeleton = skeleton_open();

		search.skeleton = skeleton;
		search.kind = LOOKALIKE_SCRIPT;
		if (skeleton != NULL) /* advice alone depends on it */
			find_kind(&search);
		skeleton_close(&skeleton);
	}
	search.kind = LOOKALIKE_SLIP;
	if (has_systems(recipients))
		find_kind(&search);
	arena_close(&search.request);
}
