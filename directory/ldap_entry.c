/*
 * Everything is copied out of the message at once: liblber writes into it
 * while it is taken to pieces, and later pieces of a range come in messages
 * of their own.
 */
#include "directory/ldap_entry.h"

#include "base/arena.h"
#include "directory/dn.h"
#include "directory/ldap_range.h"

#include <string.h>
#include <strings.h>

/* Of an entry, for there may be any number of pieces, and a value of one byte
   takes many of ours. */
static const size_t VALUES_MAX = 1000000;
static const size_t VALUES_SIZE_MAX = 16 * 1024 * 1024;

struct values {
	struct object_value *list;
	size_t count, room;
};

struct attribute {
	const char *name; /* without options */
	struct values values;
	unsigned long next; /* where the values go on; 0 = they do not */
};

struct reader {
	const struct ldap_connection *connection;
	struct arena *arena;
	const char *dn; /* as the server has it */
	const char *shown;
	struct attribute *list;
	size_t count, room;
	struct attribute *open; /* that gets the piece asked for */
	size_t n_values, values_bytes;
	struct err *err;
};

/* One attribute of a message; false ends the walk. */
typedef bool walk_fn(struct reader *reader, const char *description,
	const struct berval *values);

/* Makes room for one more; an arena gives nothing back, so by doubling. */
static void *grow(struct arena *arena, const void *list, size_t count,
	size_t *room, size_t size)
{
	if (count < *room)
		return (void *)list;
	*room = *room == 0 ? 8 : 2 * *room;
	void *more = arena_array(arena, *room, size);

	if (count > 0)
		memcpy(more, list, count * size);
	return more;
}

static void add_values(
	struct reader *reader, struct values *values, const struct berval *from)
{
	for (; from != NULL && from->bv_val != NULL; from++) {
		values->list = grow(reader->arena, values->list, values->count,
			&values->room, sizeof *values->list);
		values->list[values->count++] = (struct object_value){
			.bytes = arena_strndup(
				reader->arena, from->bv_val, from->bv_len),
			.len = from->bv_len,
		};
	}
}

static bool fail(
	const struct reader *reader, const char *description, const char *why)
{
	return err_set(reader->err, "%s: %s: %s: %s",
		ldap_connection_uri(reader->connection), reader->shown,
		description, why);
}

static bool check_values(struct reader *reader, const char *description,
	const struct berval *values)
{
	for (; values != NULL && values->bv_val != NULL; values++) {
		reader->n_values++;
		reader->values_bytes += values->bv_len;
	}
	return (reader->n_values <= VALUES_MAX &&
		       reader->values_bytes <= VALUES_SIZE_MAX) ||
		err_set(reader->err,
			"%s: %s: %s: more than %zu values or %zu MiB of them",
			ldap_connection_uri(reader->connection), reader->shown,
			description, VALUES_MAX, VALUES_SIZE_MAX >> 20);
}

static bool fail_code(const struct reader *reader, int code, const char *said)
{
	return ldap_connection_fail(
		reader->connection, reader->shown, code, said, reader->err);
}

static bool walk_attributes(struct reader *reader, LDAPMessage *message,
	BerElement *ber, walk_fn *each)
{
	LDAP *ld = ldap_connection_handle(reader->connection);
	bool is_wanted = true;

	while (is_wanted) {
		struct berval name, *values = NULL;
		const int code = ldap_get_attribute_ber(
			ld, message, ber, &name, &values);

		if (code != LDAP_SUCCESS)
			return fail_code(reader, LDAP_DECODING_ERROR, NULL);
		if (name.bv_val == NULL)
			return true;
		is_wanted = each(reader,
			arena_strndup(reader->arena, name.bv_val, name.bv_len),
			values);
		ber_memfree(values);
	}
	return false;
}

/* The first walk sets the name. */
static bool walk(struct reader *reader, LDAPMessage *message, walk_fn *each)
{
	BerElement *ber = NULL;
	struct berval dn;

	if (ldap_get_dn_ber(ldap_connection_handle(reader->connection), message,
		    &ber, &dn) != LDAP_SUCCESS) {
		reader->shown = "an entry";
		return fail_code(reader, LDAP_DECODING_ERROR, NULL);
	}
	if (reader->dn == NULL) {
		reader->dn = arena_strndup(reader->arena, dn.bv_val, dn.bv_len);
		reader->shown = dn_show(dn.bv_val, dn.bv_len, reader->arena);
	}
	const bool is_walked = walk_attributes(reader, message, ber, each);

	ber_free(ber, 0);
	return is_walked;
}

static bool take_attribute(struct reader *reader, const char *description,
	const struct berval *values)
{
	struct ldap_range range;
	struct attribute attribute = { 0 };

	if (!ldap_range_parse(&range, description))
		return fail(reader, description, "not a range of values");
	if (range.first != 0)
		return fail(reader, description,
			"the values before these are missing");
	if (!check_values(reader, description, values))
		return false;
	add_values(reader, &attribute.values, values);
	if (attribute.values.count == 0)
		return true;
	attribute.name =
		arena_strndup(reader->arena, description, range.name_len);
	attribute.next = range.next;
	reader->list = grow(reader->arena, reader->list, reader->count,
		&reader->room, sizeof *reader->list);
	reader->list[reader->count++] = attribute;
	return true;
}

static bool take_piece(struct reader *reader, const char *description,
	const struct berval *values)
{
	struct ldap_range range;
	struct attribute *open = reader->open;
	const size_t before = open->values.count;

	if (!ldap_range_parse(&range, description))
		return fail(reader, description, "not a range of values");
	/* Beside the piece comes the same name with nothing. */
	if (!range.is_piece || range.name_len != strlen(open->name) ||
		strncasecmp(description, open->name, range.name_len) != 0)
		return true;
	if (range.first != open->next)
		return fail(reader, description,
			"other values than those that were asked for");
	if (!check_values(reader, description, values))
		return false;
	add_values(reader, &open->values, values);
	if (open->values.count == before && range.next != 0)
		return fail(reader, description, "no values");
	open->next = range.next;
	return true;
}

static int ask_piece(struct reader *reader, const struct attribute *attribute)
{
	char *wanted = arena_printf(reader->arena, "%s;range=%lu-*",
		attribute->name, attribute->next);
	char *attributes[] = { wanted, NULL };
	int msgid = -1;
	const int code =
		ldap_search_ext(ldap_connection_handle(reader->connection),
			reader->dn, LDAP_SCOPE_BASE, "(objectClass=*)",
			attributes, 0, NULL, NULL, NULL, 0, &msgid);

	if (code == LDAP_SUCCESS)
		return msgid;
	fail_code(reader, code, NULL);
	return -1;
}

static bool end_piece(struct reader *reader, LDAPMessage *message)
{
	struct ldap_end end;

	if (!ldap_end_init(&end, reader->connection, message, reader->shown,
		    reader->err))
		return false;
	const bool is_sound = end.code == LDAP_SUCCESS ||
		fail_code(reader, end.code, end.said);

	ldap_end_fini(&end);
	return is_sound;
}

/* An entry, if it is still there and visible, and the result. */
static bool read_piece(struct reader *reader, int msgid)
{
	for (;;) {
		LDAPMessage *message = ldap_connection_next(
			reader->connection, msgid, reader->shown, reader->err);

		if (message == NULL)
			return false;
		const int type = ldap_msgtype(message);

		if (type == LDAP_RES_SEARCH_RESULT)
			return end_piece(reader, message);
		const bool is_taken = type != LDAP_RES_SEARCH_ENTRY ||
			walk(reader, message, take_piece);

		ldap_msgfree(message);
		if (!is_taken) {
			ldap_connection_abandon(reader->connection, msgid);
			return false;
		}
	}
}

static bool complete(struct reader *reader, struct attribute *attribute)
{
	reader->open = attribute;
	while (attribute->next != 0) {
		const unsigned long asked = attribute->next;
		const int msgid = ask_piece(reader, attribute);

		if (msgid < 0 || !read_piece(reader, msgid))
			return false;
		if (attribute->next == asked)
			return fail(reader, attribute->name,
				"the server keeps the rest of its values");
	}
	return true;
}

static bool complete_all(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++) {
		if (!complete(reader, &reader->list[i]))
			return false;
	}
	return true;
}

bool ldap_entry_read(struct object *out,
	const struct ldap_connection *connection, LDAPMessage *message,
	struct arena *arena, struct err *err)
{
	struct reader reader = {
		.connection = connection, .arena = arena, .err = err
	};

	if (!walk(&reader, message, take_attribute) || !complete_all(&reader))
		return false;
	struct object_attribute *list =
		arena_array(arena, reader.count, sizeof *list);

	for (size_t i = 0; i < reader.count; i++) {
		list[i] = (struct object_attribute){
			.name = reader.list[i].name,
			.values = reader.list[i].values.list,
			.n_values = reader.list[i].values.count,
		};
	}
	*out = (struct object){ .dn = reader.shown,
		.attributes = list,
		.n_attributes = reader.count };
	return true;
}

const struct object_attribute *ldap_entry_attribute(
	const struct object *object, const char *name)
{
	for (size_t i = 0; i < object->n_attributes; i++) {
		if (strcasecmp(object->attributes[i].name, name) == 0)
			return &object->attributes[i];
	}
	return NULL;
}

const struct object_value *ldap_entry_value(
	const struct object *object, const char *name)
{
	const struct object_attribute *found =
		ldap_entry_attribute(object, name);

	return found == NULL || found->n_values == 0 ? NULL : found->values;
}
