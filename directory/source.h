/*
 * What all sources of recipients share: a source is read from its start to
 * its end, entry by entry, and either was read whole or has failed.
 */
#ifndef DIRECTORY_SOURCE_H
#define DIRECTORY_SOURCE_H

#include "base/err.h"
#include "namespace/directory.h"

#include <time.h>

struct decoded;

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
	/* one object of that class ("user", "Mailbox") was read, whatever
	   number of entries it has; only from sources that know classes */
	void (*object)(void *context, const char *class);
	void *context;
};

struct source_options {
	const char *state; /* folder; for what is remembered between reads */
	bool is_dry; /* leave that as it is */
	time_t now;
	/* NULL, or shown the bytes of a file as they are read */
	void (*saw)(void *context, const char *bytes, size_t len);
	void *context;
};

/* At least one of the two.  False: the read has failed, and what the sink got
   is worth nothing; *err names directory->source. */
struct source_ops {
	/* NULL: a file is read whole, into a text */
	bool (*read)(const struct directory *directory,
		const struct source_options *options, const struct sink *sink,
		struct err *err);
	/* A text format, from a file or from what a program printed.  The
	   text may be written to. */
	bool (*read_text)(const struct directory *directory,
		struct decoded *text, const struct sink *sink, struct err *err);
};

bool source_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err);
/* format: a type that is a text, whatever the directory's own type is. */
bool source_read_text(enum directory_type format,
	const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
