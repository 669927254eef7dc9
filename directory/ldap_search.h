/*
 * Searches that bring all or have failed: always in pages (RFC 2696), so
 * that a server's limit on one search does not shorten a list, and entry by
 * entry, so that memory does not grow with their number.
 */
#ifndef DIRECTORY_LDAP_SEARCH_H
#define DIRECTORY_LDAP_SEARCH_H

#include "directory/ldap_entry.h"
#include "namespace/lookup.h"

/* What is asked, and who takes the answer. */
struct ldap_query {
	const char *base;
	int scope; /* LDAP_SCOPE_SUBTREE, ... */
	const char *filter; /* RFC 4515 */
	const char *const *attributes; /* then NULL; NULL = all user ones */
	LDAPControl **controls; /* besides the paging's; NULL = none */
	unsigned page_size;

	/* The object lives until it returns; false ends the search. */
	bool (*entry)(
		void *context, const struct object *object, struct err *err);
	/* A part of the tree that another server has; NULL = do not tell.
	   url is printable and lives until it returns. */
	void (*reference)(void *context, const char *url);
	void *context;
};

/* False: what came is not all; *err names the server and the base. */
bool ldap_query_run(const struct ldap_connection *connection,
	const struct ldap_query *query, struct err *err);

/*
 * One entry by its DN, which is the query's base ("" = the root DSE); of the
 * rest of the query only its attributes count.  The object lives in the
 * arena.  NONE: the server has no such entry or does not show it.
 */
enum lookup ldap_query_object(struct object *out,
	const struct ldap_connection *connection,
	const struct ldap_query *query, struct arena *arena, struct err *err);

#endif
