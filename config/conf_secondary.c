/*
 * A secondary domain is another name of its primary, and that may be one
 * again: each walks up to the domain that is nobody's second, and takes
 * from there.  The owner of a name "d" is "#d", else "d"; that of the names
 * below is "*.d", else "d".  Each stands for its like, so the two ways up
 * may end at domains that are not open to the same clients.
 */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "namespace/search.h"
#include "namespace/secondary.h"

#include <assert.h>

struct links {
	const struct conf *conf;
	/* name -> struct domain, as secondary_owner() has it */
	struct table *disabled, *enabled;
	struct table *below; /* the same for the names below; enabled ones */
	const struct conf_value *const *named;
	size_t *up; /* index of the primary; SECONDARY_NONE */
	struct secondary_way *ways, *ways_below;
};

static void add_owners(struct table *owners, const struct namespace *ns,
	bool is_enabled, enum scope scope)
{
	for (size_t i = 0; i < ns->n_domains; i++) {
		struct domain *domain = &ns->domains[i];

		if (domain->is_enabled == is_enabled &&
			domain->pattern.scope == scope)
			table_put(owners, domain->pattern.name.ascii, domain);
	}
}

/* All of them at once, for there may be as many secondaries. */
static struct table *open_owners(const struct namespace *ns, bool is_enabled)
{
	struct table *owners = table_open();

	add_owners(owners, ns, is_enabled, SCOPE_INCLUSIVE);
	add_owners(owners, ns, is_enabled, SCOPE_EXACT);
	return owners;
}

static struct table *open_owners_below(const struct namespace *ns)
{
	struct table *owners = table_open();

	add_owners(owners, ns, true, SCOPE_INCLUSIVE);
	add_owners(owners, ns, true, SCOPE_SUBDOMAINS);
	return owners;
}

static void no_primary(const struct links *links,
	const struct conf_value *value, const char *name)
{
	const struct conf *conf = links->conf;
	const struct domain *disabled = table_find(links->disabled, name);

	if (disabled == NULL) {
		faults_error(conf->faults, value->place,
			"\"%s\" is no accepted domain here; secondary-of wants "
			"one that stands in a block accepted-domain \"%s\"",
			value->text, name);
		return;
	}
	faults_error(conf->faults, value->place,
		"the primary \"%s\" is disabled at %s:%u; enable it, or "
		"disable its secondary domains too",
		value->text, disabled->place.file, disabled->place.line);
}

static size_t find_primary(const struct links *links, size_t index)
{
	const struct conf *conf = links->conf;
	const struct conf_value *value = links->named[index];
	const struct domain *domain = &conf->ns->domains[index];

	if (value == NULL || !domain->is_enabled)
		return SECONDARY_NONE;
	const struct domain *primary =
		table_find(links->enabled, domain->secondary_of);

	if (primary == NULL) {
		no_primary(links, value, domain->secondary_of);
		return SECONDARY_NONE;
	}
	if (primary != domain)
		return (size_t)(primary - conf->ns->domains);
	faults_error(conf->faults, value->place,
		"\"%s\" can not be secondary of itself; name the domain whose "
		"recipients it shares",
		value->text);
	return SECONDARY_NONE;
}

/* Who has the names below the primary. */
static size_t find_below(const struct links *links, size_t index)
{
	const struct domain *domains = links->conf->ns->domains;
	const char *primary = domains[index].secondary_of;
	const struct domain *owner =
		primary == NULL ? NULL : table_find(links->below, primary);

	return owner == NULL ? SECONDARY_NONE : (size_t)(owner - domains);
}

/* Once for each circle: at the one that stands first in the text. */
static void report_circle(const struct links *links, size_t first)
{
	const struct conf *conf = links->conf;
	struct text way;
	size_t at = first;

	text_init(&way);
	do {
		text_addf(&way, "%s -> ",
			conf->ns->domains[at].pattern.name.ascii);
		at = links->up[at];
	} while (at != first);
	text_adds(&way, conf->ns->domains[first].pattern.name.ascii);
	faults_error(conf->faults, links->named[first]->place,
		"secondary domains run in a circle: %s; one of them must be "
		"a domain of its own, without secondary-of",
		way.data);
	text_fini(&way);
}

static void inherit(struct domain *domain, const struct domain *from)
{
	domain->type = from->type;
	domain->filter = from->filter;
	domain->is_trusted_only = from->is_trusted_only;
}

/* Once for each row: at the first that the resolver would not follow. */
static void report_far(const struct links *links, size_t index)
{
	const struct conf *conf = links->conf;
	const struct domain *domains = conf->ns->domains;

	assert(domains != NULL); /* index is one of them */
	const char *primary =
		domains[links->ways[index].end].pattern.name.ascii;

	faults_error(conf->faults, links->named[index]->place,
		"the way from \"%s\" to \"%s\" leads through more than %d "
		"names; write secondary-of = \"%s\"",
		domains[index].pattern.name.ascii, primary, (int)DEPTH_MAX,
		primary);
}

/* NULL where that is a circle, which index may be on or lead to. */
static const struct domain *find_end(const struct links *links, size_t index)
{
	const struct secondary_way *way = &links->ways[index];

	if (way->end == SECONDARY_NONE)
		return NULL;
	if (way->steps == DEPTH_MAX + 1)
		report_far(links, index);
	return &links->conf->ns->domains[way->end];
}

/* By the names below; NULL where nobody is there, or in a circle. */
static const struct domain *find_end_below(
	const struct links *links, const struct domain *domain)
{
	const struct domain *domains = links->conf->ns->domains;
	const size_t end = links->ways_below[domain - domains].end;

	return end == SECONDARY_NONE || domains[end].secondary_of != NULL
		? NULL
		: &domains[end];
}

static const char *client_word(const struct domain *domain)
{
	return domain->is_trusted_only ? "trusted" : "anyone";
}

static void half_open(const struct links *links, const struct domain *domain,
	const struct domain *named, const struct domain *below)
{
	const struct conf *conf = links->conf;
	const char *name = domain->pattern.name.ascii;

	faults_error(conf->faults, domain->place,
		"\"%s\" stands for %s:%u, which takes mail from %s, and the "
		"names below it for %s:%u, which takes it from %s: write "
		"\"#%s\" and \"*.%s\", a block for each",
		name, named->place.file, named->place.line, client_word(named),
		below->place.file, below->place.line, client_word(below), name,
		name);
}

static void take(const struct links *links, struct domain *domain,
	const struct domain *named)
{
	const struct domain *below = find_end_below(links, domain);
	const struct domain *owner =
		table_find(links->enabled, domain->pattern.name.ascii);

	if (below == NULL || domain->pattern.scope == SCOPE_EXACT)
		inherit(domain, named);
	else if (owner != domain)
		inherit(domain, below); /* it has the names below alone */
	else if (named->is_trusted_only != below->is_trusted_only)
		half_open(links, domain, named, below);
	else
		inherit(domain, named);
}

/* The way of each domain, once it is known where each leads. */
static void walk(struct links *links)
{
	const struct conf *conf = links->conf;
	const size_t n = conf->ns->n_domains;
	size_t *below = arena_array(conf->config, n, sizeof *below);

	links->up = arena_array(conf->config, n, sizeof *links->up);
	links->ways = arena_array(conf->config, n, sizeof *links->ways);
	links->ways_below =
		arena_array(conf->config, n, sizeof *links->ways_below);
	for (size_t i = 0; i < n; i++) {
		links->up[i] = find_primary(links, i);
		below[i] = find_below(links, i);
	}
	secondary_ways(links->ways, links->up, n);
	secondary_ways(links->ways_below, below, n);
}

void conf_secondaries(
	const struct conf *conf, const struct conf_value *const *named)
{
	struct links links = { .conf = conf,
		.disabled = open_owners(conf->ns, false),
		.enabled = open_owners(conf->ns, true),
		.below = open_owners_below(conf->ns),
		.named = named };

	walk(&links);
	for (size_t i = 0; i < conf->ns->n_domains; i++) {
		if (links.up[i] == SECONDARY_NONE)
			continue;
		if (links.ways[i].circle == i)
			report_circle(&links, i);
		const struct domain *end = find_end(&links, i);

		if (end != NULL)
			take(&links, &conf->ns->domains[i], end);
	}
	table_close(&links.disabled);
	table_close(&links.enabled);
	table_close(&links.below);
}
