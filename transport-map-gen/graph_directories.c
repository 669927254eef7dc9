/*
 * Who lists recipients where: by what the last-good copies have, and where
 * those have nobody by the domains that a directory may list.
 */
#include "transport-map-gen/graph_sketch.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "config/conf_words.h"
#include "namespace/resolver.h"
#include "snapshot/manifest.h"

#include <string.h>

/* A directory that may list anywhere leads to so many domains at most. */
enum { ANYWHERE_MAX = 8 };

static void add_time(struct text *text, time_t time)
{
	char date[64] = "";
	struct tm tm;

	if (localtime_r(&time, &tm) != NULL)
		strftime(date, sizeof date, "%Y-%m-%d %H:%M", &tm);
	text_addf(text, "\nread %s", date);
}

/* Those of the view are copies, in the same order without disabled ones. */
static bool is_stale(const struct sketch *sketch, size_t index)
{
	size_t at = 0;

	for (size_t i = 0; i < index; i++)
		at += sketch->g->ns->directories[i].is_enabled;
	return directory_is_stale(
		sketch->view, &sketch->view->directories[at], sketch->g->now);
}

/* What is published of a directory whose copy is gone; false: nothing. */
static bool is_published(
	const struct manifest *manifest, struct load *load, const char *name)
{
	for (size_t i = 0; i < manifest->n_directories; i++) {
		if (strcmp(manifest->directories[i].name, name) != 0)
			continue;
		load->n_entries = manifest->directories[i].entries;
		return manifest->directories[i].loaded != 0;
	}
	return false;
}

/* Of a path the last part: where files are is told by the configuration. */
static const char *shown_source(const struct directory *directory)
{
	const char *slash =
		directory->path == NULL ? NULL : strrchr(directory->path, '/');

	return slash == NULL ? directory->source : slash + 1;
}

static const char *details_of(const struct sketch *sketch, size_t index,
	const struct manifest *manifest, bool is_anywhere)
{
	const struct directory *directory = &sketch->g->ns->directories[index];
	struct load load = sketch->g->loads[index];
	const time_t loaded = sketch->g->loaded[index];
	const bool is_known = load.end != LOAD_NEVER ||
		is_published(manifest, &load, directory->name);
	struct text text;

	text_init(&text);
	text_addf(&text, "%s %s", conf_type_words()[directory->type],
		shown_source(directory));
	if (is_known)
		text_addf(&text, "\n%s",
			sketch_count(sketch, load.n_entries, "recipient"));
	else
		text_adds(&text, "\nnot read yet");
	if (loaded != 0)
		add_time(&text, loaded);
	if (is_known && is_stale(sketch, index))
		text_adds(&text, "\nstale");
	if (is_anywhere)
		text_adds(&text, "\nmay list in every domain");
	const char *details = arena_strndup(sketch->arena, text.data, text.len);

	text_fini(&text);
	return details;
}

void sketch_listed(struct sketch *sketch)
{
	const struct namespace *ns = sketch->g->ns;
	const struct recipients *recipients = sketch->g->recipients;
	struct table *owners = table_open(); /* name -> domain and one */

	for (size_t i = 0; i < recipients_count(recipients); i++) {
		const struct recipient *at = recipients_get(recipients, i);
		size_t *owner = table_find(owners, at->domain);

		if (owner == NULL) {
			owner = arena_alloc(sketch->arena, sizeof *owner);
			*owner = sketch_domain(sketch, at->domain);
			table_put(owners, at->domain, owner);
		}
		for (; at != NULL && *owner != GRAPH_NO_NODE; at = at->next)
			if (directory_may_own(at->directory, at->domain))
				sketch->listed[at->directory->index *
						ns->n_domains +
					*owner]++;
	}
	table_close(&owners);
}

static bool may_list(const struct sketch *sketch,
	const struct directory *directory, const struct domain *domain)
{
	const char *names[2];

	for (size_t n = route_names(names, &domain->pattern, sketch->arena);
		n > 0; n--)
		if (directory_may_own(directory, names[n - 1]))
			return true;
	return false;
}

/* To each node once: one that stands for several gets their sum. */
static void draw_listed(struct sketch *sketch, size_t index)
{
	const struct namespace *ns = sketch->g->ns;
	unsigned long *sums = arena_array(
		sketch->arena, sketch->graph->n_nodes, sizeof *sums);

	for (size_t i = 0; i < ns->n_domains; i++)
		if (sketch->domains[i] != GRAPH_NO_NODE)
			sums[sketch->domains[i]] +=
				sketch->listed[index * ns->n_domains + i];
	for (size_t i = 0; i < ns->n_domains; i++) {
		const size_t node = sketch->domains[i];

		if (node == GRAPH_NO_NODE || sums[node] == 0)
			continue;
		sketch_edge(sketch,
			&(struct graph_edge){
				.from = sketch->directories[index],
				.to = node,
				.relation = GRAPH_LISTS,
				.label =
					sketch_count(sketch, sums[node], "") });
		sums[node] = 0;
	}
}

/* Where it lists nobody, but may. */
static void draw_may_list(struct sketch *sketch, size_t index, bool is_anywhere)
{
	const struct namespace *ns = sketch->g->ns;
	const struct directory *directory = &ns->directories[index];

	for (size_t i = 0; i < ns->n_domains && !is_anywhere; i++) {
		const struct domain *domain = &ns->domains[i];

		if (sketch->domains[i] == GRAPH_NO_NODE ||
			sketch->listed[index * ns->n_domains + i] != 0 ||
			(directory->n_domains == 0 &&
				domain->secondary_of != NULL) ||
			!may_list(sketch, directory, domain))
			continue;
		sketch_edge_once(sketch,
			&(struct graph_edge){
				.from = sketch->directories[index],
				.to = sketch->domains[i],
				.relation = GRAPH_MAY_LIST });
	}
}

static void draw_tie(struct sketch *sketch, size_t index)
{
	const struct namespace *ns = sketch->g->ns;
	const char *name = ns->directories[index].connector;
	const struct connector *connector =
		name == NULL ? NULL : namespace_connector(ns, name);

	if (connector != NULL)
		sketch_edge(sketch,
			&(struct graph_edge){
				.from = sketch->directories[index],
				.to = sketch->connectors[connector->index],
				.relation = GRAPH_AT,
			});
}

/* One that names no domains, and of which no list says more. */
static bool lists_anywhere(const struct sketch *sketch, size_t index)
{
	const struct namespace *ns = sketch->g->ns;
	size_t n_primaries = 0;

	if (ns->directories[index].n_domains != 0)
		return false;
	for (size_t i = 0; i < ns->n_domains; i++)
		n_primaries += ns->domains[i].is_enabled &&
			ns->domains[i].secondary_of == NULL;
	return n_primaries > ANYWHERE_MAX;
}

void sketch_directories(struct sketch *sketch)
{
	const struct namespace *ns = sketch->g->ns;
	const char *current =
		arena_printf(sketch->arena, "%s/current", sketch->state);
	struct manifest manifest = { 0 };

	if (!manifest_read(&manifest, current, sketch->arena, NULL))
		manifest = (struct manifest){ 0 };
	for (size_t i = 0; i < ns->n_directories; i++) {
		const struct directory *directory = &ns->directories[i];
		const bool is_anywhere = lists_anywhere(sketch, i);

		if (!directory->is_enabled)
			continue;
		sketch->directories[i] = sketch_node(sketch,
			&(struct graph_node){ .kind = GRAPH_DIRECTORY,
				.title = directory->name,
				.details = details_of(
					sketch, i, &manifest, is_anywhere),
				.error = sketch_error(
					sketch, directory->place) });
		draw_listed(sketch, i);
		draw_may_list(sketch, i, is_anywhere);
		draw_tie(sketch, i);
	}
}
