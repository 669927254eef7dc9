/*
 * By what the resolver would be told.  A domain has the ways of its own name
 * and of the names below it; where these are the same they are one.
 */
#include "transport-map-gen/graph_ways.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/unknowns.h"

#include <string.h>

enum graph_relation way_relation(
	const struct route *route, const struct connector *connector)
{
	for (size_t i = 0; i < route->count; i++)
		if (route->connectors[i] == connector)
			return i == 0 ? GRAPH_ROUTE : GRAPH_BACKUP;
	return GRAPH_UNUSED;
}

static void add_way(
	struct sketch *sketch, struct ways *ways, const struct way *way)
{
	struct way **at = &ways->first;

	for (; *at != NULL; at = &(*at)->next) {
		if ((*at)->connector != way->connector ||
			(*at)->relation != way->relation ||
			(*at)->cost != way->cost ||
			strcmp((*at)->space, way->space) != 0)
			continue;
		(*at)->of |= way->of;
		(*at)->is_loop |= way->is_loop;
		return;
	}
	*at = arena_alloc(sketch->arena, sizeof **at);
	**at = *way;
	(*at)->next = NULL;
}

/* As the configuration writes it; "" where it is the domain's own. */
static const char *space_of(const struct sketch *sketch,
	const struct domain *domain, const char *key)
{
	const char *name = key[0] == '.' ? key + 1 : key;

	if (strcmp(name, domain->pattern.name.ascii) == 0)
		return "";
	return key[0] == '.' ? arena_printf(sketch->arena, "%s", name) : key;
}

/*
 * Marks what unknown recipients run through in a ring, up to what another
 * domain's have marked.  False: in none.
 */
static bool find_ring(struct way_finder *finder, const struct domain *domain,
	const char *name, struct unknowns_way *out)
{
	const struct unknowns_ways *unknowns = finder->unknowns;

	if (!unknowns_find(out, unknowns, domain, name) ||
		out->end == UNKNOWNS_REFUSED)
		return false;
	for (const struct connector *at = out->first;
		at != out->last && !finder->is_forwarding[at->index];
		at = unknowns_next(unknowns, at))
		finder->is_forwarding[at->index] = true;
	return true;
}

static void collect_name(struct way_finder *finder, struct ways *ways,
	const struct domain *domain, const char *name)
{
	struct sketch *sketch = finder->sketch;
	const bool is_second = domain->secondary_of != NULL;
	struct unknowns_way ring = { .first = NULL };
	struct route route;
	struct claims claims;
	const char *key;

	const bool has_ring =
		!is_second && find_ring(finder, domain, name, &ring);

	if (has_ring && ring.last != NULL)
		ways->returns = ring.last;
	if (claims_find(&claims, &key, sketch->view, name, !is_second) !=
		LOOKUP_FOUND)
		return;
	route_find(&route, sketch->view, name);
	for (size_t i = 0; i < claims.count; i++)
		add_way(sketch, ways,
			&(struct way){ .connector = claims.list[i].connector,
				.relation = way_relation(
					&route, claims.list[i].connector),
				.space = space_of(sketch, domain, key),
				.cost = claims.list[i].cost,
				.of = text_starts(name, "?.") ? FOR_BELOW
							      : FOR_NAME,
				.is_loop = has_ring &&
					ring.first ==
						claims.list[i].connector });
}

void ways_collect(struct way_finder *finder, struct ways *ways,
	const struct domain *domain)
{
	struct sketch *sketch = finder->sketch;
	const size_t index = (size_t)(domain - sketch->g->ns->domains);
	const char *names[2];
	const size_t count =
		route_names(names, &domain->pattern, sketch->arena);

	*ways = (struct ways){ .first = NULL };
	for (size_t i = 0; i < count; i++)
		collect_name(finder, ways, domain, names[i]);
	for (const struct inner *at = finder->inner; at != NULL; at = at->next)
		if (at->domain == index)
			add_way(sketch, ways, &at->way);
}

const char *way_label(const struct sketch *sketch, const struct way *way,
	const struct domain *domain)
{
	const bool is_part = way->of == FOR_NAME || way->of == FOR_BELOW;
	const char *part = way->of == FOR_NAME ? "name alone" : "below it";
	struct text text;

	text_init(&text);
	if (way->is_loop)
		text_adds(&text, "LOOP ");
	if (way->space[0] != '\0')
		text_addf(&text, "by %s, ", way->space);
	if (domain->pattern.scope == SCOPE_INCLUSIVE && is_part)
		text_addf(&text, "%s, ", part);
	if (way->relation == GRAPH_BACKUP)
		text_adds(&text, "backup, ");
	if (way->relation == GRAPH_UNUSED)
		text_adds(&text, "not used, ");
	text_addf(&text, "cost %u", way->cost);
	const char *label = arena_strndup(sketch->arena, text.data, text.len);

	text_fini(&text);
	return label;
}
