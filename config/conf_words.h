/* The words of namespace.conf(5): its blocks, and the keys that each takes. */
#ifndef CONFIG_CONF_WORDS_H
#define CONFIG_CONF_WORDS_H

#include "namespace/directory.h"

struct arena;

/* CONF_TOP is what stands outside of all blocks. */
enum conf_kind {
	CONF_TOP,
	CONF_DOMAIN,
	CONF_CONNECTOR,
	CONF_DIRECTORY,
	CONF_CONTACT,
};

enum { CONF_KINDS = CONF_CONTACT + 1 };

struct conf_word {
	const char *name;
	bool is_list;
	unsigned types; /* of a directory that take it, CONF_TYPE() each; 0 =
			   all, and all other blocks */
};

#define CONF_TYPE(type) (1u << (type))

/* "accepted-domain"; "" for CONF_TOP. */
const char *conf_kind_word(enum conf_kind kind);
/* "an accepted domain", "the top level": for use in a sentence. */
const char *conf_kind_phrase(enum conf_kind kind);
/* False where no block is called so. */
bool conf_kind_parse(enum conf_kind *out, const char *word);

/* The keys of a kind, ended by one whose name is NULL. */
const struct conf_word *conf_words(enum conf_kind kind);
/* NULL when the kind takes no such key. */
const struct conf_word *conf_word_find(enum conf_kind kind, const char *name);
/* The words of enum directory_type, in its order, ended by NULL. */
const char *const *conf_type_words(void);

/*
 * What would be right instead of a key, or of a block's word, that is not
 * known there: a part of a sentence that begins with "; ".
 */
const char *conf_key_advice(
	enum conf_kind kind, const char *name, struct arena *arena);
const char *conf_kind_advice(const char *word, struct arena *arena);

/*
 * The entry of a NULL-ended list that is nearest to a mistyped word; NULL
 * when none is near.
 */
const char *conf_nearest(const char *word, const char *const *list);
/* "a, b or c" of a NULL-ended list; last: " or ". */
const char *conf_enumerate(
	const char *const *list, const char *last, struct arena *arena);

#endif
