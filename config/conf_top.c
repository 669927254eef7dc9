/* The keys outside of all blocks. */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "config/conf_source.h"

#include <string.h>

enum {
	KEEP_DEFAULT = 5,
	KEEP_MOST = 1000,
	DEADLINE_DEFAULT_S = 10 * 60,
};

/* What Postfix could not tell from the rest of an address. */
static bool is_delimiter(char c)
{
	const bool is_alnum = (c >= '0' && c <= '9') ||
		(c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

	return c > ' ' && c < 0x7f && !is_alnum && strchr("@.\"%!", c) == NULL;
}

static const char *extension(
	const struct conf *conf, const struct conf_block *top)
{
	const struct conf_value *value = conf_value(conf, top, "extension");

	if (value == NULL)
		return "+";
	for (const char *c = value->text; *c != '\0'; c++) {
		if (is_delimiter(*c))
			continue;
		faults_error(conf->faults, value->place,
			"\"extension\" is made of marks such as + or -, "
			"without letters, digits, blanks and @ . \" %% !; "
			"not \"%s\"",
			value->text);
		return "+";
	}
	return value->text;
}

static void contact_files(const struct conf *conf, const struct conf_block *top)
{
	const struct conf_key *key = conf_block_find(top, "contacts");
	struct namespace *ns = conf->ns;

	if (key == NULL)
		return;
	ns->contact_files = arena_array(
		conf->config, key->n_values, sizeof *ns->contact_files);
	for (size_t i = 0; i < key->n_values; i++) {
		const struct conf_value *value = &key->values[i];

		if (value->text[0] == '\0') {
			faults_error(conf->faults, value->place,
				"\"contacts\" holds an empty path; write that "
				"of a CSV file");
			continue;
		}
		ns->contact_files[ns->n_contact_files++] =
			(struct contact_file){ conf_path_join(value->place.file,
						       value->text,
						       conf->config),
				value->place };
	}
}

void conf_top(const struct conf *conf)
{
	static const char *const conflicts[] = { "first", "error", NULL };
	const struct conf_block *top = &conf->tree->blocks[0];
	const struct conf_key *postmaster = conf_block_find(top, "postmaster");
	struct namespace *ns = conf->ns;
	unsigned conflict = 0;

	ns->extension = extension(conf, top);
	ns->postmaster = conf_address(conf, top, "postmaster");
	if (postmaster != NULL)
		ns->postmaster_place = postmaster->place;
	conf_choice(&conflict, conf, top, "on-conflict", conflicts);
	ns->conflicts_are_errors = conflict == 1;
	ns->keep = conf_number(conf, top, "keep", KEEP_MOST, KEEP_DEFAULT);
	ns->linger_s = conf_duration(conf, top, "linger", LINGER_DEFAULT_S);
	ns->deadline_s = conf_time(conf, top, "deadline", DEADLINE_DEFAULT_S);
	contact_files(conf, top);
}
