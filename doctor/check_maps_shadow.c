/*
 * Other tables are asked what Postfix would ask them (transport(5),
 * virtual(5), canonical(5)): for the accepted domains, for a sample of those
 * who are listed, and for an address that nobody has.  Postfix looks a more
 * specific key up in all tables before a less specific one in any, so a
 * whole address in a table behind ours still wins over our domain.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/lookup_table.h"
#include "doctor/our_maps.h"
#include "snapshot/generation.h"

#include <string.h>

#define NOBODY "nobody-has-this-address"

enum { SAMPLE_MAX = 1000 };

/* Both label forms; prefix stands before each. */
static void add_name(
	struct text *keys, const char *prefix, const struct domain_name *name)
{
	text_addf(keys, "%s%s\n", prefix, name->ascii);
	if (name->unicode != name->ascii)
		text_addf(keys, "%s%s\n", prefix, name->unicode);
}

static void add_domain_keys(struct text *keys, const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain_pattern *pattern = &ns->domains[i].pattern;

		if (!ns->domains[i].is_enabled)
			continue;
		if (pattern->scope != SCOPE_SUBDOMAINS)
			add_name(keys, "", &pattern->name);
		if (pattern->scope != SCOPE_EXACT)
			add_name(keys, ".", &pattern->name);
	}
}

static void add_nobody(struct text *keys, const struct domain *domain)
{
	const bool is_below = domain->pattern.scope == SCOPE_SUBDOMAINS;

	add_name(keys, is_below ? NOBODY "@some." : NOBODY "@",
		&domain->pattern.name);
}

struct sample {
	struct text *keys;
	size_t count;
};

static bool add_listed(void *context, const char *address)
{
	struct sample *sample = context;

	text_addf(sample->keys, "%s\n", address);
	return ++sample->count < SAMPLE_MAX;
}

static void add_addresses(
	struct text *keys, const struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	struct sample sample = { .keys = keys };

	for (size_t i = 0; i < ns->n_domains; i++)
		if (ns->domains[i].is_enabled)
			add_nobody(keys, &ns->domains[i]);
	if (examination->published != NULL)
		generation_walk_addresses(
			examination->published, add_listed, &sample, NULL);
}

static bool has_way_out(const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_connectors; i++)
		for (size_t j = 0; j < ns->connectors[i].n_spaces; j++)
			if (ns->connectors[i].is_enabled &&
				ns->connectors[i].spaces[j].is_any)
				return true;
	return false;
}

/* The first of the keys that the table has; NULL = none. */
static const char *find_key(
	const char *word, const struct text *keys, struct arena *arena)
{
	const char *key = NULL;
	struct text found;

	text_init(&found);
	if (keys->len != 0 && lookup_table_is_local(word))
		lookup_table_ask(word, keys->data, &found);
	if (found.len != 0)
		key = arena_strndup(
			arena, found.data, strcspn(found.data, "\t\n"));
	text_fini(&found);
	return key;
}

struct shadow {
	const char *word; /* the table; NULL = there is none */
	const char *key; /* that it has */
	bool is_address; /* then the order of tables does not matter */
};

static bool find_shadow(struct shadow *out, const char *word,
	bool is_before_ours, const struct examination *examination)
{
	struct text keys;

	text_init(&keys);
	*out = (struct shadow){ .word = word, .is_address = true };
	add_addresses(&keys, examination);
	out->key = find_key(word, &keys, examination->arena);
	text_clear(&keys);
	if (out->key == NULL && is_before_ours &&
		!lookup_table_has_patterns(word)) {
		out->is_address = false;
		add_domain_keys(&keys, examination->ns);
		if (has_way_out(examination->ns))
			text_adds(&keys, "*\n");
		out->key = find_key(word, &keys, examination->arena);
	}
	text_fini(&keys);
	return out->key != NULL;
}

static bool find_transport_shadow(
	struct shadow *out, const struct examination *examination)
{
	struct parameter parameter;
	bool is_before_ours = true;

	parameter_read(&parameter, examination->instance, "transport_maps",
		examination->arena);
	for (size_t i = 0; i < parameter.count; i++) {
		const char *word = parameter.words[i].value;

		if (our_maps_naming_any(word, examination) != NAMING_FOREIGN)
			is_before_ours = false;
		else if (find_shadow(out, word, is_before_ours, examination))
			return true;
	}
	return false;
}

bool transport_is_shadowed(const struct examination *examination)
{
	struct shadow shadow;

	return find_transport_shadow(&shadow, examination);
}

void check_transport_shadowed(struct examination *examination)
{
	struct shadow shadow;

	if (!find_transport_shadow(&shadow, examination))
		return;
	if (shadow.is_address)
		check_found(examination, SEVERITY_ERROR, "transport_maps", "",
			"%s has a route for %s, whichever table comes first: "
			"that mail does not go to its connector; take the "
			"entry out of that table",
			shadow.word, shadow.key);
	else
		check_found(examination, SEVERITY_ERROR, "transport_maps",
			our_maps_fix(
				our_maps_find("transport_maps"), examination),
			"%s stands before our maps and has a route for \"%s\": "
			"that mail does not go to its connector",
			shadow.word, shadow.key);
}

static void add_wildcards(
	struct text *keys, const struct namespace *ns, bool is_pattern)
{
	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain *domain = &ns->domains[i];

		if (!domain->is_enabled || domain->filter != FILTER_DIRECTORIES)
			continue;
		if (!is_pattern && domain->pattern.scope != SCOPE_SUBDOMAINS)
			add_name(keys, "@", &domain->pattern.name);
		add_nobody(keys, domain);
	}
}

/* Only static: has nothing else to lose. */
static const char *fix_without(struct parameter *parameter, size_t place)
{
	if (!text_starts(parameter->words[place].value, "static:"))
		return "";
	parameter_remove(parameter, place);
	return parameter_fix(parameter);
}

static void check_wildcards_of(
	struct examination *examination, const char *name)
{
	struct parameter parameter;

	parameter_read(
		&parameter, examination->instance, name, examination->arena);
	for (size_t i = 0; i < parameter.count; i++) {
		const char *word = parameter.words[i].value;
		const char *key = NULL;
		struct text keys;

		text_init(&keys);
		add_wildcards(&keys, examination->ns,
			lookup_table_has_patterns(word));
		if (our_maps_naming_any(word, examination) == NAMING_FOREIGN)
			key = find_key(word, &keys, examination->arena);
		text_fini(&keys);
		if (key == NULL)
			continue;
		check_found(examination, SEVERITY_ERROR, name,
			fix_without(&parameter, i),
			"%s answers for %s, and so for addresses that nobody "
			"has: they are accepted, and bounced to senders who "
			"may be forged; take that entry out",
			word, key);
		return;
	}
}

void check_wildcard(struct examination *examination)
{
	static const char *const parameters[] = { "relay_recipient_maps",
		"virtual_alias_maps", "canonical_maps",
		"recipient_canonical_maps" };

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		check_wildcards_of(examination, parameters[i]);
}
