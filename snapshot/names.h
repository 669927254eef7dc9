/*
 * All names under which mail is accepted: the keys of accepted domains,
 * and each name below them that has entries of its own, with what the
 * resolver says of whoever nobody lists there.  Wildcards of every map are
 * made from these.
 */
#ifndef SNAPSHOT_NAMES_H
#define SNAPSHOT_NAMES_H

#include "namespace/model.h"
#include "namespace/resolver.h"

/*
 * What recipient_access has to say of a name.  Postfix looks up the bare
 * names of parents there (smtpd_access_maps), so one key speaks for a name
 * and for those below it; the stronger, which is the greater, wins: rather
 * nobody asked than somebody refused without knowledge.
 */
enum access { ACCESS_NONE, ACCESS_VERIFY, ACCESS_DEFER };

struct name {
	size_t index; /* as names_get() takes it */
	const char *ascii; /* "d" or ".d" */
	const char *unicode; /* the same in U-labels; may be the same pointer */
	bool is_below; /* ".d" */
	bool is_entry; /* not configured: has entries of its own */
	const struct domain *owner;
	struct name **secondaries; /* names whose primary this is */
	size_t n_secondaries;
	/* As names_answer() found them. */
	const char *transport; /* what leads there: a route, or "error:..." */
	struct wildcard wildcard;
	enum access access; /* of the name and those below */
};

struct names;

/* Borrows from ns and model.  What is answered there is not asked yet. */
struct names *names_open(const struct namespace *ns, const struct model *model);
/* Asks it for each name; the maps need that, proofs do not. */
void names_answer(struct names *names, time_t now);
void names_close(struct names **names);

size_t names_count(const struct names *names);
const struct name *names_get(const struct names *names, size_t index);
/* By its ascii form; NULL when it is none of them. */
const struct name *names_find(const struct names *names, const char *ascii);

/* Whether the maps have to say where postmaster@ it goes. */
bool name_has_postmaster(const struct name *name, const struct view *view);

/*
 * What leads to a domain key "d", ".d" or "*": the value of transport.cdb.
 * NULL where nothing does and nobody is accepted.
 */
const char *transport_value(
	const struct view *view, const char *key, struct arena *arena);
/* The value in the map. */
const char *access_format(enum access access);

#endif
