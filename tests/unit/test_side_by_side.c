/* Both are done, in whatever thread; what one reads may fault there. */
#include "base/side_by_side.h"

#include "snapshot/bus_error.h"
#include "tests/unit/unit_main.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 4096 };

struct work {
	const unsigned char *bytes;
	pthread_t thread;
	bool is_done;
	bool is_read;
	bool hears_of_end;
};

static void look(void *context)
{
	const struct work *work = context;

	(void)*(const volatile unsigned char *)work->bytes;
}

static void run(void *context)
{
	struct work *work = context;
	const struct extent extents[BUS_ERROR_EXTENTS] = { { work->bytes,
		SIZE } };
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	work->thread = pthread_self();
	work->hears_of_end = !sigismember(&blocked, SIGTERM);
	work->is_read = bus_error_guard(extents, look, work);
	work->is_done = true;
}

/* size: of the file of which SIZE bytes are mapped. */
static void run_both(struct work *first, struct work *second, off_t size)
{
	const int fd = memfd_create("x", MFD_CLOEXEC);

	ck_assert_int_eq(ftruncate(fd, size), 0);
	void *bytes = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);

	ck_assert_ptr_ne(bytes, MAP_FAILED);
	*first = *second = (struct work){ .bytes = bytes };
	side_by_side(run, first, run, second);
	munmap(bytes, SIZE);
	close(fd);
}

START_TEST(both_are_done_and_the_first_is_done_here)
{
	struct work first, second;

	run_both(&first, &second, SIZE);
	ck_assert(first.is_done && first.is_read);
	ck_assert(second.is_done && second.is_read);
	ck_assert(pthread_equal(first.thread, pthread_self()));
	ck_assert(!pthread_equal(second.thread, pthread_self()));
}
END_TEST

START_TEST(a_map_cut_short_is_a_fault_to_either_and_no_end)
{
	struct work first, second;

	run_both(&first, &second, 0);
	ck_assert(first.is_done && !first.is_read);
	ck_assert(second.is_done && !second.is_read);
}
END_TEST

START_TEST(who_was_there_before_hears_signals)
{
	struct work first, second;

	run_both(&first, &second, SIZE);
	ck_assert(first.hears_of_end);
	ck_assert(!second.hears_of_end);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("side_by_side");

	tcase_add_test(tcase, both_are_done_and_the_first_is_done_here);
	tcase_add_test(tcase, a_map_cut_short_is_a_fault_to_either_and_no_end);
	tcase_add_test(tcase, who_was_there_before_hears_signals);
	return unit_run(suite_create("side_by_side"), tcase);
}
