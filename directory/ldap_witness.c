/*
 * "CONTEXT-ID", and behind a blank "ID CSN" of the entry.  Each change gets
 * a CSN that no other one ever has, and a later one than all before: an
 * entry whose CSN is older than it was has lost its change, and others with
 * it.  Of the changes that deleted an entry nothing is left to be seen.
 *
 * An entry that moves with its parent is not changed itself, so syncprov
 * says nothing of it: an entry with children that was changed since the
 * cookie, wherever it is now, casts doubt on all.
 */
#include "directory/ldap_witness.h"

#include "base/arena.h"
#include "directory/ldap_sync.h"
#include "directory/sync_cookie.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include <string.h>

/* What a search gives to the entries that it brings. */
struct found {
	struct arena *arena;
	const char *cookie; /* NULL: parents do not matter */
	const char *id, *csn; /* of the newest */
	bool has_changed_parent;
};

/* In the arena; NULL where it is none. */
static const char *id_of(const struct object *object, struct arena *arena)
{
	unsigned char id[16];
	const struct object_value *value =
		ldap_entry_value(object, LDAP_WITNESS_ID);

	return value != NULL && ldap_sync_id(id, value)
		? arena_strndup(arena, value->bytes, value->len)
		: NULL;
}

static bool is_newer(const struct object_value *csn, const char *old)
{
	const size_t old_len = old == NULL ? 0 : strlen(old);
	const size_t len = csn->len < old_len ? csn->len : old_len;
	const int order = len == 0 ? 0 : memcmp(csn->bytes, old, len);

	return order > 0 || (order == 0 && csn->len > old_len);
}

static bool take_entry(
	void *context, const struct object *object, struct err *err)
{
	struct found *found = context;
	const struct object_value *csn = ldap_entry_value(object, "entryCSN");

	(void)err;
	if (found->cookie != NULL &&
		ldap_delta_has(object, "hasSubordinates", "TRUE") &&
		(csn == NULL ||
			sync_cookie_lacks(found->cookie, csn->bytes, csn->len)))
		found->has_changed_parent = true;
	if (csn == NULL || !is_newer(csn, found->csn))
		return true;
	found->id = id_of(object, found->arena);
	found->csn = arena_strndup(found->arena, csn->bytes, csn->len);
	return true;
}

static bool search(const struct ldap_delta *delta, const char *dn,
	const char *filter, struct found *out, struct err *err)
{
	static const char *const attributes[] = { LDAP_WITNESS_ID, "entryCSN",
		"hasSubordinates", NULL };
	const struct ldap_query query = {
		.base = dn,
		.scope = LDAP_SCOPE_SUBTREE,
		.filter = filter,
		.attributes = attributes,
		.page_size = delta->directory->ldap->page_size,
		.entry = take_entry,
		.context = out,
	};

	return ldap_query_run(delta->connection, &query, err);
}

/* context_len: of the context's id. */
static const char *format(
	const struct found *found, const char *context, size_t context_len)
{
	return found->id == NULL
		? arena_strndup(found->arena, context, context_len)
		: arena_printf(found->arena, "%.*s %s %s", (int)context_len,
			  context, found->id, found->csn);
}

const char *ldap_witness_find(const struct ldap_delta *delta, const char *dn,
	const struct object *head, const char *cookie, struct err *err)
{
	struct found found = { .arena = delta->arena };
	size_t len;
	const char *context = id_of(head, delta->arena);
	const char *newest = sync_cookie_newest(cookie, &len);

	if (context == NULL || newest == NULL)
		return "-";
	const char *filter =
		arena_printf(delta->arena, "(entryCSN=%.*s)", (int)len, newest);

	return search(delta, dn, filter, &found, err)
		? format(&found, context, strlen(context))
		: NULL;
}

static enum ldap_delta_end check_entry(const struct ldap_delta *delta,
	const char *dn, const char *id, const char *csn, struct err *err)
{
	struct found found = { .arena = delta->arena };

	if (!search(delta, dn,
		    arena_printf(delta->arena, "(" LDAP_WITNESS_ID "=%s)", id),
		    &found, err))
		return LDAP_DELTA_FAILED;
	return found.csn != NULL && strcmp(found.csn, csn) >= 0
		? LDAP_DELTA_WHOLE
		: LDAP_DELTA_DOUBTFUL;
}

enum ldap_delta_end ldap_witness_check(const struct ldap_delta *delta,
	const char *dn, const char *then, const char *now, struct err *err)
{
	const size_t context_len = strcspn(then, " ");
	char *entry = arena_strdup(delta->arena, then) + context_len;

	if (strcspn(now, " ") != context_len ||
		memcmp(then, now, context_len) != 0)
		return LDAP_DELTA_DOUBTFUL;
	if (*entry == '\0' || strcmp(then, now) == 0)
		return LDAP_DELTA_WHOLE;
	char *csn = strchr(entry + 1, ' ');

	if (csn == NULL)
		return LDAP_DELTA_DOUBTFUL;
	*csn = '\0';
	return check_entry(delta, dn, entry + 1, csn + 1, err);
}

enum ldap_delta_end ldap_witness_watch(const struct ldap_delta *delta,
	const char *dn, const char *cookie, const char **witness,
	struct err *err)
{
	struct found found = { .arena = delta->arena, .cookie = cookie };
	size_t len, newest_len;
	const char *oldest = sync_cookie_oldest(cookie, &len);
	const char *newest = sync_cookie_newest(cookie, &newest_len);

	if (oldest == NULL)
		return LDAP_DELTA_DOUBTFUL;
	/* a server that takes changes may not have had one for years */
	const char *filter = arena_printf(delta->arena,
		"(&(entryCSN>=%.*s)"
		"(|(hasSubordinates=TRUE)(entryCSN>=%.*s)))",
		(int)len, oldest, (int)newest_len, newest);

	if (!search(delta, dn, filter, &found, err))
		return LDAP_DELTA_FAILED;
	if (found.id != NULL)
		*witness = format(&found, *witness, strcspn(*witness, " "));
	return found.has_changed_parent ? LDAP_DELTA_DOUBTFUL
					: LDAP_DELTA_WHOLE;
}
