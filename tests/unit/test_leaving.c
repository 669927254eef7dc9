/* The last route of what is no longer accepted. */
#include "snapshot/leaving.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOW = 1700000000, LINGER_S = 432000, PAIRS_MAX = 8 };

static char base[256];
static struct arena *arena;

static void make_base(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(base, sizeof base, "%s/leaving.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(base));
	arena = arena_open();
	mkdir(arena_printf(arena, "%s/old", base), 0700);
	mkdir(arena_printf(arena, "%s/new", base), 0700);
}

static void remove_base(void)
{
	char command[300];

	arena_close(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
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

	unlink(in(name));
	struct cdb_writer *writer = cdb_writer_open(in(name), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	for (size_t i = 0; i < PAIRS_MAX && pairs[i].key != NULL; i++)
		ck_assert(cdb_writer_add(
			writer, pairs[i].key, pairs[i].value, &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

static void write_text(const char *name, const char *bytes)
{
	FILE *file = fopen(in(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs(bytes, file);
	fclose(file);
}

/* context: the keys that are accepted, ended by NULL. */
static bool is_accepted(void *context, const char *key)
{
	for (const char *const *at = context; *at != NULL; at++) {
		if (strcmp(*at, key) == 0)
			return true;
	}
	return false;
}

static bool add_line(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	const char **all = context;

	*all = arena_printf(arena, "%s%.*s=%.*s;", *all, (int)key_len, key,
		(int)value_len, value);
	return true;
}

/* "key=value;" of the new map, in order. */
static const char *written(void)
{
	const char *all = "";
	struct err err = { 0 };
	struct cdb_reader *reader =
		cdb_reader_open(in("new/transport_leaving.cdb"), &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(cdb_reader_walk(reader, add_line, &all));
	cdb_reader_close(&reader);
	return all;
}

static const char *dates(void)
{
	size_t len;

	return file_read(in("new/leaving.dates"), &len, arena, NULL);
}

static struct leaving_options old_to_new(const char *const *accepted)
{
	return (struct leaving_options){
		.routes = in("old"),
		.current = in("old"),
		.linger_s = LINGER_S,
		.now = NOW,
		.is_accepted = is_accepted,
		.context = (void *)accepted,
	};
}

struct leaving_case {
	const char *name;
	struct pair domains[PAIRS_MAX]; /* old relay_domains */
	struct pair transport[PAIRS_MAX]; /* old */
	struct pair leaving[PAIRS_MAX]; /* old */
	const char *dates; /* old */
	struct pair recipients[PAIRS_MAX]; /* old */
	struct pair next[PAIRS_MAX]; /* new transport */
	const char *accepted[PAIRS_MAX]; /* by the new model */
	const char *map, *new_dates; /* expected */
};

#define D_OLD \
	{ \
		{ "d", "x" }, \
		{ \
			".d", "x" \
		} \
	}

static const struct leaving_case cases[] = {
	{ "nothing leaves", D_OLD, { { "d", "smtp:[a]" } },
		.recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[a]" } }, .accepted = { "ann@d", "d" },
		.map = "", .new_dates = "" },
	{ "an address with a route of its own", D_OLD,
		{ { "d", "smtp:[a]" }, { "ann@d", "smtp:[b]" } },
		.recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[a]" } }, .accepted = { "d" },
		.map = "ann@d=smtp:[b];", .new_dates = "1700000000 ann@d\n" },
	{ "an address of its domain's route needs none", D_OLD,
		{ { "d", "smtp:[a]" } }, .recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[a]" } }, .accepted = { "d" }, .map = "",
		.new_dates = "1700000000 ann@d\n" },
	{ "an address whose domain is routed anew", D_OLD,
		{ { "d", "smtp:[a]" } }, .recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[b]" } }, .accepted = { "d" },
		.map = "ann@d=smtp:[a];", .new_dates = "1700000000 ann@d\n" },
	{ "an address by a parent's route", D_OLD,
		{ { ".d", "smtp:[a]" }, { "d", "smtp:[c]" } },
		.recipients = { { "ann@x.y.d", "x" } },
		.next = { { "d", "smtp:[c]" }, { ".y.d", "smtp:[b]" } },
		.accepted = { "d", ".d" }, .map = "ann@x.y.d=smtp:[a];",
		.new_dates = "1700000000 ann@x.y.d\n" },
	{ "an address by the way out of all", D_OLD, { { "*", "smtp:[a]" } },
		.recipients = { { "ann@d", "x" }, { "bob@e", "x" } },
		.next = { { "*", "smtp:[a]" }, { "e", "smtp:[b]" } },
		.map = "bob@e=smtp:[a];",
		.new_dates = "1700000000 ann@d\n1700000000 bob@e\n" },
	{ "an address by no route at all", D_OLD,
		.recipients = { { "ann@d", "x" } }, .map = "",
		.new_dates = "" },
	{ "an address that had left and come back and leaves", D_OLD,
		{ { "d", "smtp:[a]" } }, { { "ann@d", "smtp:[b]" } },
		"5 ann@d\n", .recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[a]" } }, .accepted = { "d" },
		.map = "ann@d=smtp:[b];", .new_dates = "1700000000 ann@d\n" },
	{ "a quoted address with a blank and an at", D_OLD,
		{ { "d", "smtp:[a]" } },
		.recipients = { { "\"a b@c\"@d", "x" } },
		.next = { { "d", "smtp:[b]" }, { "c\"@d", "smtp:[c]" } },
		.map = "\"a b@c\"@d=smtp:[a];",
		.new_dates = "1700000000 \"a b@c\"@d\n" },
	{ "what is no address is not looked at", D_OLD, { { "d", "smtp:[a]" } },
		.recipients = { { "@d", "x" }, { "ann", "x" }, { "", "x" } },
		.next = { { "d", "smtp:[b]" } }, .map = "", .new_dates = "" },
	{ "a domain with its subdomains and addresses", D_OLD,
		{ { "d", "smtp:[a]" }, { ".d", "smtp:[b]" },
			{ "bob@d", "smtp:[c]" } },
		.recipients = { { "ann@d", "x" }, { "bob@d", "x" },
			{ "eve@s.d", "x" } },
		.map = ".d=smtp:[b];bob@d=smtp:[c];d=smtp:[a];",
		.new_dates = "1700000000 .d\n1700000000 ann@d\n"
			     "1700000000 bob@d\n1700000000 d\n"
			     "1700000000 eve@s.d\n" },

	{ "a domain that its parent accepts", D_OLD, { { "d", "smtp:[a]" } },
		.next = { { ".e", "smtp:[b]" } }, .accepted = { "d" },
		.map = "", .new_dates = "" },
	{ "a domain that is routed still", D_OLD, { { "d", "smtp:[a]" } },
		.next = { { "d", "smtp:[b]" } }, .map = "", .new_dates = "" },
	{ "an address space that was never accepted", { { "e", "x" } },
		{ { "d", "smtp:[a]" }, { ".d", "smtp:[a]" },
			{ "*", "smtp:[a]" } },
		.map = "", .new_dates = "" },
	{ "a domain open to the trusted, unfiltered", { { "e", "x" } },
		{ { "d", "smtp:[a]" }, { ".d", "smtp:[a]" } },
		.recipients = { { "@d", "x" } },
		.map = ".d=smtp:[a];d=smtp:[a];",
		.new_dates = "1700000000 .d\n1700000000 d\n" },
	{ "error: is no route", D_OLD,
		{ { "d", "error:5.1.1 no" }, { "ann@d", "smtp:[a]" } },
		.recipients = { { "ann@d", "x" }, { "bob@d", "x" } },
		.map = "ann@d=smtp:[a];", .new_dates = "1700000000 ann@d\n" },
	{ "carried with its date", D_OLD,
		.leaving = { { "ann@d", "smtp:[a]" }, { "e", "smtp:[b]" } },
		.dates = "1699999000 ann@d\n1699568001 e\n",
		.map = "ann@d=smtp:[a];e=smtp:[b];",
		.new_dates = "1699999000 ann@d\n1699568001 e\n" },
	{ "expired", D_OLD, .leaving = { { "ann@d", "smtp:[a]" } },
		.dates = "1699568000 ann@d\n", .map = "", .new_dates = "" },
	{ "accepted again", D_OLD,
		.leaving = { { "ann@d", "smtp:[a]" }, { "e", "smtp:[a]" } },
		.dates = "1699999000 ann@d\n1699999000 e\n",
		.accepted = { "ann@d", "e" }, .map = "", .new_dates = "" },
	{ "without a date, or one to come", D_OLD,
		.leaving = { { "ann@d", "smtp:[a]" }, { "bob@d", "smtp:[a]" } },
		.dates = "1800000000 bob@d\n",
		.map = "ann@d=smtp:[a];bob@d=smtp:[a];",
		.new_dates = "1700000000 ann@d\n1700000000 bob@d\n" },
	{ "carried, and listed still by what is current", D_OLD,
		{ { "d", "smtp:[a]" } }, { { "ann@d", "smtp:[b]" } },
		"1699999000 ann@d\n", .recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[a]" } }, .accepted = { "d" },
		.map = "ann@d=smtp:[b];", .new_dates = "1699999000 ann@d\n" },
	{ "two dates: the earlier", D_OLD,
		.leaving = { { "ann@d", "smtp:[a]" } },
		.dates = "1699999000 ann@d\n1699998000 ann@d\n"
			 "1699999000 ann@d\n",
		.map = "ann@d=smtp:[a];", .new_dates = "1699998000 ann@d\n" },
	{ "an address that had needed none, and its domain is routed anew",
		D_OLD, { { "d", "smtp:[a]" } }, .dates = "1699999000 ann@d\n",
		.next = { { "d", "smtp:[b]" } }, .accepted = { "d" },
		.map = "ann@d=smtp:[a];", .new_dates = "1699999000 ann@d\n" },
	{ "an address that had needed none, and needs none still", D_OLD,
		{ { "d", "smtp:[a]" } }, .dates = "1699999000 ann@d\n",
		.recipients = { { "ann@d", "x" } },
		.next = { { "d", "smtp:[a]" } }, .accepted = { "d" }, .map = "",
		.new_dates = "1699999000 ann@d\n" },
	{ "an address whose domain had left and comes back", D_OLD,
		.leaving = { { "d", "smtp:[a]" } },
		.dates = "1699999000 ann@d\n1699999000 d\n",
		.next = { { "d", "smtp:[b]" } }, .accepted = { "d" },
		.map = "ann@d=smtp:[a];", .new_dates = "1699999000 ann@d\n" },
	{ "an address that had needed none, long ago", D_OLD,
		{ { "d", "smtp:[a]" } }, .dates = "1699568000 ann@d\n",
		.next = { { "d", "smtp:[b]" } }, .accepted = { "d" }, .map = "",
		.new_dates = "" },
	{ "an address that had needed none, and is accepted again", D_OLD,
		{ { "d", "smtp:[a]" } }, .dates = "1699999000 ann@d\n",
		.next = { { "d", "smtp:[b]" } }, .accepted = { "ann@d", "d" },
		.map = "", .new_dates = "" },
};

static void write_old(const struct leaving_case *c)
{
	write_map("old/relay_domains.cdb", c->domains);
	write_map("old/transport.cdb", c->transport);
	write_map("old/transport_leaving.cdb", c->leaving);
	write_map("old/relay_recipients.cdb", c->recipients);
	if (c->dates != NULL)
		write_text("old/leaving.dates", c->dates);
	write_map("new/transport.cdb", c->next);
}

START_TEST(what_leaves_keeps_its_last_route)
{
	const struct leaving_case *c = &cases[_i];
	const struct leaving_options options = old_to_new(c->accepted);
	struct err err = { 0 };

	write_old(c);
	ck_assert_msg(leaving_write(&options, in("new"), &err), "%s: %s",
		c->name, err.text);
	ck_assert_msg(err.text[0] == '\0', "%s: %s", c->name, err.text);
	ck_assert_msg(
		strcmp(written(), c->map) == 0, "%s: %s", c->name, written());
	ck_assert_msg(
		strcmp(dates(), c->new_dates) == 0, "%s: %s", c->name, dates());
}
END_TEST

START_TEST(first_run_writes_an_empty_map)
{
	const char *const accepted[] = { NULL };
	const struct pair none[] = { { NULL, NULL } };
	struct leaving_options options = old_to_new(accepted);
	struct err err = { 0 };

	options.routes = NULL;
	options.current = NULL;
	write_map("new/transport.cdb", none);
	ck_assert(leaving_write(&options, in("new"), &err));
	ck_assert_str_eq(err.text, "");
	ck_assert_str_eq(written(), "");
	ck_assert_str_eq(dates(), "");
}
END_TEST

START_TEST(generation_without_the_maps_is_as_none)
{
	const char *const accepted[] = { NULL };
	const struct pair none[] = { { NULL, NULL } };
	const struct leaving_options options = old_to_new(accepted);
	struct err err = { 0 };

	write_map("new/transport.cdb", none);
	ck_assert(leaving_write(&options, in("new"), &err));
	ck_assert_str_eq(err.text, "");
	ck_assert_str_eq(written(), "");
}
END_TEST

/* There is no memory for what it seems to hold. */
START_TEST(dates_of_no_size_that_was_written_are_none)
{
	const struct leaving_options options = old_to_new(cases[1].accepted);
	struct err err = { 0 };

	write_old(&cases[1]);
	write_text("old/leaving.dates", "");
	ck_assert_int_eq(truncate(in("old/leaving.dates"), 1L << 42), 0);
	ck_assert_msg(leaving_write(&options, in("new"), &err), "%s", err.text);
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"read %s: 4398046511104 bytes, at most 4294967295 are "
			"expected",
			in("old/leaving.dates")));
	ck_assert_str_eq(written(), cases[1].map);
}
END_TEST

START_TEST(no_linger_keeps_nothing)
{
	struct leaving_options options = old_to_new(cases[1].accepted);

	options.linger_s = 0;
	write_old(&cases[1]);
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(written(), "");
}
END_TEST

/* All are listed here alone, but eve in domains open to the trusted. */
static void write_passing(const char *folder)
{
	static const struct pair domains[PAIRS_MAX] = { { "e", "x" } };
	static const struct pair routes[PAIRS_MAX] = {
		{ "d", "error:5.1.1 no" }, { "ann@d", "smtp:[a]" },
		{ "e", "smtp:[b]" }, { "eve@e", "smtp:[c]" },
		{ "f", "smtp:[b]" }, { "joe@f", "smtp:[c]" }
	};

	static const struct pair listed[PAIRS_MAX] = { { "ann@d", "x" },
		{ "eve@e", "x" }, { "joe@f", "x" }, { "kim@f", "x" } };

	mkdir(in(folder), 0700);
	write_map(arena_printf(arena, "%s/transport.cdb", folder), routes);
	write_map(
		arena_printf(arena, "%s/relay_recipients.cdb", folder), listed);
	write_map(arena_printf(arena, "%s/relay_domains.cdb", folder), domains);
}

static const struct leaving_case passing = { "passing",
	.domains = { { "e", "x" } },
	.transport = { { "d", "error:5.1.1 no" }, { "e", "smtp:[b]" } },
	.recipients = { { "bob@e", "x" } },
	.next = { { "d", "error:5.1.1 no" }, { "e", "smtp:[b]" },
		{ "f", "error:5.1.1 no" } },
	.accepted = { "d", "e", "f", "bob@e" } };

START_TEST(who_is_let_in_by_routes_alone_keeps_them)
{
	struct leaving_options options = old_to_new(passing.accepted);

	write_old(&passing);
	write_passing("passing");
	options.routes = in("passing");
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(
		written(), "ann@d=smtp:[a];joe@f=smtp:[c];kim@f=smtp:[b];");
}
END_TEST

START_TEST(who_is_let_in_by_what_is_given_up_keeps_its_routes)
{
	struct leaving_options options = old_to_new(passing.accepted);

	write_old(&passing);
	write_passing("given_up");
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(written(), "");
	options.given_up = in("given_up");
	unlink(in("new/transport_leaving.cdb"));
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(
		written(), "ann@d=smtp:[a];joe@f=smtp:[c];kim@f=smtp:[b];");
}
END_TEST

/* It had begun to leave in the one that is given up. */
START_TEST(what_had_left_what_is_given_up_leaves_still)
{
	static const struct pair left[PAIRS_MAX] = { { "ann@d", "smtp:[a]" } };
	struct leaving_options options = old_to_new(passing.accepted);

	write_old(&passing);
	write_passing("given_up");
	write_map("given_up/transport.cdb", passing.transport);
	write_map("given_up/transport_leaving.cdb", left);
	write_text("given_up/leaving.dates", "1699999000 ann@d\n");
	options.given_up = in("given_up");
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(written(), "ann@d=smtp:[a];");
	ck_assert_str_eq(dates(), "1699999000 ann@d\n");
}
END_TEST

/* routes leads to an older generation than current does. */
START_TEST(dates_of_both_generations_count)
{
	const struct leaving_case *c = &cases[19];
	struct leaving_options options = old_to_new(c->accepted);

	ck_assert_str_eq(c->name, "without a date, or one to come");
	write_old(c);
	mkdir(in("current"), 0700);
	options.current = in("current");
	write_text("current/leaving.dates",
		"1699990000 ann@d\n1699990001 bob@d\n");
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(dates(), "1699990000 ann@d\n1699990001 bob@d\n");
}
END_TEST

START_TEST(broken_old_map_is_told_and_the_rest_done)
{
	static const char *const names[] = { "old/transport.cdb",
		"old/transport_leaving.cdb", "old/relay_domains.cdb",
		"old/relay_recipients.cdb" };
	const struct leaving_options options = old_to_new(cases[1].accepted);
	struct err err = { 0 };

	write_old(&cases[1]);
	write_text(names[_i], "broken");
	ck_assert(leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, names[_i] + 3));
	ck_assert_ptr_nonnull(strstr(err.text, "no CDB map"));
	written();
}
END_TEST

static void corrupt(const char *name, long at)
{
	FILE *file = fopen(in(name), "r+");

	ck_assert_ptr_nonnull(file);
	fseek(file, at, SEEK_SET);
	fputs("\xff\xff\xff\xff", file);
	fclose(file);
}

START_TEST(corrupt_old_map_is_told)
{
	const struct leaving_options options = old_to_new(cases[1].accepted);
	struct err err = { 0 };

	write_old(&cases[1]);
	corrupt("old/relay_recipients.cdb", 2048 + 4);
	ck_assert(leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "an old map is corrupt"));
	ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(corrupt_record_is_told)
{
	const struct leaving_options options = old_to_new(cases[3].accepted);
	struct err err = { 0 };

	write_old(&cases[3]);
	corrupt("old/transport.cdb", 2048 + 4);
	ck_assert(leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "old maps are corrupt at \"d\""));
	ck_assert_str_eq(written(), "");
}
END_TEST

/* A key or a value with a NUL, an empty value: nothing we ever wrote. */
START_TEST(foreign_records_are_left_out)
{
	const struct leaving_options options = old_to_new(cases[16].accepted);

	ck_assert_str_eq(cases[16].name, "carried with its date");
	write_old(&cases[16]);
	FILE *file = fopen(in("old/transport_leaving.cdb"), "r+");

	fseek(file, 2048 + 8 + 2, SEEK_SET);
	fputc('\0', file); /* in the first key */
	fseek(file, 2048 + 8 + 13 + 8 + 3, SEEK_SET);
	fputc('\0', file); /* in the second value */
	fclose(file);
	ck_assert(leaving_write(&options, in("new"), NULL));
	ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(bad_date_is_told)
{
	const struct leaving_options options = old_to_new(cases[16].accepted);
	struct err err = { 0 };

	write_old(&cases[16]);
	write_text("old/leaving.dates", "1699999000 ann@d\nsoon e\n12\n");
	ck_assert(leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text,
		"leaving.dates:3: a line must be a time in seconds and a key"));
	ck_assert_str_eq(dates(), "1699999000 ann@d\n1700000000 e\n");
}
END_TEST

START_TEST(what_can_not_be_written_is_an_error)
{
	const struct leaving_options options = old_to_new(cases[1].accepted);
	struct err err = { 0 };

	ck_assert(!leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "new/transport.cdb: No such"));
	write_old(&cases[1]);
	mkdir(in("new/leaving.dates"), 0700);
	ck_assert(!leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "rename "));
	ck_assert(!leaving_write(&options, in("new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "File exists"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("leaving");
	Suite *suite = suite_create("leaving");
	SRunner *runner = srunner_create(suite);

	tcase_add_checked_fixture(tc, make_base, remove_base);
	tcase_add_loop_test(tc, what_leaves_keeps_its_last_route, 0,
		(int)(sizeof cases / sizeof *cases));
	tcase_add_test(tc, first_run_writes_an_empty_map);
	tcase_add_test(tc, generation_without_the_maps_is_as_none);
	tcase_add_test(tc, dates_of_no_size_that_was_written_are_none);
	tcase_add_test(tc, no_linger_keeps_nothing);
	tcase_add_test(tc, who_is_let_in_by_routes_alone_keeps_them);
	tcase_add_test(tc, who_is_let_in_by_what_is_given_up_keeps_its_routes);
	tcase_add_test(tc, what_had_left_what_is_given_up_leaves_still);
	tcase_add_test(tc, dates_of_both_generations_count);
	tcase_add_loop_test(tc, broken_old_map_is_told_and_the_rest_done, 0, 4);
	tcase_add_test(tc, corrupt_old_map_is_told);
	tcase_add_test(tc, corrupt_record_is_told);
	tcase_add_test(tc, foreign_records_are_left_out);
	tcase_add_test(tc, bad_date_is_told);
	tcase_add_test(tc, what_can_not_be_written_is_an_error);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
