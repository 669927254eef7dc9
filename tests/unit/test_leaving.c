/* The last route of what is no longer accepted. */
#include "snapshot/leaving.h"

#include "base/arena.h"
#include "base/text.h"
#include "tests/unit/leaving_case.h"
#include "tests/unit/unit_main.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct leaving_case c;

static void set_up(void)
{
	leaving_case_init(&c);
}

static void tear_down(void)
{
	leaving_case_fini(&c);
}

static const struct leaving_maps cases[] = {
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

START_TEST(what_leaves_keeps_its_last_route)
{
	const struct leaving_maps *maps = &cases[_i];
	const struct leaving_options options =
		leaving_case_options(&c, maps->accepted);
	struct err err = { 0 };

	leaving_case_write_old(&c, maps);
	ck_assert_msg(
		leaving_write(&options, leaving_case_path(&c, "new"), &err),
		"%s: %s", maps->name, err.text);
	ck_assert_msg(err.text[0] == '\0', "%s: %s", maps->name, err.text);
	ck_assert_msg(strcmp(leaving_case_written(&c), maps->map) == 0,
		"%s: %s", maps->name, leaving_case_written(&c));
	ck_assert_msg(strcmp(leaving_case_dates(&c), maps->new_dates) == 0,
		"%s: %s", maps->name, leaving_case_dates(&c));
}
END_TEST

START_TEST(first_run_writes_an_empty_map)
{
	const char *const accepted[] = { NULL };
	const struct pair none[] = { { NULL, NULL } };
	struct leaving_options options = leaving_case_options(&c, accepted);
	struct err err = { 0 };

	options.routes = NULL;
	options.current = NULL;
	leaving_case_write_map(&c, "new/transport.cdb", none);
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_str_eq(err.text, "");
	ck_assert_str_eq(leaving_case_written(&c), "");
	ck_assert_str_eq(leaving_case_dates(&c), "");
}
END_TEST

START_TEST(generation_without_the_maps_is_as_none)
{
	const char *const accepted[] = { NULL };
	const struct pair none[] = { { NULL, NULL } };
	const struct leaving_options options =
		leaving_case_options(&c, accepted);
	struct err err = { 0 };

	leaving_case_write_map(&c, "new/transport.cdb", none);
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_str_eq(err.text, "");
	ck_assert_str_eq(leaving_case_written(&c), "");
}
END_TEST

/* There is no memory for what it seems to hold. */
START_TEST(dates_of_no_size_that_was_written_are_none)
{
	const struct leaving_options options =
		leaving_case_options(&c, cases[1].accepted);
	struct err err = { 0 };

	leaving_case_write_old(&c, &cases[1]);
	leaving_case_write_text(&c, "old/leaving.dates", "");
	ck_assert_int_eq(
		truncate(leaving_case_path(&c, "old/leaving.dates"), 1L << 42),
		0);
	ck_assert_msg(
		leaving_write(&options, leaving_case_path(&c, "new"), &err),
		"%s", err.text);
	ck_assert(text_starts(err.text, "read "));
	ck_assert_ptr_nonnull(strstr(err.text,
		"old/leaving.dates: 4398046511104 bytes, at most 4294967295 "
		"are expected"));
	ck_assert_str_eq(leaving_case_written(&c), cases[1].map);
}
END_TEST

START_TEST(no_linger_keeps_nothing)
{
	struct leaving_options options =
		leaving_case_options(&c, cases[1].accepted);

	options.linger_s = 0;
	leaving_case_write_old(&c, &cases[1]);
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(leaving_case_written(&c), "");
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

	mkdir(leaving_case_path(&c, folder), 0700);
	leaving_case_write_map(
		&c, arena_printf(c.arena, "%s/transport.cdb", folder), routes);
	leaving_case_write_map(&c,
		arena_printf(c.arena, "%s/relay_recipients.cdb", folder),
		listed);
	leaving_case_write_map(&c,
		arena_printf(c.arena, "%s/relay_domains.cdb", folder), domains);
}

static const struct leaving_maps passing = { "passing",
	.domains = { { "e", "x" } },
	.transport = { { "d", "error:5.1.1 no" }, { "e", "smtp:[b]" } },
	.recipients = { { "bob@e", "x" } },
	.next = { { "d", "error:5.1.1 no" }, { "e", "smtp:[b]" },
		{ "f", "error:5.1.1 no" } },
	.accepted = { "d", "e", "f", "bob@e" } };

START_TEST(who_is_let_in_by_routes_alone_keeps_them)
{
	struct leaving_options options =
		leaving_case_options(&c, passing.accepted);

	leaving_case_write_old(&c, &passing);
	write_passing("passing");
	options.routes = leaving_case_path(&c, "passing");
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(leaving_case_written(&c),
		"ann@d=smtp:[a];joe@f=smtp:[c];kim@f=smtp:[b];");
}
END_TEST

START_TEST(who_is_let_in_by_what_is_given_up_keeps_its_routes)
{
	struct leaving_options options =
		leaving_case_options(&c, passing.accepted);

	leaving_case_write_old(&c, &passing);
	write_passing("given_up");
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(leaving_case_written(&c), "");
	options.given_up = leaving_case_path(&c, "given_up");
	unlink(leaving_case_path(&c, "new/transport_leaving.cdb"));
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(leaving_case_written(&c),
		"ann@d=smtp:[a];joe@f=smtp:[c];kim@f=smtp:[b];");
}
END_TEST

/* It had begun to leave in the one that is given up. */
START_TEST(what_had_left_what_is_given_up_leaves_still)
{
	static const struct pair left[PAIRS_MAX] = { { "ann@d", "smtp:[a]" } };
	struct leaving_options options =
		leaving_case_options(&c, passing.accepted);

	leaving_case_write_old(&c, &passing);
	write_passing("given_up");
	leaving_case_write_map(&c, "given_up/transport.cdb", passing.transport);
	leaving_case_write_map(&c, "given_up/transport_leaving.cdb", left);
	leaving_case_write_text(
		&c, "given_up/leaving.dates", "1699999000 ann@d\n");
	options.given_up = leaving_case_path(&c, "given_up");
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(leaving_case_written(&c), "ann@d=smtp:[a];");
	ck_assert_str_eq(leaving_case_dates(&c), "1699999000 ann@d\n");
}
END_TEST

/* routes leads to an older generation than current does. */
START_TEST(dates_of_both_generations_count)
{
	const struct leaving_maps *maps = &cases[19];
	struct leaving_options options =
		leaving_case_options(&c, maps->accepted);

	ck_assert_str_eq(maps->name, "without a date, or one to come");
	leaving_case_write_old(&c, maps);
	mkdir(leaving_case_path(&c, "current"), 0700);
	options.current = leaving_case_path(&c, "current");
	leaving_case_write_text(&c, "current/leaving.dates",
		"1699990000 ann@d\n1699990001 bob@d\n");
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(
		leaving_case_dates(&c), "1699990000 ann@d\n1699990001 bob@d\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("leaving");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(
		tc, what_leaves_keeps_its_last_route, 0, COUNT(cases));
	tcase_add_test(tc, first_run_writes_an_empty_map);
	tcase_add_test(tc, generation_without_the_maps_is_as_none);
	tcase_add_test(tc, dates_of_no_size_that_was_written_are_none);
	tcase_add_test(tc, no_linger_keeps_nothing);
	tcase_add_test(tc, who_is_let_in_by_routes_alone_keeps_them);
	tcase_add_test(tc, who_is_let_in_by_what_is_given_up_keeps_its_routes);
	tcase_add_test(tc, what_had_left_what_is_given_up_leaves_still);
	tcase_add_test(tc, dates_of_both_generations_count);
	return unit_run(suite_create("leaving"), tc);
}
