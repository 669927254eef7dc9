/*
 * Old maps that can not be read, or hold what nobody wrote, and new ones that
 * can not be written.
 */
#include "snapshot/leaving.h"

#include "tests/unit/leaving_case.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct leaving_case c;

static void set_up(void)
{
	leaving_case_init(&c);
}

static void tear_down(void)
{
	leaving_case_fini(&c);
}

static const struct leaving_maps own_route = {
	"an address with a route of its own", D_OLD,
	{ { "d", "smtp:[a]" }, { "ann@d", "smtp:[b]" } },
	.recipients = { { "ann@d", "x" } }, .next = { { "d", "smtp:[a]" } },
	.accepted = { "d" }, .map = "ann@d=smtp:[b];",
	.new_dates = "1700000000 ann@d\n"
};

static const struct leaving_maps routed_anew = {
	"an address whose domain is routed anew", D_OLD,
	{ { "d", "smtp:[a]" } }, .recipients = { { "ann@d", "x" } },
	.next = { { "d", "smtp:[b]" } }, .accepted = { "d" },
	.map = "ann@d=smtp:[a];", .new_dates = "1700000000 ann@d\n"
};

static const struct leaving_maps with_date = { "carried with its date", D_OLD,
	.leaving = { { "ann@d", "smtp:[a]" }, { "e", "smtp:[b]" } },
	.dates = "1699999000 ann@d\n1699568001 e\n",
	.map = "ann@d=smtp:[a];e=smtp:[b];",
	.new_dates = "1699999000 ann@d\n1699568001 e\n" };

START_TEST(broken_old_map_is_told_and_the_rest_done)
{
	static const char *const names[] = { "old/transport.cdb",
		"old/transport_leaving.cdb", "old/relay_domains.cdb",
		"old/relay_recipients.cdb" };
	const struct leaving_options options =
		leaving_case_options(&c, own_route.accepted);
	struct err err = { 0 };

	leaving_case_write_old(&c, &own_route);
	leaving_case_write_text(&c, names[_i], "broken");
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, names[_i] + 3));
	ck_assert_ptr_nonnull(strstr(err.text, "no CDB map"));
	leaving_case_written(&c);
}
END_TEST

static void corrupt(const char *name, long at)
{
	FILE *file = fopen(leaving_case_path(&c, name), "r+");

	ck_assert_ptr_nonnull(file);
	fseek(file, at, SEEK_SET);
	fputs("\xff\xff\xff\xff", file);
	fclose(file);
}

START_TEST(corrupt_old_map_is_told)
{
	const struct leaving_options options =
		leaving_case_options(&c, own_route.accepted);
	struct err err = { 0 };

	leaving_case_write_old(&c, &own_route);
	corrupt("old/relay_recipients.cdb", 2048 + 4);
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "an old map is corrupt"));
	ck_assert_str_eq(leaving_case_written(&c), "");
}
END_TEST

START_TEST(corrupt_record_is_told)
{
	const struct leaving_options options =
		leaving_case_options(&c, routed_anew.accepted);
	struct err err = { 0 };

	leaving_case_write_old(&c, &routed_anew);
	corrupt("old/transport.cdb", 2048 + 4);
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, "old maps are corrupt at \"d\""));
	ck_assert_str_eq(leaving_case_written(&c), "");
}
END_TEST

/* A key or a value with a NUL, an empty value: nothing we ever wrote. */
START_TEST(foreign_records_are_left_out)
{
	const struct leaving_options options =
		leaving_case_options(&c, with_date.accepted);

	leaving_case_write_old(&c, &with_date);
	FILE *file =
		fopen(leaving_case_path(&c, "old/transport_leaving.cdb"), "r+");

	fseek(file, 2048 + 8 + 2, SEEK_SET);
	fputc('\0', file); /* in the first key */
	fseek(file, 2048 + 8 + 13 + 8 + 3, SEEK_SET);
	fputc('\0', file); /* in the second value */
	fclose(file);
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), NULL));
	ck_assert_str_eq(leaving_case_written(&c), "");
}
END_TEST

START_TEST(bad_date_is_told)
{
	const struct leaving_options options =
		leaving_case_options(&c, with_date.accepted);
	struct err err = { 0 };

	leaving_case_write_old(&c, &with_date);
	leaving_case_write_text(
		&c, "old/leaving.dates", "1699999000 ann@d\nsoon e\n12\n");
	ck_assert(leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text,
		"leaving.dates:3: a line must be a time in seconds and a key"));
	ck_assert_str_eq(
		leaving_case_dates(&c), "1699999000 ann@d\n1700000000 e\n");
}
END_TEST

START_TEST(what_can_not_be_written_is_an_error)
{
	const struct leaving_options options =
		leaving_case_options(&c, own_route.accepted);
	struct err err = { 0 };

	ck_assert(!leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "new/transport.cdb: No such"));
	leaving_case_write_old(&c, &own_route);
	mkdir(leaving_case_path(&c, "new/leaving.dates"), 0700);
	ck_assert(!leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "rename "));
	ck_assert(!leaving_write(&options, leaving_case_path(&c, "new"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "File exists"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("leaving damage");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, broken_old_map_is_told_and_the_rest_done, 0, 4);
	tcase_add_test(tc, corrupt_old_map_is_told);
	tcase_add_test(tc, corrupt_record_is_told);
	tcase_add_test(tc, foreign_records_are_left_out);
	tcase_add_test(tc, bad_date_is_told);
	tcase_add_test(tc, what_can_not_be_written_is_an_error);
	return unit_run(suite_create("leaving damage"), tc);
}
