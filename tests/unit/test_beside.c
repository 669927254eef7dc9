/* Pieces of work in a second thread: each done once, in order, waited for. */
#include "base/beside.h"

#include "unit_main.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

enum { PIECES = 1000 };

struct work {
	int given; /* to the piece that is run next */
	int sum, count;
	pthread_t thread;
	bool hears_of_end;
};

static void run(void *context)
{
	struct work *work = context;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	work->hears_of_end = !sigismember(&blocked, SIGTERM);
	work->thread = pthread_self();
	work->sum += work->given;
	work->count++;
}

START_TEST(each_piece_is_done)
{
	struct work work = { .count = 0 };
	struct beside *beside = beside_open(run, &work);

	for (int i = 0; i < PIECES; i++) {
		beside_wait(beside);
		work.given = i;
		beside_run(beside);
	}
	beside_close(&beside);
	ck_assert_ptr_null(beside);
	ck_assert_int_eq(work.count, PIECES);
	ck_assert_int_eq(work.sum, PIECES * (PIECES - 1) / 2);
	ck_assert(!pthread_equal(work.thread, pthread_self()));
	ck_assert(!work.hears_of_end);
	beside_close(&beside);
}
END_TEST

START_TEST(nothing_to_do_is_no_wait)
{
	struct work work = { .count = 0 };
	struct beside *beside = beside_open(run, &work);

	beside_wait(beside);
	beside_close(&beside);
	ck_assert_int_eq(work.count, 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("beside");

	tcase_add_test(tcase, each_piece_is_done);
	tcase_add_test(tcase, nothing_to_do_is_no_wait);
	return unit_run(suite_create("beside"), tcase);
}
