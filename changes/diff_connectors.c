/* Connectors, found again by their names. */
#include "base/arena.h"
#include "base/table.h"
#include "changes/diff_private.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const char *diff_hops_format(
	const struct connector *connector, struct arena *arena)
{
	const struct route route = { .connectors = { connector }, .count = 1 };

	return route_format(&route, arena);
}

/* IPv4 is held in the mapped form of RFC 4291 2.5.5.2. */
static const char *network_text(
	const struct network *network, struct arena *arena)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const bool is_four = network->prefix >= 96 &&
		memcmp(network->bytes, mapped, sizeof mapped) == 0;
	const unsigned prefix = network->prefix - (is_four ? 96 : 0);
	char text[INET6_ADDRSTRLEN];

	inet_ntop(is_four ? AF_INET : AF_INET6,
		network->bytes + (is_four ? sizeof mapped : 0), text,
		sizeof text);
	return network->prefix == 128
		? arena_strdup(arena, text)
		: arena_printf(arena, "%s/%u", text, prefix);
}

const char *diff_clients_format(
	const struct connector *connector, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < connector->n_clients; i++)
		text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ",
			network_text(&connector->clients[i], arena));
	return text;
}

static bool is_same_connector(const struct diff_work *work,
	const struct connector *a, const struct connector *b)
{
	return strcmp(diff_hops_format(a, work->request),
		       diff_hops_format(b, work->request)) == 0 &&
		strcmp(diff_clients_format(a, work->request),
			diff_clients_format(b, work->request)) == 0 &&
		a->has_loop_guard == b->has_loop_guard &&
		a->is_backup == b->is_backup;
}

/* Found by its name, or a new one. */
static struct diff_connector *pair_of(
	struct table *pairs, const char *name, struct arena *arena)
{
	struct diff_connector *pair = table_find(pairs, name);

	if (pair == NULL) {
		pair = arena_alloc(arena, sizeof *pair);
		pair->name = name;
		table_put(pairs, name, pair);
	}
	return pair;
}

static void add_connector(
	struct diff_work *work, const struct diff_connector *pair)
{
	struct diff *out = work->out;
	struct diff_connector *list = diff_grow(
		work->arena, out->connectors, out->n_connectors, sizeof *list);

	list[out->n_connectors++] = *pair;
	out->connectors = list;
}

static int by_connector(const void *a, const void *b)
{
	const struct diff_connector *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void diff_connectors(struct diff_work *work)
{
	const struct view *before = work->sides[BEFORE].view;
	const struct view *after = work->sides[AFTER].view;
	struct table *pairs = table_open();
	struct diff *out = work->out;

	for (size_t i = 0; i < before->n_connectors; i++)
		pair_of(pairs, before->connectors[i].name, work->arena)->from =
			&before->connectors[i];
	for (size_t i = 0; i < after->n_connectors; i++)
		pair_of(pairs, after->connectors[i].name, work->arena)->to =
			&after->connectors[i];
	for (size_t i = 0; i < table_count(pairs); i++) {
		const struct diff_connector *pair = table_value(pairs, i);

		arena_reset(work->request);
		if (pair->from == NULL || pair->to == NULL ||
			!is_same_connector(work, pair->from, pair->to))
			add_connector(work, pair);
	}
	table_close(&pairs);
	if (out->n_connectors > 1)
		qsort((void *)out->connectors, out->n_connectors,
			sizeof *out->connectors, by_connector);
	arena_reset(work->request);
}
