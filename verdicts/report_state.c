/*
 * The generation is opened before the log is read, so that clients can be
 * told apart as they come; it is walked once, at the end.
 */
#include "verdicts/report_state.h"

#include "base/memory.h"
#include "namespace/address.h"
#include "namespace/network.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"
#include "verdicts/likeness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_state {
	const char *path;
	struct generation *generation;
	struct err err;
};

struct report_state *report_state_open(const char *path)
{
	struct report_state *state = memory_must(calloc(1, sizeof *state));

	state->path = path;
	if (path == NULL)
		err_set(&state->err, "no state folder was named");
	else
		state->generation = generation_open(path, &state->err);
	return state;
}

void report_state_close(struct report_state **state)
{
	if (*state == NULL)
		return;
	generation_close(&(*state)->generation);
	free(*state);
	*state = NULL;
}

const struct view *report_state_view(const struct report_state *state)
{
	return state->generation == NULL ? NULL
					 : generation_view(state->generation);
}

unsigned long report_state_generation(const struct report_state *state)
{
	return state->generation == NULL ? 0
					 : generation_number(state->generation);
}

const char *report_state_trouble(const struct report_state *state)
{
	return state->err.text;
}

int report_state_connector(const struct report_state *state, const char *client)
{
	const struct view *view = report_state_view(state);
	struct network network;

	if (view == NULL || !network_of_client(&network, client))
		return -1;
	for (size_t i = 0; i < view->n_connectors; i++)
		if (connector_has_client(&view->connectors[i], &network))
			return (int)i;
	return -1;
}

bool report_state_address(const struct report_state *state,
	struct slice recipient, struct address *out, struct arena *arena)
{
	const struct view *view = report_state_view(state);

	return view != NULL &&
		address_from_internal(out, recipient.bytes, recipient.len,
			view->extension, arena);
}

static const struct domain *domain_of(const struct view *view, const char *name)
{
	const struct domain *domain = NULL;

	if (view->ops->domain(view, name, &domain) == LOOKUP_FOUND)
		return domain;
	return NULL;
}

const char *report_state_primary(
	const struct report_state *state, const char *key)
{
	const struct view *view = report_state_view(state);
	const char *at = strrchr(key, '@');

	if (view == NULL || at == NULL)
		return NULL;
	const struct domain *domain = domain_of(view, at + 1);

	return domain == NULL ? NULL : domain->secondary_of;
}

static bool feed(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	(void)value;
	(void)value_len;
	likeness_feed(context, (struct slice){ key, key_len });
	return true;
}

void report_state_compare(struct report_state *state, struct likeness *likeness)
{
	char *path;

	if (state->generation == NULL)
		return;
	generation_refresh(state->generation, &state->err);
	if (asprintf(&path, "%s/" FILES_GENERATIONS "/%lu/%s", state->path,
		    generation_number(state->generation),
		    FILES_RELAY_RECIPIENTS) < 0)
		path = NULL;
	struct cdb_reader *reader =
		cdb_reader_open(memory_must(path), &state->err);

	if (reader != NULL && !cdb_reader_walk(reader, feed, likeness))
		err_set(&state->err, "%s is damaged", path);
	cdb_reader_close(&reader);
	free(path);
}
