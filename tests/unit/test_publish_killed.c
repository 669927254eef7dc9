/* What an earlier run left open: finished, or given up. */
#include "snapshot/publish.h"

#include "base/arena.h"
#include "snapshot/publish_record.h"

#include "tests/unit/publish_case.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* Runs it in a child that dies at the clock's n-th call. */
static bool publish_killed_at(unsigned n, const char *routes)
{
	int status;

	state_close(&c.state);
	const pid_t child = fork();

	if (child == 0) {
		publish_case_open(&c);
		c.clock.calls = 0;
		c.clock.die_at = n;
		publish_case_maps(&c, routes, "u2");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	publish_case_open(&c);
	publish_case_nothing_is_left(&c);
	return WEXITSTATUS(status) == 9;
}

START_TEST(killed_at_any_call_of_the_clock_is_finished)
{
	unsigned n_killed = 0;

	for (unsigned n = 1; n < 100; n++) {
		publish_case_maps(&c, "r1", "u1");
		const unsigned long old = publish_case_link(&c, "current");
		const bool is_killed = publish_killed_at(n, "r2");

		n_killed += is_killed;
		ck_assert(
			publish_case_has(&c, publish_case_link(&c, "routes")));
		ck_assert(
			publish_case_has(&c, publish_case_link(&c, "current")));
		publish_case_finish(&c);
		publish_case_maps(&c, "r2", "u2");
		ck_assert_uint_gt(publish_case_link(&c, "current"), old);
		ck_assert_uint_eq(publish_case_link(&c, "routes"),
			publish_case_link(&c, "current"));
		publish_case_is_retired(&c, old, "transport.cdb");
		publish_case_is_retired(&c, old, "relay_recipients.cdb");
		if (!is_killed)
			break;
	}
	ck_assert_uint_ge(n_killed, 8);
}
END_TEST

/* What stands there when a run died just before or after a link changed. */
static const struct {
	const char *name;
	enum publish_step step;
	unsigned long routes, current;
	unsigned n_sleeps, first_ms;
	bool routes_retired;
} killed[] = {
	{ "before routes", PUBLISH_ROUTES, 1, 1, 3, 2000, true },
	{ "after routes", PUBLISH_ROUTES, 2, 1, 3, 2000, true },
	{ "waiting", PUBLISH_WAIT, 2, 1, 2, 12000, false },
	{ "before recipients", PUBLISH_RECIPIENTS, 2, 1, 1, 2000, false },
	{ "after recipients", PUBLISH_RECIPIENTS, 2, 2, 1, 2000, false },
	{ "done", PUBLISH_DONE, 2, 2, 0, 0, false },
};

static void relink(const char *name, unsigned long number)
{
	const char *link = arena_printf(c.arena, "%s/%s", c.path, name);

	unlink(link);
	ck_assert_int_eq(
		symlink(arena_printf(c.arena, "generations/%lu", number), link),
		0);
}

START_TEST(killed_run_is_finished_from_its_record)
{
	const bool is_done = killed[_i].step == PUBLISH_DONE;

	publish_case_maps(&c, "r1", "u1");
	publish_case_maps(&c, "r2", "u2");
	const time_t retired = publish_case_mtime(&c, 1, "transport.cdb");
	const struct publish_record record = {
		.step = killed[_i].step,
		.generation = 2,
		.retired_routes = 1,
		.retired_current = 1,
		.routes_switched_ms = c.clock.now_ms,
	};

	ck_assert(publish_record_write(&record, c.path, NULL));
	relink("routes", killed[_i].routes);
	relink("current", killed[_i].current);
	ck_assert_int_eq(publish_case_finish(&c),
		is_done ? PUBLISHED_NOTHING : PUBLISHED_ALL);
	publish_case_links_are(&c, 2, 2);
	ck_assert_uint_eq(c.clock.n_events, killed[_i].n_sleeps);
	if (killed[_i].n_sleeps > 0)
		ck_assert_uint_eq(c.clock.events[0].ms, killed[_i].first_ms);
	ck_assert_int_eq(publish_case_mtime(&c, 1, "transport.cdb") > retired,
		killed[_i].routes_retired);
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_NOTHING);
}
END_TEST

static enum published abandon_for(const char *routes, const char *recipients)
{
	enum published out;

	c.options.abandon = true;
	out = publish_case_maps(&c, routes, recipients);
	c.options.abandon = false;
	return out;
}

/*
 * What stands when the publish of 3 died, and what becomes of it where the
 * content of 2, which was in force, or of 1 is to be published as 4.  The
 * content of 3 may come into force nowhere that it was not.
 */
static const struct {
	const char *name;
	enum publish_step step;
	unsigned long routes, current;
	unsigned first_sleep_ms; /* with the routes as they stood: */
	unsigned long first_routes;
	bool waits; /* 12 s, where the routes of 3 had been switched */
} abandoned[] = {
	{ "before routes", PUBLISH_ROUTES, 2, 2, 2000, 4, true },
	{ "after routes", PUBLISH_ROUTES, 3, 2, 2000, 3, true },
	{ "waiting", PUBLISH_WAIT, 3, 2, 2000, 4, true },
	{ "before recipients", PUBLISH_RECIPIENTS, 3, 2, 2000, 4, true },
	{ "after recipients", PUBLISH_RECIPIENTS, 3, 3, 2000, 3, true },
	{ "done", PUBLISH_DONE, 3, 3, 2000, 4, true },
};

static void leave_open(size_t i)
{
	struct publish_record record = {
		.step = abandoned[i].step,
		.generation = 3,
		.retired_routes = 2,
		.retired_current = 2,
	};

	publish_case_maps(&c, "r1", "u1");
	publish_case_maps(&c, "r2", "u2");
	publish_case_maps(&c, "r3", "u3");
	record.routes_switched_ms = c.clock.now_ms;
	ck_assert(publish_record_write(&record, c.path, NULL));
	relink("routes", abandoned[i].routes);
	relink("current", abandoned[i].current);
	/* The touches of a run that was not killed do not count. */
	ck_assert_int_eq(system(arena_printf(c.arena,
				 "touch -d @1900000000 "
				 "'%s'/generations/[123]/*.*",
				 c.path)),
		0);
}

/* Whoever holds files of any generation open looks at them again. */
static void expect_abandoned(size_t i)
{
	const char *name = abandoned[i].name;
	unsigned long current = abandoned[i].current;
	long long routes_ms = 0, switched_ms = 0;

	publish_case_links_are(&c, 4, 4);
	ck_assert_msg(c.clock.events[0].ms == abandoned[i].first_sleep_ms &&
			c.clock.events[0].routes == abandoned[i].first_routes,
		"%s", name);
	for (size_t j = 0; j < c.clock.n_events; j++) {
		/* Never forward to what is given up. */
		ck_assert_msg(c.clock.events[j].current == current ||
				c.clock.events[j].current == 4,
			"%s", name);
		if (c.clock.events[j].current == 4)
			break;
		if (c.clock.events[j].routes == 4)
			routes_ms += c.clock.events[j].ms;
		switched_ms += c.clock.events[j].ms;
	}
	ck_assert_msg(routes_ms >= 12000, "%s: %lld ms", name, routes_ms);
	ck_assert_msg(switched_ms <= 14000, "%s: %lld ms", name, switched_ms);
	if (abandoned[i].routes == 3)
		publish_case_is_retired(&c, 3, "transport.cdb");
	if (abandoned[i].step == PUBLISH_ROUTES)
		publish_case_is_retired(&c, 2, "transport.cdb");
	publish_case_is_retired(&c, current, "relay_recipients.cdb");
	if (abandoned[i].step == PUBLISH_RECIPIENTS)
		publish_case_is_retired(&c, 2, "relay_recipients.cdb");
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_NOTHING);
}

START_TEST(open_publish_is_given_up_for_what_stood)
{
	leave_open((size_t)_i);
	ck_assert_int_eq(abandon_for("r2", "u2"), PUBLISHED_ALL);
	if (abandoned[_i].routes == 3)
		expect_abandoned((size_t)_i);
	else
		publish_case_links_are(&c, 4, 4);
}
END_TEST

START_TEST(open_publish_is_given_up_for_what_was_before)
{
	leave_open((size_t)_i);
	ck_assert_int_eq(abandon_for("r1", "u1"), PUBLISHED_ALL);
	expect_abandoned((size_t)_i);
}
END_TEST

/* Its routes are kept, and waited for where they were not for 12 seconds. */
static const struct {
	const char *name;
	size_t left;
	unsigned n_sleeps, first_ms;
	unsigned long routes;
} same[] = {
	{ "in the middle of routes", 1, 4, 2000, 4 },
	{ "waiting", 2, 2, 12000, 3 },
	{ "waited", 3, 1, 2000, 3 },
};

START_TEST(routes_of_what_is_given_up_are_settled_first)
{
	leave_open(same[_i].left);
	ck_assert_int_eq(abandon_for("r3", "u2"), PUBLISHED_ALL);
	publish_case_links_are(&c, same[_i].routes, 4);
	ck_assert_msg(c.clock.n_events == same[_i].n_sleeps &&
			c.clock.events[0].ms == same[_i].first_ms,
		"%s", same[_i].name);
}
END_TEST

START_TEST(given_up_for_its_equal_is_published_again)
{
	leave_open(2);
	ck_assert_int_eq(abandon_for("r3", "u3"), PUBLISHED_ALL);
	publish_case_links_are(&c, 3, 4);
	ck_assert_int_eq(abandon_for("r3", "u3"), PUBLISHED_NOTHING);
}
END_TEST

START_TEST(no_wait_gives_up_too)
{
	leave_open(2);
	c.options.no_wait = true;
	ck_assert_int_eq(abandon_for("r2", "u2"), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 4, 2);
	ck_assert_int_eq(abandon_for("r1", "u1"), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 5, 2);
	c.clock.now_ms += 10000;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ALL);
	publish_case_links_are(&c, 5, 5);
}
END_TEST

/* And again, and again: at any call of the clock. */
START_TEST(killed_while_it_gives_up)
{
	unsigned n_killed = 0;

	for (unsigned n = 1; n < 100; n++) {
		unsigned long open;

		publish_case_maps(&c, "r1", "u1");
		publish_killed_at(3, "r3");
		const unsigned long bad = publish_case_link(&c, "routes");
		const unsigned long old = publish_case_link(&c, "current");

		ck_assert_uint_gt(bad, old);
		c.options.abandon = true;
		const bool is_killed = publish_killed_at(n, "r4");

		c.options.abandon = false;
		n_killed += is_killed;
		ck_assert_uint_ne(publish_case_link(&c, "current"), bad);
		ck_assert(publish_open_number(c.state, &open, NULL));
		ck_assert(!is_killed || open >= bad);
		abandon_for("r1", "u1");
		ck_assert_uint_gt(publish_case_link(&c, "current"), bad);
		ck_assert_uint_eq(publish_case_link(&c, "routes"),
			publish_case_link(&c, "current"));
		publish_case_is_retired(&c, bad, "transport.cdb");
		publish_case_is_retired(&c, old, "transport.cdb");
		publish_case_is_retired(&c, old, "relay_recipients.cdb");
		if (!is_killed)
			break;
	}
	ck_assert_uint_ge(n_killed, 8);
}
END_TEST

START_TEST(what_is_open_is_known)
{
	struct err err = { 0 };
	unsigned long open = 7;

	ck_assert(publish_open_number(c.state, &open, &err));
	ck_assert_uint_eq(open, 0);
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	publish_case_maps(&c, "r2", "u2");
	ck_assert(publish_open_number(c.state, &open, &err));
	ck_assert_uint_eq(open, 2);
	c.clock.now_ms += 12000;
	publish_case_finish(&c);
	ck_assert(publish_open_number(c.state, &open, &err));
	ck_assert_uint_eq(open, 0);
	publish_case_write(&c, c.path, "publish", "garbage\n");
	ck_assert(!publish_open_number(c.state, &open, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not the record of a publish"));
}
END_TEST

START_TEST(orphan_is_harmless)
{
	publish_case_maps(&c, "r1", "u1");
	/* killed between the rename of the folder and the record */
	ck_assert_int_eq(system(arena_printf(c.arena,
				 "cp -r '%s/generations/1' "
				 "'%s/generations/2'",
				 c.path, c.path)),
		0);
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_NOTHING);
	publish_case_links_are(&c, 1, 1);
	publish_case_maps(&c, "r3", "u3");
	publish_case_links_are(&c, 3, 3);
}
END_TEST

START_TEST(link_never_leads_to_a_generation_that_is_gone)
{
	const struct publish_record record = {
		.step = PUBLISH_RECIPIENTS,
		.generation = 7,
	};

	publish_case_maps(&c, "r1", "u1");
	ck_assert(publish_record_write(&record, c.path, NULL));
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_NOTHING);
	publish_case_links_are(&c, 1, 1);
	publish_case_maps(&c, "r8", "u8");
	publish_case_links_are(&c, 8, 8);
}
END_TEST

static const char *const bad_records[] = { "step=done\n", "garbage\n", "",
	"step=soon\ngeneration=1\nretired-routes=0\nretired-current=0\n"
	"routes-switched-ms=0\n",
	"step=done\ngeneration=x\nretired-routes=0\nretired-current=0\n"
	"routes-switched-ms=0\n",
	"step=done\ngeneration=1\nretired=0\nretired-current=0\n"
	"routes-switched-ms=0\n" };

START_TEST(bad_record_is_refused)
{
	struct err err = { 0 };
	enum published out;

	publish_case_maps(&c, "r1", "u1");
	publish_case_write(&c, c.path, "publish", bad_records[_i]);
	ck_assert(!publish_finish(c.state, &c.options, &out, &err));
	ck_assert_ptr_nonnull(strstr(
		err.text, "/publish: not the record of a publish; remove it"));
	ck_assert(!publish_case_publish(
		&c, publish_case_new_folder(&c, "r2", "u2"), &out, &err));
	publish_case_links_are(&c, 1, 1);
	publish_case_nothing_is_left(&c);
}
END_TEST

/* Each stands where something has to be written. */
static const char *const obstacles[] = { "publish", "routes", "current" };

START_TEST(obstacle_is_told_and_then_overcome)
{
	const char *name = obstacles[_i];
	const char *there = arena_printf(c.arena, "%s/%s", c.path, name);
	struct err err = { 0 };
	enum published out;

	ck_assert_int_eq(mkdir(there, 0700), 0);
	ck_assert(!publish_case_publish(
		&c, publish_case_new_folder(&c, "r1", "u1"), &out, &err));
	ck_assert_ptr_nonnull(strstr(err.text, there));
	ck_assert_int_eq(rmdir(there), 0);
	publish_case_nothing_is_left(&c);
	publish_case_maps(&c, "r1", "u1");
	ck_assert_uint_ne(publish_case_link(&c, "current"), 0);
	ck_assert_uint_eq(publish_case_link(&c, "current"),
		publish_case_link(&c, "routes"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish_killed");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, killed_at_any_call_of_the_clock_is_finished);
	tcase_add_loop_test(tc, killed_run_is_finished_from_its_record, 0,
		(int)(sizeof killed / sizeof *killed));
	tcase_add_loop_test(tc, open_publish_is_given_up_for_what_stood, 0,
		(int)(sizeof abandoned / sizeof *abandoned));
	tcase_add_loop_test(tc, open_publish_is_given_up_for_what_was_before, 0,
		(int)(sizeof abandoned / sizeof *abandoned));
	tcase_add_loop_test(tc, routes_of_what_is_given_up_are_settled_first, 0,
		(int)(sizeof same / sizeof *same));
	tcase_add_test(tc, given_up_for_its_equal_is_published_again);
	tcase_add_test(tc, no_wait_gives_up_too);
	tcase_add_test(tc, killed_while_it_gives_up);
	tcase_add_test(tc, what_is_open_is_known);
	tcase_add_test(tc, orphan_is_harmless);
	tcase_add_test(tc, link_never_leads_to_a_generation_that_is_gone);
	tcase_add_loop_test(tc, bad_record_is_refused, 0,
		(int)(sizeof bad_records / sizeof *bad_records));
	tcase_add_loop_test(tc, obstacle_is_told_and_then_overcome, 0,
		(int)(sizeof obstacles / sizeof *obstacles));
	return unit_run(suite_create("publish_killed"), tc);
}
