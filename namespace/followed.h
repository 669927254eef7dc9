/*
 * Contacts that directories brought, while the resolver follows them: they
 * may stand for each other, which nobody but this can know in time.  For
 * resolver.c alone.
 */
#ifndef NAMESPACE_FOLLOWED_H
#define NAMESPACE_FOLLOWED_H

#include "namespace/search.h"

typedef enum lookup contact_find(const struct view *view, const char *address,
	struct arena *request, struct contact *out);

/*
 * The contact of the full address, else of that without extension: the
 * address it was found by, and what that leaves out, for the target.
 */
enum lookup contact_of(struct contact *out, const char **extension,
	const struct search *search, const struct address *asked,
	contact_find *find);

/* One of them, on the stack of whoever follows it. */
struct followed {
	const char *address;
	struct followed *before; /* that led to it; NULL = none */
	bool is_ring; /* its target leads back to it */
};

/*
 * False where the address is followed already: then all contacts from there
 * on stand for each other, are marked so, and nothing has begun.
 */
bool followed_begin(
	struct followed *followed, struct search *search, const char *address);
void followed_end(const struct followed *followed, struct search *search);

#endif
