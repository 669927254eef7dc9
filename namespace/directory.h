/*
 * A source that lists recipients, as configured: what the resolver needs of
 * it, and what its reader needs.  Plain values, checked by whoever fills
 * them.
 */
#ifndef NAMESPACE_DIRECTORY_H
#define NAMESPACE_DIRECTORY_H

#include "namespace/domain_name.h"

enum directory_type {
	DIRECTORY_FILE, /* one address a line */
	DIRECTORY_POSTFIX, /* "address value", a Postfix map source */
	DIRECTORY_CSV,
};

/* A limit written "50" or "10%". */
struct limit {
	unsigned long count; /* entries, or percent where is_percent */
	bool is_percent;
};

struct directory {
	const char *name;
	struct place place;
	unsigned index; /* its place in the configuration, from 0 */
	bool is_enabled;

	const char *connector; /* NULL: the domain's */
	struct domain_pattern *domains; /* that it may list; none = all */
	size_t n_domains;
	unsigned long max_age_s; /* 0 = never too old */
	struct limit max_shrink;
	struct limit max_bad;

	enum directory_type type;
	const char *path; /* absolute, or from the working directory */
	const char **columns; /* csv: header names that hold addresses */
	size_t n_columns;
	const char *target_column; /* csv: makes a contact; NULL = none */
	char separator; /* csv: between cells; 0 = "," or ";" by header */
};

/* Whether it may list recipients of this folded domain. */
bool directory_may_own(const struct directory *directory, const char *domain);

#endif
