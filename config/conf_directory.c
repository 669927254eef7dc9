/* directory "NAME": a list of recipients and the connector they are at. */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/table.h"
#include "config/conf_source.h"

#include <limits.h>
#include <string.h>

static const char *const types[] = {
	[DIRECTORY_FILE] = "file",
	[DIRECTORY_POSTFIX] = "postfix",
	[DIRECTORY_CSV] = "csv",
	NULL,
};

/* Words of the language whose readers are not part of this program yet. */
static const char *const later_types[] = { "ldif", "ldap", "sql", "command",
	NULL };

static const char *const csv_keys[] = { "columns", "target-column", "separator",
	NULL };

static bool type_parse(enum directory_type *out, const char *text)
{
	for (unsigned i = 0; types[i] != NULL; i++) {
		if (strcmp(types[i], text) == 0) {
			*out = (enum directory_type)i;
			return true;
		}
	}
	return false;
}

static bool is_later(const char *text)
{
	size_t i = 0;

	while (later_types[i] != NULL && strcmp(later_types[i], text) != 0)
		i++;
	return later_types[i] != NULL;
}

/* False: reported, and what the type needs is not known. */
static bool read_type(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_value *value = conf_value(conf, block, "type");
	const char *known = conf_enumerate(types, " or ", conf->config);

	if (value == NULL)
		return conf_block_find(block, "type") == NULL;
	if (type_parse(&directory->type, value->text))
		return true;
	if (is_later(value->text))
		faults_error(conf->faults, value->place,
			"type %s is not built in yet; export that directory "
			"to a list of type %s",
			value->text, known);
	else
		faults_error(conf->faults, value->place,
			"\"type\" must be %s, not \"%s\"", known, value->text);
	return false;
}

static void read_path(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_value *value = conf_value(conf, block, "path");

	directory->path = "";
	if (value != NULL && value->text[0] != '\0')
		directory->path = conf_path_join(
			value->place.file, value->text, conf->config);
	else if (value != NULL)
		faults_error(conf->faults, value->place,
			"\"path\" is empty; write the path of the list");
	else if (conf_block_find(block, "path") == NULL)
		faults_error(conf->faults, block->place,
			"this directory has no path; write where its list is: "
			"path = \"FILE\"");
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

static void read_columns(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_key *key = conf_block_find(block, "columns");
	const size_t n = key == NULL ? 0 : key->n_values;

	if (n == 0)
		faults_error(conf->faults,
			key == NULL ? block->place : key->place,
			"a csv directory needs the headers of its address "
			"columns: columns = { \"PrimarySmtpAddress\" }");
	directory->fields =
		arena_array(conf->config, n, sizeof *directory->fields);
	for (size_t i = 0; i < n; i++) {
		if (key->values[i].text[0] == '\0')
			faults_error(conf->faults, key->values[i].place,
				"\"columns\" holds an empty name; write the "
				"header of a column");
		else
			directory->fields[directory->n_fields++] =
				key->values[i].text;
	}
}

static void read_target(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_value *value =
		conf_value(conf, block, "target-column");

	if (value == NULL)
		return;
	if (value->text[0] == '\0')
		faults_error(conf->faults, value->place,
			"\"target-column\" is empty; write the header of the "
			"column, or take the key out");
	else
		directory->target_field = value->text;
}

static void read_csv(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	static const char *const separators[] = { ",", ";", "tab", NULL };
	const struct conf_value *value = conf_value(conf, block, "separator");

	read_columns(conf, directory, block);
	read_target(conf, directory, block);
	if (value == NULL)
		return;
	for (size_t i = 0; separators[i] != NULL; i++) {
		if (strcmp(separators[i], value->text) == 0) {
			directory->separator = ",;\t"[i];
			return;
		}
	}
	faults_error(conf->faults, value->place,
		"\"separator\" must be \",\", \";\" or \"tab\", not \"%s\"",
		value->text);
}

static void refuse_csv_keys(const struct conf *conf,
	const struct directory *directory, const struct conf_block *block)
{
	for (size_t i = 0; csv_keys[i] != NULL; i++) {
		const struct conf_key *key =
			conf_block_find(block, csv_keys[i]);

		if (key != NULL)
			faults_error(conf->faults, key->place,
				"\"%s\" is for directories of type csv, not "
				"%s; take it out",
				csv_keys[i], types[directory->type]);
	}
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

static void read_block(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	directory->name = block->title.text;
	directory->place = block->place;
	directory->is_enabled = conf_bool(conf, block, "enabled", true);
	if (read_type(conf, directory, block)) {
		read_path(conf, directory, block);
		if (directory->type == DIRECTORY_CSV)
			read_csv(conf, directory, block);
		else
			refuse_csv_keys(conf, directory, block);
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
		.path = "",
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
