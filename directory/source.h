/*
 * What all sources of recipients share: a source is read from its start to
 * its end, entry by entry, and either was read whole or has failed.
 */
#ifndef DIRECTORY_SOURCE_H
#define DIRECTORY_SOURCE_H

#include "base/err.h"
#include "namespace/directory.h"

/* The texts are the source's and live until the call returns. */
struct entry {
	const char *address; /* external form, as the source has it */
	const char *target; /* makes it a contact; NULL = a mailbox */
	const char *origin; /* "17" for a line, "row 12", a DN */
};

/* Where a reader puts what it finds. */
struct sink {
	void (*entry)(void *context, const struct entry *entry);
	/* what is no entry and should be one: place and why */
	void (*bad)(void *context, const char *origin, const char *why);
	void *context;
};

/* False: the read has failed and what the sink got is worth nothing. */
struct source_ops {
	bool (*read)(const struct directory *directory, const struct sink *sink,
		struct err *err);
};

/* The reader of a type; never NULL. */
const struct source_ops *source_ops(enum directory_type type);

#endif
