/*
 * The parts of the namespace in the order in which they lead to each other,
 * and to each part what check says against it, by the place that both have.
 */
#include "transport-map-gen/graph.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "transport-map-gen/graph_sketch.h"

enum { ERRORS_SHOWN = 5 };

static size_t *no_nodes(struct arena *arena, size_t count)
{
	size_t *list = arena_array(arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++)
		list[i] = GRAPH_NO_NODE;
	return list;
}

/* The first of each place. */
static void index_errors(struct sketch *sketch)
{
	const struct faults *faults = sketch->g->faults;

	for (size_t i = 0; i < faults_count(faults); i++) {
		const struct fault *fault = faults_get(faults, i);
		char *key = arena_printf(sketch->arena, "%s:%u",
			fault->place.file, fault->place.line);

		if (fault->kind == FAULT_ERROR && fault->place.line != 0 &&
			table_find(sketch->errors, key) == NULL)
			table_put(sketch->errors, key,
				arena_strdup(sketch->arena, fault->text));
	}
}

/* A few of them, as check says them, and how many more there are. */
static const char *errors_of(struct arena *arena, const struct faults *faults)
{
	const size_t n_errors = faults_errors(faults);
	size_t n_shown = 0;
	struct text text;

	if (n_errors == 0)
		return "";
	text_init(&text);
	for (size_t i = 0; i < faults_count(faults); i++) {
		const struct fault *fault = faults_get(faults, i);

		if (fault->kind != FAULT_ERROR || n_shown == ERRORS_SHOWN)
			continue;
		n_shown++;
		text_addf(&text, "%s:%u: %s\n", fault->place.file,
			fault->place.line, fault->text);
	}
	if (n_errors > ERRORS_SHOWN)
		text_addf(&text, "and %zu more\n", n_errors - ERRORS_SHOWN);
	const char *errors = arena_strndup(arena, text.data, text.len);

	text_fini(&text);
	return errors;
}

static const char *title_of(const struct sketch *sketch)
{
	const struct view *view = sketch->view;
	const struct namespace *ns = sketch->g->ns;
	unsigned long n_domains = 0;

	for (size_t i = 0; i < ns->n_domains; i++)
		n_domains += ns->domains[i].is_enabled;
	const size_t n_recipients = recipients_count(sketch->g->recipients);

	return arena_printf(sketch->arena, "Mail namespace: %s, %s, %s%s%s",
		sketch_count(sketch, n_domains, "accepted domain"),
		sketch_count(sketch, view->n_connectors, "connector"),
		view->n_directories == 1
			? "1 directory"
			: arena_printf(sketch->arena, "%zu directories",
				  view->n_directories),
		n_recipients == 0 ? "" : ", ",
		n_recipients == 0
			? ""
			: sketch_count(sketch, n_recipients, "recipient"));
}

void graph_collect(
	struct graph *out, const struct gathered *gathered, const char *state)
{
	const struct namespace *ns = gathered->ns;
	struct arena *arena = gathered->arena;
	struct sketch sketch = { .graph = out,
		.g = gathered,
		.state = state,
		.view = model_view(gathered->model),
		.arena = arena,
		.domains = no_nodes(arena, ns->n_domains),
		.connectors = no_nodes(arena, ns->n_connectors),
		.directories = no_nodes(arena, ns->n_directories),
		.world = GRAPH_NO_NODE,
		.listed = arena_array(arena,
			ns->n_directories * ns->n_domains + 1,
			sizeof *sketch.listed),
		.errors = table_open(),
		.drawn = table_open() };

	*out = (struct graph){ .arena = arena,
		.errors = errors_of(arena, gathered->faults) };
	out->title = title_of(&sketch);
	index_errors(&sketch);
	sketch_listed(&sketch);
	sketch_connectors(&sketch);
	sketch_domains(&sketch);
	sketch_directories(&sketch);
	sketch_contacts(&sketch);
	table_close(&sketch.errors);
	table_close(&sketch.drawn);
}
