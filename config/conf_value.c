/* One function for each kind of value, and its sentence. */
#include "config/conf_value.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "config/conf_source.h"
#include "namespace/address.h"

#include <confuse.h>
#include <string.h>

enum { CONF_NAME_MAX = 64, TIME_MAX_S = 7 * 86400 };

const struct conf_value *conf_value(const struct conf *conf,
	const struct conf_block *block, const char *name)
{
	const struct conf_key *key = conf_block_find(block, name);

	if (key == NULL)
		return NULL;
	if (key->is_braced) {
		faults_error(conf->faults, key->place,
			"\"%s\" takes one value and no list; write it without "
			"braces",
			name);
		return NULL;
	}
	return key->n_values == 0 ? NULL : &key->values[0];
}

/* Neither a list nor empty. */
static const struct conf_value *full_value(const struct conf *conf,
	const struct conf_block *block, const char *name, const char *wanted)
{
	const struct conf_value *value = conf_value(conf, block, name);

	if (value == NULL || value->text[0] != '\0')
		return value;
	faults_error(conf->faults, value->place, "\"%s\" is empty; write %s",
		name, wanted);
	return NULL;
}

const char *conf_text(const struct conf *conf, const struct conf_block *block,
	const char *name, const char *wanted)
{
	const struct conf_value *value = full_value(conf, block, name, wanted);

	return value == NULL ? NULL : value->text;
}

const char *conf_path(const struct conf *conf, const struct conf_block *block,
	const char *name, const char *wanted)
{
	const struct conf_value *value = full_value(conf, block, name, wanted);

	if (value == NULL)
		return NULL;
	return conf_path_join(value->place.file, value->text, conf->config);
}

const char **conf_texts(size_t *count, const struct conf *conf,
	const struct conf_key *key, const char *wanted)
{
	const size_t n = key == NULL ? 0 : key->n_values;
	const char **texts = arena_array(conf->config, n + 1, sizeof *texts);

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (key->values[i].text[0] == '\0')
			faults_error(conf->faults, key->values[i].place,
				"\"%s\" holds an empty name; write %s",
				key->word->name, wanted);
		else
			texts[(*count)++] = key->values[i].text;
	}
	return texts;
}

bool conf_bool(const struct conf *conf, const struct conf_block *block,
	const char *name, bool fallback)
{
	const struct conf_value *value = conf_value(conf, block, name);

	if (value == NULL)
		return fallback;
	const int truth = cfg_parse_boolean(value->text);

	if (truth == CFG_FAIL) {
		faults_error(conf->faults, value->place,
			"\"%s\" must be yes or no, not \"%s\"", name,
			value->text);
		return fallback;
	}
	return truth != 0;
}

void conf_choice(unsigned *out, const struct conf *conf,
	const struct conf_block *block, const char *name,
	const char *const *words)
{
	const struct conf_value *value = conf_value(conf, block, name);

	if (value == NULL)
		return;
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], value->text) == 0) {
			*out = i;
			return;
		}
	}
	faults_error(conf->faults, value->place,
		"\"%s\" must be %s, not \"%s\"", name,
		conf_enumerate(words, " or ", conf->config), value->text);
}

unsigned conf_number(const struct conf *conf, const struct conf_block *block,
	const char *name, unsigned most, unsigned fallback)
{
	const struct conf_value *value = conf_value(conf, block, name);
	unsigned long number;

	if (value == NULL)
		return fallback;
	if (text_to_ulong(&number, value->text) && number >= 1 &&
		number <= most)
		return (unsigned)number;
	faults_error(conf->faults, value->place,
		"\"%s\" must be a number of 1 to %u, not \"%s\"", name, most,
		value->text);
	return fallback;
}

unsigned long conf_duration(const struct conf *conf,
	const struct conf_block *block, const char *name,
	unsigned long fallback_s)
{
	const struct conf_value *value = conf_value(conf, block, name);
	unsigned long seconds;

	if (value == NULL)
		return fallback_s;
	if (text_to_duration(&seconds, value->text))
		return seconds;
	faults_error(conf->faults, value->place,
		"\"%s\" must be a time such as 90s, 15m, 12h, 2d or 1w, not "
		"\"%s\"",
		name, value->text);
	return fallback_s;
}

unsigned long conf_time(const struct conf *conf, const struct conf_block *block,
	const char *name, unsigned long fallback_s)
{
	const unsigned long seconds =
		conf_duration(conf, block, name, fallback_s);

	if (seconds >= 1 && seconds <= TIME_MAX_S)
		return seconds;
	const struct conf_value *value =
		&conf_block_find(block, name)->values[0];

	faults_error(conf->faults, value->place,
		"\"%s\" must be a time of 1s to 1w, not \"%s\"", name,
		value->text);
	return fallback_s;
}

static bool limit_parse(struct limit *out, const char *text)
{
	char digits[24];
	const size_t len = strlen(text);

	if (len == 0 || len >= sizeof digits)
		return false;
	memcpy(digits, text, len + 1);
	out->is_percent = digits[len - 1] == '%';
	if (out->is_percent)
		digits[len - 1] = '\0';
	return text_to_ulong(&out->count, digits) &&
		!(out->is_percent && out->count > 100);
}

struct limit conf_limit(const struct conf *conf, const struct conf_block *block,
	const char *name, struct limit fallback)
{
	const struct conf_value *value = conf_value(conf, block, name);
	struct limit limit;

	if (value == NULL)
		return fallback;
	if (limit_parse(&limit, value->text))
		return limit;
	faults_error(conf->faults, value->place,
		"\"%s\" must be a number such as 50, or 0%% to 100%%, not "
		"\"%s\"",
		name, value->text);
	return fallback;
}

const char *conf_address(const struct conf *conf,
	const struct conf_block *block, const char *name)
{
	const struct conf_value *value = conf_value(conf, block, name);
	struct address address;
	struct err err = { 0 };

	if (value == NULL)
		return NULL;
	if (address_parse(&address, value->text, conf->ns->extension,
		    conf->config, &err))
		return address.key;
	faults_error(conf->faults, value->place, "%s: %s", name, err.text);
	return NULL;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z');
}

static bool is_name(const char *name)
{
	const size_t len = strlen(name);

	if (len == 0 || len > CONF_NAME_MAX || !is_alnum(name[0]))
		return false;
	for (size_t i = 1; i < len; i++) {
		if (!is_alnum(name[i]) && strchr("._-", name[i]) == NULL)
			return false;
	}
	return true;
}

bool conf_name_take(const struct conf *conf, const struct conf_block *block,
	struct table *taken, const char *name)
{
	const struct place *first = table_find(taken, name);

	if (first == NULL) {
		table_put(taken, name, (void *)&block->place);
		return true;
	}
	faults_error(conf->faults, block->place,
		"%s \"%s\" stands already at %s:%u; keep one of the two",
		conf_kind_word(block->kind), block->title.text, first->file,
		first->line);
	return false;
}

bool conf_name_take_title(const struct conf *conf,
	const struct conf_block *block, struct table *taken)
{
	const char *name = block->title.text;

	if (name == NULL)
		return false;
	if (!is_name(name))
		faults_error(conf->faults, block->title.place,
			"\"%s\" can not be the name of %s: up to %d letters a "
			"to z, digits, dots, underscores and hyphens, first a "
			"letter or a digit",
			name, conf_kind_phrase(block->kind),
			(int)CONF_NAME_MAX);
	return conf_name_take(conf, block, taken, name);
}

static const char *nearest_connector(const struct conf *conf, const char *name)
{
	const struct namespace *ns = conf->ns;
	struct arena *scratch = arena_open();
	const char **names =
		arena_array(scratch, ns->n_connectors + 1, sizeof *names);

	for (size_t i = 0; i < ns->n_connectors; i++)
		names[i] = ns->connectors[i].name;
	const char *nearest = conf_nearest(name, names);

	arena_close(&scratch);
	if (nearest == NULL)
		return "";
	return arena_printf(conf->config, "; did you mean \"%s\"?", nearest);
}

const struct connector *conf_connector(
	const struct conf *conf, const struct conf_value *value)
{
	const struct connector *connector =
		table_find(conf->connectors, value->text);

	if (connector == NULL) {
		faults_error(conf->faults, value->place,
			"no such connector \"%s\"%s", value->text,
			nearest_connector(conf, value->text));
		return NULL;
	}
	if (connector->is_enabled)
		return connector;
	faults_error(conf->faults, value->place,
		"connector \"%s\" is disabled at %s:%u; enable it, or name "
		"another",
		value->text, connector->place.file, connector->place.line);
	return NULL;
}
