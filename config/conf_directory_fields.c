/*
 * Which fields hold addresses: columns of CSV, attributes of directory
 * objects.  A preset names them; what is configured comes before it.
 */
#include "config/conf_directory.h"

#include "base/arena.h"

#include <limits.h>
#include <string.h>

static const char *const csv_presets[] = { "exchange", "exchange-5.5", NULL };
static const char *const object_presets[] = { "active-directory", "openldap",
	NULL };

/* How one kind of fields is spoken of. */
struct kind {
	const char *fields, *target; /* keys */
	const char *example, *one;
	const char *const *presets;
	enum directory_preset first; /* of presets */
};

static const struct kind columns = { "columns", "target-column",
	"PrimarySmtpAddress", "the header of a column", csv_presets,
	PRESET_EXCHANGE };
static const struct kind attributes = { "attributes", "target-attribute",
	"mail", "the name of an attribute", object_presets,
	PRESET_ACTIVE_DIRECTORY };

static void read_fields(const struct conf *conf, struct directory *directory,
	const struct conf_block *block, const struct kind *kind)
{
	const struct conf_key *key = conf_block_find(block, kind->fields);
	const bool has_preset = conf_block_find(block, "preset") != NULL;
	unsigned preset = UINT_MAX;

	conf_choice(&preset, conf, block, "preset", kind->presets);
	if (preset != UINT_MAX)
		directory->preset =
			(enum directory_preset)(kind->first + preset);
	if (key == NULL ? !has_preset : key->n_values == 0)
		faults_error(conf->faults,
			key == NULL ? block->place : key->place,
			"this directory names no %s that hold addresses; "
			"write %s = { \"%s\" }, or preset = %s",
			kind->fields, kind->fields, kind->example,
			conf_enumerate(kind->presets, " or ", conf->config));
	directory->fields =
		conf_texts(&directory->n_fields, conf, key, kind->one);
	directory->target_field = conf_text(conf, block, kind->target,
		arena_printf(
			conf->config, "%s, or take the key out", kind->one));
}

void conf_directory_columns(const struct conf *conf,
	struct directory *directory, const struct conf_block *block)
{
	read_fields(conf, directory, block, &columns);
}

/* RFC 4512 1.4, a descriptor or an OID; options are not part of it. */
static bool is_attribute(const char *name)
{
	return name[strspn(name,
		       "abcdefghijklmnopqrstuvwxyz"
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] == '\0' &&
		name[0] != '-' && name[0] != '.';
}

static void check_attributes(const struct conf *conf,
	const struct conf_block *block, const char *name)
{
	const struct conf_key *key = conf_block_find(block, name);

	for (size_t i = 0; key != NULL && i < key->n_values; i++) {
		if (!is_attribute(key->values[i].text))
			faults_error(conf->faults, key->values[i].place,
				"%s: \"%s\" is no name of an attribute: "
				"letters, digits and hyphens alone, no options",
				name, key->values[i].text);
	}
}

void conf_directory_attributes(const struct conf *conf,
	struct directory *directory, const struct conf_block *block)
{
	static const char *const words[] = { "keep", "skip", NULL };
	unsigned disabled = 0;

	read_fields(conf, directory, block, &attributes);
	check_attributes(conf, block, attributes.fields);
	check_attributes(conf, block, attributes.target);
	conf_choice(&disabled, conf, block, "disabled-accounts", words);
	directory->skips_disabled = disabled == 1;
	if (directory->preset != PRESET_ACTIVE_DIRECTORY)
		conf_directory_refuse(conf, block, "disabled-accounts",
			"preset = active-directory; take it out");
}
