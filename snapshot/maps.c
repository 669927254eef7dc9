/*
 * What is made for names: relay_domains, transport, wildcards,
 * recipient_access, tls_policy.  All of it says again, in Postfix's
 * tables, what the resolver answers; nothing is decided here.
 */
#include "snapshot/maps.h"

#include "base/arena.h"
#include "base/table.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/maps_private.h"
#include "snapshot/maps_size.h"
#include "snapshot/sums.h"

#include <string.h>

static void write_relay_domains(struct maps *maps)
{
	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);

		if (name->is_entry || name->owner->is_trusted_only)
			continue;
		map_set_put_name(maps->set, MAP_RELAY_DOMAINS, "", name,
			domain_type_format(name->owner->type));
	}
}

/* An address space that no accepted domain's key stands for already. */
static void write_space(struct maps *maps, const char *key)
{
	const char *value = transport_value(maps->view, key, maps->arena);
	const struct name *known = names_find(maps->names, key);
	struct domain_name forms;
	const bool is_below = key[0] == '.';

	if (value == NULL || (known != NULL && !known->is_entry))
		return;
	map_set_put(maps->set, MAP_TRANSPORT, key, value);
	if (strcmp(key, "*") == 0 ||
		!domain_name_parse(&forms, key + is_below, maps->arena, NULL) ||
		forms.unicode == forms.ascii)
		return;
	map_set_put(maps->set, MAP_TRANSPORT,
		arena_printf(maps->arena, "%s%s", is_below ? "." : "",
			forms.unicode),
		value);
}

static void write_transport(struct maps *maps)
{
	const struct model *model = maps->input->model;

	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);

		if (!name->is_entry)
			map_set_put_name(maps->set, MAP_TRANSPORT, "", name,
				name->transport);
	}
	for (size_t i = 0; i < model_n_spaces(model); i++)
		write_space(maps, model_space(model, i));
}

/* "@d": whoever nobody lists is somebody all the same. */
static void write_wildcards(struct maps *maps)
{
	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);
		const struct wildcard *wildcard = &name->wildcard;

		if (name->is_below)
			continue;
		if (wildcard->verdict != VERDICT_ACCEPT &&
			wildcard->verdict != VERDICT_RELAY)
			continue;
		if (wildcard->target != NULL)
			map_set_put_name(maps->set, MAP_VIRTUAL_ALIAS, "@",
				name, wildcard->target);
		else
			map_set_put_name(maps->set, MAP_RELAY_RECIPIENTS, "@",
				name, "- -");
	}
}

/* Whether a name above says something that would hold for this one. */
static bool has_access_above(const struct table *written, const char *name)
{
	for (const char *at = domain_parent(name); at != NULL;
		at = domain_parent(at))
		if (table_find(written, at) != NULL)
			return true;
	return false;
}

static void write_access_pass(
	struct maps *maps, struct table *written, bool is_strong)
{
	for (size_t i = 0; i < names_count(maps->names); i++) {
		struct name name = *names_get(maps->names, i);

		name.ascii += name.is_below;
		name.unicode += name.is_below;
		if (table_find(written, name.ascii) != NULL)
			continue;
		if ((name.access != ACCESS_NONE) != is_strong)
			continue;
		if (!is_strong && !has_access_above(written, name.ascii))
			continue;
		table_put(written, name.ascii, maps);
		map_set_put_name(maps->set, MAP_RECIPIENT_ACCESS, "", &name,
			access_format(name.access));
	}
}

/* First what is held back, then what below it is not. */
static void write_access(struct maps *maps)
{
	struct table *written = table_open();

	write_access_pass(maps, written, true);
	write_access_pass(maps, written, false);
	table_close(&written);
}

static void write_tls_policy(struct maps *maps)
{
	struct table *written = table_open();

	for (size_t i = 0; i < maps->view->n_connectors; i++) {
		const struct connector *connector = &maps->view->connectors[i];

		if (connector->tls == TLS_UNSET || connector->is_socket)
			continue;
		for (size_t j = 0; j < connector->n_hops; j++) {
			const char *hop = connector->hops[j].text;

			if (connector->hops[j].host == NULL ||
				table_find(written, hop) != NULL)
				continue;
			table_put(written, hop, maps);
			map_set_put(maps->set, MAP_TLS_POLICY, hop,
				tls_format(connector->tls));
		}
	}
	table_close(&written);
}

static void write_records(struct maps *maps)
{
	write_relay_domains(maps);
	write_transport(maps);
	write_wildcards(maps);
	write_access(maps);
	write_tls_policy(maps);
	maps_write_recipients(maps);
	maps_write_policy(maps);
}

/* Counted where that is not certain already. */
static bool check_size(struct maps *maps)
{
	const uint64_t max = maps->options->size_max == 0
		? CDB_SIZE_MAX
		: maps->options->size_max;

	if (!maps_may_exceed(maps, max))
		return true;
	maps->set = map_set_open_to_count(maps->err);
	write_records(maps);
	const bool fits = map_set_fits(maps->set, max);

	map_set_abandon(&maps->set);
	return fits;
}

static bool write_all(struct maps *maps, const char *folder)
{
	if (!check_size(maps))
		return false;
	maps->set = map_set_open(folder, maps->err);
	if (maps->set == NULL)
		return false;
	if (maps->options->measured != NULL)
		map_set_measure(maps->set, maps->options->measured);
	/* First, for it waits for the disk, which has nothing to do yet. */
	if (!maps_write_regexp(maps, folder)) {
		map_set_abandon(&maps->set);
		return false;
	}
	write_records(maps);
	return map_set_close(&maps->set) &&
		sums_write(folder, maps->options->measured, maps->err);
}

bool maps_write(
	const struct maps_input *input, const char *folder, struct err *err)
{
	const struct maps_options options = { .is_each_resolved = false };

	return maps_write_with(input, &options, folder, err);
}

bool maps_write_with(const struct maps_input *input,
	const struct maps_options *options, const char *folder, struct err *err)
{
	struct names *names = names_open(input->ns, input->model);
	struct maps maps = { .input = input,
		.options = options,
		.view = model_view(input->model),
		.names = names,
		.arena = arena_open(),
		.err = err };

	names_answer(names, input->now);
	const bool is_written = write_all(&maps, folder);

	arena_close(&maps.arena);
	names_close(&names);
	return is_written;
}
