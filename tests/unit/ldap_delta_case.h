/*
 * A store that was read from a server, and the server asked what changed
 * since.  It holds a@d.example and b@d.example, of two ids in a row.
 */
#ifndef TESTS_UNIT_LDAP_DELTA_CASE_H
#define TESTS_UNIT_LDAP_DELTA_CASE_H

#include "ldap_case.h"

struct delta_case {
	struct ldap_case ldap;
	struct ldap_delta delta;
	struct text now, found;
};

HELPER void delta_case_put(
	struct delta_case *c, const unsigned char *id, const char *address)
{
	const struct sink sink = sync_store_begin(c->delta.store, id);
	const struct entry entry = { .address = address, .origin = "before" };

	sink.entry(sink.context, &entry);
}

/* mark: of what was read then; NULL = it has none. */
HELPER void delta_case_init(struct delta_case *c, const char *const *answers,
	const unsigned char first[16], const char *mark)
{
	unsigned char id[16];

	*c = (struct delta_case){ .delta = { .store = sync_store_open() } };
	ldap_case_init(&c->ldap, answers);
	text_init(&c->now);
	text_init(&c->found);
	c->delta.connection = c->ldap.connection;
	c->delta.directory = &c->ldap.directory;
	c->delta.arena = arena_open();
	c->delta.entry = arena_open();
	c->delta.scratch = arena_open();
	memcpy(id, first, sizeof id);
	delta_case_put(c, id, "a@d.example");
	id[15]++;
	delta_case_put(c, id, "b@d.example");
	if (mark != NULL)
		sync_store_set_mark(c->delta.store, mark, strlen(mark));
	ck_assert(sync_store_write(
		c->delta.store, c->ldap.folder, "ad", "base", &c->ldap.err));
	sync_store_close(&c->delta.store);
	c->delta.store = sync_store_open();
	ck_assert(
		sync_store_read(c->delta.store, c->ldap.folder, "ad", "base"));
}

/* What it holds, and its mark. */
HELPER const char *delta_case_found(struct delta_case *c)
{
	const struct sink sink = sink_text(&c->found);

	text_clear(&c->found);
	sync_store_put(c->delta.store, &sink);
	return text_of(&c->found);
}

HELPER const char *delta_case_mark(struct delta_case *c)
{
	size_t len;
	const char *mark = sync_store_mark(c->delta.store, &len);

	return mark == NULL ? "none" : arena_strndup(c->delta.arena, mark, len);
}

/*
 * The next operation gets its own answer, and nothing that was left of the
 * one before: a full read may come next.
 */
HELPER void delta_case_can_go_on(struct delta_case *c)
{
	static const char *const none[] = { NULL };
	struct object object;
	struct err err = { 0 };

	ck_assert_int_eq(ldap_query_object(&object, c->ldap.connection,
				 &(const struct ldap_query){ .base = "cn=next",
					 .attributes = none },
				 c->delta.arena, &err),
		LOOKUP_FAILED);
	ck_assert_msg(
		strstr(err.text, "(nothing left)") != NULL, "%s", err.text);
}

HELPER void delta_case_fini(struct delta_case *c)
{
	sync_store_close(&c->delta.store);
	text_fini(&c->now);
	text_fini(&c->found);
	arena_close(&c->delta.arena);
	arena_close(&c->delta.entry);
	arena_close(&c->delta.scratch);
	ldap_case_fini(&c->ldap);
}

#endif
