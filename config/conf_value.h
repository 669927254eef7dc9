/*
 * What a key of a block says, as the model has it.  Each reports what is
 * wrong at the value's own line and then falls back, as for a key that is
 * not there.
 */
#ifndef CONFIG_CONF_VALUE_H
#define CONFIG_CONF_VALUE_H

#include "config/conf_tree.h"
#include "namespace/namespace.h"

struct table;

struct conf {
	const struct conf_tree *tree;
	struct namespace *ns;
	struct arena *config;
	struct faults *faults;
	struct table
		*connectors; /* name -> one of ns; from conf_connectors() */
};

/* The one value of a key; NULL when there is none, or a list. */
const struct conf_value *conf_value(const struct conf *conf,
	const struct conf_block *block, const char *name);
/*
 * A text that is not empty; NULL: none.  wanted ends the sentence
 * "... is empty; write".
 */
const char *conf_text(const struct conf *conf, const struct conf_block *block,
	const char *name, const char *wanted);
/* The same for a path, as the file in which it stands means it. */
const char *conf_path(const struct conf *conf, const struct conf_block *block,
	const char *name, const char *wanted);
/* Those of a list that are not empty, ended by NULL; key NULL: none. */
const char **conf_texts(size_t *count, const struct conf *conf,
	const struct conf_key *key, const char *wanted);

bool conf_bool(const struct conf *conf, const struct conf_block *block,
	const char *name, bool fallback);
/* One of a NULL-ended list of words: its index; else *out stays. */
void conf_choice(unsigned *out, const struct conf *conf,
	const struct conf_block *block, const char *name,
	const char *const *words);
/* A number of 1 to most. */
unsigned conf_number(const struct conf *conf, const struct conf_block *block,
	const char *name, unsigned most, unsigned fallback);
unsigned long conf_duration(const struct conf *conf,
	const struct conf_block *block, const char *name,
	unsigned long fallback_s);
/* 1s to 1w. */
unsigned long conf_time(const struct conf *conf, const struct conf_block *block,
	const char *name, unsigned long fallback_s);
struct limit conf_limit(const struct conf *conf, const struct conf_block *block,
	const char *name, struct limit fallback);
/* A key, as address_parse() makes it; NULL when there is none. */
const char *conf_address(const struct conf *conf,
	const struct conf_block *block, const char *name);

/*
 * Whether an enabled block of that kind may have this name: false, and
 * reported, where another has it.  taken: names so far -> struct place.
 */
bool conf_name_take(const struct conf *conf, const struct conf_block *block,
	struct table *taken, const char *name);
/*
 * The same for the title of a connector or a directory, whose form is
 * checked too.  False: there is no title that others could name.
 */
bool conf_name_take_title(const struct conf *conf,
	const struct conf_block *block, struct table *taken);
/* An enabled connector; NULL: reported. */
const struct connector *conf_connector(
	const struct conf *conf, const struct conf_value *value);

#endif
