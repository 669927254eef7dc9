/*
 * What is not of this namespace and meets its maps: domains of others that
 * our recipients leave without any, TLS policies of others for our hops, and
 * whom Postfix takes for an insider.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "doctor/lookup_table.h"
#include "doctor/our_maps.h"
#include "namespace/domain_name.h"
#include "namespace/fold.h"

#include <string.h>
#include <strings.h>

/* All tables of that parameter are ours, and there are some. */
static bool is_ours_alone(
	const struct examination *examination, const char *name)
{
	struct parameter parameter;

	parameter_read(
		&parameter, examination->instance, name, examination->arena);
	for (size_t i = 0; i < parameter.count; i++)
		if (our_maps_naming_any(parameter.words[i].value,
			    examination) == NAMING_FOREIGN)
			return false;
	return parameter.count > 0;
}

static bool is_named_in(const struct examination *examination, const char *name,
	const char *domain)
{
	struct parameter parameter;

	parameter_read(
		&parameter, examination->instance, name, examination->arena);
	for (size_t i = 0; i < parameter.count; i++)
		if (strcasecmp(parameter.words[i].value, domain) == 0)
			return true;
	return false;
}

/* All domains by name, so that what others have is asked of each but once. */
struct ours {
	const struct examination *examination;
	struct table *scopes[SCOPE_SUBDOMAINS + 1]; /* names, both forms */
	struct table *above; /* names of all, and of those above them */
};

static void ours_init(struct ours *out, const struct examination *examination)
{
	const struct namespace *ns = examination->ns;

	*out = (struct ours){ .examination = examination,
		.above = table_open() };
	for (size_t i = 0; i <= SCOPE_SUBDOMAINS; i++)
		out->scopes[i] = table_open();
	for (size_t i = 0; i < ns->n_domains; i++) {
		struct domain *domain = &ns->domains[i];
		const struct domain_name *name = &domain->pattern.name;
		struct table *names = out->scopes[domain->pattern.scope];

		table_put(names, name->ascii, domain);
		table_put(names, name->unicode, domain);
		for (const char *at = name->ascii; at != NULL;
			at = domain_parent(at))
			table_put(out->above, at, domain);
	}
}

static void ours_fini(struct ours *ours)
{
	for (size_t i = 0; i <= SCOPE_SUBDOMAINS; i++)
		table_close(&ours->scopes[i]);
	table_close(&ours->above);
}

static bool has(const struct ours *ours, enum scope scope, const char *name)
{
	return table_find(ours->scopes[scope], name) != NULL;
}

/* As domain_pattern_covers(), by any of them. */
static bool are_covering(const struct ours *ours, const char *name)
{
	if (has(ours, SCOPE_EXACT, name) || has(ours, SCOPE_INCLUSIVE, name))
		return true;
	while ((name = domain_parent(name)) != NULL)
		if (has(ours, SCOPE_INCLUSIVE, name) ||
			has(ours, SCOPE_SUBDOMAINS, name))
			return true;
	return false;
}

/* A name whose recipients nobody but relay_recipient_maps can tell. */
static bool is_of_others(const struct ours *ours, const char *word)
{
	static const char *const before[] = { "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains" };
	const struct examination *examination = ours->examination;
	const char *domain = word[0] == '.'
		? arena_printf(examination->arena, "some%s", word)
		: word;
	const char *folded = fold(domain, strlen(domain), examination->arena);

	if (lookup_table_is_table(word) || word[0] == '!' || folded == NULL ||
		are_covering(ours, folded))
		return false;
	/* ".d", d ours or above: what that lets in is told elsewhere. */
	if (word[0] == '.' &&
		table_find(ours->above, folded + strlen("some.")) != NULL)
		return false;
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if (is_named_in(examination, before[i], word))
			return false;
	return true;
}

/* Of a table the first key that is; NULL = none, or it does not tell. */
static const char *find_others(const struct ours *ours, const char *word)
{
	const struct examination *examination = ours->examination;
	const char *found = NULL;
	struct text keys;

	if (!lookup_table_is_table(word))
		return is_of_others(ours, word) ? word : NULL;
	if (our_maps_naming_any(word, examination) != NAMING_FOREIGN)
		return NULL;
	text_init(&keys);
	lookup_table_list(word, &keys);
	for (char *lines = keys.data; lines != NULL && found == NULL;) {
		char *key = strsep(&lines, "\n");

		key[strcspn(key, " \t,")] = '\0';
		if (key[0] != '\0' && key[0] != '#' && is_of_others(ours, key))
			found = arena_strdup(examination->arena, key);
	}
	text_fini(&keys);
	return found;
}

void check_relay_others(struct examination *examination)
{
	struct parameter parameter;
	const char *name = NULL;
	struct ours ours;

	if (!is_ours_alone(examination, "relay_recipient_maps"))
		return;
	parameter_read(&parameter, examination->instance, "relay_domains",
		examination->arena);
	ours_init(&ours, examination);
	for (size_t i = 0; i < parameter.count && name == NULL; i++)
		name = find_others(&ours, parameter.words[i].value);
	ours_fini(&ours);
	if (name == NULL)
		return;
	check_found(examination, SEVERITY_ERROR, "relay_domains", "",
		"has %s, of whom relay_recipient_maps has nobody: all its "
		"recipients are refused (550 5.1.1); make it an accepted "
		"domain in %s, or add a table with \"@%s\" or its recipients",
		name, examination->config, name[0] == '.' ? name + 1 : name);
}

/* The hops whose level namespace.conf says, a line each. */
static void add_hops(
	struct text *keys, const struct namespace *ns, bool is_lmtp)
{
	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];

		if (!connector->is_enabled || connector->tls == TLS_UNSET ||
			connector->is_socket ||
			is_lmtp != (strcmp(connector->kind, "lmtp") == 0))
			continue;
		for (size_t j = 0; j < connector->n_hops; j++)
			text_addf(keys, "%s\n", connector->hops[j].text);
	}
}

/* What comes before ours and has one of them. */
static void check_policies(struct examination *examination,
	const struct our_maps *maps, const struct text *keys)
{
	struct parameter parameter;
	struct text found;
	bool is_before = true;

	text_init(&found);
	parameter_read(&parameter, examination->instance, maps->parameter,
		examination->arena);
	for (size_t i = 0; i < parameter.count && is_before; i++) {
		const char *word = parameter.words[i].value;

		is_before = our_maps_naming_any(word, examination) ==
			NAMING_FOREIGN;
		if (!is_before || !lookup_table_is_local(word))
			continue;
		lookup_table_ask(word, keys->data, &found);
		if (found.len == 0)
			continue;
		check_found(examination, SEVERITY_ERROR, maps->parameter,
			our_maps_fix(maps, examination),
			"%s stands before our map and has %.*s: that level "
			"counts there, and not \"tls\" of the connector",
			word, (int)strcspn(found.data, "\t\n"), found.data);
		break;
	}
	text_fini(&found);
}

void check_tls_shadowed(struct examination *examination)
{
	/* Then one list has the hops of both. */
	const bool is_one = our_maps_is_reference(
		our_maps_find("lmtp_tls_policy_maps"), examination);
	const struct our_maps *maps;

	for (size_t i = 0; (maps = our_maps_get(i)) != NULL; i++) {
		const bool is_lmtp = text_starts(maps->parameter, "lmtp_");
		struct text keys;

		if (strstr(maps->parameter, "_tls_") == NULL ||
			(is_lmtp && is_one))
			continue;
		text_init(&keys);
		add_hops(&keys, examination->ns, is_lmtp);
		if (is_one)
			add_hops(&keys, examination->ns, true);
		if (keys.len != 0)
			check_policies(examination, maps, &keys);
		text_fini(&keys);
	}
}

static bool is_everybody(const char *word)
{
	static const char *const all[] = { "0.0.0.0/0", "0/0", "::/0",
		"[::]/0" };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(word, all[i]) == 0)
			return true;
	return text_starts(word, "static:");
}

void check_mynetworks(struct examination *examination)
{
	struct parameter parameter;
	const char *found = NULL;

	parameter_read(&parameter, examination->instance, "mynetworks",
		examination->arena);
	for (size_t i = parameter.count; i-- > 0;) {
		if (!is_everybody(parameter.words[i].value))
			continue;
		found = parameter.words[i].value;
		parameter_remove(&parameter, i);
	}
	if (found != NULL)
		check_found(examination, SEVERITY_ERROR, parameter.name,
			parameter_fix(&parameter),
			"has %s: everybody is an insider, may relay to "
			"anywhere and write to domains with accept-from = "
			"trusted",
			found);
}
