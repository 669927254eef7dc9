/*
 * One search of the resolver: what it asks, what it found so far, how it
 * ends.  For resolver.c alone, but for how far it goes.
 */
#ifndef NAMESPACE_SEARCH_H
#define NAMESPACE_SEARCH_H

#include "namespace/resolver.h"

struct followed;

/* Aliases of aliases; proven finite when compiled, bounded all the same. */
enum { DEPTH_MAX = 16 };

struct search {
	const struct view *view;
	const struct trace *trace;
	struct arena *request;
	time_t now;
	struct resolution *out;
	unsigned depth; /* aliases followed */
	bool is_cut; /* an extension was taken back, see follow_extended() */
	/* May list the recipient under a secondary name and is stale. */
	const struct directory *stale;
	struct followed *followed; /* the last contact; NULL = none */
};

/* Whether a step has ended the search, or the next one is to be asked. */
enum progress { ENDED, NEXT };

/*
 * A directory that may list recipients of the domain, or did so of a name
 * passed on the way, and is stale; NULL = none.
 */
const struct directory *search_stale(
	const struct search *search, const char *domain);

/* The same of the domain alone. */
const struct directory *search_stale_of(
	const struct search *search, const char *domain);

/* A step for the trace, if anybody listens; its text is filled in here. */
void search_tell(const struct search *search, struct step step,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Its out, for what is no address. */
void search_begin(struct search *search);
/* Under which keys the recipient is looked up. */
void search_tell_parsed(
	const struct search *search, const struct address *asked);
/* To which accepted domain the name belongs. */
void search_tell_domain(const struct search *search, const char *name,
	const struct domain *domain);

/*
 * Whether wildcards of the maps can reach a name that the domain owns: its
 * own name, and those below that have entries.
 */
enum lookup search_is_reached(const struct search *search,
	const struct domain *domain, const char *name);

/*
 * The name in the primary that a name in the secondary stands for: the
 * primary itself, or sub.primary; NONE where that has no entries, and the
 * name stands for itself where there is no such name.  A name that a primary
 * has as another's secondary has the entries of what it stands for.  NONE
 * sets search->stale, if it is not set, to a directory that may list
 * recipients under one of these names and is stale.
 */
enum lookup search_in_primary(const char **out, struct search *search,
	const struct domain *secondary, const char *name);

/* Each ends the search. */
enum progress search_end(
	struct search *search, enum verdict verdict, enum reason reason);
/* Deferred, because what is named could not be read. */
enum progress search_end_failed(struct search *search, const char *what);
/* Refused where it is certain that nobody lists it; else deferred. */
enum progress search_end_unknown(struct search *search, const char *domain);
/* Nobody lists it: as the domain's filter has it. */
enum progress search_end_unlisted(struct search *search,
	const struct address *asked, const struct domain *domain);
/* It leaves by the domain's connector. */
enum progress search_end_by_domain(struct search *search, const char *domain,
	enum verdict verdict, enum reason reason);
/*
 * It was accepted, yet leaves as key, whom nobody lists: by the connector of
 * that address's domain.
 */
enum progress search_end_beside(struct search *search, const char *key);
/* Listed: it leaves by the directory's connector, else by the domain's. */
enum progress search_end_by_directory(struct search *search,
	const struct directory *directory, const char *domain);
/*
 * Somebody takes the postmaster's mail (RFC 5321 4.5.1): the domain's
 * connector, else that of the first directory which may list him, or the
 * postmaster of the name above: of the primary, of the domain itself.
 */
enum progress search_end_as_postmaster(
	struct search *search, const char *domain);
/*
 * Refuses mail that we would hand straight back to the client; NULL = not
 * known.  An address that was rewritten is not the one that it gave up on.
 */
void search_guard_against_loop(
	struct search *search, const struct network *client);

#endif
