/*
 * highestCommittedUSN is read before anything else, so that what changes
 * meanwhile is asked for again.  All of the domain is asked for changes, for
 * an object may have left the base; what then no longer matches the search
 * is removed.  Deleted objects are asked for by a control, in their
 * container; they hide from whom an administrator has not shown them, and
 * then there are no deltas.
 *
 * An object that moves with its parent keeps its uSNChanged, so a parent
 * that was changed casts doubt on all.
 */
#include "directory/ldap_usn.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/usn_mark.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include <inttypes.h>
#include <string.h>

static const char ACTIVE_DIRECTORY[] = "1.2.840.113556.1.4.800";
static const char SHOW_DELETED[] = "1.2.840.113556.1.4.417";

enum { ID_SIZE = 16 };

/* What is known of the controller that answers. */
struct controller {
	struct usn_mark mark;
	const char *domain; /* a DN */
	const char *deleted; /* the DN of the container */
};

bool ldap_usn_id(unsigned char id[16], const struct object_value *value)
{
	if (value->len != ID_SIZE)
		return false;
	memcpy(id, value->bytes, ID_SIZE);
	return true;
}

/* The first value, in the arena; NULL = none. */
static const char *text_value(
	const struct object *object, const char *name, struct arena *arena)
{
	const struct object_value *value = ldap_entry_value(object, name);

	return value == NULL ? NULL
			     : arena_strndup(arena, value->bytes, value->len);
}

/* Not critical, for the server says in its root DSE that it knows it. */
static LDAPControl **show_deleted(struct arena *arena)
{
	LDAPControl **controls = arena_array(arena, 2, sizeof *controls);

	controls[0] = arena_alloc(arena, sizeof **controls);
	controls[0]->ldctl_oid = arena_strdup(arena, SHOW_DELETED);
	return controls;
}

/* Of those that were deleted: whether there was one, and showed itself. */
struct gone {
	bool is_there, is_seen;
};

/* One is enough: false ends the search. */
static bool note_gone(
	void *context, const struct object *object, struct err *err)
{
	struct gone *gone = context;

	(void)err;
	gone->is_there = true;
	gone->is_seen = ldap_entry_value(object, "objectGUID") != NULL;
	return false;
}

/*
 * Whether one of those that were deleted shows itself: the container may,
 * and still hide all that is in it.  Each domain that was ever used has
 * some; until then there is no proof that we would see one.
 */
static enum lookup find_deleted(const struct ldap_delta *delta,
	const struct controller *controller, struct err *err)
{
	static const char *const attributes[] = { "objectGUID", NULL };
	struct gone gone = { .is_there = false };
	const struct ldap_query query = {
		.base = controller->deleted,
		.scope = LDAP_SCOPE_ONELEVEL,
		.filter = "(&(isDeleted=TRUE)(uSNChanged=*))",
		.attributes = attributes,
		.controls = show_deleted(delta->arena),
		.page_size = 1,
		.entry = note_gone,
		.context = &gone,
	};

	if (!ldap_query_run(delta->connection, &query, err) && !gone.is_there)
		return LOOKUP_FAILED;
	return gone.is_seen ? LOOKUP_FOUND : LOOKUP_NONE;
}

/* The head of the domain says where deleted objects are; it shows us its
   uSNChanged, or we would not see those of others. */
static enum lookup find_domain(
	const struct ldap_delta *delta, struct controller *out, struct err *err)
{
	static const char *const attributes[] = { "wellKnownObjects",
		"uSNChanged", NULL };
	struct object head;
	const enum lookup end = ldap_query_object(&head, delta->connection,
		&(const struct ldap_query){
			.base = out->domain, .attributes = attributes },
		delta->arena, err);

	if (end != LOOKUP_FOUND)
		return end;
	const struct object_attribute *known =
		ldap_entry_attribute(&head, "wellKnownObjects");

	if (known == NULL || ldap_entry_value(&head, "uSNChanged") == NULL)
		return LOOKUP_NONE;
	for (size_t i = 0; i < known->n_values; i++) {
		const char *dn;
		size_t len;

		if (usn_deleted_objects(&dn, &len, known->values[i].bytes,
			    known->values[i].len))
			out->deleted = arena_strndup(delta->arena, dn, len);
	}
	return out->deleted == NULL ? LOOKUP_NONE
				    : find_deleted(delta, out, err);
}

static enum lookup find_invocation(const struct ldap_delta *delta,
	const char *service, struct controller *out, struct err *err)
{
	static const char *const attributes[] = { "invocationId", NULL };
	struct object object;
	const enum lookup end = ldap_query_object(&object, delta->connection,
		&(const struct ldap_query){
			.base = service, .attributes = attributes },
		delta->arena, err);

	if (end != LOOKUP_FOUND)
		return end;
	const struct object_value *id =
		ldap_entry_value(&object, "invocationId");

	return id != NULL && ldap_usn_id(out->mark.invocation_id, id)
		? LOOKUP_FOUND
		: LOOKUP_NONE;
}

static bool is_controller(const struct object *root)
{
	return ldap_delta_has(
		       root, "supportedCapabilities", ACTIVE_DIRECTORY) &&
		ldap_delta_has(root, "supportedControl", SHOW_DELETED);
}

/* The update number comes first. */
static enum lookup find_controller(
	const struct ldap_delta *delta, struct controller *out, struct err *err)
{
	static const char *const attributes[] = { "supportedCapabilities",
		"supportedControl", "dsServiceName", "highestCommittedUSN",
		"defaultNamingContext", NULL };
	struct object root;
	enum lookup end = ldap_query_object(&root, delta->connection,
		&(const struct ldap_query){
			.base = "", .attributes = attributes },
		delta->arena, err);

	*out = (struct controller){ 0 };
	if (end != LOOKUP_FOUND)
		return end;
	const char *service = text_value(&root, "dsServiceName", delta->arena);
	const struct object_value *usn =
		ldap_entry_value(&root, "highestCommittedUSN");

	out->domain = text_value(&root, "defaultNamingContext", delta->arena);
	if (!is_controller(&root) || service == NULL || usn == NULL ||
		out->domain == NULL ||
		!usn_parse(&out->mark.usn, usn->bytes, usn->len) ||
		!ldap_delta_is_within(
			delta->directory->ldap->base, out->domain))
		return LOOKUP_NONE;
	end = find_invocation(delta, service, out, err);
	return end == LOOKUP_FOUND ? find_domain(delta, out, err) : end;
}

/* The mark, the DNs of the domain and of its deleted objects: three lines. */
enum lookup ldap_usn_mark(
	const struct ldap_delta *delta, struct text *out, struct err *err)
{
	struct controller controller;
	const enum lookup end = find_controller(delta, &controller, err);

	if (end != LOOKUP_FOUND)
		return end;
	usn_mark_format(out, &controller.mark);
	text_addf(out, "\n%s\n%s", controller.domain, controller.deleted);
	return end;
}

static bool parse_mark(struct controller *out, const char *bytes, size_t len,
	struct arena *arena)
{
	if (bytes == NULL)
		return false;
	char *rest = arena_strndup(arena, bytes, len);
	const char *mark = strsep(&rest, "\n");

	out->domain = strsep(&rest, "\n");
	out->deleted = rest;
	return rest != NULL && usn_mark_parse(&out->mark, mark, strlen(mark));
}

/* What the searches of a delta give to each entry. */
struct changes {
	const struct ldap_delta *delta;
	bool are_doubtful;
};

/* False where the object has none. */
static bool read_id(
	struct changes *changes, unsigned char *id, const struct object *object)
{
	const struct object_value *value =
		ldap_entry_value(object, "objectGUID");

	if (value != NULL && ldap_usn_id(id, value))
		return true;
	changes->are_doubtful = true;
	return false;
}

/* What recipients stand below. */
static bool is_parent(const struct object *object)
{
	static const char *const classes[] = { "organizationalUnit",
		"container", "organization", "locality", "country" };

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (ldap_delta_has(object, "objectClass", classes[i]))
			return true;
	return false;
}

/* Gone, until it is found by what lists recipients. */
static bool take_changed(
	void *context, const struct object *object, struct err *err)
{
	struct changes *changes = context;
	unsigned char id[ID_SIZE];

	(void)err;
	if (is_parent(object))
		changes->are_doubtful = true;
	if (read_id(changes, id, object))
		sync_store_remove(changes->delta->store, id);
	return true;
}

static bool take_deleted(
	void *context, const struct object *object, struct err *err)
{
	struct changes *changes = context;
	unsigned char id[ID_SIZE];

	(void)err;
	if (read_id(changes, id, object))
		sync_store_remove(changes->delta->store, id);
	return true;
}

static bool take_listed(
	void *context, const struct object *object, struct err *err)
{
	struct changes *changes = context;
	unsigned char id[ID_SIZE];

	(void)err;
	if (read_id(changes, id, object))
		ldap_delta_put(changes->delta, id, object);
	return true;
}

/* What the full read would tell of it decides. */
static void take_bad_reference(
	void *context, const char *origin, const char *why)
{
	struct changes *changes = context;

	(void)origin;
	(void)why;
	changes->are_doubtful = true;
}

static void take_reference(void *context, const char *url)
{
	const struct sink sink = { .bad = take_bad_reference,
		.context = context };

	ldap_source_reference(&sink, url);
}

static bool ask_changed(struct changes *changes, const char *domain,
	const char *since, struct err *err)
{
	static const char *const attributes[] = { "objectGUID", "objectClass",
		NULL };
	const struct ldap_query query = {
		.base = domain,
		.scope = LDAP_SCOPE_SUBTREE,
		.filter = since,
		.attributes = attributes,
		.page_size = changes->delta->directory->ldap->page_size,
		.entry = take_changed,
		.context = changes,
	};

	return ldap_query_run(changes->delta->connection, &query, err);
}

static bool ask_listed(
	struct changes *changes, const char *since, struct err *err)
{
	static const char *const more[] = { "objectGUID", NULL };
	const struct ldap_delta *delta = changes->delta;
	struct ldap_query query =
		ldap_source_query(delta->directory, more, delta->arena);

	query.filter =
		arena_printf(delta->arena, "(&%s%s)", since, query.filter);
	query.entry = take_listed;
	query.reference = take_reference;
	query.context = changes;
	return ldap_query_run(delta->connection, &query, err);
}

static bool ask_deleted(struct changes *changes, const char *container,
	const char *since, struct err *err)
{
	static const char *const attributes[] = { "objectGUID", NULL };
	const struct ldap_delta *delta = changes->delta;
	const struct ldap_query query = {
		.base = container,
		.scope = LDAP_SCOPE_SUBTREE,
		.filter = arena_printf(
			delta->arena, "(&%s(isDeleted=TRUE))", since),
		.attributes = attributes,
		.controls = show_deleted(delta->arena),
		.page_size = delta->directory->ldap->page_size,
		.entry = take_deleted,
		.context = changes,
	};

	return ldap_query_run(delta->connection, &query, err);
}

/* In this order, so that what is deleted or comes back between two of the
   searches is not lost. */
static enum ldap_delta_end ask(const struct ldap_delta *delta,
	const struct controller *now, uint64_t last, struct err *err)
{
	struct changes changes = { .delta = delta };
	const char *since = arena_printf(
		delta->arena, "(uSNChanged>=%" PRIu64 ")", last + 1);

	if (!ask_changed(&changes, now->domain, since, err))
		return LDAP_DELTA_FAILED;
	if (changes.are_doubtful)
		return LDAP_DELTA_DOUBTFUL;
	if (!ask_listed(&changes, since, err) ||
		!ask_deleted(&changes, now->deleted, since, err))
		return LDAP_DELTA_FAILED;
	return changes.are_doubtful ? LDAP_DELTA_DOUBTFUL : LDAP_DELTA_WHOLE;
}

enum ldap_delta_end ldap_usn_run(
	const struct ldap_delta *delta, const struct text *now, struct err *err)
{
	struct controller last, current;
	size_t len;
	const char *bytes = sync_store_mark(delta->store, &len);

	if (!parse_mark(&last, bytes, len, delta->arena) ||
		!parse_mark(&current, now->data, now->len, delta->arena) ||
		memcmp(current.mark.invocation_id, last.mark.invocation_id,
			ID_SIZE) != 0 ||
		current.mark.usn < last.mark.usn)
		return LDAP_DELTA_DOUBTFUL;
	const enum ldap_delta_end end =
		ask(delta, &current, last.mark.usn, err);

	sync_store_set_mark(delta->store, now->data, now->len);
	return end;
}
