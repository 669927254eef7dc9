/*
 * What is made for single addresses.  Each listed recipient, contact and
 * postmaster is put to the resolver under every name it has, and the answer
 * is written down; of a mailbox like others before it that is known already.
 */
#include "snapshot/maps_known.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

struct scribe {
	struct maps *maps;
	struct maps_known *known;
	struct arena *request; /* of one address */
	const struct name *last; /* of the recipient before; NULL = none */
	struct text other; /* its name in a secondary domain */
};

static void write_address(const struct scribe *scribe, const char *address,
	const struct name *name)
{
	const struct maps_subject subject = { slice_of(address), name };
	struct maps_answer answer;

	arena_reset(scribe->request);
	maps_answer_make(&answer, scribe->maps, &subject, scribe->request);
	maps_answer_put(scribe->maps, &subject, &answer);
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
static void write_everywhere(const struct scribe *scribe, const char *address,
	const struct name *name)
{
	write_address(scribe, address, name);
	for (size_t i = 0; i < name->n_secondaries; i++) {
		const struct name *secondary = name->secondaries[i];
		struct arena *arena = arena_open();
		const char *other = arena_printf(arena, "%.*s@%s",
			(int)(strrchr(address, '@') - address), address,
			secondary->ascii);

		if (!is_postmaster(other) && !is_spoken_of(scribe->maps, other))
			write_everywhere(scribe, other, secondary);
		arena_close(&arena);
	}
}

static const struct name *name_of(const struct maps *maps, const char *address)
{
	return names_find(maps->names, strrchr(address, '@') + 1);
}

static void write_contacts(const struct scribe *scribe)
{
	const struct namespace *ns = scribe->maps->input->ns;

	for (size_t i = 0; i < ns->n_contacts; i++) {
		const char *address = ns->contacts[i].address;
		const struct name *name = name_of(scribe->maps, address);

		if (name != NULL)
			write_everywhere(scribe, address, name);
	}
}

/* The subject's name in a secondary domain, until the next is asked for. */
static struct maps_subject other_of(struct scribe *scribe,
	const struct maps_subject *subject, const struct name *secondary)
{
	struct text *other = &scribe->other;

	text_clear(other);
	text_add(other, subject->key.bytes,
		subject->key.len - strlen(subject->name->ascii));
	text_adds(other, secondary->ascii);
	return (struct maps_subject){ { other->data, other->len }, secondary };
}

/* In the secondary domains of its name: aliases to the recipient. */
static void write_others(struct scribe *scribe, const struct known *of,
	const struct maps_subject *subject)
{
	for (size_t i = 0; i < subject->name->n_secondaries; i++) {
		const struct maps_subject other = other_of(
			scribe, subject, subject->name->secondaries[i]);
		struct maps_answer answer = of->others[i].answer;

		answer.alias = subject->key.bytes;
		if (of->others[i].has_entries &&
			is_spoken_of(scribe->maps, other.key.bytes))
			continue;
		maps_answer_put(scribe->maps, &other, &answer);
	}
}

static bool is_somebody_else(
	struct scribe *scribe, const struct maps_subject *subject)
{
	for (size_t i = 0; i < subject->name->n_secondaries; i++) {
		const struct maps_subject other = other_of(
			scribe, subject, subject->name->secondaries[i]);

		if (is_spoken_of(scribe->maps, other.key.bytes))
			return true;
	}
	return false;
}

/* One that differs from others of its domain in the local part alone. */
static void write_plain(struct scribe *scribe, struct known *of,
	const struct maps_subject *subject)
{
	if (!of->is_asked && !is_somebody_else(scribe, subject))
		maps_known_ask(scribe->known, of, subject);
	if (!of->is_asked || of->is_one_by_one) {
		write_everywhere(scribe, subject->key.bytes, subject->name);
		return;
	}
	maps_answer_put(scribe->maps, subject, &of->answer);
	write_others(scribe, of, subject);
}

static bool is_contact(const struct scribe *scribe, const char *address)
{
	const struct maps *maps = scribe->maps;
	struct contact contact;

	if (maps->input->ns->n_contacts == 0)
		return false;
	arena_reset(scribe->request);
	return maps->view->ops->contact(maps->view, address, scribe->request,
		       &contact) == LOOKUP_FOUND;
}

static void write_mailbox(struct scribe *scribe,
	const struct recipient *mailbox, const struct name *name)
{
	const struct maps *maps = scribe->maps;
	const char *key = mailbox->key;
	const size_t local_len = (size_t)(mailbox->domain - key) - 1;
	const struct maps_subject subject = {
		{ key, local_len + 1 + strlen(name->ascii) }, name
	};
	struct known *of =
		maps_known_get(scribe->known, name, mailbox->directory);

	maps_subject_put(maps, MAP_RELAY_RECIPIENTS, &subject, of->listed);
	/* Written before, in its own right. */
	if (is_contact(scribe, key))
		return;
	if (!of->is_one_by_one &&
		maps_known_is_plain(
			scribe->known, (struct slice){ key, local_len }))
		write_plain(scribe, of, &subject);
	else
		write_everywhere(scribe, key, name);
}

/* Recipients come domain by domain. */
static const struct name *name_of_recipient(
	struct scribe *scribe, const struct recipient *recipient)
{
	const char *domain = recipient->domain;

	if (scribe->last == NULL || strcmp(scribe->last->ascii, domain) != 0)
		scribe->last = names_find(scribe->maps->names, domain);
	return scribe->last;
}

static void write_recipient(
	struct scribe *scribe, const struct recipient *recipient)
{
	const struct recipient *mailbox = recipient_mailbox(recipient);
	const struct name *name = name_of_recipient(scribe, recipient);

	if (name == NULL)
		return;
	if (mailbox != NULL)
		write_mailbox(scribe, mailbox, name);
	else if (recipient_contact(recipient) != NULL &&
		!is_contact(scribe, recipient->key))
		write_everywhere(scribe, recipient->key, name);
}

static void write_postmasters(const struct scribe *scribe)
{
	struct maps *maps = scribe->maps;

	for (size_t i = 0; i < names_count(maps->names); i++) {
		const struct name *name = names_get(maps->names, i);
		const char *address =
			arena_printf(maps->arena, "postmaster@%s", name->ascii);

		if (name_has_postmaster(name, maps->view) &&
			!is_spoken_of(maps, address))
			write_address(scribe, address, name);
	}
}

static void write_all(struct scribe *scribe)
{
	const struct recipients *recipients = scribe->maps->input->recipients;
	const size_t count = recipients_count(recipients);

	write_contacts(scribe);
	for (size_t i = 0; i < count; i++)
		write_recipient(scribe, recipients_get(recipients, i));
	write_postmasters(scribe);
}

void maps_write_recipients(struct maps *maps)
{
	struct scribe scribe = { .maps = maps,
		.known = maps_known_open(maps),
		.request = arena_open() };

	text_init(&scribe.other);
	write_all(&scribe);
	text_fini(&scribe.other);
	arena_close(&scribe.request);
	maps_known_close(&scribe.known);
}
