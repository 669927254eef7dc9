/*
 * What is not of this namespace and meets its maps: domains of others that
 * our recipients leave without any, TLS policies of others for our hops, and
 * whom Postfix takes for an insider.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
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

/* ".d" where the domain is d or below: what that lets in is told elsewhere. */
static bool is_at_or_above(const char *word, const struct domain *domain)
{
	const char *name = domain->pattern.name.ascii;
	const size_t len = strlen(name);
	const size_t tail = strlen(word);

	return word[0] == '.' &&
		(strcasecmp(word + 1, name) == 0 ||
			(len > tail &&
				strcasecmp(name + len - tail, word) == 0));
}

/* A name whose recipients nobody but relay_recipient_maps can tell. */
static bool is_of_others(
	const struct examination *examination, const char *word)
{
	static const char *const before[] = { "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains" };
	const struct namespace *ns = examination->ns;
	const char *domain = word[0] == '.'
		? arena_printf(examination->arena, "some%s", word)
		: word;

	const char *folded = fold(domain, strlen(domain), examination->arena);

	if (lookup_table_is_table(word) || word[0] == '!' || folded == NULL)
		return false;
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if (is_named_in(examination, before[i], word))
			return false;
	for (size_t i = 0; i < ns->n_domains; i++)
		if (domain_pattern_covers(&ns->domains[i].pattern, folded) ||
			is_at_or_above(word, &ns->domains[i]))
			return false;
	return true;
}

/* Of a table the first key that is; NULL = none, or it does not tell. */
static const char *find_others(
	const struct examination *examination, const char *word)
{
	const char *found = NULL;
	struct text keys;

	if (!lookup_table_is_table(word))
		return is_of_others(examination, word) ? word : NULL;
	if (our_maps_naming_any(word, examination) != NAMING_FOREIGN)
		return NULL;
	text_init(&keys);
	lookup_table_list(word, &keys);
	for (char *lines = keys.data; lines != NULL && found == NULL;) {
		char *key = strsep(&lines, "\n");

		key[strcspn(key, " \t,")] = '\0';
		if (key[0] != '\0' && key[0] != '#' &&
			is_of_others(examination, key))
			found = arena_strdup(examination->arena, key);
	}
	text_fini(&keys);
	return found;
}

void check_relay_others(struct examination *examination)
{
	struct parameter parameter;

	if (!is_ours_alone(examination, "relay_recipient_maps"))
		return;
	parameter_read(&parameter, examination->instance, "relay_domains",
		examination->arena);
	for (size_t i = 0; i < parameter.count; i++) {
		const char *name =
			find_others(examination, parameter.words[i].value);

		if (name == NULL)
			continue;
		check_found(examination, SEVERITY_ERROR, "relay_domains", "",
			"has %s, of whom relay_recipient_maps has nobody: all "
			"its recipients are refused (550 5.1.1); make it an "
			"accepted domain in %s, or add a table with \"@%s\" "
			"or its recipients",
			name, examination->config,
			name[0] == '.' ? name + 1 : name);
		return;
	}
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
