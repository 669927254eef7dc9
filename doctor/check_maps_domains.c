/* Lists of domains in main.cf that undo what relay_domains says. */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/classes.h"
#include "doctor/our_maps.h"
#include "namespace/fold.h"
#include "snapshot/generation.h"

#include <string.h>

enum { CLAIMS_SHOWN = 8 };

/* What one parameter claims. */
struct claims_of {
	const struct instance *instance;
	const char *parameter;
	struct text names; /* a line each, between newlines */
	struct text shown; /* "a.example, b.example (hash:/x)", the first */
	size_t count;
};

/* Without it the parameter has what virtual_alias_maps has: told there. */
static bool is_default(const struct claims_of *of)
{
	return strcmp(of->parameter, "virtual_alias_domains") == 0 &&
		instance_written(of->instance, of->parameter) == NULL;
}

static void add_claim(void *context, const struct class_claim *claim)
{
	struct claims_of *of = context;
	const char *separator = of->count == 0 ? "" : ", ";

	if (strcmp(claim->parameter, of->parameter) != 0 || is_default(of))
		return;
	text_addf(&of->names, "%s\n", claim->name);
	if (of->count++ >= CLAIMS_SHOWN)
		return;
	if (strcmp(claim->name, claim->word) == 0)
		text_addf(&of->shown, "%s%s", separator, claim->name);
	else
		text_addf(&of->shown, "%s%s (%s)", separator, claim->name,
			claim->word);
}

/* A sentence has an end, however many they are. */
static void add_rest(struct claims_of *of)
{
	if (of->count > CLAIMS_SHOWN)
		text_addf(
			&of->shown, " and %zu more", of->count - CLAIMS_SHOWN);
}

/* "" where all of them are in tables. */
static const char *fix_without(
	const struct examination *examination, const struct claims_of *of)
{
	struct arena *arena = examination->arena;
	struct parameter parameter;
	bool is_changed = false;

	parameter_read(&parameter, of->instance, of->parameter, arena);
	for (size_t i = parameter.count; i-- > 0;) {
		const char *line =
			arena_printf(arena, "\n%s\n", parameter.words[i].value);

		if (strstr(of->names.data, line) == NULL)
			continue;
		parameter_remove(&parameter, i);
		is_changed = true;
	}
	return is_changed ? parameter_fix(&parameter) : "";
}

/* A name in one of the lists, below an accepted domain. */
struct below {
	const char *name; /* folded */
	const char *listed; /* the first who is published there; NULL = none */
	struct arena *arena;
};

static bool note_below(void *context, const char *address)
{
	struct below *below = context;
	const char *at = strrchr(address, '@');

	if (at != NULL && strcmp(at + 1, below->name) == 0)
		below->listed = arena_strdup(below->arena, address);
	return below->listed == NULL;
}

static bool is_below(const struct namespace *ns, const char *name)
{
	bool is_covered = false;

	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain_pattern *pattern = &ns->domains[i].pattern;

		/* Itself: told by its own name. */
		if (strcmp(pattern->name.ascii, name) == 0 ||
			strcmp(pattern->name.unicode, name) == 0)
			return false;
		is_covered |= ns->domains[i].is_enabled &&
			domain_pattern_covers(pattern, name);
	}
	return is_covered;
}

/* A host of ours may well be below it; whom a directory lists may not. */
static void check_names_below(
	struct examination *examination, const char *parameter)
{
	struct arena *arena = examination->arena;
	struct parameter words;

	parameter_read(&words, examination->instance, parameter, arena);
	for (size_t i = words.count; i-- > 0;) {
		const char *word = words.words[i].value;
		struct below below = { .name = fold(word, strlen(word), arena),
			.arena = arena };

		if (below.name == NULL || examination->published == NULL ||
			!is_below(examination->ns, below.name))
			continue;
		generation_walk_addresses(
			examination->published, note_below, &below, NULL);
		if (below.listed == NULL)
			continue;
		parameter_remove(&words, i);
		check_found(examination, SEVERITY_ERROR, parameter,
			parameter_fix(&words),
			"has %s, which comes before relay_domains, and %s is "
			"listed there: the maps are void for it",
			word, below.listed);
		return;
	}
}

void check_address_class(struct examination *examination)
{
	static const char *const parameters[] = { "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains" };

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		struct claims_of of = { .instance = examination->instance,
			.parameter = parameters[i] };

		text_init(&of.names);
		text_init(&of.shown);
		text_adds(&of.names, "\n");
		classes_find(
			examination->ns, examination->instance, add_claim, &of);
		add_rest(&of);
		if (of.shown.len != 0) {
			const char *fix = fix_without(examination, &of);

			check_found(examination, SEVERITY_ERROR, parameters[i],
				fix,
				"has %s too, and comes before relay_domains: "
				"the maps are void for it%s",
				of.shown.data,
				fix[0] == '\0' ? "; take it out of that table"
					       : "");
		}
		text_fini(&of.names);
		text_fini(&of.shown);
		check_names_below(examination, parameters[i]);
	}
}

void check_parent_domains(struct examination *examination)
{
	static const char *const features[] = { "relay_domains",
		"transport_maps" };
	struct parameter parameter;
	struct text found;

	parameter_read(&parameter, examination->instance,
		"parent_domain_matches_subdomains", examination->arena);
	text_init(&found);
	for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
		const size_t place = parameter_find(&parameter, features[i]);

		if (place == parameter.count)
			continue;
		parameter_remove(&parameter, place);
		text_addf(&found, "%s%s", found.len == 0 ? "" : " and ",
			features[i]);
	}
	if (found.len != 0)
		check_found(examination, SEVERITY_ERROR, parameter.name,
			parameter_fix(&parameter),
			"has %s: subdomains are matched there that "
			"namespace.conf does not accept, or never by their own "
			"routes",
			found.data);
	text_fini(&found);
}

/* Takes our words out; false: there are none. */
static bool remove_ours(
	struct parameter *parameter, const struct examination *examination)
{
	bool is_changed = false;

	for (size_t i = parameter->count; i-- > 0;) {
		if (our_maps_naming_any(parameter->words[i].value,
			    examination) == NAMING_FOREIGN)
			continue;
		parameter_remove(parameter, i);
		is_changed = true;
	}
	return is_changed;
}

void check_virtual_alias_domains(struct examination *examination)
{
	struct parameter parameter;

	parameter_read(&parameter, examination->instance,
		"virtual_alias_domains", examination->arena);
	if (remove_ours(&parameter, examination))
		check_found(examination, SEVERITY_ERROR, parameter.name,
			parameter_fix(&parameter),
			"has our virtual_alias map (its default is "
			"$virtual_alias_maps): a domain among the aliases "
			"would become one of another class, and our maps void "
			"for it");
}

void check_fast_flush(struct examination *examination)
{
	struct parameter parameter;

	parameter_read(&parameter, examination->instance, "fast_flush_domains",
		examination->arena);
	if (remove_ours(&parameter, examination))
		check_found(examination, SEVERITY_WARNING, parameter.name,
			parameter_fix(&parameter),
			"has our relay_domains map (its default is "
			"$relay_domains): qmgr(8) reads it too and restarts at "
			"every publishing");
}
