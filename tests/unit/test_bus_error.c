/* A fault in the guarded bytes ends the work there; any other the process. */
#include "snapshot/bus_error.h"

#include "tests/unit/unit_main.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 2 * 4096 };

static int fd;
static unsigned char *mapped;

static void setup(void)
{
	fd = memfd_create("x", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	mapped = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(mapped, MAP_FAILED);
}

static void teardown(void)
{
	munmap(mapped, SIZE);
	close(fd);
}

struct work {
	const volatile unsigned char *at;
	const struct extent *inner; /* another guard around the access */
	bool is_done;
	bool is_inner_done;
};

static void look(void *context)
{
	struct work *work = context;

	(void)*work->at;
	work->is_done = true;
}

static void look_within(void *context)
{
	struct work *work = context;

	work->is_inner_done = bus_error_guard(work->inner, look, work);
	(void)*work->at;
}

static bool guard(struct work *work)
{
	const struct extent extents[BUS_ERROR_EXTENTS] = { { mapped, SIZE } };

	return bus_error_guard(extents, look, work);
}

START_TEST(what_is_there_is_read)
{
	struct work work = { .at = mapped + SIZE - 1 };

	ck_assert(guard(&work));
	ck_assert(work.is_done);
}
END_TEST

START_TEST(a_fault_ends_the_work_as_often_as_it_comes)
{
	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	for (int i = 0; i < 1000; i++) {
		struct work gone = { .at = mapped + SIZE - 1 };
		struct work there = { .at = mapped };

		ck_assert(!guard(&gone));
		ck_assert(!gone.is_done);
		ck_assert(guard(&there));
	}
	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	struct work back = { .at = mapped + SIZE - 1 };

	ck_assert(guard(&back));
}
END_TEST

START_TEST(the_second_bytes_are_guarded_too)
{
	const struct extent extents[BUS_ERROR_EXTENTS] = { { mapped, 4096 },
		{ mapped + 4096, 4096 } };
	struct work work = { .at = mapped + 4096 };

	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert(!bus_error_guard(extents, look, &work));
}
END_TEST

START_TEST(a_guard_within_a_guard_leaves_the_outer_one)
{
	const struct extent extents[BUS_ERROR_EXTENTS] = { { mapped, SIZE } };
	struct work work = { .at = mapped, .inner = extents };

	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert(!bus_error_guard(extents, look_within, &work));
	ck_assert(!work.is_inner_done);
}
END_TEST

/* How a child of ours ends that does what is not guarded. */
static int end_of(void (*work)(void *context), const struct extent *extents)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		struct work one = { .at = mapped };

		close(STDERR_FILENO); /* what a sanitizer has to say */
		alarm(20);
		bus_error_guard(extents, work, &one);
		(void)*one.at;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

/* The signal, or what a sanitizer makes of it; in no case an endless loop. */
static void expect_death(int status)
{
	ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
	ck_assert(!WIFSIGNALED(status) || WTERMSIG(status) == SIGBUS);
}

START_TEST(a_fault_elsewhere_does_what_it_did)
{
	const struct extent other[BUS_ERROR_EXTENTS] = { { mapped, 4096 } };

	ck_assert_int_eq(ftruncate(fd, 0), 0);
	const struct extent none[BUS_ERROR_EXTENTS] = { { mapped + 4096,
		4096 } };

	expect_death(end_of(look, none));
	/* After the guard as before it. */
	expect_death(end_of(look, other));
}
END_TEST

static void send_signal(void *context)
{
	(void)context;
	kill(getpid(), SIGBUS);
}

START_TEST(a_signal_that_somebody_sent_does_what_it_did)
{
	const struct extent extents[BUS_ERROR_EXTENTS] = { { mapped, SIZE } };

	expect_death(end_of(send_signal, extents));
}
END_TEST

/* Whoever caught the signal before gets what is not guarded. */
static sigjmp_buf caught;

static void catch_first(int number)
{
	siglongjmp(caught, number);
}

static void send_to_this_thread(void *context)
{
	(void)context;
	raise(SIGBUS);
}

static const struct {
	const char *name;
	void (*work)(void *context);
	bool is_guarded; /* the bytes, though not what the work does */
} unguarded[] = {
	{ "a fault in other bytes", look, .is_guarded = false },
	{ "a signal without a fault", send_to_this_thread, .is_guarded = true },
	{ "a fault with no guard at all", NULL, .is_guarded = true },
};

START_TEST(former_handler_gets_what_is_not_guarded)
{
	const struct sigaction first = { .sa_handler = catch_first };
	static const unsigned char there[1];
	struct work work = { .at = there };
	const struct extent extents[BUS_ERROR_EXTENTS] = { { mapped,
		unguarded[_i].is_guarded ? SIZE : 4096 } };

	ck_assert_int_eq(sigaction(SIGBUS, &first, NULL), 0);
	ck_assert(bus_error_guard(extents, look, &work));
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	work = (struct work){ .at = mapped + 4096 };
	if (sigsetjmp(caught, 1) == 0) {
		if (unguarded[_i].work == NULL)
			look(&work);
		else
			bus_error_guard(extents, unguarded[_i].work, &work);
		ck_abort_msg("%s", unguarded[_i].name);
	}
	ck_assert(!work.is_done);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("bus_error");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_there_is_read);
	tcase_add_test(tcase, a_fault_ends_the_work_as_often_as_it_comes);
	tcase_add_test(tcase, the_second_bytes_are_guarded_too);
	tcase_add_test(tcase, a_guard_within_a_guard_leaves_the_outer_one);
	tcase_add_test(tcase, a_fault_elsewhere_does_what_it_did);
	tcase_add_test(tcase, a_signal_that_somebody_sent_does_what_it_did);
	tcase_add_loop_test(tcase, former_handler_gets_what_is_not_guarded, 0,
		COUNT(unguarded));
	return unit_run(suite_create("bus_error"), tcase);
}
