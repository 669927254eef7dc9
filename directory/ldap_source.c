/* Connection -> search -> objects -> recipients; nothing is kept between. */
#include "directory/ldap_source.h"

#include "base/arena.h"
#include "directory/ldap_refresh.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include <string.h>
#include <strings.h>

struct putter {
	const struct directory *directory;
	const struct sink *sink;
	struct arena *scratch;
};

static int scope_of(enum ldap_depth depth)
{
	switch (depth) {
	case LDAP_DEPTH_ONE: return LDAP_SCOPE_ONELEVEL;
	case LDAP_DEPTH_BASE: return LDAP_SCOPE_BASE;
	case LDAP_DEPTH_SUB: break;
	}
	return LDAP_SCOPE_SUBTREE;
}

static size_t count_of(const char *const *list)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	return count;
}

static const char *const *join(
	const char *const *one, const char *const *other, struct arena *arena)
{
	const size_t n_one = count_of(one);
	const size_t n_other = count_of(other);
	const char **all = arena_array(arena, n_one + n_other + 1, sizeof *all);

	memcpy(all, one, n_one * sizeof *all);
	memcpy(all + n_one, other, n_other * sizeof *all);
	return all;
}

struct ldap_query ldap_source_query(const struct directory *directory,
	const char *const *more, struct arena *arena)
{
	static const char *const none[] = { NULL };
	const struct ldap_settings *settings = directory->ldap;

	return (struct ldap_query){
		.base = settings->base,
		.scope = scope_of(settings->depth),
		.filter = object_filter(directory, arena),
		.attributes = join(object_attributes(directory, arena),
			more == NULL ? none : more, arena),
		.page_size = settings->page_size,
	};
}

/* In each Active Directory, for its own use. */
static bool is_own_partition(const char *dn)
{
	static const char *const names[] = { "DC=DomainDnsZones,",
		"DC=ForestDnsZones,", "CN=Configuration," };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strncasecmp(dn, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

void ldap_source_reference(const struct sink *sink, const char *url)
{
	const char *host = strstr(url, "://");
	const char *dn = host == NULL ? NULL : strchr(host + 3, '/');

	if (dn != NULL && is_own_partition(dn + 1))
		return;
	sink->bad(sink->context, url,
		"a part of the tree on another server is not followed; if it "
		"has recipients, give it a directory block of its own");
}

static bool put_object(
	void *context, const struct object *object, struct err *err)
{
	const struct putter *putter = context;

	(void)err;
	object_put(putter->directory, object, putter->sink, putter->scratch);
	return true;
}

static void put_reference(void *context, const char *url)
{
	const struct putter *putter = context;

	ldap_source_reference(putter->sink, url);
}

bool ldap_source_full(const struct ldap_connection *connection,
	const struct directory *directory, const struct sink *sink,
	struct err *err)
{
	struct arena *whole = arena_open();
	struct putter putter = { directory, sink, arena_open() };
	struct ldap_query query = ldap_source_query(directory, NULL, whole);

	query.entry = put_object;
	query.reference = put_reference;
	query.context = &putter;
	const bool is_read = ldap_query_run(connection, &query, err);

	arena_close(&putter.scratch);
	arena_close(&whole);
	return is_read;
}

bool ldap_source_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct ldap_connection *connection =
		ldap_connection_open(directory, err);

	if (connection == NULL)
		return false;
	const bool is_read = directory->ldap->uses_deltas
		? ldap_refresh_read(connection, directory, options, sink, err)
		: ldap_source_full(connection, directory, sink, err);

	ldap_connection_close(&connection);
	return is_read;
}
