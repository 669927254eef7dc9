/*
 * An entry of a directory service, however it came (a search, LDIF), and the
 * recipients that it stands for: what the presets active-directory and
 * openldap, or the configured attributes, make of it.
 */
#ifndef DIRECTORY_OBJECT_H
#define DIRECTORY_OBJECT_H

#include "directory/source.h"

struct arena;

/* Bytes, for a server may send anything. */
struct object_value {
	const char *bytes;
	size_t len;
};

struct object_attribute {
	const char *name; /* without options (";lang-de"); any case */
	const struct object_value *values;
	size_t n_values;
};

struct object {
	const char *dn; /* the origin of its entries */
	const struct object_attribute *attributes;
	size_t n_attributes;
};

/*
 * The attributes that object_put() looks at, to ask a server for, ended by
 * NULL; in the arena.
 */
const char *const *object_attributes(
	const struct directory *directory, struct arena *arena);
/* The configured filter, else the preset's, else one for all objects that
   have one of the attributes; in the arena. */
const char *object_filter(
	const struct directory *directory, struct arena *arena);
/*
 * Puts the object's class and its recipients into the sink; nothing where
 * it has none.  scratch is reset.
 */
void object_put(const struct directory *directory, const struct object *object,
	const struct sink *sink, struct arena *scratch);

#endif
