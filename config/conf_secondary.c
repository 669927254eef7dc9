/*
 * A secondary domain is another name of its primary, and that may be one
 * again: each walks up to the domain that is nobody's second, and takes
 * from there.  The owner of a name "d" is "#d", else "d"; "*.d" has the
 * names below alone.
 */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/secondary.h"

#include <string.h>

struct links {
	const struct conf *conf;
	const struct conf_value *const *named;
	size_t *up; /* index of the primary; SECONDARY_NONE */
};

static void no_primary(const struct conf *conf, const struct conf_value *value,
	const char *name)
{
	const size_t disabled = secondary_owner(conf->ns, name, false);

	if (disabled == SECONDARY_NONE) {
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
		return SECONDARY_NONE;
	const size_t primary =
		secondary_owner(conf->ns, domain->secondary_of, true);

	if (primary == SECONDARY_NONE)
		no_primary(conf, value, domain->secondary_of);
	if (primary != index)
		return primary;
	faults_error(conf->faults, value->place,
		"\"%s\" can not be secondary of itself; name the domain whose "
		"recipients it shares",
		value->text);
	return SECONDARY_NONE;
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

/* To the end, unless that is a circle, which it may be on or lead to. */
static void climb(const struct links *links, size_t index)
{
	struct namespace *ns = links->conf->ns;
	const size_t circle = secondary_circle(links->up, ns->n_domains, index);
	size_t at = index;

	if (circle == index)
		report_circle(links, index);
	for (size_t steps = 0; steps < ns->n_domains; steps++) {
		at = links->up[at];
		if (links->up[at] != SECONDARY_NONE)
			continue;
		inherit(&ns->domains[index], &ns->domains[at]);
		return;
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
		if (links.up[i] != SECONDARY_NONE)
			climb(&links, i);
	}
}
