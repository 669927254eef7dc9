/*
 * A secondary domain is another name of its primary, and that may be one
 * again: each walks up to the domain that is nobody's second, and takes
 * from there.  The owner of a name "d" is "#d", else "d"; "*.d" has the
 * names below alone.
 */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

struct links {
	const struct conf *conf;
	const struct conf_value *const *named;
	size_t *up; /* index of the primary; NO_PRIMARY */
};

static const size_t NO_PRIMARY = (size_t)-1;

/* The domain to which the name itself belongs; NO_PRIMARY: none. */
static size_t owner_of(
	const struct namespace *ns, const char *name, bool is_enabled)
{
	size_t owner = NO_PRIMARY;

	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain *domain = &ns->domains[i];

		if (domain->is_enabled != is_enabled ||
			strcmp(domain->pattern.name.ascii, name) != 0)
			continue;
		if (domain->pattern.scope == SCOPE_EXACT)
			return i;
		if (domain->pattern.scope == SCOPE_INCLUSIVE)
			owner = i;
	}
	return owner;
}

static void no_primary(const struct conf *conf, const struct conf_value *value,
	const char *name)
{
	const size_t disabled = owner_of(conf->ns, name, false);

	if (disabled == NO_PRIMARY) {
		faults_error(conf->faults, value->place,
			"\"%s\" is no accepted domain here; secondary-of wants "
			"one that stands in a block accepted-domain \"%s\"",
			value->text, name);
		return;
	}
	const struct place place = conf->ns->domains[disabled].place;

	faults_error(conf->faults, value->place,
		"the primary \"%s\" is disabled at %s:%u; enable it, or "
		"disable its secondary domains too",
		value->text, place.file, place.line);
}

static size_t find_primary(const struct links *links, size_t index)
{
	const struct conf *conf = links->conf;
	const struct conf_value *value = links->named[index];
	const struct domain *domain = &conf->ns->domains[index];

	if (value == NULL || !domain->is_enabled)
		return NO_PRIMARY;
	const size_t primary = owner_of(conf->ns, domain->secondary_of, true);

	if (primary == NO_PRIMARY)
		no_primary(conf, value, domain->secondary_of);
	if (primary != index)
		return primary;
	faults_error(conf->faults, value->place,
		"\"%s\" can not be secondary of itself; name the domain whose "
		"recipients it shares",
		value->text);
	return NO_PRIMARY;
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

/* Up to the end, at most once past each domain. */
static void climb(const struct links *links, size_t index)
{
	struct namespace *ns = links->conf->ns;
	size_t at = links->up[index];
	size_t first = index;

	for (size_t steps = 0; steps < ns->n_domains; steps++) {
		if (at == index) {
			if (first == index)
				report_circle(links, index);
			return;
		}
		if (links->up[at] == NO_PRIMARY) {
			inherit(&ns->domains[index], &ns->domains[at]);
			return;
		}
		if (at < first)
			first = at;
		at = links->up[at];
	}
}

void conf_secondaries(
	const struct conf *conf, const struct conf_value *const *named)
{
	const size_t n = conf->ns->n_domains;
	struct links links = { conf, named,
		arena_array(conf->config, n, sizeof *links.up) };

	for (size_t i = 0; i < n; i++)
		links.up[i] = find_primary(&links, i);
	for (size_t i = 0; i < n; i++) {
		if (links.up[i] != NO_PRIMARY)
			climb(&links, i);
	}
}
