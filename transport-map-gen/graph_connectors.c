/*
 * Connectors and where they send.  A smart host that two of them share is
 * one node: there is one machine.
 */
#include "transport-map-gen/graph_sketch.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"

static const char *unknowns_of(
	const struct sketch *sketch, const struct connector *connector)
{
	switch (connector->unknowns) {
	case UNKNOWNS_REJECT: return "refuses unknowns";
	case UNKNOWNS_RETURN: return "hands unknowns back to us";
	case UNKNOWNS_FORWARD:
		return arena_printf(sketch->arena, "hands unknowns to %s",
			connector->forwards_to);
	}
	return "";
}

static const char *details_of(
	const struct sketch *sketch, const struct connector *connector)
{
	const char *tls = tls_format(connector->tls);

	return arena_printf(sketch->arena, "%s%s%s%s%s%s",
		tls[0] == '\0' ? "" : "TLS ", tls, tls[0] == '\0' ? "" : "\n",
		unknowns_of(sketch, connector),
		connector->is_backup ? "\nbackup for others" : "",
		connector->has_loop_guard ? "" : "\nloops are let through");
}

static const char *way_of(const struct sketch *sketch,
	const struct connector *connector, const struct hop *hop)
{
	if (hop->host == NULL && connector->is_socket)
		return arena_printf(
			sketch->arena, "%s on this machine", connector->kind);
	if (hop->host == NULL)
		return "transport of this Postfix";
	return connector->kind;
}

static void draw_hops(struct sketch *sketch, const struct connector *connector,
	struct table *hosts)
{
	for (size_t i = 0; i < connector->n_hops; i++) {
		const struct hop *hop = &connector->hops[i];
		const char *text = hop->text[0] == '\0' ? connector->kind
							: hop->text;
		char *key = arena_printf(
			sketch->arena, "%s:%s", connector->kind, hop->text);
		size_t *node = table_find(hosts, key);

		if (node == NULL) {
			node = arena_alloc(sketch->arena, sizeof *node);
			*node = sketch_node(sketch,
				&(struct graph_node){ .kind = GRAPH_HOST,
					.title = text,
					.details = way_of(
						sketch, connector, hop) });
			table_put(hosts, key, node);
		}
		sketch_edge(sketch,
			&(struct graph_edge){
				.from = sketch->connectors[connector->index],
				.to = *node,
				.relation = GRAPH_HOP,
				.label = connector->n_hops == 1
					? ""
					: arena_printf(sketch->arena, "%zu%s",
						  i + 1,
						  i == 0 ? " first" : "") });
	}
}

void sketch_connectors(struct sketch *sketch)
{
	struct table *hosts = table_open();

	for (size_t i = 0; i < sketch->view->n_connectors; i++) {
		const struct connector *connector =
			&sketch->view->connectors[i];

		sketch->connectors[connector->index] = sketch_node(sketch,
			&(struct graph_node){ .kind = GRAPH_CONNECTOR,
				.title = connector->name,
				.details = details_of(sketch, connector),
				.error = sketch_error(
					sketch, connector->place) });
		draw_hops(sketch, connector, hosts);
	}
	table_close(&hosts);
}
