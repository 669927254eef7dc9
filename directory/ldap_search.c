/*
 * The control of paged results is critical, so a server that has none refuses
 * the search; and each page must answer it, so that a server that ignores it
 * is noticed, too.  Anything but success at the end of a page fails the whole.
 */
#include "directory/ldap_search.h"

#include "base/arena.h"
#include "directory/dn.h"
#include "directory/key.h"
#include "directory/ldap_answer.h"

#include <string.h>

struct search {
	const struct ldap_connection *connection;
	const struct ldap_query *query;
	const char *what; /* for sentences */
	struct arena *entry;
	struct berval *cookie; /* NULL before the first page */
	size_t n_entries; /* of this page */
	struct err *err;
};

static const char *name_of(const char *base, struct arena *arena)
{
	if (*base == '\0')
		return "root DSE";
	return arena_printf(
		arena, "base \"%s\"", dn_show(base, strlen(base), arena));
}

static bool fail(const struct search *search, int code, const char *said)
{
	return ldap_connection_fail(
		search->connection, search->what, code, said, search->err);
}

static bool fail_filter(const struct search *search, const char *filter)
{
	const char *shown = key_printable(filter, search->entry);

	return fail(search, LDAP_FILTER_ERROR, shown);
}

static bool take_entry(struct search *search, LDAPMessage *message)
{
	struct object object;

	search->n_entries++;
	arena_reset(search->entry);
	return ldap_entry_read(&object, search->connection, message,
		       search->entry, search->err) &&
		search->query->entry(
			search->query->context, &object, search->err);
}

static bool take_reference(struct search *search, LDAPMessage *message)
{
	char **urls = NULL;
	const int code =
		ldap_parse_reference(ldap_connection_handle(search->connection),
			message, &urls, NULL, 0);

	if (code != LDAP_SUCCESS)
		return fail(search, code, NULL);
	arena_reset(search->entry);
	/* Several are the same entries on several servers. */
	if (search->query->reference != NULL && urls != NULL && urls[0] != NULL)
		search->query->reference(search->query->context,
			key_printable(urls[0], search->entry));
	ldap_memvfree((void **)urls);
	return true;
}

/* Takes the message. */
static bool take(struct search *search, LDAPMessage *message)
{
	bool is_taken = true;

	if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY)
		is_taken = take_entry(search, message);
	else if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE)
		is_taken = take_reference(search, message);
	ldap_msgfree(message);
	return is_taken;
}

static bool is_same(const struct berval *one, const struct berval *other)
{
	return one != NULL && one->bv_len == other->bv_len &&
		memcmp(one->bv_val, other->bv_val, one->bv_len) == 0;
}

/* Where the next page begins; an empty cookie: there is none. */
static bool take_cookie(struct search *search, LDAPControl **controls)
{
	LDAPControl *control =
		ldap_answer_control(controls, LDAP_CONTROL_PAGEDRESULTS);
	struct berval cookie = { 0, NULL };
	ber_int_t estimate;

	if (control == NULL ||
		ldap_parse_pageresponse_control(
			ldap_connection_handle(search->connection), control,
			&estimate, &cookie) != LDAP_SUCCESS)
		return err_set(search->err,
			"%s: %s: a page without the answer of RFC 2696; the "
			"list may have been shortened",
			ldap_connection_uri(search->connection), search->what);
	const bool is_stuck = cookie.bv_len > 0 && search->n_entries == 0 &&
		is_same(search->cookie, &cookie);

	ber_bvfree(search->cookie);
	search->cookie = ber_dupbv(NULL, &cookie);
	ber_memfree(cookie.bv_val);
	return !is_stuck ||
		err_set(search->err,
			"%s: %s: the server sends empty pages for ever",
			ldap_connection_uri(search->connection), search->what);
}

static bool end_page(struct search *search, LDAPMessage *message)
{
	struct ldap_end end;

	if (!ldap_end_init(&end, search->connection, message, search->what,
		    search->err))
		return false;
	const bool is_whole = end.code == LDAP_SUCCESS
		? take_cookie(search, end.controls)
		: fail(search, end.code, end.said);

	ldap_end_fini(&end);
	return is_whole;
}

static LDAPControl *page_control(const struct search *search)
{
	char empty[] = "";
	struct berval none = { 0, empty };
	LDAPControl *control = NULL;

	if (ldap_create_page_control(ldap_connection_handle(search->connection),
		    (ber_int_t)search->query->page_size,
		    search->cookie == NULL ? &none : search->cookie, 'T',
		    &control) != LDAP_SUCCESS)
		return NULL;
	return control;
}

static LDAPControl **controls_with(
	LDAPControl *page, LDAPControl **others, struct arena *arena)
{
	size_t count = 0;

	while (others != NULL && others[count] != NULL)
		count++;
	LDAPControl **all = arena_array(arena, count + 2, sizeof(*all));

	all[0] = page;
	for (size_t i = 0; i < count; i++)
		all[i + 1] = others[i];
	return all;
}

/* The msgid; -1 on failure. */
static int ask_page(struct search *search)
{
	const struct ldap_query *query = search->query;
	LDAPControl *page = page_control(search);
	int msgid = -1;

	arena_reset(search->entry);
	if (page == NULL) {
		fail(search, LDAP_NO_MEMORY, NULL);
		return -1;
	}
	const int code = ldap_search_ext(
		ldap_connection_handle(search->connection), query->base,
		query->scope, query->filter, (char **)query->attributes, 0,
		controls_with(page, query->controls, search->entry), NULL, NULL,
		0, &msgid);

	ldap_control_free(page);
	if (code == LDAP_SUCCESS)
		return msgid;
	if (code == LDAP_FILTER_ERROR)
		fail_filter(search, query->filter);
	else
		fail(search, code, NULL);
	return -1;
}

static bool read_page(struct search *search)
{
	const int msgid = ask_page(search);

	search->n_entries = 0;
	while (msgid >= 0) {
		LDAPMessage *message = ldap_connection_next(
			search->connection, msgid, search->what, search->err);

		if (message == NULL)
			return false;
		if (ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT)
			return end_page(search, message);
		if (!take(search, message)) {
			ldap_connection_abandon(search->connection, msgid);
			return false;
		}
	}
	return false;
}

bool ldap_query_run(const struct ldap_connection *connection,
	const struct ldap_query *query, struct err *err)
{
	struct arena *whole = arena_open();
	struct search search = { .connection = connection,
		.query = query,
		.what = name_of(query->base, whole),
		.entry = arena_open(),
		.err = err };
	bool is_sound;

	do {
		is_sound = read_page(&search);
	} while (
		is_sound && search.cookie != NULL && search.cookie->bv_len > 0);
	ber_bvfree(search.cookie);
	arena_close(&search.entry);
	arena_close(&whole);
	return is_sound;
}

struct single {
	const struct ldap_connection *connection;
	const char *what;
	struct object *out;
	struct arena *arena;
	enum lookup found;
	struct err *err;
};

static bool end_single(struct single *single, LDAPMessage *message)
{
	struct ldap_end end;

	if (!ldap_end_init(&end, single->connection, message, single->what,
		    single->err))
		return false;
	const bool is_sound = end.code == LDAP_SUCCESS ||
		end.code == LDAP_NO_SUCH_OBJECT ||
		ldap_connection_fail(single->connection, single->what, end.code,
			end.said, single->err);

	ldap_end_fini(&end);
	return is_sound;
}

static bool read_single(struct single *single, int msgid)
{
	for (;;) {
		LDAPMessage *message = ldap_connection_next(
			single->connection, msgid, single->what, single->err);
		bool is_read = true;

		if (message == NULL)
			return false;
		if (ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT)
			return end_single(single, message);
		if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY) {
			single->found = LOOKUP_FOUND;
			is_read =
				ldap_entry_read(single->out, single->connection,
					message, single->arena, single->err);
		}
		ldap_msgfree(message);
		if (!is_read)
			return false;
	}
}

enum lookup ldap_query_object(struct object *out,
	const struct ldap_connection *connection,
	const struct ldap_query *query, struct arena *arena, struct err *err)
{
	struct single single = { .connection = connection,
		.what = name_of(query->base, arena),
		.out = out,
		.arena = arena,
		.found = LOOKUP_NONE,
		.err = err };
	int msgid = -1;
	const int code = ldap_search_ext(ldap_connection_handle(connection),
		query->base, LDAP_SCOPE_BASE, "(objectClass=*)",
		(char **)query->attributes, 0, NULL, NULL, NULL, 0, &msgid);

	if (code != LDAP_SUCCESS) {
		ldap_connection_fail(connection, single.what, code, NULL, err);
		return LOOKUP_FAILED;
	}
	return read_single(&single, msgid) ? single.found : LOOKUP_FAILED;
}
