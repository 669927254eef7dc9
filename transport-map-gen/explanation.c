/*
 * Steps are kept with the line that decided: of the configuration by name,
 * of a directory by looking the key up in what it listed.
 */
#include "transport-map-gen/explanation.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/printable.h"
#include "transport-map-gen/listed.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Places. */

static const char *place_text(
	const struct explanation *e, const struct place *place)
{
	if (place->file == NULL)
		return NULL;
	return arena_printf(e->arena, "%s:%u", place->file, place->line);
}

static const char *place_of_domain(
	const struct explanation *e, const struct domain *domain)
{
	for (size_t i = 0; i < e->ns->n_domains; i++) {
		const struct domain *other = &e->ns->domains[i];

		if (other->is_enabled &&
			other->pattern.scope == domain->pattern.scope &&
			strcmp(other->pattern.name.ascii,
				domain->pattern.name.ascii) == 0)
			return place_text(e, &other->place);
	}
	return NULL;
}

static const char *place_of_connector(
	const struct explanation *e, const char *name)
{
	const struct connector *connector = namespace_connector(e->ns, name);

	return connector == NULL ? NULL : place_text(e, &connector->place);
}

/* As lists have it: the domain in A-labels. */
static const char *listed_key(const struct explanation *e, const char *key)
{
	const char *at = strrchr(key, '@');
	struct domain_name name;

	if (at == NULL || !domain_name_parse(&name, at + 1, e->arena, NULL))
		return key;
	return arena_printf(
		e->arena, "%.*s@%s", (int)(at - key), key, name.ascii);
}

static const char *place_of_contact(
	const struct explanation *e, const char *address)
{
	const char *key = listed_key(e, address);

	for (size_t i = 0; i < e->ns->n_contacts; i++)
		if (strcmp(e->ns->contacts[i].address, key) == 0)
			return place_text(e, &e->ns->contacts[i].place);
	return NULL;
}

static const struct recipient *entries_of(
	const struct explanation *e, const char *address)
{
	const struct listed_in in = { e->ns, e->recipients, e->state };

	return listed_find(&in, listed_key(e, address), e->arena);
}

static const char *place_of_directory(const struct explanation *e,
	const struct directory *directory, const char *key)
{
	const struct recipient *entry = key == NULL ? NULL : entries_of(e, key);

	for (; entry != NULL; entry = entry->next)
		if (strcmp(entry->directory->name, directory->name) == 0)
			return listed_place(entry, e->arena);
	for (size_t i = 0; i < e->ns->n_directories; i++) {
		const struct directory *own = &e->ns->directories[i];

		if (strcmp(own->name, directory->name) == 0)
			return place_text(e, &own->place);
	}
	return NULL;
}

/* Of a contact that a directory brought. */
static const char *place_of_listed_contact(
	const struct explanation *e, const char *address)
{
	const struct recipient *entry = entries_of(e, address);

	while (entry != NULL && listed_kind(entry) != LISTED_CONTACT)
		entry = entry->next;
	return entry == NULL ? NULL : listed_place(entry, e->arena);
}

static bool is_contact_step(const struct step *step)
{
	return strcmp(step->name, "contact") == 0;
}

static const char *place_of_step(
	const struct explanation *e, const struct step *step)
{
	if (e->ns == NULL)
		return NULL;
	if (step->directory != NULL)
		return place_of_directory(e, step->directory, step->address);
	if (step->connector != NULL)
		return place_of_connector(e, step->connector->name);
	if (step->domain != NULL)
		return place_of_domain(e, step->domain);
	if (step->address == NULL)
		return NULL;
	const char *place = place_of_contact(e, step->address);

	if (place == NULL && is_contact_step(step))
		place = place_of_listed_contact(e, step->address);
	return place;
}

static void add_step(struct explanation *e, const char *name, const char *text,
	const char *place)
{
	if (e->n_steps == EXPLANATION_STEPS_MAX)
		return;
	e->steps[e->n_steps++] = (struct explained_step){ name, text, place };
}

/* What a directory says about a key that another one decided on. */
static const char *other_entry(const struct explanation *e,
	const struct recipient *entry, const struct directory *decided)
{
	const char *name = entry->directory->name;

	switch (listed_kind(entry)) {
	case LISTED_MAILBOX:
		return arena_printf(e->arena,
			"directory %s lists %s too; %s stands first in the "
			"configuration and decides",
			name, entry->key, decided->name);
	case LISTED_CONTACT:
		return arena_printf(e->arena,
			"directory %s has a contact of that name, for %s: the "
			"mailbox wins over it",
			name, entry->target);
	case LISTED_ELSEWHERE:
		return arena_printf(e->arena,
			"directory %s has a contact of that name for the same "
			"address: its system knows that the mailbox is "
			"elsewhere",
			name);
	case LISTED_OUTSIDE: break;
	}
	return NULL;
}

/* The same of a key on which none decided. */
static const char *useless_entry(
	const struct explanation *e, const struct recipient *entry)
{
	const char *name = entry->directory->name;

	switch (listed_kind(entry)) {
	case LISTED_MAILBOX:
	case LISTED_CONTACT: break;
	case LISTED_ELSEWHERE:
		return arena_printf(e->arena,
			"directory %s has %s as a contact that stands for "
			"itself: its system has no mailbox of it",
			name, entry->key);
	case LISTED_OUTSIDE:
		return arena_printf(e->arena,
			"directory %s has %s, outside the domains that it may "
			"list",
			name, entry->key);
	}
	return NULL;
}

static void tell_others(struct explanation *e, const struct step *step)
{
	for (const struct recipient *entry = e->listed; entry != NULL;
		entry = entry->next) {
		const bool decided = step->directory != NULL &&
			strcmp(entry->directory->name, step->directory->name) ==
				0;
		const char *text = NULL;

		if (step->directory == NULL)
			text = useless_entry(e, entry);
		else if (!decided)
			text = other_entry(e, entry, step->directory);
		if (text == NULL)
			continue;
		const bool is_conflict = step->directory != NULL &&
			listed_kind(entry) == LISTED_MAILBOX;

		add_step(e, is_conflict ? "conflict" : "contact", text,
			listed_place(entry, e->arena));
	}
}

void explanation_step(void *context, const struct step *step)
{
	struct explanation *e = context;

	add_step(e, step->name, step->text, place_of_step(e, step));
	if (e->ns == NULL || step->address == NULL)
		return;
	if (step->directory == NULL && !is_contact_step(step) &&
		strcmp(step->name, "directories") != 0)
		return;
	e->listed = entries_of(e, step->address);
	if (!is_contact_step(step))
		tell_others(e, step);
}

void explanation_walk_maps(struct explanation *e)
{
	const struct resolution *r = &e->resolution;
	struct address routed = r->address;

	if (r->reason == REASON_NOT_AN_ADDRESS)
		return;
	if (r->rewritten != NULL)
		address_parse(
			&routed, r->final, e->view->extension, e->arena, NULL);
	e->n_hits = map_walk(e->hits, e->state, &r->address, &routed, e->arena);
}

/* What the client reads; Postfix's own words where it answers itself. */
static const char *smtp_reply(const struct explanation *e)
{
	const struct resolution *r = &e->resolution;
	const char *reply = reply_format(r);

	switch (r->verdict) {
	case VERDICT_REJECT:
	case VERDICT_DEFER:
		return arena_printf(e->arena,
			"%.9s <%s>: Recipient address rejected: %s", reply,
			e->asked, reply + strlen("550 5.1.1 "));
	case VERDICT_RELAY:
		if (r->reason == REASON_VERIFY)
			return "250 2.1.5 Ok, or what the next hop says of it";
		return "250 2.1.5 Ok";
	case VERDICT_ACCEPT: return "250 2.1.5 Ok";
	case VERDICT_PASS:
		if (r->reason == REASON_NOT_AN_ADDRESS)
			return "Postfix's own";
		return "Postfix's own: 554 5.7.1 Relay access denied, unless "
		       "it trusts the client";
	}
	return "";
}

/* The answer's words; "-" for what there is not. */
struct summary {
	const char *domain, *type, *connector, *nexthop, *directory;
};

static const char *or_dash(const char *text)
{
	return text == NULL || text[0] == '\0' ? "-" : text;
}

static struct summary summary_of(const struct explanation *e)
{
	const struct resolution *r = &e->resolution;
	const struct domain *domain = r->domain;
	struct summary s = { "-", "-", "-", "-", "-" };

	if (domain != NULL) {
		s.domain = domain->pattern.name.ascii;
		s.type = domain_type_format(domain->type);
	}
	if (r->route.count != 0) {
		s.connector = r->route.connectors[0]->name;
		s.nexthop = or_dash(route_format(&r->route, e->arena));
	}
	if (r->directory != NULL)
		s.directory = r->directory->name;
	return s;
}

static bool is_for_trusted_only(const struct explanation *e)
{
	return e->resolution.domain != NULL &&
		e->resolution.domain->is_trusted_only;
}

static const char *const trusted_note =
	"this holds for clients that Postfix trusts; to others Postfix itself "
	"says 554 5.7.1 Relay access denied";

/* One line; what a terminal should not be given is shown as "?". */
static void say(const char *name, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const char *name, const char *format, ...)
{
	char *line;
	va_list args;

	va_start(args, format);
	const int len = vasprintf(&line, format, args);

	va_end(args);
	line = memory_must(len < 0 ? NULL : line);
	printable_mask(line);
	printf("%-12s %s\n", name, line);
	free(line);
}

void explanation_print(const struct explanation *e)
{
	const struct resolution *r = &e->resolution;
	const struct summary s = summary_of(e);

	for (size_t i = 0; i < e->n_steps; i++) {
		const struct explained_step *step = &e->steps[i];

		if (step->place != NULL)
			say(step->name, "%s (%s)", step->text, step->place);
		else
			say(step->name, "%s", step->text);
	}
	for (size_t i = 0; i < e->n_hits; i++)
		say("map", "%s: %s -> %s", e->hits[i].map, e->hits[i].key,
			e->hits[i].value);
	putchar('\n');
	say("verdict", "%s (%s)", verdict_format(r->verdict),
		reason_format(r->reason));
	say("domain", "%s (%s)", s.domain, s.type);
	say("connector", "%s -> %s", s.connector, s.nexthop);
	say("directory", "%s", s.directory);
	if (verdict_takes(r->verdict))
		say("delivered-to", "%s", r->final);
	say("policyd", "%s", reply_format(r));
	say("reply", "%s", smtp_reply(e));
	if (is_for_trusted_only(e))
		say("note", "%s", trusted_note);
	if (e->is_published)
		say("generation", "%lu", e->generation);
}

/* Of paths any byte may come, and JSON has UTF-8 alone.  NULL: null. */
static void set(const struct explanation *e, json_t *object, const char *name,
	const char *value)
{
	json_t *json = value == NULL ? json_null() : json_string(value);

	if (json == NULL) {
		char *shown = arena_strdup(e->arena, value);

		printable_mask(shown);
		json = json_string(shown);
	}
	json_object_set_new(object, name, json);
}

static json_t *steps_as_json(const struct explanation *e)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < e->n_steps; i++) {
		json_t *step = json_object();

		set(e, step, "step", e->steps[i].name);
		set(e, step, "text", e->steps[i].text);
		set(e, step, "place", e->steps[i].place);
		json_array_append_new(steps, step);
	}
	return steps;
}

static json_t *maps_as_json(const struct explanation *e)
{
	json_t *maps = json_array();

	for (size_t i = 0; i < e->n_hits; i++) {
		json_t *hit = json_object();

		set(e, hit, "map", e->hits[i].map);
		set(e, hit, "key", e->hits[i].key);
		set(e, hit, "value", e->hits[i].value);
		json_array_append_new(maps, hit);
	}
	return maps;
}

/* Every entry of the address that decided, in the order of directories. */
static json_t *listed_as_json(const struct explanation *e)
{
	json_t *list = json_array();

	for (const struct recipient *entry = e->listed; entry != NULL;
		entry = entry->next) {
		json_t *item = json_object();

		set(e, item, "address", entry->key);
		set(e, item, "directory", entry->directory->name);
		set(e, item, "as", listed_kind_format(listed_kind(entry)));
		set(e, item, "place", listed_place(entry, e->arena));
		set(e, item, "target", entry->target);
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *answer_as_json(const struct explanation *e)
{
	const struct resolution *r = &e->resolution;
	const struct summary s = summary_of(e);
	json_t *answer = json_object();

	set(e, answer, "address", r->address.key);
	set(e, answer, "verdict", verdict_format(r->verdict));
	set(e, answer, "reason", reason_format(r->reason));
	set(e, answer, "domain", s.domain);
	set(e, answer, "type", s.type);
	set(e, answer, "connector", s.connector);
	set(e, answer, "nexthop", s.nexthop);
	set(e, answer, "directory", s.directory);
	set(e, answer, "reply", reply_format(r));
	set(e, answer, "smtp_reply", smtp_reply(e));
	set(e, answer, "delivered_to",
		verdict_takes(r->verdict) ? r->final : NULL);
	return answer;
}

/* In ASCII, so that no terminal obeys what stands in an address. */
void explanation_print_json(const struct explanation *e)
{
	json_t *answer = answer_as_json(e);

	if (is_for_trusted_only(e))
		set(e, answer, "note", trusted_note);
	if (e->is_published)
		json_object_set_new(answer, "generation",
			json_integer((json_int_t)e->generation));
	json_object_set_new(answer, "listed", listed_as_json(e));
	json_object_set_new(answer, "steps", steps_as_json(e));
	json_object_set_new(answer, "maps", maps_as_json(e));
	json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(answer);
}
