/* Addresses whose last route must not let them in. */
#include "snapshot/leaving_access.h"

#include "base/arena.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

#include <string.h>
#include <unistd.h>

enum { PAIRS_MAX = 8 };

static const char *base;
static struct arena *arena;

static void make_base(void)
{
	arena = arena_open();
	base = test_folder(arena);
}

static void remove_base(void)
{
	test_folder_remove(base);
	arena_close(&arena);
}

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", base, name);
}

struct pair {
	const char *key, *value;
};

static void write_map(const char *name, const struct pair *pairs)
{
	struct err err = { 0 };
	struct cdb_writer *writer = cdb_writer_open(in(name), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	for (size_t i = 0; i < PAIRS_MAX && pairs[i].key != NULL; i++)
		ck_assert(cdb_writer_add(
			writer, pairs[i].key, pairs[i].value, &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

static bool add_line(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	const char **all = context;

	*all = arena_printf(arena, "%s%.*s=%.*s;", *all, (int)key_len, key,
		(int)value_len, value);
	return true;
}

/* "key=value;" of the map, in order. */
static const char *written(void)
{
	const char *all = "";
	struct err err = { 0 };
	struct cdb_reader *reader =
		cdb_reader_open(in("recipient_access.cdb"), &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(cdb_reader_walk(reader, add_line, &all));
	cdb_reader_close(&reader);
	return all;
}

/* Of "@shut" alone. */
static const char *refusal(void *context, const char *key)
{
	(void)context;
	return strcmp(strchr(key, '@'), "@shut") == 0 ? "550 5.1.1 no" : NULL;
}

static const struct leaving_access access_of = { .refusal = refusal };

static const struct {
	const char *name;
	struct pair leaving[PAIRS_MAX], access[PAIRS_MAX];
	const char *expected;
} cases[] = {
	{ "nothing leaves", { { NULL, NULL } }, { { "d", "DUNNO" } },
		"d=DUNNO;" },
	{ "domains are not asked", { { "shut", "smtp:[a]" } },
		{ { "d", "DUNNO" } }, "d=DUNNO;" },
	{ "the recipients have the say",
		{ { "bob@open", "smtp:[a]" }, { ".open", "smtp:[a]" } },
		{ { NULL, NULL } }, "" },
	{ "the route would let it in",
		{ { "ann@open", "smtp:[a]" }, { "ann@shut", "smtp:[a]" },
			{ "bob@shut", "smtp:[b]" } },
		{ { "d", "DUNNO" }, { "e", "DUNNO" } },
		"d=DUNNO;e=DUNNO;ann@shut=550 5.1.1 no;bob@shut=550 5.1.1 "
		"no;" },
	{ "what is said of it already is newer",
		{ { "ann@shut", "smtp:[a]" }, { "bob@shut", "smtp:[b]" } },
		{ { "ann@shut", "DUNNO" } },
		"ann@shut=DUNNO;bob@shut=550 5.1.1 no;" },
	{ "what was refused so before is judged anew",
		{ { "ann@open", "smtp:[a]" }, { "bob@shut", "smtp:[b]" } },
		{ { "d", "DUNNO" }, { "ann@open", "550 5.1.1 then" },
			{ "e", "450 4.3.0 of a domain" },
			{ "bob@shut", "450 4.3.0 then" } },
		"d=DUNNO;e=450 4.3.0 of a domain;bob@shut=550 5.1.1 no;" },
	{ "who can not be judged is put off by the maps themselves",
		{ { "bob@shut", "smtp:[b]" } },
		{ { "sales@open", "450 4.3.0 later" },
			{ "sales@shut", "450 4.3.0 later" } },
		"sales@open=450 4.3.0 later;sales@shut=450 4.3.0 later;"
		"bob@shut=550 5.1.1 no;" },
	{ "and stays so where nobody leaves", { { NULL, NULL } },
		{ { "sales@open", "450 4.3.0 later" } },
		"sales@open=450 4.3.0 later;" },
	{ "what was refused so before leaves no more", { { NULL, NULL } },
		{ { "bob@shut", "550 5.1.1 then" }, { "d", "DUNNO" } },
		"d=DUNNO;" },
};

START_TEST(leavers_of_shut_domains_are_refused)
{
	struct err err = { 0 };

	write_map("transport_leaving.cdb", cases[_i].leaving);
	write_map("recipient_access.cdb", cases[_i].access);
	ck_assert_msg(leaving_access_write(&access_of, base, &err), "%s: %s",
		cases[_i].name, err.text);
	ck_assert_msg(strcmp(written(), cases[_i].expected) == 0, "%s: %s",
		cases[_i].name, written());
	ck_assert_int_ne(access(in("recipient_access.cdb.tmp"), F_OK), 0);
}
END_TEST

START_TEST(what_is_not_there_is_named)
{
	struct err err = { 0 };

	ck_assert(!leaving_access_write(&access_of, base, &err));
	ck_assert_msg(strstr(err.text, "recipient_access.cdb") != NULL, "%s",
		err.text);
}
END_TEST

START_TEST(what_can_not_be_written_is_told)
{
	const struct pair bob[PAIRS_MAX] = { { "bob@shut", "smtp:[a]" } };
	struct err err = { 0 };

	write_map("transport_leaving.cdb", bob);
	write_map("recipient_access.cdb", &bob[1]);
	write_map("recipient_access.cdb.tmp", bob);
	ck_assert(!leaving_access_write(&access_of, base, &err));
	ck_assert_msg(strstr(err.text, "recipient_access.cdb.tmp") != NULL,
		"%s", err.text);
	ck_assert_str_eq(written(), "");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("leaving_access");

	tcase_add_checked_fixture(tcase, make_base, remove_base);
	tcase_add_loop_test(
		tcase, leavers_of_shut_domains_are_refused, 0, COUNT(cases));
	tcase_add_test(tcase, what_is_not_there_is_named);
	tcase_add_test(tcase, what_can_not_be_written_is_told);
	return unit_run(suite_create("leaving_access"), tcase);
}
