/*
 * A parameter with any fault in how it names our maps gets one and the same
 * line, which sets all of them right, so that no fix undoes another.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/fix.h"
#include "doctor/lookup_table.h"
#include "doctor/our_maps.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

void check_cdb(struct examination *examination)
{
	if (!instance_has_map_type(examination->instance, "cdb"))
		check_found(examination, SEVERITY_ERROR, "cdb",
			"apt-get install postfix-cdb",
			"this Postfix knows no maps of type cdb, so it can "
			"open none of ours and answers 451 to everybody");
}

static bool has_tls(const struct namespace *ns, const char *kind)
{
	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];
		const bool is_lmtp = strcmp(connector->kind, "lmtp") == 0;

		if (connector->is_enabled && connector->tls != TLS_UNSET &&
			is_lmtp == (strcmp(kind, "lmtp") == 0))
			return true;
	}
	return false;
}

/* Whether it costs anything now, or once a connector gets "tls". */
static enum severity severity_of_missing(
	const struct our_maps *maps, const struct examination *examination)
{
	const char *client = text_starts(maps->parameter, "lmtp_") ? "lmtp"
								   : "smtp";

	return strstr(maps->parameter, "_tls_") == NULL ||
			has_tls(examination->ns, client)
		? SEVERITY_ERROR
		: SEVERITY_WARNING;
}

static const char *consequence_of(const char *parameter)
{
	static const char *const consequences[][2] = {
		{ "relay_domains",
			"mail for the accepted domains is refused "
			"(554 Relay access denied)" },
		{ "transport_maps",
			"accepted mail goes to the MX instead of "
			"its connector, or what was removed "
			"lately loses its way" },
		{ "relay_recipient_maps",
			"nobody validates recipients, or "
			"real ones are refused" },
		{ "virtual_alias_maps",
			"contacts, secondary domains and "
			"catch-alls reach nobody" },
		{ "smtp_tls_policy_maps",
			"\"tls\" of connectors has no "
			"effect: mail may leave in clear" },
		{ "lmtp_tls_policy_maps",
			"\"tls\" of connectors has no "
			"effect: mail may leave in clear" },
	};

	for (size_t i = 0; i < sizeof consequences / sizeof *consequences; i++)
		if (strcmp(consequences[i][0], parameter) == 0)
			return consequences[i][1];
	return "";
}

static bool is_named(const struct our_maps *maps, size_t index,
	const struct parameter *parameter,
	const struct examination *examination)
{
	for (size_t i = 0; i < parameter->count; i++) {
		size_t which;

		if (our_maps_naming(maps, parameter->words[i].value,
			    examination, &which) != NAMING_FOREIGN &&
			which == index)
			return true;
	}
	return false;
}

static const struct our_maps *maps_of_check(const char *id)
{
	const struct our_maps *maps;

	for (size_t i = 0; (maps = our_maps_get(i)) != NULL; i++)
		if (strcmp(maps->check, id) == 0)
			break;
	return maps;
}

void check_maps_missing(struct examination *examination)
{
	const struct our_maps *maps = maps_of_check(examination->check->id);
	struct parameter parameter;
	struct text missing;

	if (maps == NULL || our_maps_is_reference(maps, examination) ||
		(text_starts(maps->parameter, "lmtp_") &&
			!has_tls(examination->ns, "lmtp")))
		return;
	parameter_read(&parameter, examination->instance, maps->parameter,
		examination->arena);
	text_init(&missing);
	for (size_t i = 0; i < OUR_MAPS_MAX && maps->files[i] != NULL; i++)
		if (!is_named(maps, i, &parameter, examination))
			text_addf(&missing, "%s%s",
				missing.len == 0 ? "" : " and ",
				our_maps_word(maps, i, examination));
	if (missing.len != 0)
		check_found(examination, severity_of_missing(maps, examination),
			maps->parameter, our_maps_fix(maps, examination),
			"does not have %s: %s", missing.data,
			consequence_of(maps->parameter));
	text_fini(&missing);
}

/* One finding for each parameter that names a map in that way. */
static void find_naming(struct examination *examination, enum naming naming,
	enum severity severity, const char *consequence)
{
	const struct our_maps *maps;

	for (size_t i = 0; (maps = our_maps_get(i)) != NULL; i++) {
		struct parameter parameter;
		size_t word = 0;

		if (our_maps_is_reference(maps, examination))
			continue;
		parameter_read(&parameter, examination->instance,
			maps->parameter, examination->arena);
		while (word < parameter.count &&
			our_maps_naming(maps, parameter.words[word].value,
				examination, NULL) != naming)
			word++;
		if (word < parameter.count)
			check_found(examination, severity, maps->parameter,
				our_maps_fix(maps, examination), "has %s: %s",
				parameter.words[word].value, consequence);
	}
}

void check_map_proxy(struct examination *examination)
{
	find_naming(examination, NAMING_PROXY, SEVERITY_ERROR,
		"by way of proxymap(8) a publishing is seen minutes late, and "
		"not in its order");
}

void check_map_suffix(struct examination *examination)
{
	find_naming(examination, NAMING_SUFFIX, SEVERITY_ERROR,
		"Postfix adds \".cdb\" itself and finds no such file, so "
		"everybody gets a 451");
}

void check_map_link(struct examination *examination)
{
	find_naming(examination, NAMING_LINK, SEVERITY_ERROR,
		"the next publishing is not seen there, or recipients are "
		"accepted before their routes are in force");
}

void check_map_folder(struct examination *examination)
{
	find_naming(examination, NAMING_FOLDER, SEVERITY_ERROR,
		arena_printf(examination->arena,
			"this is another state folder than %s, which is "
			"examined here; if it is the right one, give -s",
			examination->state));
}

/* Ours in their order, and nobody else's before the last of them. */
void check_transport_order(struct examination *examination)
{
	const struct our_maps *maps = maps_of_check("transport-maps");
	struct parameter parameter;
	size_t last = 0;

	assert(maps != NULL);
	if (transport_is_shadowed(examination))
		return;
	parameter_read(&parameter, examination->instance, maps->parameter,
		examination->arena);
	const size_t n_ours = is_named(maps, 0, &parameter, examination) +
		is_named(maps, 1, &parameter, examination);

	for (size_t i = 0; i < parameter.count && i < n_ours; i++) {
		size_t which = 0;

		if (our_maps_naming(maps, parameter.words[i].value, examination,
			    &which) == NAMING_FOREIGN ||
			which < last) {
			check_found(examination, SEVERITY_WARNING,
				maps->parameter,
				our_maps_fix(maps, examination),
				"our maps do not come first, transport before "
				"transport_leaving: whatever %s has for our "
				"domains takes their mail",
				parameter.words[i].value);
			return;
		}
		last = which;
	}
}

/* NULL: it opens. */
static const char *why_not(const char *word, struct arena *arena)
{
	const char *file = lookup_table_file(word, arena);
	struct cdb_reader *reader;
	struct err err = { .text = "" };

	if (file == NULL)
		return NULL;
	if (access(file, R_OK) != 0)
		return arena_printf(arena, "%s: %s", file, strerror(errno));
	if (strstr(word, "cdb:") == NULL)
		return NULL;
	reader = cdb_reader_open(file, &err);
	if (reader == NULL)
		return arena_strdup(arena, err.text);
	cdb_reader_close(&reader);
	return NULL;
}

/* NAMING_RIGHT also for what check_recipient_access asks. */
static enum naming naming_of(
	const char *word, const struct examination *examination)
{
	return strcmp(word, our_maps_access(examination)) == 0
		? NAMING_RIGHT
		: our_maps_naming_any(word, examination);
}

/* What is said elsewhere: it is misnamed, or nothing was published yet. */
static bool is_told(const char *word, const struct examination *examination)
{
	const char *link = arena_printf(
		examination->arena, "%s/%s", examination->state, FILES_CURRENT);
	const enum naming naming = naming_of(word, examination);

	return naming != NAMING_FOREIGN &&
		(naming != NAMING_RIGHT || access(link, F_OK) != 0);
}

static const char *fix_for(
	const char *word, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *colon = strchr(word, ':');

	if (naming_of(word, examination) != NAMING_FOREIGN)
		return fix_compiler(examination->config, examination->state,
			"build", arena);
	if (colon == NULL || lookup_table_has_patterns(word) ||
		access(colon + 1, R_OK) != 0)
		return "";
	return fix_path("postmap", word, arena);
}

static void check_word(struct examination *examination, const char *name,
	const char *word, struct text *seen)
{
	struct arena *arena = examination->arena;
	const char *line = arena_printf(arena, "\n%s\n", word);
	const char *why = NULL;

	if (lookup_table_is_local(word) && strstr(seen->data, line) == NULL &&
		!is_told(word, examination))
		why = why_not(word, arena);
	text_adds(seen, line);
	if (why == NULL)
		return;
	const char *fix = fix_for(word, examination);

	check_found(examination, SEVERITY_ERROR, word, fix,
		"%s names it, and it does not open (%s): everybody whom "
		"Postfix looks up there gets a 451%s",
		name, why, fix[0] == '\0' ? "; make it, or take it out" : "");
}

static void check_words(
	struct examination *examination, const char *name, struct text *seen)
{
	struct parameter parameter;

	parameter_read(
		&parameter, examination->instance, name, examination->arena);
	for (size_t i = 0; i < parameter.count; i++)
		check_word(examination, name, parameter.words[i].value, seen);
}

/* Of that list only what is ours: others may be optional there. */
static void check_access(struct examination *examination, struct text *seen)
{
	static const char name[] = "smtpd_recipient_restrictions";
	const char *word = our_maps_access(examination);
	struct parameter parameter;

	parameter_read(
		&parameter, examination->instance, name, examination->arena);
	if (parameter_find(&parameter, word) != parameter.count)
		check_word(examination, name, word, seen);
}

void check_maps_open(struct examination *examination)
{
	static const char *const others[] = { "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains",
		"virtual_mailbox_maps", "canonical_maps",
		"recipient_canonical_maps", "sender_canonical_maps" };
	const struct our_maps *maps;
	struct text seen;

	text_init(&seen);
	text_adds(&seen, "\n");
	for (size_t i = 0; (maps = our_maps_get(i)) != NULL; i++)
		check_words(examination, maps->parameter, &seen);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		check_words(examination, others[i], &seen);
	check_access(examination, &seen);
	text_fini(&seen);
}
