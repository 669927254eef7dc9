/*
 * An upper bound: every recipient in each map under each name it could have,
 * in both label forms, with the longest value there is.  Only where that is
 * too much are the maps made twice, the first time to be counted.
 */
#include "snapshot/maps_size.h"

#include "snapshot/cdb_layout.h"

#include <string.h>

enum {
	PREFIX_MAX = 16, /* "contact:", "@" and the like */
	KEY_MAX = 64 + 1 + 253, /* an address; its domain in A-labels */
	VALUE_MIN = 200, /* no text that is always the same is longer */
	/* More than policy.cdb has of any configuration that can be read. */
	BLOCKS_MAX = 256 * 1024 * 1024,
};

static uint64_t longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t route_len(const struct connector *connector)
{
	uint64_t len = 0;

	for (size_t i = 0; i < connector->n_hops; i++)
		len += strlen(connector->hops[i].text) + strlen(", ");
	return len + strlen(connector->kind) + strlen(":");
}

/* Of what no address stands in. */
static uint64_t longest_value(const struct view *view)
{
	uint64_t connector = 0, directory = 0, route = 0;
	uint64_t in_a_route = 1; /* connectors */

	for (size_t i = 0; i < view->n_connectors; i++) {
		connector = longer(connector, strlen(view->connectors[i].name));
		route = longer(route, route_len(&view->connectors[i]));
		if (view->connectors[i].is_backup)
			in_a_route = ROUTE_CONNECTORS_MAX;
	}
	for (size_t i = 0; i < view->n_directories; i++)
		directory =
			longer(directory, strlen(view->directories[i].name));
	route *= in_a_route;
	return longer(VALUE_MIN, longer(route, connector + 1 + directory));
}

struct forms {
	uint64_t count; /* of one recipient */
	uint64_t longest; /* name */
};

/* A secondary domain may have secondaries in its turn; no circle of them. */
static uint64_t names_of_one(const struct name *name)
{
	uint64_t count = 1;

	for (size_t i = 0; i < name->n_secondaries; i++)
		count += names_of_one(name->secondaries[i]);
	return count;
}

static struct forms most_forms(const struct names *names)
{
	struct forms forms = { 1, 0 };
	uint64_t labels = 1;

	for (size_t i = 0; i < names_count(names); i++) {
		const struct name *name = names_get(names, i);

		labels = name->unicode == name->ascii ? labels : 2;
		forms.count = longer(forms.count, names_of_one(name));
		forms.longest = longer(forms.longest,
			longer(strlen(name->ascii), strlen(name->unicode)));
	}
	forms.count *= labels;
	return forms;
}

/* Of all keys that are addresses, together. */
static uint64_t sum_of_keys(const struct maps_input *input)
{
	const size_t count = recipients_count(input->recipients);
	uint64_t sum = 0;

	for (size_t i = 0; i < input->ns->n_contacts; i++)
		sum += strlen(input->ns->contacts[i].address) +
			strlen(input->ns->contacts[i].target);
	for (size_t i = 0; i < count; i++)
		sum += strlen(recipients_get(input->recipients, i)->key);
	return sum;
}

/* Most often the longest keys that there can be would fit. */
bool maps_may_exceed(const struct maps *maps, uint64_t max)
{
	const struct maps_input *input = maps->input;
	const struct forms forms = most_forms(maps->names);
	const uint64_t count = recipients_count(input->recipients) +
		input->ns->n_contacts + names_count(maps->names) +
		model_n_spaces(input->model);
	const uint64_t record = CDB_RECORD_SIZE + CDB_SLOTS_SIZE + PREFIX_MAX +
		forms.longest + longest_value(maps->view);
	const uint64_t rest =
		BLOCKS_MAX + forms.count * count * (record + forms.longest);
	/* A contact's target has a key too. */
	const uint64_t most = KEY_MAX * (count + input->ns->n_contacts);

	/* An alias has a key for its value, of another name. */
	return rest + forms.count * 2 * most > max &&
		rest + forms.count * 2 * sum_of_keys(input) > max;
}
