/*
 * accepted-domain "PATTERN": a domain of its own, or a secondary one that
 * takes all from its primary.
 */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/table.h"

#include <string.h>

static const char *const types[] = {
	[DOMAIN_AUTHORITATIVE] = "authoritative",
	[DOMAIN_INTERNAL_RELAY] = "internal-relay",
	[DOMAIN_EXTERNAL_RELAY] = "external-relay",
	NULL,
};

static const char *const filters[] = {
	[FILTER_DIRECTORIES] = "directories",
	[FILTER_OFF] = "off",
	[FILTER_VERIFY] = "verify",
	NULL,
};

static const char *const clients[] = { "anyone", "trusted", NULL };

static void check_filter(const struct conf *conf, const struct domain *domain,
	const struct conf_block *block)
{
	const struct conf_value *value;

	if (domain->type != DOMAIN_AUTHORITATIVE ||
		domain->filter != FILTER_OFF)
		return;
	value = conf_value(conf, block, "recipient-filter");
	faults_error(conf->faults, value->place,
		"an authoritative domain knows its recipients and can not "
		"have its recipient-filter off; write directories or verify, "
		"or make it internal-relay");
}

static void read_own(const struct conf *conf, struct domain *domain,
	const struct conf_block *block)
{
	unsigned type = DOMAIN_AUTHORITATIVE;
	unsigned from = 0;

	conf_choice(&type, conf, block, "type", types);
	unsigned filter = type == DOMAIN_AUTHORITATIVE ? FILTER_DIRECTORIES
						       : FILTER_OFF;

	conf_choice(&filter, conf, block, "recipient-filter", filters);
	conf_choice(&from, conf, block, "accept-from", clients);
	domain->type = (enum domain_type)type;
	domain->filter = (enum recipient_filter)filter;
	domain->is_trusted_only = from == 1;
	domain->catch_all = conf_address(conf, block, "catch-all");
	check_filter(conf, domain, block);
}

/* NULL when what it names is no domain; reported. */
static const struct conf_value *read_secondary(const struct conf *conf,
	struct domain *domain, const struct conf_block *block)
{
	const struct conf_value *value =
		conf_value(conf, block, "secondary-of");
	struct domain_name primary;
	struct err err = { 0 };

	for (size_t i = 0; i < block->n_keys; i++) {
		const char *name = block->keys[i].word->name;

		if (strcmp(name, "secondary-of") != 0 &&
			strcmp(name, "enabled") != 0)
			faults_error(conf->faults, block->keys[i].place,
				"\"%s\" can not stand in a secondary domain, "
				"which takes all from its primary; write it "
				"there",
				name);
	}
	if (value == NULL)
		return NULL;
	if (!domain_name_parse(&primary, value->text, conf->config, &err)) {
		faults_error(conf->faults, value->place, "secondary-of: %s",
			err.text);
		return NULL;
	}
	domain->secondary_of = primary.ascii;
	return value;
}

/* False: it has no name, or one that is taken; reported. */
static bool read_domain(struct domain *out, const struct conf *conf,
	const struct conf_block *block, struct table *taken)
{
	struct err err = { 0 };

	out->place = block->place;
	out->is_enabled = conf_bool(conf, block, "enabled", true);
	if (block->title.text == NULL)
		return false;
	if (!domain_pattern_parse(
		    &out->pattern, block->title.text, conf->config, &err)) {
		faults_error(conf->faults, block->title.place, "%s", err.text);
		return false;
	}
	return !out->is_enabled ||
		conf_name_take(conf, block, taken,
			domain_pattern_format(&out->pattern, conf->config));
}

void conf_domains(const struct conf *conf)
{
	const struct conf_tree *tree = conf->tree;
	struct namespace *ns = conf->ns;
	struct table *taken = table_open();
	const struct conf_value **named =
		arena_array(conf->config, tree->n_blocks, sizeof *named);

	ns->domains =
		arena_array(conf->config, tree->n_blocks, sizeof *ns->domains);
	for (size_t i = 0; i < tree->n_blocks; i++) {
		const struct conf_block *block = &tree->blocks[i];
		struct domain domain = { .catch_all = NULL };
		const struct conf_value *primary = NULL;

		if (block->kind != CONF_DOMAIN)
			continue;
		const bool is_sound = read_domain(&domain, conf, block, taken);

		if (conf_block_find(block, "secondary-of") != NULL)
			primary = read_secondary(conf, &domain, block);
		else
			read_own(conf, &domain, block);
		if (!is_sound)
			continue;
		named[ns->n_domains] = primary;
		ns->domains[ns->n_domains++] = domain;
	}
	table_close(&taken);
	conf_secondaries(conf, named);
}
