/* Times that have come already, so that nothing is waited for. */
#include "directory/sql_watch.h"

#include "base/clock.h"
#include "tests/unit/failing_calls.h"

#include "unit_main.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

FAILING_CALL(int, errno, pthread_create,
	(pthread_t * thread, const pthread_attr_t *attributes,
		void *(*run)(void *), void *context),
	(thread, attributes, run, context))

FAILING_CALL(
	int, errno, pthread_cond_signal, (pthread_cond_t * changed), (changed))

struct fixture {
	int ends[2];
	atomic_int shown; /* to the watch, of the first end */
	atomic_int n_looks;
	struct sql_watch *watch;
};

static int descriptor_of(void *context)
{
	struct fixture *f = context;

	f->n_looks++;
	return f->shown;
}

static void fixture_init(struct fixture *f)
{
	struct err err = { 0 };

	*f = (struct fixture){ .shown = -1 };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, f->ends), 0);
	f->shown = f->ends[0];
	f->watch = sql_watch_open(descriptor_of, f, &err);
	ck_assert_msg(f->watch != NULL, "%s", err.text);
}

static void fixture_fini(struct fixture *f)
{
	sql_watch_close(&f->watch);
	ck_assert_ptr_null(f->watch);
	sql_watch_close(&f->watch);
	close(f->ends[0]);
	close(f->ends[1]);
}

START_TEST(reader_is_woken_when_time_is_over)
{
	struct fixture f;
	char byte;

	fixture_init(&f);
	sql_watch_set(f.watch, clock_now_ms() - 1);
	ck_assert_int_eq(read(f.ends[0], &byte, 1), 0);
	ck_assert_int_eq(read(f.ends[1], &byte, 1), 0);
	ck_assert(sql_watch_has_hung_up(f.watch));
	fixture_fini(&f);
}
END_TEST

START_TEST(time_that_never_comes_ends_nothing)
{
	struct fixture f;
	char byte = 'x';

	fixture_init(&f);
	sql_watch_set(f.watch, clock_due_ms(3600));
	sql_watch_set(f.watch, clock_due_ms(0));
	ck_assert(!sql_watch_has_hung_up(f.watch));
	ck_assert_int_eq(write(f.ends[1], &byte, 1), 1);
	ck_assert_int_eq(read(f.ends[0], &byte, 1), 1);
	fixture_fini(&f);
}
END_TEST

/* As it is with each row of a table that has millions. */
START_TEST(thread_is_woken_for_a_sooner_time_alone)
{
	struct fixture f;

	fixture_init(&f);
	failing_call_begin("pthread_cond_signal", 2, EAGAIN);
	for (int i = 0; i < 100; i++) {
		sql_watch_set(f.watch, clock_due_ms(3600));
		sql_watch_set(f.watch, clock_due_ms(0));
	}
	ck_assert_msg(!failing_call_end(), "woken more than once");
	failing_call_begin("pthread_cond_signal", 1, EAGAIN);
	sql_watch_set(f.watch, clock_due_ms(1800));
	ck_assert_msg(failing_call_end(), "not woken");
	fixture_fini(&f);
}
END_TEST

/* As a client has none before it is connected. */
START_TEST(socket_that_comes_late_is_found)
{
	struct fixture f;
	char byte;

	fixture_init(&f);
	f.shown = -1;
	sql_watch_set(f.watch, clock_now_ms() - 1);
	while (f.n_looks == 0)
		sched_yield();
	ck_assert(!sql_watch_has_hung_up(f.watch));
	f.shown = f.ends[0];
	ck_assert_int_eq(read(f.ends[0], &byte, 1), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(thread_that_is_not_to_be_had_is_told)
{
	struct fixture f = { .shown = -1 };
	struct err err = { 0 };

	failing_call_begin("pthread_create", 1, EAGAIN);
	ck_assert_ptr_null(sql_watch_open(descriptor_of, &f, &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(
		err.text, "start a thread: Resource temporarily unavailable");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, reader_is_woken_when_time_is_over);
	tcase_add_test(tcase, time_that_never_comes_ends_nothing);
	tcase_add_test(tcase, thread_is_woken_for_a_sooner_time_alone);
	tcase_add_test(tcase, socket_that_comes_late_is_found);
	tcase_add_test(tcase, thread_that_is_not_to_be_had_is_told);
	return unit_run(suite_create("sql_watch"), tcase);
}
