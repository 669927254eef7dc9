/*
 * namespace.conf(5) as it stands: blocks, keys, values, each with its
 * place, and nothing known yet of what they mean.
 */
#ifndef CONFIG_CONF_TREE_H
#define CONFIG_CONF_TREE_H

#include "base/faults.h"
#include "config/conf_words.h"

struct arena;
struct conf_outline;

struct conf_value {
	const char *text; /* UTF-8 without control characters */
	struct place place;
};

struct conf_key {
	const struct conf_word *word;
	struct place place;
	bool is_braced; /* a list in the text */
	struct conf_value *values;
	size_t n_values;
};

/* Each key once.  The title is a value, for it is quoted like one. */
struct conf_block {
	enum conf_kind kind;
	struct place place;
	struct conf_value title; /* text NULL: none, or a fault reported */
	struct conf_key *keys;
	size_t n_keys, room;
};

/* blocks[0] is the top level; the others follow as in the text. */
struct conf_tree {
	struct conf_block *blocks;
	size_t n_blocks, room;
};

/*
 * Has libConfuse read the outline's buffer and fills in titles and values
 * of tree.  False: a fault of syntax.  Texts live in config.
 */
bool conf_tree_fill(struct conf_tree *tree, const struct conf_outline *outline,
	struct arena *config, struct faults *faults);

/* What libConfuse makes of one raw token; NULL: no value, or no text. */
const char *conf_token_value(const char *raw, size_t len, struct arena *config);

/* NULL when the block has no such key. */
const struct conf_key *conf_block_find(
	const struct conf_block *block, const char *name);

#endif
