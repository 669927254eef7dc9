/*
 * The way of a configuration: files to an outline and one buffer, that by
 * libConfuse to a tree of blocks with values, and the tree to the model,
 * where every fault of meaning is found in one run.
 */
#include "config/config.h"

#include "base/arena.h"
#include "base/table.h"
#include "config/conf_blocks.h"
#include "config/conf_outline.h"

/* A block whose name is at fault counts: one sentence is enough. */
static void want_a_domain(const struct conf *conf, const char *path)
{
	const struct place whole = { path, 0 };
	bool has_block = false;

	for (size_t i = 0; i < conf->tree->n_blocks; i++) {
		if (conf->tree->blocks[i].kind == CONF_DOMAIN)
			has_block = true;
	}
	for (size_t i = 0; i < conf->ns->n_domains; i++) {
		if (conf->ns->domains[i].is_enabled)
			return;
	}
	if (has_block && conf->ns->n_domains == 0)
		return;
	faults_error(conf->faults, whole,
		"no accepted domain %s; write one: accepted-domain \"DOMAIN\" "
		"{ type = internal-relay }",
		has_block ? "is enabled" : "stands here");
}

static void fill_namespace(const struct conf *conf, const char *path)
{
	conf_top(conf);
	conf_connectors(conf);
	conf_directories(conf);
	conf_domains(conf);
	conf_contacts(conf);
	want_a_domain(conf, path);
}

struct namespace *config_read(
	const char *path, struct arena *config, struct faults *faults)
{
	struct namespace *ns = arena_alloc(config, sizeof *ns);
	struct conf_outline outline;
	struct conf_tree tree = { 0 };
	struct table *connectors = table_open();
	const struct conf conf = { &tree, ns, config, faults, connectors };

	conf_outline_init(&outline);
	const bool is_read =
		conf_outline_read(&outline, &tree, path, config, faults) &&
		conf_tree_fill(&tree, &outline, config, faults);

	if (is_read) {
		ns->digest = outline.digest;
		fill_namespace(&conf, path);
	}
	conf_outline_fini(&outline);
	table_close(&connectors);
	return is_read ? ns : NULL;
}
