/* policy.cdb: the model as records, so that a reader has the same view. */
#include "snapshot/maps_private.h"

#include "base/arena.h"
#include "snapshot/policy.h"

#include <string.h>

static void write_settings(struct maps *maps)
{
	const struct policy_settings settings = { .extension =
							  maps->view->extension,
		.postmaster = maps->view->postmaster };

	map_set_put(maps->set, MAP_POLICY, "settings",
		policy_settings_format(&settings, maps->arena));
	map_set_put(maps->set, MAP_POLICY, POLICY_SUMS, "x");
}

static void write_blocks(struct maps *maps)
{
	const struct view *view = maps->view;
	struct arena *arena = maps->arena;

	for (size_t i = 0; i < view->n_connectors; i++)
		map_set_put(maps->set, MAP_POLICY,
			arena_printf(arena, "connector:%zu", i),
			policy_connector_format(&view->connectors[i], arena));
	for (size_t i = 0; i < view->n_directories; i++)
		map_set_put(maps->set, MAP_POLICY,
			arena_printf(arena, "directory:%zu", i),
			policy_directory_format(&view->directories[i], arena));
}

static void write_names(struct maps *maps)
{
	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);

		if (!name->is_entry)
			map_set_put_name(maps->set, MAP_POLICY, "domain:", name,
				policy_domain_format(name->owner, maps->arena));
	}
}

static void write_entries(struct maps *maps)
{
	const struct model *model = maps->input->model;

	for (size_t i = 0; i < model_n_entry_domains(model); i++) {
		const struct name *name =
			names_find(maps->names, model_entry_domain(model, i));

		if (name != NULL)
			map_set_put_name(
				maps->set, MAP_POLICY, "entries:", name, "x");
	}
}

/* ".d" in both label forms is "." and "d" in both. */
static void write_spaces(struct maps *maps)
{
	const struct model *model = maps->input->model;
	const struct view *view = maps->view;

	for (size_t i = 0; i < model_n_spaces(model); i++) {
		const char *key = model_space(model, i);
		struct domain_name forms;
		struct claims claims;
		const bool is_below = key[0] == '.';

		view->ops->claims(view, key, &claims);
		const char *record = policy_claims_format(
			&claims, view->connectors, maps->arena);
		struct name name = { .ascii = key, .unicode = key };

		if (domain_name_parse(
			    &forms, key + is_below, maps->arena, NULL) &&
			forms.unicode != forms.ascii)
			name.unicode = arena_printf(maps->arena, "%s%s",
				is_below ? "." : "", forms.unicode);
		map_set_put_name(
			maps->set, MAP_POLICY, "space:", &name, record);
	}
}

static void write_contacts(struct maps *maps)
{
	const struct maps_input *input = maps->input;
	const size_t count = recipients_count(input->recipients);

	for (size_t i = 0; i < input->ns->n_contacts; i++)
		map_set_put_address(maps->set, MAP_POLICY,
			"contact:", input->ns->contacts[i].address,
			input->ns->contacts[i].target);
	for (size_t i = 0; i < count; i++) {
		const struct recipient *brought =
			recipient_contact(recipients_get(input->recipients, i));

		if (brought != NULL)
			map_set_put_address(maps->set, MAP_POLICY,
				"brought:", brought->key, brought->target);
	}
}

void maps_write_policy(struct maps *maps)
{
	write_settings(maps);
	write_blocks(maps);
	write_names(maps);
	write_entries(maps);
	write_spaces(maps);
	write_contacts(maps);
}
