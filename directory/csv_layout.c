/*
 * People export what they like, so of a preset's columns as many as are
 * there are taken; but a file that has none of them is of another kind, and
 * the kinds that PowerShell makes by mistake get a sentence of their own.
 */
#include "directory/csv_layout.h"

#include "base/arena.h"
#include "directory/csv.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { ADDRESSES_MAX = 3, CLASSES_MAX = 2 };

static const struct preset {
	const char *addresses[ADDRESSES_MAX + 1];
	const char *target;
	const char *classes[CLASSES_MAX + 1]; /* the first that is there */
	bool wants_class;
	const char *mode;
} PRESETS[] = {
	[PRESET_NONE] = { .target = NULL },
	[PRESET_EXCHANGE] = {
		.addresses = { "PrimarySmtpAddress", "EmailAddresses" },
		.target = "ExternalEmailAddress",
		.classes = { "RecipientTypeDetails", "RecipientType" },
	},
	[PRESET_EXCHANGE_55] = {
		.addresses = { "E-mail Address", "E-mail Addresses",
			"Secondary-Proxy-Addresses" },
		.target = "E-mail Address",
		.classes = { "Obj-Class" },
		.wants_class = true,
		.mode = "Mode",
	},
};

struct finder {
	struct csv_layout *out;
	const struct directory *directory;
	const struct csv *csv;
	const struct preset *preset;
};

/* False: it is there twice. */
static bool find_any(const struct finder *finder, const char *name, size_t *out,
	struct err *err)
{
	*out = CSV_ABSENT;
	return name == NULL ||
		csv_find_column(finder->csv, name, out, err) != LOOKUP_FAILED;
}

static bool find_configured(const struct finder *finder, struct err *err)
{
	const struct directory *directory = finder->directory;
	struct csv_layout *out = finder->out;

	while (out->n_addresses < directory->n_fields) {
		const size_t i = out->n_addresses++;

		if (!csv_column(finder->csv, directory->fields[i],
			    &out->addresses[i], err))
			return false;
	}
	return true;
}

/* "Name   : Ann Lee" */
static bool is_format_list(const char *name)
{
	const char *colon = strchr(name, ':');
	const char *at = name;

	while (isalnum((unsigned char)*at))
		at++;
	return colon != NULL && at > name && *at == ' ' &&
		at + strspn(at, " ") == colon;
}

static bool fail_kind(const struct finder *finder, struct err *err)
{
	static const char CURE[] = "Select-Object Name, RecipientTypeDetails, "
				   "PrimarySmtpAddress, ... | Export-Csv";
	const char *first = csv_column_name(finder->csv, 0);
	const char *const *names = finder->preset->addresses;
	struct err why = { 0 };
	size_t column;

	if (strstr(first, "ClassId2e4f51ef21dd47e99d3c952918aff9cd") != NULL)
		return err_set(err,
			"Format-List or Format-Table stood before Export-Csv, "
			"which leaves no values: write %s",
			CURE);
	if (is_format_list(first))
		return err_set(err,
			"this is what Format-List prints, and no CSV: write %s",
			CURE);
	csv_column(finder->csv, names[0], &column, &why);
	return err_set(err, "no column \"%s\" and %s", names[1], why.text);
}

static bool find_preset(const struct finder *finder, struct err *err)
{
	const char *const *names = finder->preset->addresses;
	struct csv_layout *out = finder->out;

	for (size_t i = 0; names[i] != NULL; i++) {
		size_t *column = &out->addresses[out->n_addresses];

		if (!find_any(finder, names[i], column, err))
			return false;
		out->n_addresses += *column != CSV_ABSENT;
	}
	return out->n_addresses > 0 || fail_kind(finder, err);
}

static bool find_target(const struct finder *finder, struct err *err)
{
	const char *configured = finder->directory->target_field;

	if (configured != NULL)
		return csv_column(
			finder->csv, configured, &finder->out->target, err);
	return find_any(
		finder, finder->preset->target, &finder->out->target, err);
}

static bool find_class(const struct finder *finder, struct err *err)
{
	const char *const *names = finder->preset->classes;
	size_t *out = &finder->out->class;

	*out = CSV_ABSENT;
	if (finder->preset->wants_class)
		return csv_column(finder->csv, names[0], out, err);
	for (; *names != NULL && *out == CSV_ABSENT; names++) {
		if (!find_any(finder, *names, out, err))
			return false;
	}
	return true;
}

bool csv_layout_find(struct csv_layout *out, const struct directory *directory,
	const struct csv *csv, struct arena *arena, struct err *err)
{
	const struct finder finder = { out, directory, csv,
		&PRESETS[directory->preset] };
	const bool is_configured = directory->n_fields > 0;

	assert(directory->preset <= PRESET_EXCHANGE_55);
	assert(is_configured || directory->preset != PRESET_NONE);
	*out = (struct csv_layout){
		.addresses = arena_array(arena,
			is_configured ? directory->n_fields : ADDRESSES_MAX,
			sizeof *out->addresses),
	};
	return (is_configured ? find_configured(&finder, err)
			      : find_preset(&finder, err)) &&
		find_target(&finder, err) && find_class(&finder, err) &&
		find_any(&finder, finder.preset->mode, &out->mode, err);
}
