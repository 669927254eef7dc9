/*
 * The first cookie is made of the naming context's contextCSN, read before a
 * search in pages: what changes meanwhile the first delta brings again.
 * (syncprov refuses to sync in pages, and a search without would end at the
 * server's size limit.)
 */
#include "directory/ldap_sync.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/ldap_answer.h"
#include "directory/ldap_witness.h"
#include "directory/sync_cookie.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include <ctype.h>
#include <string.h>

static const char MARK[] = "csn ";

enum { ID_SIZE = 16, UUID_LEN = 36, DN_DEPTH_MAX = 64 };

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (tolower((unsigned char)c) >= 'a' &&
		tolower((unsigned char)c) <= 'f')
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

bool ldap_sync_id(unsigned char id[16], const struct object_value *value)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t n_digits = 0;

	if (value->len != UUID_LEN)
		return false;
	memset(id, 0, ID_SIZE);
	for (size_t i = 0; i < UUID_LEN; i++) {
		const int digit = hex_digit(value->bytes[i]);

		if (form[i] == '-' && value->bytes[i] == '-')
			continue;
		if (form[i] == '-' || digit < 0)
			return false;
		id[n_digits / 2] |=
			(unsigned char)(n_digits % 2 == 0 ? digit << 4 : digit);
		n_digits++;
	}
	return true;
}

static enum lookup is_offered(const struct ldap_delta *delta, struct err *err)
{
	static const char *const attributes[] = { "supportedControl", NULL };
	struct object root;
	const enum lookup end = ldap_query_object(&root, delta->connection,
		&(const struct ldap_query){
			.base = "", .attributes = attributes },
		delta->arena, err);

	if (end != LOOKUP_FOUND)
		return end;
	return ldap_delta_has(&root, "supportedControl", LDAP_CONTROL_SYNC)
		? LOOKUP_FOUND
		: LOOKUP_NONE;
}

/*
 * The naming context that the base is in, and its contextCSN; one whose
 * entries do not show entryCSN hides from us what moved.
 */
static enum lookup find_context(const struct ldap_delta *delta,
	const char **context, struct object *out, struct err *err)
{
	static const char *const attributes[] = { "contextCSN", "entryCSN",
		LDAP_WITNESS_ID, NULL };
	const char *dn = delta->directory->ldap->base;

	for (int i = 0; dn != NULL && i < DN_DEPTH_MAX; i++) {
		const struct ldap_query query = { .base = dn,
			.attributes = attributes };
		const enum lookup end = ldap_query_object(
			out, delta->connection, &query, delta->arena, err);

		if (end == LOOKUP_FAILED)
			return end;
		*context = dn;
		if (end == LOOKUP_FOUND &&
			ldap_entry_attribute(out, "contextCSN") != NULL)
			return ldap_entry_attribute(out, "entryCSN") == NULL
				? LOOKUP_NONE
				: LOOKUP_FOUND;
		dn = ldap_delta_parent(dn, delta->arena);
	}
	return LOOKUP_NONE;
}

/* What a mark consists of. */
struct mark {
	const char *cookie, *witness, *context;
};

/* "csn ", the cookie, and two lines more. */
static void format_mark(struct text *out, const struct mark *mark)
{
	text_clear(out);
	text_addf(out, "%s%s\n%s\n%s", MARK, mark->cookie, mark->witness,
		mark->context);
}

enum lookup ldap_sync_mark(
	const struct ldap_delta *delta, struct text *out, struct err *err)
{
	struct object object;
	struct mark mark;
	enum lookup end = is_offered(delta, err);

	if (end == LOOKUP_FOUND)
		end = find_context(delta, &mark.context, &object, err);
	if (end != LOOKUP_FOUND)
		return end;
	text_clear(out);
	if (!sync_cookie_format(
		    out, ldap_entry_attribute(&object, "contextCSN")))
		return LOOKUP_NONE;
	mark.cookie = arena_strndup(delta->arena, out->data, out->len);
	mark.witness = ldap_witness_find(
		delta, mark.context, &object, mark.cookie, err);
	if (mark.witness == NULL)
		return LOOKUP_FAILED;
	format_mark(out, &mark);
	return LOOKUP_FOUND;
}

/* In the arena. */
static bool parse_mark(
	struct mark *out, const char *bytes, size_t len, struct arena *arena)
{
	const size_t prefix_len = strlen(MARK);

	if (bytes == NULL || len < prefix_len ||
		memcmp(bytes, MARK, prefix_len) != 0)
		return false;
	char *rest = arena_strndup(arena, bytes + prefix_len, len - prefix_len);

	out->cookie = strsep(&rest, "\n");
	out->witness = strsep(&rest, "\n");
	out->context = rest;
	return rest != NULL;
}

static void remember(const struct ldap_delta *delta, const struct mark *mark)
{
	struct text text;

	text_init(&text);
	format_mark(&text, mark);
	sync_store_set_mark(delta->store, text.data, text.len);
	text_fini(&text);
}

/* syncRequestValue: refreshOnly, the cookie, no reloadHint. */
static bool start(const struct ldap_delta *delta, const char *cookie,
	int *msgid, struct err *err)
{
	const struct ldap_query query =
		ldap_source_query(delta->directory, NULL, delta->arena);
	LDAPControl control = { .ldctl_oid = (char *)LDAP_CONTROL_SYNC,
		.ldctl_iscritical = 1 };
	LDAPControl *controls[] = { &control, NULL };
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	int code = LDAP_NO_MEMORY;

	if (ber != NULL &&
		ber_printf(ber, "{es}", LDAP_SYNC_REFRESH_ONLY, cookie) >= 0 &&
		ber_flatten2(ber, &control.ldctl_value, 0) >= 0)
		code = ldap_search_ext(
			ldap_connection_handle(delta->connection), query.base,
			query.scope, query.filter, (char **)query.attributes, 0,
			controls, NULL, NULL, LDAP_NO_LIMIT, msgid);
	ber_free(ber, 1);
	return code == LDAP_SUCCESS ||
		ldap_connection_fail(
			delta->connection, "read changes", code, NULL, err);
}

/* syncStateValue: state, entryUUID, a cookie that may be newer. */
static bool read_state(LDAPControl **controls, int *state, unsigned char *id)
{
	struct berval uuid = { 0 };
	ber_int_t value = -1;
	BerElement *ber = ldap_answer_value(controls, LDAP_CONTROL_SYNC_STATE);
	const bool is_read = ber != NULL &&
		ber_scanf(ber, "{em", &value, &uuid) != LBER_ERROR &&
		uuid.bv_len == ID_SIZE;

	if (is_read)
		memcpy(id, uuid.bv_val, ID_SIZE);
	*state = value;
	ber_free(ber, 1);
	return is_read;
}

static bool take_state(const struct ldap_delta *delta, int state,
	const unsigned char *id, LDAPMessage *message)
{
	struct object object;
	struct err err = { 0 };

	if (state == LDAP_SYNC_PRESENT) {
		sync_store_keep(delta->store, id);
		return true;
	}
	if (state == LDAP_SYNC_DELETE) {
		sync_store_remove(delta->store, id);
		return true;
	}
	if (state != LDAP_SYNC_ADD && state != LDAP_SYNC_MODIFY)
		return false;
	arena_reset(delta->entry);
	if (!ldap_entry_read(
		    &object, delta->connection, message, delta->entry, &err))
		return false;
	ldap_delta_put(delta, id, &object);
	return true;
}

static bool take_entry(const struct ldap_delta *delta, LDAPMessage *message)
{
	LDAPControl **controls = NULL;
	unsigned char id[ID_SIZE];
	int state;

	if (ldap_get_entry_controls(ldap_connection_handle(delta->connection),
		    message, &controls) != LDAP_SUCCESS)
		return false;
	const bool is_taken = read_state(controls, &state, id) &&
		take_state(delta, state, id, message);

	ldap_controls_free(controls);
	return is_taken;
}

static bool take_ids(
	const struct ldap_delta *delta, BerElement *ber, bool are_deleted)
{
	BerVarray ids = NULL;
	bool are_taken = ber_scanf(ber, "[W]", &ids) != LBER_ERROR;

	for (size_t i = 0; ids != NULL && ids[i].bv_val != NULL; i++) {
		const unsigned char *id = (const unsigned char *)ids[i].bv_val;

		if (ids[i].bv_len != ID_SIZE)
			are_taken = false;
		else if (are_deleted)
			sync_store_remove(delta->store, id);
		else
			sync_store_keep(delta->store, id);
	}
	ber_bvarray_free(ids);
	return are_taken;
}

/* An OPTIONAL cookie; that of the last message is the one to keep. */
static bool skip_cookie(BerElement *ber)
{
	struct berval cookie;
	ber_len_t len;

	return ber_peek_tag(ber, &len) != LDAP_TAG_SYNC_COOKIE ||
		ber_scanf(ber, "m", &cookie) != LBER_ERROR;
}

/* A BOOLEAN DEFAULT FALSE. */
static bool take_flag(BerElement *ber, bool *out)
{
	ber_int_t flag = 0;
	ber_len_t len;

	if (ber_peek_tag(ber, &len) == LBER_BOOLEAN &&
		ber_scanf(ber, "b", &flag) == LBER_ERROR)
		return false;
	*out = flag != 0;
	return true;
}

/* syncInfoValue: the end of a phase, or a set of ids. */
static bool take_info(const struct ldap_delta *delta, BerElement *ber)
{
	ber_len_t len;
	bool are_deleted;
	const ber_tag_t tag = ber_peek_tag(ber, &len);

	if (tag == LDAP_TAG_SYNC_NEW_COOKIE ||
		tag == LDAP_TAG_SYNC_REFRESH_DELETE)
		return true;
	if (tag == LDAP_TAG_SYNC_REFRESH_PRESENT) {
		sync_store_remove_rest(delta->store);
		return true;
	}
	return tag == LDAP_TAG_SYNC_ID_SET &&
		ber_scanf(ber, "{") != LBER_ERROR && skip_cookie(ber) &&
		take_flag(ber, &are_deleted) &&
		take_ids(delta, ber, are_deleted);
}

static bool take_intermediate(
	const struct ldap_delta *delta, LDAPMessage *message)
{
	char *oid = NULL;
	struct berval *value = NULL;
	BerElement *ber = NULL;
	bool is_taken = false;

	if (ldap_parse_intermediate(ldap_connection_handle(delta->connection),
		    message, &oid, &value, NULL, 0) == LDAP_SUCCESS &&
		oid != NULL && strcmp(oid, LDAP_SYNC_INFO) == 0 &&
		value != NULL && value->bv_len > 0)
		ber = ber_init(value);
	if (ber != NULL)
		is_taken = take_info(delta, ber);
	ber_free(ber, 1);
	ber_bvfree(value);
	ldap_memfree(oid);
	return is_taken;
}

/*
 * syncDoneValue: a cookie, and whether the deleted ones were told.  What is
 * left over was not understood: the flag might be in it, and without the flag
 * all that was not named goes.
 */
static bool take_done(const struct ldap_delta *delta, LDAPControl **controls,
	struct mark *next)
{
	struct berval cookie = { 0 };
	bool are_deletes_told;
	ber_len_t len;
	BerElement *ber = ldap_answer_value(controls, LDAP_CONTROL_SYNC_DONE);
	bool is_taken = ber != NULL && ber_scanf(ber, "{") != LBER_ERROR;

	if (is_taken && ber_peek_tag(ber, &len) == LDAP_TAG_SYNC_COOKIE)
		is_taken = ber_scanf(ber, "m", &cookie) != LBER_ERROR;
	is_taken = is_taken && take_flag(ber, &are_deletes_told) &&
		ber_remaining(ber) == 0;
	if (is_taken && !are_deletes_told)
		sync_store_remove_rest(delta->store);
	if (is_taken && cookie.bv_len > 0)
		next->cookie = arena_strndup(
			delta->arena, cookie.bv_val, cookie.bv_len);
	ber_free(ber, 1);
	return is_taken;
}

/* The message is freed with the end. */
static bool take_result(
	const struct ldap_delta *delta, LDAPMessage *message, struct mark *next)
{
	struct ldap_end end;
	struct err err = { 0 };

	if (!ldap_end_init(
		    &end, delta->connection, message, "read changes", &err))
		return false;
	const bool is_taken = end.code == LDAP_SUCCESS &&
		take_done(delta, end.controls, next);

	ldap_end_fini(&end);
	return is_taken && sync_store_settle(delta->store);
}

/* False where it casts doubt. */
static bool take_message(
	const struct ldap_delta *delta, LDAPMessage *message, struct mark *next)
{
	switch (ldap_msgtype(message)) {
	case LDAP_RES_SEARCH_ENTRY: return take_entry(delta, message);
	case LDAP_RES_INTERMEDIATE: return take_intermediate(delta, message);
	case LDAP_RES_SEARCH_RESULT: return take_result(delta, message, next);
	default: return false; /* a reference, or nothing that is known */
	}
}

static enum ldap_delta_end take_changes(const struct ldap_delta *delta,
	int msgid, struct mark *next, struct err *err)
{
	for (;;) {
		LDAPMessage *message = ldap_connection_next(
			delta->connection, msgid, "read changes", err);

		if (message == NULL)
			return LDAP_DELTA_FAILED;
		const bool is_result =
			ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT;
		const bool is_taken = take_message(delta, message, next);

		if (is_result)
			return is_taken ? LDAP_DELTA_WHOLE
					: LDAP_DELTA_DOUBTFUL;
		ldap_msgfree(message);
		if (is_taken)
			continue;
		ldap_connection_abandon(delta->connection, msgid);
		return LDAP_DELTA_DOUBTFUL;
	}
}

/* The mark becomes what to remember. */
static enum ldap_delta_end read_changes(
	const struct ldap_delta *delta, struct mark *mark, struct err *err)
{
	const char *since = mark->cookie;
	int msgid = -1;

	if (!start(delta, since, &msgid, err))
		return LDAP_DELTA_FAILED;
	enum ldap_delta_end end = take_changes(delta, msgid, mark, err);

	if (end == LDAP_DELTA_WHOLE)
		end = ldap_witness_watch(
			delta, mark->context, since, &mark->witness, err);
	if (end == LDAP_DELTA_WHOLE)
		remember(delta, mark);
	return end;
}

enum ldap_delta_end ldap_sync_run(
	const struct ldap_delta *delta, const struct text *now, struct err *err)
{
	struct mark mark, current;
	size_t len;
	const char *bytes = sync_store_mark(delta->store, &len);

	if (!parse_mark(&mark, bytes, len, delta->arena) ||
		!parse_mark(&current, now->data, now->len, delta->arena))
		return LDAP_DELTA_DOUBTFUL;
	mark.context = current.context;
	const enum ldap_delta_end end = ldap_witness_check(
		delta, mark.context, mark.witness, current.witness, err);

	return end == LDAP_DELTA_WHOLE ? read_changes(delta, &mark, err) : end;
}
