/* The wait between routes and recipients, whatever happens to the clock. */
#include "snapshot/publish_clock.h"

#include "tests/unit/publish_case.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <time.h>

static struct publish_case c;

static void set_up(void)
{
	publish_case_init(&c);
}

static void tear_down(void)
{
	publish_case_fini(&c);
}

enum { DAY_MS = 86400000 };

static const struct {
	const char *name;
	long long passed_ms, set_ms; /* by the steady clock; the other one */
	unsigned left_ms;
} jumps[] = {
	{ "nothing", 0, 0, 10000 },
	{ "set back a day", 0, -(long long)DAY_MS, 12000 },
	{ "set ahead a year", 0, 365LL * DAY_MS, 10000 },
	{ "set ahead 5 s", 0, 5000, 10000 },
	{ "set ahead and time", 4000, 365LL * DAY_MS, 6000 },
	{ "the machine started anew", -(long long)DAY_MS, DAY_MS, 12000 },
	{ "another machine", DAY_MS, -(long long)DAY_MS, 10000 },
};

/* Not less than is left either: routes are in force after 12 s alone. */
START_TEST(clock_that_is_set_shortens_no_wait)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	publish_case_maps(&c, "r2", "u2");
	c.options.no_wait = false;
	c.clock.now_ms += jumps[_i].passed_ms;
	c.clock.ahead_ms += jumps[_i].set_ms;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ALL);
	ck_assert_msg(c.clock.events[0].ms == jumps[_i].left_ms, "%s: %u ms",
		jumps[_i].name, c.clock.events[0].ms);
	ck_assert_uint_eq(c.clock.events[0].current, 1);
	publish_case_links_are(&c, 2, 2);
}
END_TEST

/* Or runs that do not wait would leave it to the next one for a day. */
START_TEST(clock_that_is_set_makes_no_wait_longer)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.no_wait = true;
	publish_case_maps(&c, "r2", "u2");
	c.clock.now_ms += jumps[_i].passed_ms;
	c.clock.ahead_ms += jumps[_i].set_ms;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ROUTES);
	c.clock.now_ms += jumps[_i].left_ms - 1;
	ck_assert_int_eq(publish_case_finish(&c), PUBLISHED_ROUTES);
	publish_case_links_are(&c, 2, 1);
	c.clock.now_ms += 1;
	ck_assert_msg(
		publish_case_finish(&c) == PUBLISHED_ALL, "%s", jumps[_i].name);
	publish_case_links_are(&c, 2, 2);
}
END_TEST

/* While the retired routes are touched again. */
START_TEST(clock_that_is_set_meanwhile_shortens_no_wait)
{
	publish_case_maps(&c, "r1", "u1");
	c.clock.watched = 1;
	const time_t before = publish_case_mtime(&c, 1, "transport.cdb");

	c.clock.set_ms = _i == 0 ? 365LL * DAY_MS : -365LL * DAY_MS;
	publish_case_maps(&c, "r2", "u2");
	ck_assert_uint_eq(c.clock.n_events, 3);
	ck_assert_uint_eq(c.clock.events[1].ms, _i == 0 ? 10000 : 12000);
	ck_assert_uint_eq(c.clock.events[1].current, 1);
	/* Another one each time, or no process would look. */
	ck_assert_int_gt(c.clock.events[0].route_mtime, before);
	ck_assert_int_gt(
		c.clock.events[1].route_mtime, c.clock.events[0].route_mtime);
}
END_TEST

/* Of each file; 0 = as it is. */
static long long touch_takes_ms;

int utimensat(
	int folder, const char *path, const struct timespec times[2], int flags)
{
	int (*next)(int, const char *, const struct timespec[2], int);

	*(void **)&next = dlsym(RTLD_NEXT, "utimensat");
	c.clock.now_ms += touch_takes_ms;
	return next(folder, path, times, flags);
}

/* Whoever sees the second touch has as long to look as ever. */
START_TEST(slow_disk_shortens_no_wait)
{
	publish_case_maps(&c, "r1", "u1");
	touch_takes_ms = 60000;
	publish_case_maps(&c, "r2", "u2");
	touch_takes_ms = 0;
	ck_assert_uint_eq(c.clock.n_events, 3);
	ck_assert_uint_eq(c.clock.events[1].ms, 10000);
	ck_assert_uint_eq(c.clock.events[1].current, 1);
	publish_case_links_are(&c, 2, 2);
}
END_TEST

/* The real one: no wait is due, so it is only read. */
START_TEST(real_clock_tells_the_time)
{
	const time_t now = time(NULL);

	c.options.clock = NULL;
	publish_case_maps(&c, "r1", "u1");
	ck_assert_int_ge(c.manifest.time, now);
	ck_assert_int_le(c.manifest.time, time(NULL));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish_clock");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(
		tc, clock_that_is_set_shortens_no_wait, 0, COUNT(jumps));
	tcase_add_loop_test(
		tc, clock_that_is_set_makes_no_wait_longer, 0, COUNT(jumps));
	tcase_add_test(tc, slow_disk_shortens_no_wait);
	tcase_add_loop_test(
		tc, clock_that_is_set_meanwhile_shortens_no_wait, 0, 2);
	tcase_add_test(tc, real_clock_tells_the_time);
	return unit_run(suite_create("publish_clock"), tc);
}
