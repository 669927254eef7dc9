/*
 * Names of domains as the configuration writes them: checked, lower case,
 * without a trailing dot, in both label forms (RFC 5890), and the three
 * scopes "d", "#d" and "*.d".
 */
#ifndef NAMESPACE_DOMAIN_NAME_H
#define NAMESPACE_DOMAIN_NAME_H

#include "base/err.h"

struct arena;

enum scope {
	SCOPE_INCLUSIVE, /* "d": d and its subdomains */
	SCOPE_EXACT, /* "#d": d only */
	SCOPE_SUBDOMAINS, /* "*.d": the subdomains only */
};

/*
 * ascii: the A-label form, the name by which everything else knows the
 * domain.  unicode: the folded U-label form (NFC); the same pointer as
 * ascii where there is no other, or where folding changes a label beyond
 * its case (so that "straße" can not open "strasse").
 */
struct domain_name {
	const char *ascii;
	const char *unicode;
};

struct domain_pattern {
	struct domain_name name;
	enum scope scope;
};

/* A bare name, no mark.  *err says what is wrong and what would be right. */
bool domain_name_parse(struct domain_name *out, const char *text,
	struct arena *arena, struct err *err);
bool domain_pattern_parse(struct domain_pattern *out, const char *text,
	struct arena *arena, struct err *err);
/* As the configuration would write it: "#d", "*.d" or "d", ascii form. */
const char *domain_pattern_format(
	const struct domain_pattern *pattern, struct arena *arena);

/* The name after its first label, "b.c" of "a.b.c"; NULL at the last. */
const char *domain_parent(const char *domain);
/* Whether the pattern covers this (folded) domain; either label form. */
bool domain_pattern_covers(
	const struct domain_pattern *pattern, const char *domain);

#endif
