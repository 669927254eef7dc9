/* Directories that are texts: in a file, or what a program prints. */
#include "config/conf_directory.h"

#include "base/arena.h"
#include "base/text.h"
#include "config/conf_source.h"

#include <limits.h>
#include <string.h>

enum {
	TIMEOUT_DEFAULT_S = 60,
	UID_FIRST = 1000, /* Debian's first user */
	UID_LAST = 60000, /* and its last; nobody is above */
};

#define UID_MOST 4294967294UL /* the next one is "no uid" */

static void read_separator(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	static const char *const separators[] = { ",", ";", "tab", NULL };
	const struct conf_value *value = conf_value(conf, block, "separator");

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

static void read_local_domain(const struct conf *conf,
	struct directory *directory, const struct conf_block *block)
{
	const struct conf_value *value =
		conf_value(conf, block, "local-domain");
	struct domain_name name;
	struct err err = { 0 };

	conf_directory_want(conf, block, "local-domain",
		"to which domain its names belong: local-domain = \"DOMAIN\"");
	if (value == NULL)
		return;
	if (domain_name_parse(&name, value->text, conf->config, &err))
		directory->local_domain = name.ascii;
	else
		faults_error(conf->faults, value->place, "local-domain: %s",
			err.text);
}

static unsigned long read_uid(const struct conf *conf,
	const struct conf_block *block, const char *name,
	unsigned long fallback)
{
	const struct conf_value *value = conf_value(conf, block, name);
	unsigned long uid;

	if (value == NULL)
		return fallback;
	if (text_to_ulong(&uid, value->text) && uid <= UID_MOST)
		return uid;
	faults_error(conf->faults, value->place,
		"\"%s\" must be a user's number of 0 to %lu, not \"%s\"", name,
		UID_MOST, value->text);
	return fallback;
}

static void read_uids(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	const struct conf_key *least = conf_block_find(block, "min-uid");
	const struct conf_key *most = conf_block_find(block, "max-uid");

	directory->min_uid = read_uid(conf, block, "min-uid", UID_FIRST);
	directory->max_uid = read_uid(conf, block, "max-uid", UID_LAST);
	if (directory->min_uid > directory->max_uid)
		faults_error(conf->faults,
			least == NULL ? most->place : least->place,
			"\"min-uid\" is %lu and \"max-uid\" is %lu, so nobody "
			"is between the two; raise \"max-uid\"",
			directory->min_uid, directory->max_uid);
}

void conf_directory_format(const struct conf *conf, struct directory *directory,
	const struct conf_block *block, enum directory_type format)
{
	switch (format) {
	case DIRECTORY_CSV:
		conf_directory_columns(conf, directory, block);
		read_separator(conf, directory, block);
		break;
	case DIRECTORY_LDIF:
		conf_directory_attributes(conf, directory, block);
		break;
	case DIRECTORY_PASSWD:
		read_local_domain(conf, directory, block);
		read_uids(conf, directory, block);
		break;
	case DIRECTORY_ALIASES:
		read_local_domain(conf, directory, block);
		break;
	case DIRECTORY_FILE:
	case DIRECTORY_POSTFIX:
	case DIRECTORY_LDAP:
	case DIRECTORY_SQL:
	case DIRECTORY_COMMAND: break;
	}
}

/* Where there is a slash it is a path, else PATH is searched. */
static const char *program_path(
	const struct conf *conf, const struct conf_value *value)
{
	if (strchr(value->text, '/') == NULL)
		return value->text;
	return conf_path_join(value->place.file, value->text, conf->config);
}

static void advise_on_blanks(const struct conf *conf,
	const struct directory *directory, const struct conf_key *key)
{
	const struct conf_value *program = &key->values[0];

	if (directory->is_enabled && key->n_values == 1 &&
		strchr(program->text, ' ') != NULL)
		faults_advice(conf->faults, program->place,
			"\"%s\" is taken for the name of a program, blanks "
			"and all; each argument wants quotes of its own: "
			"command = { \"PROGRAM\", \"ARGUMENT\" }",
			program->text);
}

void conf_directory_command(const struct conf *conf,
	struct directory *directory, const struct conf_block *block)
{
	const struct conf_key *key = conf_block_find(block, "command");

	directory->timeout_s =
		conf_time(conf, block, "timeout", TIMEOUT_DEFAULT_S);
	conf_directory_want(conf, block, "command",
		"the program to run: command = { \"PROGRAM\", \"ARGUMENT\" }");
	if (key == NULL)
		return;
	if (key->n_values == 0 || key->values[0].text[0] == '\0') {
		faults_error(conf->faults, key->place,
			"\"command\" names no program; write command = { "
			"\"PROGRAM\", \"ARGUMENT\" }");
		return;
	}
	const char **command =
		arena_array(conf->config, key->n_values + 1, sizeof *command);

	for (size_t i = 0; i < key->n_values; i++)
		command[i] = key->values[i].text;
	command[0] = program_path(conf, &key->values[0]);
	directory->command = command;
	directory->source = command[0];
	advise_on_blanks(conf, directory, key);
}
