/*
 * What the resolver asks: a published generation, or the compiler's model
 * of the next one.  All keys are folded; a domain's key is "d" for the name
 * itself or ".d" for the names below it, in either label form.
 */
#ifndef NAMESPACE_VIEW_H
#define NAMESPACE_VIEW_H

#include "base/slice.h"
#include "namespace/lookup.h"
#include "namespace/namespace.h"

#include <time.h>

struct arena;

/* A recipient that a directory lists; the first directory wins. */
struct listing {
	const struct directory *directory;
};

/* One claim of a connector on an address space. */
struct claim {
	const struct connector *connector;
	unsigned cost;
};

/* The claims on one key, best first: by cost, then by connector name. */
struct claims {
	const struct claim *list;
	size_t count;
};

struct view;

enum { VIEW_EXPECTED_MAX = 16 };

struct view_ops {
	enum lookup (*domain)(const struct view *view, const char *key,
		const struct domain **out);
	/* key "d", ".d" or "*" */
	enum lookup (*claims)(
		const struct view *view, const char *key, struct claims *out);
	/* written in the configuration */
	enum lookup (*contact)(const struct view *view, const char *address,
		struct arena *request, struct contact *out);
	/* brought by a directory */
	enum lookup (*directory_contact)(const struct view *view,
		const char *address, struct arena *request,
		struct contact *out);
	/*
	 * A hint that listing() of these addresses comes next, in that order,
	 * with one or two other questions before each: what it takes may be
	 * fetched meanwhile.  VIEW_EXPECTED_MAX at the most.  NULL: of no use.
	 */
	void (*expect_listings)(const struct view *view,
		const struct slice *addresses, size_t count);
	enum lookup (*listing)(const struct view *view, const char *address,
		struct arena *request, struct listing *out);
	/* a name below an inclusive domain that has entries of its own:
	   a listed recipient or a contact */
	enum lookup (*has_entries)(const struct view *view, const char *domain);
};

/*
 * Pointers that a view hands out live as long as the view, or as the arena
 * that was given.
 */
struct view {
	const struct view_ops *ops;
	const struct connector *connectors; /* those enabled */
	size_t n_connectors;
	const struct directory *directories; /* enabled ones */
	size_t n_directories;
	const time_t *loaded; /* of each directory; 0 = never */
	const char *extension;
	const char *postmaster; /* NULL = none */
};

#endif
