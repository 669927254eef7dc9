/*
 * What is made for single addresses.  Each listed recipient, contact and
 * postmaster is put to the resolver under every name it has, and the answer
 * is written down: an alias where it is rewritten, a route of its own where
 * its domain's is another one, the third verdict where it can not be judged.
 */
#include "snapshot/maps_private.h"

#include "base/arena.h"

#include <assert.h>
#include <string.h>

struct scribe {
	struct maps *maps;
	struct arena *request; /* of one address */
	struct err *err;
};

static bool is_accepted(const struct resolution *resolution)
{
	return resolution->verdict == VERDICT_ACCEPT ||
		resolution->verdict == VERDICT_RELAY;
}

static bool put(const struct scribe *scribe, enum map map, const char *address,
	const char *value)
{
	return map_set_put_address(scribe->maps->set, map, "", address, value);
}

/* A wildcard alias of the name would take it, were it not for itself. */
static bool is_swallowed(const struct name *name)
{
	return name->wildcard.target != NULL &&
		(name->wildcard.verdict == VERDICT_ACCEPT ||
			name->wildcard.verdict == VERDICT_RELAY);
}

/* What Postfix finds for the address without it is not meant for this. */
static bool has_extension(const struct scribe *scribe, const char *address)
{
	struct address parsed;

	return address_from_key(&parsed, address, scribe->maps->view->extension,
		       scribe->request) &&
		parsed.base != parsed.key;
}

static bool write_unrewritten(const struct scribe *scribe, const char *address,
	const struct name *name, const struct resolution *resolution)
{
	const char *route = route_format(&resolution->route, scribe->request);
	const bool is_extended = has_extension(scribe, address);

	if ((is_swallowed(name) || is_extended) &&
		!put(scribe, MAP_VIRTUAL_ALIAS, address, address))
		return false;
	if (route[0] == '\0')
		return err_set(scribe->err,
			"%s is accepted, but no connector takes it", address);
	return (strcmp(route, name->transport) == 0 && !is_extended) ||
		put(scribe, MAP_TRANSPORT, address, route);
}

/* What recipient_access has to say of the address; NULL = nothing. */
static const char *access_value(const struct scribe *scribe,
	const char *address, const struct name *name,
	const struct resolution *resolution)
{
	/* Not DEFER_IF_REJECT: a wildcard may be there to accept it. */
	if (resolution->verdict == VERDICT_DEFER)
		return reply_format(resolution);
	if (resolution->reason == REASON_VERIFY)
		return name->access == ACCESS_VERIFY
			? NULL
			: access_format(ACCESS_VERIFY);
	if (name->access == ACCESS_VERIFY || has_extension(scribe, address))
		return access_format(ACCESS_NONE);
	return NULL;
}

static bool write_answer(const struct scribe *scribe, const char *address,
	const struct name *name, const struct resolution *resolution)
{
	/* A contact that was left out is what anybody is. */
	if (resolution->verdict == VERDICT_REJECT ||
		resolution->reason == REASON_CATCH_ALL)
		return true;
	const char *access = access_value(scribe, address, name, resolution);

	if (access != NULL &&
		!put(scribe, MAP_RECIPIENT_ACCESS, address, access))
		return false;
	if (!is_accepted(resolution))
		return true;
	if (resolution->rewritten == NULL)
		return write_unrewritten(scribe, address, name, resolution);
	return put(scribe, MAP_VIRTUAL_ALIAS, address, resolution->rewritten);
}

static bool write_address(const struct scribe *scribe, const char *address,
	const struct name *name)
{
	const struct maps *maps = scribe->maps;
	struct resolution resolution;

	arena_reset(scribe->request);
	resolve_key(&resolution, maps->view, address, maps->input->now,
		scribe->request);
	return write_answer(scribe, address, name, &resolution);
}

/* Whether a directory or the configuration speaks of the address itself. */
static bool is_spoken_of(const struct maps *maps, const char *address)
{
	const struct recipient *recipient =
		recipients_find(maps->input->recipients, address);
	struct contact contact;

	if (recipient_mailbox(recipient) != NULL ||
		recipient_contact(recipient) != NULL)
		return true;
	return maps->view->ops->contact(maps->view, address, maps->arena,
		       &contact) == LOOKUP_FOUND;
}

static bool is_postmaster(const char *address)
{
	return strncmp(address, "postmaster@", strlen("postmaster@")) == 0;
}

/* The address, and what it is called in the secondary domains of its name. */
static bool write_everywhere(const struct scribe *scribe, const char *address,
	const struct name *name)
{
	if (!write_address(scribe, address, name))
		return false;
	for (size_t i = 0; i < name->n_secondaries; i++) {
		const struct name *secondary = name->secondaries[i];
		struct arena *arena = arena_open();
		const char *other = arena_printf(arena, "%.*s@%s",
			(int)(strrchr(address, '@') - address), address,
			secondary->ascii);
		const bool is_done = is_postmaster(other) ||
			is_spoken_of(scribe->maps, other) ||
			write_everywhere(scribe, other, secondary);

		arena_close(&arena);
		if (!is_done)
			return false;
	}
	return true;
}

static const struct name *name_of(const struct maps *maps, const char *address)
{
	return names_find(maps->names, strrchr(address, '@') + 1);
}

static bool write_contacts(const struct scribe *scribe)
{
	const struct namespace *ns = scribe->maps->input->ns;

	for (size_t i = 0; i < ns->n_contacts; i++) {
		const char *address = ns->contacts[i].address;
		const struct name *name = name_of(scribe->maps, address);

		if (name != NULL && !write_everywhere(scribe, address, name))
			return false;
	}
	return true;
}

static bool write_listed(const struct scribe *scribe,
	const struct recipient *mailbox, const struct name *name)
{
	struct maps *maps = scribe->maps;
	const char *connector = mailbox->directory->connector;
	struct route route;

	arena_reset(scribe->request);
	if (connector == NULL)
		connector = route_find(&route, maps->view, name->ascii) ==
				LOOKUP_FOUND
			? route.connectors[0]->name
			: "-";
	return put(scribe, MAP_RELAY_RECIPIENTS, mailbox->key,
		arena_printf(scribe->request, "%s %s", connector,
			mailbox->directory->name));
}

/* Contacts of the configuration were written before, in their own right. */
static bool write_recipient(
	const struct scribe *scribe, const struct recipient *recipient)
{
	struct maps *maps = scribe->maps;
	const struct recipient *mailbox = recipient_mailbox(recipient);
	const struct name *name = names_find(maps->names, recipient->domain);
	struct contact contact;

	if (name == NULL ||
		(mailbox == NULL && recipient_contact(recipient) == NULL))
		return true;
	if (mailbox != NULL && !write_listed(scribe, mailbox, name))
		return false;
	arena_reset(scribe->request);
	if (maps->view->ops->contact(maps->view, recipient->key,
		    scribe->request, &contact) == LOOKUP_FOUND)
		return true;
	return write_everywhere(scribe, recipient->key, name);
}

/* No answer depends on a name below that has no entries of its own. */
static bool has_postmaster(const struct maps *maps, const struct name *name)
{
	return !name->is_below &&
		(!name->is_entry || name->owner->secondary_of != NULL ||
			maps->view->ops->has_entries(maps->view, name->ascii) ==
				LOOKUP_FOUND);
}

static bool write_postmasters(const struct scribe *scribe)
{
	struct maps *maps = scribe->maps;

	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);
		const char *address =
			arena_printf(maps->arena, "postmaster@%s", name->ascii);

		if (has_postmaster(maps, name) &&
			!is_spoken_of(maps, address) &&
			!write_address(scribe, address, name))
			return false;
	}
	return true;
}

bool maps_write_recipients(struct maps *maps)
{
	const struct recipients *recipients = maps->input->recipients;
	struct arena *request = arena_open();
	const struct scribe scribe = { maps, request, maps->err };
	bool is_written = write_contacts(&scribe);

	for (size_t i = 0; is_written && i < recipients_count(recipients); i++)
		is_written =
			write_recipient(&scribe, recipients_get(recipients, i));
	is_written = is_written && write_postmasters(&scribe);
	arena_close(&request);
	return is_written;
}
