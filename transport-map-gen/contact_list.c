/*
 * The resolver says who is somebody here: a contact that leads to nobody, or
 * an entry outside all accepted domains, would make the other system accept
 * mail that we refuse.  Whom a system knows, its own directories say: those
 * tied to its connector, or to none where the domain leaves by it.
 */
#include "transport-map-gen/contact_list.h"

#include "base/arena.h"
#include "namespace/resolver.h"
#include "namespace/search.h"

#include <stdlib.h>
#include <string.h>

struct listing_run {
	const struct contact_question *question;
	struct contact_list *out;
	size_t room;
	struct arena *arena; /* of the result */
	struct arena *request;
};

static bool is_wanted(
	const struct contact_question *question, const char *domain)
{
	for (size_t i = 0; i < question->n_domains; i++)
		if (domain_pattern_covers(&question->domains[i], domain))
			return true;
	return question->n_domains == 0;
}

static bool is_of_system(const struct contact_question *question,
	const struct recipient *recipient)
{
	const char *connector = recipient->directory->connector;
	struct route route;

	if (connector != NULL)
		return strcmp(connector, question->connector->name) == 0;
	return route_find(&route, model_view(question->model),
		       recipient->domain) == LOOKUP_FOUND &&
		strcmp(route.connectors[0]->name, question->connector->name) ==
		0;
}

static bool is_known(
	const struct contact_question *question, const char *address)
{
	const struct recipient *at =
		recipients_find(question->recipients, address);

	while (at != NULL && !is_of_system(question, at))
		at = at->next;
	return at != NULL;
}

static bool is_taken(const struct listing_run *run, const char *address)
{
	struct resolution resolution;

	resolve_key(&resolution, model_view(run->question->model), address,
		run->question->now, run->request);
	return resolution.verdict == VERDICT_ACCEPT &&
		(resolution.reason == REASON_LISTED ||
			resolution.reason == REASON_CONTACT ||
			resolution.reason == REASON_SECONDARY);
}

/* Doubles the room, so that each address is copied a few times at most. */
static void append(struct listing_run *run, const char *address)
{
	struct contact_list *out = run->out;

	if (out->count == run->room) {
		const size_t room = run->room == 0 ? 1024 : run->room * 2;
		const char **list = arena_array(run->arena, room, sizeof *list);

		if (out->count != 0)
			memcpy(list, out->addresses, out->count * sizeof *list);
		out->addresses = list;
		run->room = room;
	}
	out->addresses[out->count++] = arena_strdup(run->arena, address);
}

static void consider(struct listing_run *run, const char *address)
{
	if (is_wanted(run->question, strrchr(address, '@') + 1) &&
		!is_known(run->question, address) && is_taken(run, address))
		append(run, address);
}

/*
 * The name in a secondary of a name in its primary: "sub.old.example" of
 * "sub.company.example"; NULL where they are not related.
 */
static const char *secondary_name(
	const struct domain *secondary, const char *name, struct arena *arena)
{
	const char *primary = secondary->secondary_of;
	const char *own = secondary->pattern.name.ascii;
	const size_t len = strlen(name), tail = strlen(primary);

	if (len < tail || strcmp(name + len - tail, primary) != 0)
		return NULL;
	if (len == tail)
		return secondary->pattern.scope == SCOPE_SUBDOMAINS ? NULL
								    : own;
	if (name[len - tail - 1] != '.' ||
		secondary->pattern.scope == SCOPE_EXACT)
		return NULL;
	return arena_printf(arena, "%.*s%s", (int)(len - tail), name, own);
}

/*
 * Under its names in secondary domains, and under theirs where these are
 * primaries in their turn.  via: the secondary that calls it so, whose name
 * alone leads on, as in the resolver; NULL: the address itself.
 */
static void consider_names(struct listing_run *run, const char *address,
	const char *via, unsigned depth)
{
	const struct contact_question *question = run->question;
	const char *at = strrchr(address, '@');

	for (size_t i = 0; i < question->ns->n_domains; i++) {
		const struct domain *domain = &question->ns->domains[i];
		const char *name = NULL;

		if (domain->is_enabled && domain->secondary_of != NULL &&
			(via == NULL || strcmp(domain->secondary_of, via) == 0))
			name = secondary_name(domain, at + 1, run->request);
		if (name == NULL)
			continue;
		const char *other = arena_printf(run->request, "%.*s@%s",
			(int)(at - address), address, name);

		/* Listed itself, it has its own turn. */
		if (recipients_find(question->recipients, other) != NULL)
			continue;
		consider(run, other);
		if (depth < DEPTH_MAX)
			consider_names(run, other, domain->pattern.name.ascii,
				depth + 1);
	}
}

/* Under the secondary names that were asked for. */
static void consider_secondaries(struct listing_run *run, const char *address)
{
	if (run->question->n_domains != 0)
		consider_names(run, address, NULL, 1);
}

static void consider_all(struct listing_run *run)
{
	const struct contact_question *question = run->question;

	for (size_t i = 0; i < recipients_count(question->recipients); i++) {
		const char *key = recipients_get(question->recipients, i)->key;

		arena_reset(run->request);
		consider(run, key);
		consider_secondaries(run, key);
	}
	for (size_t i = 0; i < question->ns->n_contacts; i++) {
		const char *key = question->ns->contacts[i].address;

		arena_reset(run->request);
		if (recipients_find(question->recipients, key) != NULL)
			continue;
		consider(run, key);
		consider_secondaries(run, key);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A contact and a secondary name may be the same address. */
static void drop_repeated(struct contact_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 ||
			strcmp(list->addresses[kept - 1], list->addresses[i]) !=
				0)
			list->addresses[kept++] = list->addresses[i];
	list->count = kept;
}

void contact_list_make(struct contact_list *out,
	const struct contact_question *question, struct arena *arena)
{
	struct listing_run run = { .question = question,
		.out = out,
		.arena = arena,
		.request = arena_open() };

	*out = (struct contact_list){ .count = 0 };
	consider_all(&run);
	if (out->count > 1)
		qsort(out->addresses, out->count, sizeof *out->addresses,
			compare);
	drop_repeated(out);
	arena_close(&run.request);
}
