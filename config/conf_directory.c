/*
 * directory "NAME": where recipients are listed, and the connector they are
 * at.  Which key is for which type stands in the table of words.
 */
#include "config/conf_directory.h"

#include "base/arena.h"
#include "base/table.h"
#include "config/conf_blocks.h"

#include <limits.h>
#include <string.h>

enum { TYPES = DIRECTORY_COMMAND + 1 };

/* Read where no path is given. */
static const char *const default_paths[TYPES] = {
	[DIRECTORY_PASSWD] = "/etc/passwd",
	[DIRECTORY_ALIASES] = "/etc/aliases",
};

void conf_directory_want(const struct conf *conf,
	const struct conf_block *block, const char *name, const char *how)
{
	if (conf_block_find(block, name) == NULL)
		faults_error(conf->faults, block->place,
			"this directory has no %s; write %s", name, how);
}

void conf_directory_refuse(const struct conf *conf,
	const struct conf_block *block, const char *name, const char *which)
{
	const struct conf_key *key = conf_block_find(block, name);

	if (key != NULL)
		faults_error(conf->faults, key->place, "\"%s\" is for %s", name,
			which);
}

/* False: reported, and what the type needs is not known. */
static bool read_type(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	unsigned type = UINT_MAX;

	if (conf_block_find(block, "type") == NULL)
		return true;
	conf_choice(&type, conf, block, "type", conf_type_words());
	if (type == UINT_MAX)
		return false;
	directory->type = (enum directory_type)type;
	return true;
}

/* The same for what a program prints: one of the types that are a text. */
static bool read_output(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const char *formats[DIRECTORY_LDAP + 1] = { NULL };
	unsigned output = UINT_MAX;

	directory->output = DIRECTORY_FILE;
	if (conf_block_find(block, "output") == NULL)
		return true;
	memcpy(formats, conf_type_words(), DIRECTORY_LDAP * sizeof *formats);
	conf_choice(&output, conf, block, "output", formats);
	if (output == UINT_MAX)
		return false;
	directory->output = (enum directory_type)output;
	return true;
}

/* A program takes what the format that it prints takes. */
static bool takes(
	const struct directory *directory, const struct conf_word *word)
{
	unsigned types = CONF_TYPE(directory->type);

	if (directory->type == DIRECTORY_COMMAND &&
		strcmp(word->name, "path") != 0)
		types |= CONF_TYPE(directory->output);
	return word->types == 0 || (word->types & types) != 0;
}

/* "csv, ldif or ldap" */
static const char *type_list(unsigned types, struct arena *arena)
{
	const char *list[TYPES + 1] = { NULL };
	size_t n = 0;

	for (unsigned type = 0; type < TYPES; type++) {
		if ((types & CONF_TYPE(type)) != 0)
			list[n++] = conf_type_words()[type];
	}
	return conf_enumerate(list, " or ", arena);
}

static void refuse_keys(const struct conf *conf,
	const struct directory *directory, const struct conf_block *block)
{
	const char *type = conf_type_words()[directory->type];
	const char *output = conf_type_words()[directory->output];
	const bool is_command = directory->type == DIRECTORY_COMMAND;

	for (size_t i = 0; i < block->n_keys; i++) {
		const struct conf_key *key = &block->keys[i];
		const unsigned types = key->word->types;

		if (takes(directory, key->word))
			continue;
		faults_error(conf->faults, key->place,
			"\"%s\" is for directories of type %s, not %s%s%s; "
			"take it out",
			key->word->name, type_list(types, conf->config), type,
			is_command ? " with output = " : "",
			is_command ? output : "");
	}
}

static void read_path(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const bool has_path = conf_block_find(block, "path") != NULL;
	const char *path =
		conf_path(conf, block, "path", "the path of the list");

	if (path == NULL && !has_path)
		path = default_paths[directory->type];
	if (path == NULL && !has_path)
		conf_directory_want(conf, block, "path",
			"where its list is: path = \"FILE\"");
	directory->path = path == NULL ? "" : path;
	directory->source = directory->path;
}

static void read_domains(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_key *key = conf_block_find(block, "domains");

	if (key == NULL)
		return;
	if (key->n_values == 0)
		faults_error(conf->faults, key->place,
			"\"domains\" is empty; write the domains that this "
			"directory may list, or take the key out for all");
	directory->domains = arena_array(
		conf->config, key->n_values, sizeof *directory->domains);
	for (size_t i = 0; i < key->n_values; i++) {
		const struct conf_value *value = &key->values[i];
		struct err err = { 0 };

		if (domain_pattern_parse(
			    &directory->domains[directory->n_domains],
			    value->text, conf->config, &err))
			directory->n_domains++;
		else
			faults_error(conf->faults, value->place, "domains: %s",
				err.text);
	}
}

static void read_age(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const unsigned long age_s =
		conf_duration(conf, block, "max-age", ULONG_MAX);

	if (age_s == 0)
		faults_error(conf->faults,
			conf_block_find(block, "max-age")->place,
			"\"max-age\" of 0 would make the directory stale at "
			"once; take it out for one that never is");
	directory->max_age_s = age_s == ULONG_MAX ? 0 : age_s;
}

static void read_connector(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_value *value = conf_value(conf, block, "connector");

	if (value == NULL)
		return;
	if (directory->is_enabled && conf_connector(conf, value) == NULL)
		return;
	directory->connector = value->text;
}

static void read_source(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	switch (directory->type) {
	case DIRECTORY_LDAP: conf_directory_ldap(conf, directory, block); break;
	case DIRECTORY_SQL: conf_directory_sql(conf, directory, block); break;
	case DIRECTORY_COMMAND:
		conf_directory_command(conf, directory, block);
		conf_directory_format(
			conf, directory, block, directory->output);
		break;
	case DIRECTORY_FILE:
	case DIRECTORY_POSTFIX:
	case DIRECTORY_CSV:
	case DIRECTORY_LDIF:
	case DIRECTORY_PASSWD:
	case DIRECTORY_ALIASES:
		read_path(conf, directory, block);
		conf_directory_format(conf, directory, block, directory->type);
		break;
	}
}

static void read_block(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	directory->name = block->title.text;
	directory->place = block->place;
	directory->is_enabled = conf_bool(conf, block, "enabled", true);
	if (read_type(conf, directory, block) &&
		read_output(conf, directory, block)) {
		refuse_keys(conf, directory, block);
		read_source(conf, directory, block);
	}
	read_connector(conf, directory, block);
	read_domains(conf, directory, block);
	read_age(conf, directory, block);
	directory->max_shrink = conf_limit(
		conf, block, "max-shrink", (struct limit){ 10, true });
	directory->max_bad =
		conf_limit(conf, block, "max-bad", (struct limit){ 10, false });
}

static void add_directory(const struct conf *conf,
	const struct conf_block *block, struct table *taken)
{
	struct namespace *ns = conf->ns;
	struct directory directory = { .index = (unsigned)ns->n_directories,
		.source = "" };
	const bool is_sound = conf_name_take_title(conf, block, taken);

	read_block(conf, &directory, block);
	if (is_sound)
		ns->directories[ns->n_directories++] = directory;
}

void conf_directories(const struct conf *conf)
{
	const struct conf_tree *tree = conf->tree;
	struct table *taken = table_open();

	conf->ns->directories = arena_array(
		conf->config, tree->n_blocks, sizeof *conf->ns->directories);
	for (size_t i = 0; i < tree->n_blocks; i++) {
		if (tree->blocks[i].kind == CONF_DIRECTORY)
			add_directory(conf, &tree->blocks[i], taken);
	}
	table_close(&taken);
}
