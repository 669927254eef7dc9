/* What tests/e2e can not meet at will: threads that end while one looks. */
#include "transport-map-gen/memory_bound.h"

#include "transport-map-gen/options.h"

#include "tests/unit/unit_main.h"

#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

enum { THREADS = 20000, AMPLE_MIB = 1024 * 1024, DONE = 7 };

static void *end_at_once(void *context)
{
	return context;
}

/* In the process that is looked at, which nothing of this test needs. */
static int make_threads(const struct options *options)
{
	(void)options;
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, end_at_once, NULL) != 0)
			_exit(1);
		pthread_join(thread, NULL);
	}
	_exit(DONE);
}

START_TEST(a_thread_that_ends_hides_nothing)
{
	const struct options options = { .command = COMMAND_CHECK,
		.max_memory = AMPLE_MIB };

	ck_assert_int_eq(memory_bound_run(&options, make_threads), DONE);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("memory_bound");

	tcase_set_timeout(tcase, 60); /* threads, on a busy machine */
	tcase_add_test(tcase, a_thread_that_ends_hides_nothing);
	return unit_run(suite_create("memory_bound"), tcase);
}
