/*
 * Accepted domains, primary ones first, for the others lead to them.  Where
 * there are many, those of which the same is to be said are one node.
 */
#include "transport-map-gen/graph_ways.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/secondary.h"

#include <string.h>

static void draw_return(
	struct sketch *sketch, const struct ways *ways, size_t node)
{
	if (ways->returns != NULL)
		sketch_edge(sketch,
			&(struct graph_edge){
				.from = sketch->connectors[ways->returns
								   ->index],
				.to = node,
				.relation = GRAPH_UNKNOWNS,
				.label = "LOOP unknowns come back",
				.is_loop = true });
}

static void draw_ways(struct sketch *sketch, const struct ways *ways,
	const struct domain *domain, size_t node)
{
	for (const struct way *way = ways->first; way != NULL; way = way->next)
		sketch_edge(sketch,
			&(struct graph_edge){ .from = node,
				.to = sketch->connectors[way->connector->index],
				.relation = way->relation,
				.label = way_label(sketch, way, domain),
				.is_loop = way->is_loop });
	draw_return(sketch, ways, node);
}

static enum graph_kind kind_of(const struct domain *domain)
{
	if (domain->secondary_of != NULL)
		return GRAPH_SECONDARY;
	switch (domain->type) {
	case DOMAIN_AUTHORITATIVE: return GRAPH_AUTHORITATIVE;
	case DOMAIN_INTERNAL_RELAY: return GRAPH_INTERNAL_RELAY;
	case DOMAIN_EXTERNAL_RELAY: return GRAPH_EXTERNAL_RELAY;
	}
	return GRAPH_AUTHORITATIVE;
}

static const char *filter_of(const struct domain *domain)
{
	switch (domain->filter) {
	case FILTER_DIRECTORIES: return "refuses whom nobody lists";
	case FILTER_OFF: return "relays whom nobody lists";
	case FILTER_VERIFY: return "asks the next hop for the rest";
	}
	return "";
}

/* The A-label form where the title has another one. */
static const char *details_of(
	const struct sketch *sketch, const struct domain *domain)
{
	const struct domain_name *name = &domain->pattern.name;
	const bool is_idn = strcmp(name->ascii, name->unicode) != 0;
	struct text text;

	text_init(&text);
	text_addf(&text, "%s%s", is_idn ? name->ascii : "", is_idn ? "\n" : "");
	if (domain->secondary_of == NULL)
		text_addf(&text, "%s\n%s%s", domain_type_format(domain->type),
			filter_of(domain),
			domain->is_trusted_only ? "\nfrom trusted clients alone"
						: "");
	if (domain->catch_all != NULL)
		text_addf(&text, "\ncatch-all %s", domain->catch_all);
	const char *details = arena_strndup(sketch->arena, text.data, text.len);

	text_fini(&text);
	return details;
}

/* What two domains must have in common to be drawn as one. */
static const char *likeness_of(const struct sketch *sketch,
	const struct graph_node *node, const struct ways *ways, size_t index)
{
	const struct namespace *ns = sketch->g->ns;
	const struct domain *domain = &ns->domains[index];
	struct text text;

	text_init(&text);
	text_addf(&text, "%d\n%s\n%d\n%s\n%s", (int)node->kind, node->details,
		node->error != NULL,
		ways->returns == NULL ? "" : ways->returns->name,
		domain->secondary_of == NULL ? "" : domain->secondary_of);
	for (const struct way *way = ways->first; way != NULL; way = way->next)
		text_addf(&text, "\n%u %d %s %u %u %d", way->connector->index,
			(int)way->relation, way->space, way->cost, way->of,
			way->is_loop);
	for (size_t i = 0; i < ns->n_directories; i++)
		text_adds(&text,
			sketch->listed[i * ns->n_domains + index] != 0 ? "1"
								       : "0");
	const char *likeness =
		arena_strndup(sketch->arena, text.data, text.len);

	text_fini(&text);
	return likeness;
}

/* The same for many that are different: the way they leave, no more. */
static const char *family_of(const struct sketch *sketch,
	const struct graph_node *node, const struct ways *ways, size_t index)
{
	const struct domain *domain = &sketch->g->ns->domains[index];
	const struct way *way = ways->first;
	struct arena *arena = sketch->arena;

	if (domain->secondary_of != NULL) {
		const size_t primary = secondary_owner(
			sketch->g->ns, domain->secondary_of, true);

		return arena_printf(arena, "%zu %d",
			primary == SECONDARY_NONE ? GRAPH_NO_NODE
						  : sketch->domains[primary],
			node->error != NULL);
	}
	return arena_printf(arena, "%d %d %d %u %s", (int)node->kind,
		node->error != NULL, way != NULL && way->is_loop,
		way == NULL ? 0 : way->connector->index + 1,
		ways->returns == NULL ? "" : ways->returns->name);
}

static void draw_family_ways(
	struct sketch *sketch, const struct ways *ways, size_t node)
{
	for (const struct way *way = ways->first; way != NULL; way = way->next)
		sketch_edge_once(sketch,
			&(struct graph_edge){ .from = node,
				.to = sketch->connectors[way->connector->index],
				.relation = way->relation,
				.label = way->is_loop ? "LOOP" : "",
				.is_loop = way->is_loop });
}

/* Domains of one sort, the primary or the secondary ones. */
struct sort {
	struct way_finder *finder;
	struct bundles *bundles;
	bool is_secondary;
	bool by_family; /* else by likeness */
};

static bool is_of(const struct sort *sort, const struct domain *domain)
{
	return domain->is_enabled &&
		(domain->secondary_of != NULL) == sort->is_secondary;
}

static struct graph_node node_of(
	const struct sketch *sketch, const struct domain *domain)
{
	return (struct graph_node){ .kind = kind_of(domain),
		.title = sketch_pattern(sketch, &domain->pattern),
		.details = details_of(sketch, domain),
		.error = sketch_error(sketch, domain->place) };
}

static void draw_domain(const struct sort *sort, size_t index)
{
	struct sketch *sketch = sort->finder->sketch;
	const struct domain *domain = &sketch->g->ns->domains[index];
	struct graph_node node = node_of(sketch, domain);
	size_t *out = &sketch->domains[index];
	struct ways ways;

	ways_collect(sort->finder, &ways, domain);
	const char *likeness = (sort->by_family ? family_of : likeness_of)(
		sketch, &node, &ways, index);

	if (sort->by_family)
		node.details = sort->is_secondary
			? ""
			: domain_type_format(domain->type);
	const bool is_new =
		bundles_take(sort->bundles, sketch, &node, likeness, out);

	if (sort->by_family)
		draw_family_ways(sketch, &ways, *out);
	else if (is_new)
		draw_ways(sketch, &ways, domain, *out);
	if (sort->by_family && is_new)
		draw_return(sketch, &ways, *out);
}

/* How many nodes there would be of those that are alike. */
static size_t count_alike(const struct sort *sort)
{
	const struct sketch *sketch = sort->finder->sketch;
	const struct namespace *ns = sketch->g->ns;
	struct table *table = table_open();

	for (size_t i = 0; i < ns->n_domains; i++) {
		struct graph_node node;
		struct ways ways;

		if (!is_of(sort, &ns->domains[i]))
			continue;
		node = node_of(sketch, &ns->domains[i]);
		ways_collect(sort->finder, &ways, &ns->domains[i]);
		table_put(table, likeness_of(sketch, &node, &ways, i),
			sort->bundles);
	}
	const size_t count = table_count(table);

	table_close(&table);
	return count;
}

static void draw_domains(struct way_finder *finder, bool is_secondary)
{
	struct sketch *sketch = finder->sketch;
	const struct namespace *ns = sketch->g->ns;
	struct sort sort = { .finder = finder, .is_secondary = is_secondary };
	size_t count = 0;

	for (size_t i = 0; i < ns->n_domains; i++)
		count += is_of(&sort, &ns->domains[i]);
	sort.bundles = bundles_open(count > GRAPH_SINGLE_MAX);
	sort.by_family = count > GRAPH_SINGLE_MAX &&
		count_alike(&sort) > GRAPH_SINGLE_MAX;
	for (size_t i = 0; i < ns->n_domains; i++)
		if (is_of(&sort, &ns->domains[i]))
			draw_domain(&sort, i);
	bundles_close(&sort.bundles, sketch,
		is_secondary ? "secondary domain" : "domain");
}

static void draw_forwards(const struct way_finder *finder)
{
	struct sketch *sketch = finder->sketch;

	for (size_t i = 0; i < sketch->view->n_connectors; i++) {
		const struct connector *from = &sketch->view->connectors[i];
		const struct connector *to = from->unknowns != UNKNOWNS_FORWARD
			? NULL
			: namespace_connector(sketch->g->ns, from->forwards_to);
		const bool is_loop = finder->is_forwarding[from->index];

		if (to != NULL)
			sketch_edge(sketch,
				&(struct graph_edge){
					.from = sketch->connectors[from->index],
					.to = sketch->connectors[to->index],
					.relation = GRAPH_UNKNOWNS,
					.label = is_loop ? "LOOP unknowns"
							 : "unknowns",
					.is_loop = is_loop });
	}
}

/* When all domains have nodes: one edge for those that are drawn as one. */
static void draw_secondaries(struct sketch *sketch)
{
	const struct namespace *ns = sketch->g->ns;
	const size_t n = ns->n_domains;
	size_t *up = arena_array(sketch->arena, n, sizeof *up);
	struct secondary_way *ways =
		arena_array(sketch->arena, n, sizeof *ways);
	const bool *circles_below =
		secondary_circles_below(ns, sketch->view, sketch->arena);

	for (size_t i = 0; i < ns->n_domains; i++)
		up[i] = !ns->domains[i].is_enabled ||
				ns->domains[i].secondary_of == NULL
			? SECONDARY_NONE
			: secondary_owner(
				  ns, ns->domains[i].secondary_of, true);
	secondary_ways(ways, up, n);
	for (size_t i = 0; i < ns->n_domains; i++) {
		if (up[i] == SECONDARY_NONE)
			continue;
		const bool is_loop = ways[i].circle != SECONDARY_NONE ||
			circles_below[i];

		sketch_edge_once(sketch,
			&(struct graph_edge){ .from = sketch->domains[i],
				.to = sketch->domains[up[i]],
				.relation = GRAPH_SECOND_NAME,
				.label = is_loop ? "LOOP secondary of"
						 : "secondary of",
				.is_loop = is_loop });
	}
}

void sketch_domains(struct sketch *sketch)
{
	struct way_finder finder;

	way_finder_init(&finder, sketch);
	draw_domains(&finder, false);
	draw_domains(&finder, true);
	draw_secondaries(sketch);
	draw_forwards(&finder);
}
