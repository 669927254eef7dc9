/*
 * Which domains relay_domains lets in beside our map.  A namespace has more
 * of them than a machine starts processes, so the keys of all are asked of
 * each table at once.
 */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "doctor/lookup_table.h"
#include "doctor/our_maps.h"
#include "namespace/fold.h"

#include <stdint.h>
#include <string.h>

/* The first word of relay_domains that has a key. */
struct opener {
	size_t place; /* SIZE_MAX: none */
};

struct openings {
	struct examination *examination;
	struct parameter words; /* relay_domains */
	struct text keys; /* that would let somebody in, a line each */
	struct table *openers; /* key -> struct opener */
	struct table *inclusive; /* names that are open with those below */
};

static void openings_init(struct openings *out, struct examination *examination)
{
	const struct namespace *ns = examination->ns;

	*out = (struct openings){ .examination = examination,
		.openers = table_open(),
		.inclusive = table_open() };
	parameter_read(&out->words, examination->instance, "relay_domains",
		examination->arena);
	text_init(&out->keys);
	for (size_t i = 0; i < ns->n_domains; i++) {
		struct domain *domain = &ns->domains[i];

		if (domain->is_enabled && !domain->is_trusted_only &&
			domain->pattern.scope != SCOPE_EXACT)
			table_put(out->inclusive, domain->pattern.name.ascii,
				domain);
	}
}

static void openings_fini(struct openings *openings)
{
	text_fini(&openings->keys);
	table_close(&openings->openers);
	table_close(&openings->inclusive);
}

/* Whether somebody is accepted below an exact domain by another entry. */
static bool is_accepted_below(
	const struct openings *openings, const char *domain)
{
	for (; domain != NULL; domain = domain_parent(domain))
		if (table_find(openings->inclusive, domain) != NULL)
			return true;
	return false;
}

/* Whether relay_domains could let in what our map keeps out. */
static bool is_closed(
	const struct openings *openings, const struct domain *domain)
{
	const struct domain_pattern *pattern = &domain->pattern;

	return domain->is_enabled &&
		(domain->is_trusted_only ||
			(pattern->scope == SCOPE_EXACT &&
				!is_accepted_below(
					openings, pattern->name.ascii)));
}

/* A key without its dot, and the dot or "". */
typedef void key_taker(void *context, const char *dot, const char *name);

/* Both label forms. */
static void each_form(const struct domain_name *name, const char *dot,
	key_taker *take, void *context)
{
	take(context, dot, name->ascii);
	if (name->unicode != name->ascii)
		take(context, dot, name->unicode);
}

/* The keys that would. */
static void each_key(
	const struct domain *domain, key_taker *take, void *context)
{
	const struct domain_pattern *pattern = &domain->pattern;

	if (domain->is_trusted_only && pattern->scope != SCOPE_SUBDOMAINS)
		each_form(&pattern->name, "", take, context);
	if (!domain->is_trusted_only || pattern->scope != SCOPE_EXACT)
		each_form(&pattern->name, ".", take, context);
	for (const char *at = domain_parent(pattern->name.ascii); at != NULL;
		at = domain_parent(at))
		take(context, ".", at);
}

static void add_key(void *context, const char *dot, const char *name)
{
	struct openings *openings = context;
	struct arena *arena = openings->examination->arena;
	const char *key = arena_printf(arena, "%s%s", dot, name);
	struct opener *opener = table_find(openings->openers, key);

	if (opener != NULL)
		return;
	opener = arena_alloc(arena, sizeof *opener);
	opener->place = SIZE_MAX;
	table_put(openings->openers, key, opener);
	text_addf(&openings->keys, "%s\n", key);
}

static void note(struct openings *openings, const char *key, size_t place)
{
	struct opener *opener = table_find(openings->openers, key);

	if (opener != NULL && opener->place == SIZE_MAX)
		opener->place = place;
}

static void ask_table(struct openings *openings, const char *word, size_t place)
{
	struct text found;

	text_init(&found);
	if (lookup_table_is_local(word))
		lookup_table_ask(word, openings->keys.data, &found);
	for (char *lines = found.data; lines != NULL;) {
		char *key = strsep(&lines, "\n");

		key[strcspn(key, "\t")] = '\0';
		note(openings, key, place);
	}
	text_fini(&found);
}

/* A name or a table. */
static void ask_word(struct openings *openings, size_t place)
{
	const struct examination *examination = openings->examination;
	const char *word = openings->words.words[place].value;

	if (our_maps_naming_any(word, examination) != NAMING_FOREIGN)
		return;
	if (lookup_table_is_table(word)) {
		ask_table(openings, word, place);
		return;
	}
	const char *folded = fold(word, strlen(word), examination->arena);

	note(openings, folded == NULL ? word : folded, place);
}

/* The first of the words that has a key of a domain. */
struct opening {
	const struct openings *openings;
	size_t place; /* SIZE_MAX: none */
	const char *key;
};

static void find_opener(void *context, const char *dot, const char *name)
{
	struct opening *opening = context;
	const struct openings *openings = opening->openings;
	const char *key =
		arena_printf(openings->examination->arena, "%s%s", dot, name);
	const struct opener *opener = table_find(openings->openers, key);

	if (opener == NULL || opener->place >= opening->place)
		return;
	opening->place = opener->place;
	opening->key = key;
}

static void found_opening(
	const struct opening *opening, const struct domain *domain)
{
	struct examination *examination = opening->openings->examination;
	struct arena *arena = examination->arena;
	const char *word = opening->openings->words.words[opening->place].value;
	const bool is_table = lookup_table_is_table(word);
	struct parameter parameter;

	parameter_read(
		&parameter, examination->instance, "relay_domains", arena);
	parameter_remove(&parameter, opening->place);
	check_found(examination, SEVERITY_ERROR, "relay_domains",
		is_table ? "" : parameter_fix(&parameter),
		"%s has \"%s\", which lets in what namespace.conf keeps out "
		"(accepted-domain \"%s\"%s)%s",
		word, is_table ? opening->key : word,
		domain_pattern_format(&domain->pattern, arena),
		domain->is_trusted_only ? ", accept-from = trusted" : "",
		is_table ? "; take it out of that table" : "");
}

void check_relay_domains_opened(struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	struct openings openings;

	openings_init(&openings, examination);
	for (size_t i = 0; i < ns->n_domains; i++)
		if (is_closed(&openings, &ns->domains[i]))
			each_key(&ns->domains[i], add_key, &openings);
	for (size_t i = 0; openings.keys.len > 0 && i < openings.words.count;
		i++)
		ask_word(&openings, i);
	for (size_t i = 0; i < ns->n_domains; i++) {
		struct opening opening = { &openings, SIZE_MAX, NULL };

		if (is_closed(&openings, &ns->domains[i]))
			each_key(&ns->domains[i], find_opener, &opening);
		if (opening.key != NULL)
			found_opening(&opening, &ns->domains[i]);
	}
	openings_fini(&openings);
}
