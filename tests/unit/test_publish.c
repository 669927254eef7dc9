/* Publishing: which link when, and what is touched. */
#include "snapshot/publish.h"

#include "base/arena.h"
#include "snapshot/files.h"
#include "snapshot/publish_switch.h"

#include "tests/unit/publish_case.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct publish_case c;

static void set_up(void)
{
	publish_case_init(&c);
}

static void tear_down(void)
{
	publish_case_fini(&c);
}

START_TEST(first_publish_switches_both_without_waiting)
{
	struct manifest read;

	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, 1, 1);
	ck_assert_uint_eq(c.clock.n_events, 0);
	ck_assert_uint_eq(c.manifest.generation, 1);
	ck_assert_int_eq(c.manifest.time, 2000000000);
	ck_assert(manifest_read(
		&read, state_generation(c.state, 1, c.arena), c.arena, NULL));
	ck_assert_uint_eq(read.generation, 1);
	ck_assert_uint_eq(read.n_files, 9);
	ck_assert_str_eq(read.configuration, "c0ffee");
	publish_case_nothing_is_left(&c);
}
END_TEST

START_TEST(files_are_0640_and_folders_0750)
{
	struct stat status;

	publish_case_maps(&c, "r1", "u1");
	ck_assert_int_eq(chdir(state_generation(c.state, 1, c.arena)), 0);
	ck_assert_int_eq(stat(".", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0750);
	ck_assert_int_eq(stat("relay_recipients.regexp", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_uint_eq(status.st_nlink, 1);
	ck_assert_int_eq(stat("manifest.json", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
}
END_TEST

START_TEST(routes_come_first_recipients_12_s_later)
{
	publish_case_maps(&c, "r1", "u1");
	c.clock.watched = 1;
	const long long begin = c.clock.now_ms;
	const time_t old = publish_case_mtime(&c, 1, "relay_recipients.cdb");

	ck_assert_int_eq(publish_case_maps(&c, "r2", "u2"), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 2);
	ck_assert_uint_eq(c.clock.n_events, 3);
	/* The routes are switched and retired, and two seconds pass. */
	ck_assert_uint_eq(c.clock.events[0].ms, 2000);
	ck_assert_uint_eq(c.clock.events[0].routes, 2);
	ck_assert_uint_eq(c.clock.events[0].current, 1);
	ck_assert_int_eq(c.clock.events[0].route_mtime, begin / 1000);
	ck_assert_int_eq(c.clock.events[0].recipient_mtime, old);
	/* They are retired again, and the rest of the 12 seconds passes. */
	ck_assert_uint_eq(c.clock.events[1].ms, 10000);
	ck_assert_uint_eq(c.clock.events[1].current, 1);
	ck_assert_int_eq(c.clock.events[1].route_mtime, begin / 1000 + 2);
	ck_assert_int_eq(c.clock.events[1].recipient_mtime, old);
	/* The recipients are switched and retired, twice too. */
	ck_assert_uint_eq(c.clock.events[2].ms, 2000);
	ck_assert_uint_eq(c.clock.events[2].current, 2);
	ck_assert_int_eq(c.clock.events[2].route_mtime, begin / 1000 + 2);
	ck_assert_int_eq(c.clock.events[2].recipient_mtime, begin / 1000 + 12);
	ck_assert_int_eq(publish_case_mtime(&c, 1, "relay_recipients.cdb"),
		begin / 1000 + 14);
	ck_assert_int_eq(c.clock.now_ms, begin + 14000);
}
END_TEST

/* As long as the clock stands still, or is behind the files. */
START_TEST(touched_is_always_later)
{
	publish_case_maps(&c, "r1", "u1");
	const time_t old = publish_case_mtime(&c, 1, "tls_policy.cdb");

	ck_assert(switch_touch(c.state, 1, RETIRED_ROUTES, 1000, NULL));
	ck_assert_int_eq(publish_case_mtime(&c, 1, "tls_policy.cdb"), old + 1);
	ck_assert(switch_touch(c.state, 1, RETIRED_ROUTES, 1000, NULL));
	ck_assert_int_eq(publish_case_mtime(&c, 1, "tls_policy.cdb"), old + 2);
	ck_assert(switch_touch(
		c.state, 1, RETIRED_ROUTES, (old + 100) * 1000LL, NULL));
	ck_assert_int_eq(
		publish_case_mtime(&c, 1, "tls_policy.cdb"), old + 100);
	ck_assert(switch_touch(c.state, 77, RETIRED_ROUTES, 1000, NULL));
}
END_TEST

START_TEST(every_map_of_its_kind_is_touched)
{
	const char *name;

	publish_case_maps(&c, "r1", "u1");
	ck_assert(
		switch_touch(c.state, 1, RETIRED_ROUTES, 2100000000000, NULL));
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		ck_assert_msg((publish_case_mtime(&c, 1, name) == 2100000000) ==
				files_is_route(name),
			"%s", name);
	ck_assert(switch_touch(
		c.state, 1, RETIRED_RECIPIENTS, 2110000000000, NULL));
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		ck_assert_msg((publish_case_mtime(&c, 1, name) == 2110000000) !=
				files_is_route(name),
			"%s", name);
}
END_TEST

START_TEST(same_routes_stay_and_nobody_waits)
{
	publish_case_maps(&c, "r1", "u1");
	c.clock.watched = 1;
	const time_t old = publish_case_mtime(&c, 1, "transport.cdb");

	ck_assert_int_eq(publish_case_maps(&c, "r1", "u2"), PUBLISHED_ALL);
	publish_case_links_are(&c, 1, 2);
	ck_assert_uint_eq(c.clock.n_events, 1);
	ck_assert_uint_eq(c.clock.events[0].ms, 2000);
	ck_assert_int_eq(publish_case_mtime(&c, 1, "transport.cdb"), old);
	/* The routes of 1 are retired when they change, not those of 2. */
	c.clock.watched = 1;
	ck_assert_int_eq(publish_case_maps(&c, "r3", "u2"), PUBLISHED_ALL);
	publish_case_links_are(&c, 3, 3);
	ck_assert_int_gt(publish_case_mtime(&c, 1, "transport.cdb"), old);
	ck_assert_int_lt(
		publish_case_mtime(&c, 2, "transport.cdb"), 2000000000);
	ck_assert_int_ge(
		publish_case_mtime(&c, 2, "relay_recipients.cdb"), 2000000000);
}
END_TEST

START_TEST(equal_maps_are_not_published)
{
	publish_case_maps(&c, "r1", "u1");
	publish_case_maps(&c, "r1", "u2");
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u2"), PUBLISHED_NOTHING);
	ck_assert_uint_eq(c.manifest.generation, 2);
	ck_assert_uint_eq(c.clock.n_events, 0);
	publish_case_links_are(&c, 1, 2);
	ck_assert(!publish_case_has(&c, 3));
	publish_case_nothing_is_left(&c);
}
END_TEST

START_TEST(old_content_is_a_new_generation)
{
	publish_case_maps(&c, "r1", "u1");
	publish_case_maps(&c, "r2", "u2");
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, 3, 3);
}
END_TEST

START_TEST(another_file_is_a_change)
{
	enum published out;

	publish_case_maps(&c, "r1", "u1");
	const char *folder = publish_case_new_folder(&c, "r1", "u1");

	publish_case_write(&c, folder, "leaving.dates", "1 a\n");
	ck_assert(publish_case_publish(&c, folder, &out, NULL));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	publish_case_links_are(&c, 1, 2);
	/* And its absence is one. */
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, 1, 3);
}
END_TEST

static void damage(unsigned long number, const char *name)
{
	ck_assert_int_eq(unlink(arena_printf(c.arena, "%s/generations/%lu/%s",
				 c.path, number, name)),
		0);
}

START_TEST(damaged_generation_is_replaced_by_its_equal)
{
	publish_case_maps(&c, "r1", "u1");
	damage(1, "transport.cdb");
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 2);
	damage(2, "virtual_alias.cdb");
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 3);
	damage(3, "manifest.json");
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 4);
}
END_TEST

START_TEST(missing_map_is_refused)
{
	const char *name = files_required((size_t)_i);
	struct err err = { 0 };
	enum published out;
	const char *folder = publish_case_new_folder(&c, "r1", "u1");

	unlink(arena_printf(c.arena, "%s/%s", folder, name));
	ck_assert(!publish_case_publish(&c, folder, &out, &err));
	ck_assert_ptr_nonnull(strstr(
		err.text, arena_printf(c.arena, ": %s is missing", name)));
	publish_case_links_are(&c, 0, 0);
	publish_case_nothing_is_left(&c);
}
END_TEST

static const char *const damaged[] = { "relay_recipients.cdb",
	"relay_recipients.regexp", "transport.cdb" };

/* What is published has the size and the name that it had. */
START_TEST(what_was_damaged_since_is_published_anew)
{
	publish_case_maps(&c, "r1", "u1");
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_NOTHING);
	const char *map = arena_printf(c.arena, "%s/%s",
		state_generation(c.state, 1, c.arena), damaged[_i]);
	const int fd = open(map, O_WRONLY);

	ck_assert_int_eq(pwrite(fd, "?", 1, 1), 1);
	close(fd);
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_ALL);
	publish_case_links_are(&c, files_is_route(damaged[_i]) ? 2 : 1, 2);
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u1"), PUBLISHED_NOTHING);
}
END_TEST

START_TEST(truncated_map_is_refused)
{
	struct err err = { 0 };
	enum published out;

	publish_case_maps(&c, "r1", "u1");
	const char *folder = publish_case_new_folder(&c, "r2", "u2");

	ck_assert_int_eq(
		truncate(arena_printf(c.arena, "%s/virtual_alias.cdb", folder),
			2050),
		0);
	ck_assert(!publish_case_publish(&c, folder, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "cut short"));
	publish_case_links_are(&c, 1, 1);
	publish_case_nothing_is_left(&c);
}
END_TEST

START_TEST(no_wait_leaves_recipients_to_the_next_run)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	ck_assert_int_eq(publish_case_maps(&c, "r2", "u2"), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 2, 1);
	ck_assert_uint_eq(c.clock.n_events, 1);
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ROUTES);
	c.clock.now_ms += 9999;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 2, 1);
	c.clock.now_ms += 1;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 2);
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_NOTHING);
}
END_TEST

START_TEST(no_wait_then_wait)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	publish_case_maps(&c, "r2", "u2");
	c.options.no_wait = false;
	c.clock.now_ms += 4000;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 2);
	ck_assert_uint_eq(c.clock.events[0].ms, 6000);
	ck_assert_uint_eq(c.clock.events[0].current, 1);
}
END_TEST

START_TEST(no_wait_with_the_same_routes_is_at_once)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	ck_assert_int_eq(publish_case_maps(&c, "r1", "u2"), PUBLISHED_ALL);
	publish_case_links_are(&c, 1, 2);
}
END_TEST

/* Recipients may not overtake routes that another publish switched. */
START_TEST(no_wait_again_and_again)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	ck_assert_int_eq(publish_case_maps(&c, "r2", "u2"), PUBLISHED_ROUTES);
	/* equal to what is due */
	ck_assert_int_eq(publish_case_maps(&c, "r2", "u2"), PUBLISHED_ROUTES);
	ck_assert_uint_eq(c.manifest.generation, 2);
	/* other recipients, the same routes */
	ck_assert_int_eq(publish_case_maps(&c, "r2", "u3"), PUBLISHED_ROUTES);
	ck_assert_uint_eq(c.manifest.generation, 3);
	publish_case_links_are(&c, 2, 1);
	/* other routes: 12 seconds from now */
	c.clock.now_ms += 5000;
	ck_assert_int_eq(publish_case_maps(&c, "r4", "u4"), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 4, 1);
	c.clock.now_ms += 9000;
	ck_assert_int_eq(publish_case_maps(&c, "r4", "u4"), PUBLISHED_ROUTES);
	c.clock.now_ms += 1000;
	ck_assert_int_eq(publish_case_maps(&c, "r4", "u4"), PUBLISHED_NOTHING);
	publish_case_links_are(&c, 4, 4);
	/* back to what was published, while another is due */
	ck_assert_int_eq(publish_case_maps(&c, "r5", "u5"), PUBLISHED_ROUTES);
	ck_assert_int_eq(publish_case_maps(&c, "r4", "u4"), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 6, 4);
}
END_TEST

static void postfix_is(const char *script)
{
	const char *file = arena_printf(c.arena, "%s/postfix", c.base);

	publish_case_write(&c, c.base, "postfix", script);
	ck_assert_int_eq(chmod(file, 0700), 0);
	setenv("PATH", arena_printf(c.arena, "%s:/usr/bin:/bin", c.base), 1);
}

START_TEST(reload_after_each_step_instead_of_waiting)
{
	char log[100] = "";

	postfix_is(arena_printf(c.arena,
		"#!/bin/sh\necho $1 `readlink '%s/routes'` "
		"`readlink '%s/current'` >>'%s/log'\n",
		c.path, c.path, c.base));
	publish_case_maps(&c, "r1", "u1");
	c.options.reload = true;
	ck_assert_int_eq(publish_case_maps(&c, "r2", "u2"), PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 2);
	ck_assert_uint_eq(c.clock.n_events, 0);
	FILE *file = fopen(arena_printf(c.arena, "%s/log", c.base), "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(log, sizeof log, file));
	ck_assert_str_eq(log, "reload generations/2 generations/1\n");
	ck_assert_ptr_nonnull(fgets(log, sizeof log, file));
	ck_assert_str_eq(log, "reload generations/2 generations/2\n");
	ck_assert_ptr_null(fgets(log, sizeof log, file));
	fclose(file);
	publish_case_is_retired(&c, 1, "transport.cdb");
	publish_case_is_retired(&c, 1, "relay_recipients.cdb");
}
END_TEST

START_TEST(reload_ends_a_wait_that_is_due)
{
	postfix_is("#!/bin/sh\nexit 0\n");
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	publish_case_maps(&c, "r2", "u2");
	c.options.no_wait = false;
	c.options.reload = true;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ALL);
	ck_assert_uint_eq(c.clock.n_events, 0);
	publish_case_links_are(&c, 2, 2);
}
END_TEST

static const struct {
	const char *script, *sentence;
} failing[] = {
	{ "#!/bin/sh\nexit 3\n", "postfix reload failed with status 3" },
	{ "#!/bin/sh\nkill -9 $$\n", "postfix reload failed with status -1" },
	{ "#!/nonexistent/sh\n", "postfix: No such file or directory" },
};

START_TEST(reload_that_fails_is_told_and_waited_for)
{
	struct err err = { 0 };
	enum published out;

	publish_case_maps(&c, "r1", "u1");
	if (_i == 2 && access("/usr/sbin/postfix", X_OK) == 0)
		return; /* that would be a real one */
	postfix_is(failing[_i].script);
	c.options.reload = true;
	c.clock.n_events = 0;
	ck_assert(publish_case_publish(
		&c, publish_case_new_folder(&c, "r2", "u2"), &out, &err));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	ck_assert_msg(
		strstr(err.text, failing[_i].sentence) != NULL, "%s", err.text);
	ck_assert_uint_eq(c.clock.n_events, 3);
	publish_case_links_are(&c, 2, 2);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, first_publish_switches_both_without_waiting);
	tcase_add_test(tc, files_are_0640_and_folders_0750);
	tcase_add_test(tc, routes_come_first_recipients_12_s_later);
	tcase_add_test(tc, touched_is_always_later);
	tcase_add_test(tc, every_map_of_its_kind_is_touched);
	tcase_add_test(tc, same_routes_stay_and_nobody_waits);
	tcase_add_test(tc, equal_maps_are_not_published);
	tcase_add_test(tc, old_content_is_a_new_generation);
	tcase_add_test(tc, another_file_is_a_change);
	tcase_add_test(tc, damaged_generation_is_replaced_by_its_equal);
	tcase_add_loop_test(tc, missing_map_is_refused, 0, 9);
	tcase_add_loop_test(tc, what_was_damaged_since_is_published_anew, 0, 3);
	tcase_add_test(tc, truncated_map_is_refused);
	tcase_add_test(tc, no_wait_leaves_recipients_to_the_next_run);
	tcase_add_test(tc, no_wait_then_wait);
	tcase_add_test(tc, no_wait_with_the_same_routes_is_at_once);
	tcase_add_test(tc, no_wait_again_and_again);
	tcase_add_test(tc, reload_after_each_step_instead_of_waiting);
	tcase_add_test(tc, reload_ends_a_wait_that_is_due);
	tcase_add_loop_test(tc, reload_that_fails_is_told_and_waited_for, 0,
		(int)(sizeof failing / sizeof *failing));
	return unit_run(suite_create("publish"), tc);
}
