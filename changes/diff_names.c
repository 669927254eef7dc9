/*
 * Where whoever nobody lists may be answered in another way than the names
 * beside: at each name of an accepted domain, of an address space or of what
 * a directory may list; where there are entries, for only such names has a
 * catch-all or a secondary domain; and what those are called below a
 * secondary domain.  Each name is asked of both generations, whichever it
 * came from.
 */
#include "base/arena.h"
#include "base/table.h"
#include "changes/diff_private.h"
#include "snapshot/generation.h"

#include <stdlib.h>
#include <string.h>

struct collect {
	struct diff_work *work;
	const struct view *view;
	const struct domain *const *secondaries;
	size_t n_secondaries;
};

static void add(struct diff_work *work, const char *name)
{
	if (table_find(work->names, name) != NULL)
		return;
	char *kept = arena_strdup(work->arena, name);

	table_put(work->names, kept, kept);
}

static bool is_ascii(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name >= 0x80)
			return false;
	return true;
}

static void add_pattern(
	struct diff_work *work, const struct domain_pattern *pattern)
{
	const char *names[2];
	const size_t count = route_names(names, pattern, work->request);

	for (size_t i = 0; i < count; i++)
		add(work, names[i]);
}

static bool add_domain(void *context, const struct domain *domain)
{
	struct collect *collect = context;

	add_pattern(collect->work, &domain->pattern);
	if (domain->secondary_of == NULL ||
		domain->pattern.scope == SCOPE_EXACT)
		return true;
	const struct domain **list = diff_grow(collect->work->arena,
		(const void *)collect->secondaries, collect->n_secondaries,
		sizeof *list);

	list[collect->n_secondaries++] = domain;
	collect->secondaries = list;
	return true;
}

/* The resolver follows no longer chain of secondary domains. */
enum { CHAIN_MAX = 16 };

/*
 * "sub.primary" is "sub.secondary" too, were it not for a closer match, and
 * so on where the secondary is a primary in its turn.  via: the secondary
 * that calls it so; NULL: it has entries.
 */
static void add_called(const struct collect *collect, const char *name,
	const char *via, unsigned depth)
{
	const size_t len = strlen(name);

	add(collect->work, name);
	for (size_t i = 0; i < collect->n_secondaries; i++) {
		const struct domain *secondary = collect->secondaries[i];
		const char *primary = secondary->secondary_of;
		const size_t tail = strlen(primary);

		if ((via != NULL && strcmp(primary, via) != 0) ||
			len <= tail + 1 || name[len - tail - 1] != '.' ||
			strcmp(name + len - tail, primary) != 0)
			continue;
		const char *own = secondary->pattern.name.ascii;

		if (depth < CHAIN_MAX)
			add_called(collect,
				arena_printf(collect->work->request, "%.*s%s",
					(int)(len - tail), name, own),
				own, depth + 1);
	}
}

static bool add_entry(void *context, const char *name)
{
	if (is_ascii(name))
		add_called(context, name, NULL, 0);
	return true;
}

static bool add_space(void *context, const char *key)
{
	struct collect *collect = context;

	if (strcmp(key, "*") != 0 && is_ascii(key))
		add(collect->work,
			*key == '.' ? arena_printf(collect->work->request,
					      "?%s", key)
				    : key);
	return true;
}

/* What a directory may list is a name apart while it is stale. */
static void add_bound(struct diff_work *work, const struct view *view)
{
	for (size_t i = 0; i < view->n_directories; i++) {
		const struct directory *directory = &view->directories[i];

		for (size_t j = 0; j < directory->n_domains; j++)
			add_pattern(work, &directory->domains[j]);
	}
}

bool diff_names_collect(struct diff_work *work, struct err *err)
{
	for (size_t i = 0; i < SIDES; i++) {
		const struct generation *generation = work->sides[i].generation;
		struct collect collect = { .work = work,
			.view = work->sides[i].view };

		if (generation == NULL)
			continue;
		if (!generation_walk_domains(
			    generation, add_domain, &collect, err) ||
			!generation_walk_entries(
				generation, add_entry, &collect, err) ||
			!generation_walk_spaces(
				generation, add_space, &collect, err))
			return false;
		add_bound(work, collect.view);
		arena_reset(work->request);
	}
	return true;
}

/* Somebody at the name whom neither generation knows. */
static const char *stranger_at(
	const struct diff_work *work, const char *name, const char **local)
{
	const char *address;
	unsigned number = 0;

	*local = "unlisted";
	while (address = arena_printf(work->request, "%s@%s", *local, name),
		diff_is_named(work, address))
		*local = arena_printf(work->request, "unlisted%u", number++);
	return address;
}

/* "@primary" of "unlisted@primary"; the answer's texts for good. */
static void settle(struct diff_work *work, struct diff_answer *out,
	const struct answer *answer, const char *local)
{
	const size_t len = strlen(local);
	struct arena *arena = work->arena;

	out->answer = *answer;
	out->answer.nexthop = arena_strdup(arena, answer->nexthop);
	if (answer->domain != NULL)
		out->answer.domain = arena_strdup(arena, answer->domain);
	if (answer->to != NULL)
		out->answer.to = arena_strdup(arena,
			strncmp(answer->to, local, len) == 0 &&
					answer->to[len] == '@'
				? answer->to + len
				: answer->to);
	out->text = answer_format(&out->answer, arena);
}

/* verify instead of off lets in other people by the same way. */
static bool is_same(const struct answer *before, const struct answer *after)
{
	return change_of(before, after) == CHANGE_NONE &&
		(before->reason == after->reason || !answer_is_let_in(after));
}

static void compare_at(struct diff_work *work, const char *name)
{
	struct diff *out = work->out;
	struct answer before, after;
	const char *local;
	const char *address = stranger_at(work, name, &local);

	answer_of_key(&before, work->sides[BEFORE].view, address, work->now,
		work->request);
	answer_of_key(&after, work->sides[AFTER].view, address, work->now,
		work->request);
	if (is_same(&before, &after))
		return;
	struct diff_unlisted *list = diff_grow(
		work->arena, out->unlisted, out->n_unlisted, sizeof *list);
	struct diff_unlisted *item = &list[out->n_unlisted++];

	*item = (struct diff_unlisted){ .change = change_of(&before, &after),
		.name = *name == '?'
			? arena_printf(work->arena, "*%s", name + 1)
			: name };
	settle(work, &item->from, &before, local);
	settle(work, &item->to, &after, local);
	out->unlisted = list;
}

static int by_name(const void *a, const void *b)
{
	const struct diff_unlisted *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void diff_unlisted(struct diff_work *work)
{
	struct diff *out = work->out;

	for (size_t i = 0; i < table_count(work->names); i++) {
		arena_reset(work->request);
		compare_at(work, table_key(work->names, i));
	}
	if (out->n_unlisted > 1)
		qsort((void *)out->unlisted, out->n_unlisted,
			sizeof *out->unlisted, by_name);
}
