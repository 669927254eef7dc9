/* The picture of a configuration and of what directories list. */
#ifndef TESTS_UNIT_GRAPH_CASE_H
#define TESTS_UNIT_GRAPH_CASE_H

#include "tests/unit/model_case.h"
#include "transport-map-gen/gather.h"
#include "transport-map-gen/graph.h"

HELPER void gathered_init(struct gathered *g, struct model_case *c)
{
	*g = (struct gathered){ .arena = c->arena,
		.faults = c->faults,
		.ns = c->ns,
		.recipients = c->recipients,
		.loads = arena_array(
			c->arena, c->ns->n_directories, sizeof *g->loads),
		.loaded = c->loaded,
		.model = c->model,
		.now = MODEL_NOW };
	for (size_t i = 0; i < c->ns->n_directories; i++)
		if (c->loaded[i] == 0)
			g->loads[i].end = LOAD_NEVER;
}

/* A configuration with errors too, with what check says of it. */
HELPER void collect(struct graph *out, struct gathered *g, struct model_case *c,
	const char *config, const char *entries)
{
	model_case_open(c, config, entries);
	ck_assert_ptr_nonnull(c->ns);
	if (c->model == NULL)
		c->model = model_open(c->ns, c->recipients, c->loaded);
	if (faults_errors(c->faults) == 0) {
		prove_namespace(c->ns, c->model, c->faults);
		prove_recipients(
			c->ns, c->recipients, c->model, MODEL_NOW, c->faults);
	}
	gathered_init(g, c);
	graph_collect(out, g, c->folder);
}

#endif
