/* Recipients from a directory service, by LDAPv3. */
#ifndef DIRECTORY_LDAP_SOURCE_H
#define DIRECTORY_LDAP_SOURCE_H

#include "directory/ldap_search.h"

/* As source_ops.read. */
bool ldap_source_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err);

/* All that the directory has, put into the sink. */
bool ldap_source_full(const struct ldap_connection *connection,
	const struct directory *directory, const struct sink *sink,
	struct err *err);

/*
 * The search that lists a directory's objects, without callbacks: base,
 * scope, filter, page size, and the attributes that object_put() wants with
 * more (then NULL; or NULL) besides.  In the arena.
 */
struct ldap_query ldap_source_query(const struct directory *directory,
	const char *const *more, struct arena *arena);

/*
 * What to do with the reference of a search: those that each Active
 * Directory domain has (DomainDnsZones, ForestDnsZones, CN=Configuration)
 * hold no recipients; any other is a bad entry, for what it stands for is
 * not listed.
 */
void ldap_source_reference(const struct sink *sink, const char *url);

#endif
