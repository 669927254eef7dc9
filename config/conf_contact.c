/* contact "ADDRESS" { target = ADDRESS }: the ones written in place. */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/table.h"
#include "namespace/address.h"

static bool contact_address(struct contact *out, const struct conf *conf,
	const struct conf_block *block)
{
	struct address address;
	struct err err = { 0 };

	if (block->title.text == NULL)
		return false;
	if (!address_parse(&address, block->title.text, conf->ns->extension,
		    conf->config, &err)) {
		faults_error(conf->faults, block->title.place, "%s", err.text);
		return false;
	}
	out->address = address.key;
	return true;
}

/* Both are looked at, so that one run tells of both. */
static bool contact_parse(struct contact *out, const struct conf *conf,
	const struct conf_block *block)
{
	const bool has_address = contact_address(out, conf, block);

	out->place = block->place;
	out->target = conf_address(conf, block, "target");
	if (conf_block_find(block, "target") == NULL)
		faults_error(conf->faults, block->place,
			"this contact stands for nobody; write the address "
			"that it stands for: target = \"ADDRESS\"");
	return has_address && out->target != NULL;
}

static void contact_add(const struct conf *conf, const struct conf_block *block,
	struct table *taken)
{
	struct namespace *ns = conf->ns;
	struct contact contact = { 0 };
	const bool is_enabled = conf_bool(conf, block, "enabled", true);

	if (!contact_parse(&contact, conf, block) || !is_enabled)
		return;
	if (conf_name_take(conf, block, taken, contact.address))
		ns->contacts[ns->n_contacts++] = contact;
}

void conf_contacts(const struct conf *conf)
{
	const struct conf_tree *tree = conf->tree;
	struct table *taken = table_open();

	conf->ns->contacts = arena_array(
		conf->config, tree->n_blocks, sizeof *conf->ns->contacts);
	for (size_t i = 0; i < tree->n_blocks; i++) {
		if (tree->blocks[i].kind == CONF_CONTACT)
			contact_add(conf, &tree->blocks[i], taken);
	}
	table_close(&taken);
}
