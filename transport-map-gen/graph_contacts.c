/*
 * Contacts and the postmaster, and where they lead.  A few are drawn one by
 * one; many are counted by the domain of their targets, and of these the
 * greatest are drawn.  Those that lead back to themselves, which only the
 * resolver knows, are drawn before others.
 */
#include "transport-map-gen/graph_sketch.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/resolver.h"

#include <stdlib.h>
#include <string.h>

enum { SINGLE_CONTACTS_MAX = 24, TARGETS_MAX = 16 };

/* Contacts whose targets are in one domain. */
struct targets {
	const char *domain;
	const char *example; /* one of the targets */
	unsigned long count;
};

struct contacts {
	struct sketch *sketch;
	bool *is_loop; /* of each of ns->contacts */
	bool *is_single;
	struct table *nodes; /* address -> node and one, as size_t */
	struct table *targets; /* domain -> struct targets */
};

static const char *domain_of(const char *address)
{
	return strrchr(address, '@') + 1;
}

static bool leads_back(
	const struct sketch *sketch, const char *target, struct arena *request)
{
	struct resolution resolution;

	arena_reset(request);
	resolve_key(&resolution, sketch->view, target, sketch->g->now, request);
	return resolution.reason == REASON_LOOKUP_FAILED;
}

/* Where mail for an address goes from here. */
static size_t where(const struct contacts *contacts, const char *address)
{
	struct sketch *sketch = contacts->sketch;
	const size_t *contact = table_find(contacts->nodes, address);
	const size_t domain = sketch_domain(sketch, domain_of(address));
	struct route route;

	if (contact != NULL)
		return *contact;
	if (domain != GRAPH_NO_NODE)
		return sketch->domains[domain];
	if (route_find(&route, sketch->view, domain_of(address)) ==
		LOOKUP_FOUND)
		return sketch->connectors[route.connectors[0]->index];
	return sketch_world(sketch);
}

static void find_loops(struct contacts *contacts)
{
	const struct namespace *ns = contacts->sketch->g->ns;
	struct arena *request = arena_open();
	size_t n_single = 0;

	for (size_t i = 0; i < ns->n_contacts; i++) {
		contacts->is_loop[i] = leads_back(
			contacts->sketch, ns->contacts[i].target, request);
		contacts->is_single[i] =
			contacts->is_loop[i] && n_single < SINGLE_CONTACTS_MAX;
		n_single += contacts->is_single[i];
	}
	for (size_t i = 0; i < ns->n_contacts; i++)
		contacts->is_single[i] |= ns->n_contacts <= SINGLE_CONTACTS_MAX;
	arena_close(&request);
}

static void draw_singles(struct contacts *contacts)
{
	struct sketch *sketch = contacts->sketch;
	const struct namespace *ns = sketch->g->ns;

	for (size_t i = 0; i < ns->n_contacts; i++) {
		const struct contact *contact = &ns->contacts[i];
		size_t *node;

		if (!contacts->is_single[i])
			continue;
		node = arena_alloc(sketch->arena, sizeof *node);
		*node = sketch_node(sketch,
			&(struct graph_node){ .kind = GRAPH_CONTACT,
				.title = contact->address,
				.details = arena_printf(sketch->arena,
					"stands for %s", contact->target),
				.error =
					sketch_error(sketch, contact->place) });
		table_put(contacts->nodes, contact->address, node);
	}
}

static void draw_edge(struct contacts *contacts, size_t from,
	const char *target, bool is_loop)
{
	sketch_edge_once(contacts->sketch,
		&(struct graph_edge){ .from = from,
			.to = where(contacts, target),
			.relation = GRAPH_STANDS_FOR,
			.label = is_loop ? "LOOP" : "",
			.is_loop = is_loop });
}

/* When all have nodes, for one may stand for another. */
static void join_singles(struct contacts *contacts)
{
	const struct namespace *ns = contacts->sketch->g->ns;

	for (size_t i = 0; i < ns->n_contacts; i++)
		if (contacts->is_single[i])
			draw_edge(contacts,
				*(size_t *)table_find(contacts->nodes,
					ns->contacts[i].address),
				ns->contacts[i].target, contacts->is_loop[i]);
}

static void count_targets(struct contacts *contacts)
{
	struct sketch *sketch = contacts->sketch;
	const struct namespace *ns = sketch->g->ns;

	for (size_t i = 0; i < ns->n_contacts; i++) {
		const char *target = ns->contacts[i].target;
		struct targets *targets;

		if (contacts->is_single[i] || contacts->is_loop[i])
			continue;
		targets = table_find(contacts->targets, domain_of(target));
		if (targets == NULL) {
			targets = arena_alloc(sketch->arena, sizeof *targets);
			*targets = (struct targets){ domain_of(target), target,
				0 };
			table_put(contacts->targets, targets->domain, targets);
		}
		targets->count++;
	}
}

/* The most first, then by name. */
static int compare(const void *a, const void *b)
{
	const struct targets *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static size_t draw_group(
	struct sketch *sketch, unsigned long count, const char *details)
{
	return sketch_node(sketch,
		&(struct graph_node){ .kind = GRAPH_CONTACT,
			.title = sketch_count(sketch, count, "contact"),
			.details = details });
}

static void draw_targets(
	struct contacts *contacts, const struct targets *list, size_t count)
{
	struct sketch *sketch = contacts->sketch;
	unsigned long n_rest = 0;

	for (size_t i = 0; i < count && i < TARGETS_MAX; i++) {
		const size_t node = draw_group(sketch, list[i].count,
			arena_printf(sketch->arena, "stand for addresses in %s",
				list[i].domain));

		draw_edge(contacts, node, list[i].example, false);
	}
	if (count <= TARGETS_MAX)
		return;
	for (size_t i = TARGETS_MAX; i < count; i++)
		n_rest += list[i].count;
	const size_t rest = draw_group(sketch, n_rest,
		arena_printf(sketch->arena, "stand for addresses in %s",
			sketch_count(
				sketch, count - TARGETS_MAX, "other domain")));

	for (size_t i = TARGETS_MAX; i < count; i++)
		draw_edge(contacts, rest, list[i].example, false);
}

static void draw_groups(struct contacts *contacts)
{
	struct sketch *sketch = contacts->sketch;
	const struct namespace *ns = sketch->g->ns;
	unsigned long n_loops = 0;

	count_targets(contacts);
	const size_t count = table_count(contacts->targets);
	struct targets *list = arena_array(sketch->arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++)
		list[i] = *(struct targets *)table_value(contacts->targets, i);
	if (count > 1)
		qsort(list, count, sizeof *list, compare);
	draw_targets(contacts, list, count);
	for (size_t i = 0; i < ns->n_contacts; i++)
		n_loops += contacts->is_loop[i] && !contacts->is_single[i];
	if (n_loops == 0)
		return;
	const size_t node = draw_group(sketch, n_loops, "more lead back here");

	sketch_edge(sketch,
		&(struct graph_edge){ .from = node,
			.to = node,
			.relation = GRAPH_STANDS_FOR,
			.label = "LOOP",
			.is_loop = true });
}

/* Its own domain is what a catch-all stands for, and needs no edge. */
static void draw_named(struct contacts *contacts, size_t from,
	const char *target, bool is_catch_all)
{
	struct sketch *sketch = contacts->sketch;
	struct arena *request = arena_open();
	const bool is_loop = leads_back(sketch, target, request);
	const size_t to = where(contacts, target);

	if (from != to || is_loop)
		sketch_edge_once(sketch,
			&(struct graph_edge){ .from = from,
				.to = to,
				.relation = GRAPH_STANDS_FOR,
				.label = is_loop       ? "LOOP"
					: is_catch_all ? "catch-all"
						       : "",
				.is_loop = is_loop });
	arena_close(&request);
}

static void draw_postmaster(struct contacts *contacts)
{
	struct sketch *sketch = contacts->sketch;
	const struct namespace *ns = sketch->g->ns;

	if (ns->postmaster == NULL)
		return;
	const size_t node = sketch_node(sketch,
		&(struct graph_node){ .kind = GRAPH_CONTACT,
			.title = "postmaster",
			.details = arena_printf(sketch->arena,
				"of every domain that lists none\n"
				"stands for %s",
				ns->postmaster),
			.error = sketch_error(sketch, ns->postmaster_place) });

	draw_named(contacts, node, ns->postmaster, false);
}

void sketch_contacts(struct sketch *sketch)
{
	const struct namespace *ns = sketch->g->ns;
	struct contacts contacts = { .sketch = sketch,
		.is_loop = arena_array(
			sketch->arena, ns->n_contacts, sizeof(bool)),
		.is_single = arena_array(
			sketch->arena, ns->n_contacts, sizeof(bool)),
		.nodes = table_open(),
		.targets = table_open() };

	find_loops(&contacts);
	draw_singles(&contacts);
	draw_postmaster(&contacts);
	join_singles(&contacts);
	draw_groups(&contacts);
	for (size_t i = 0; i < ns->n_domains; i++)
		if (ns->domains[i].catch_all != NULL &&
			sketch->domains[i] != GRAPH_NO_NODE)
			draw_named(&contacts, sketch->domains[i],
				ns->domains[i].catch_all, true);
	table_close(&contacts.nodes);
	table_close(&contacts.targets);
}
