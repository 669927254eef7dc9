/*
 * A thread lives no longer than the call, so that nobody else need know of
 * it: a later fork() finds a process with one thread.  Signals are left to
 * the thread that was there before, but for those that an access itself
 * brings about: blocked, they are the end of the process, whatever handler
 * there is.
 */
#include "snapshot/side_by_side.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct work {
	void (*run)(void *context);
	void *context;
};

static void *run(void *context)
{
	const struct work *work = context;

	work->run(work->context);
	return NULL;
}

static bool start(pthread_t *thread, struct work *work)
{
	static const int own[] = { SIGBUS, SIGSEGV, SIGFPE, SIGILL };
	sigset_t others, before;

	sigfillset(&others);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	const bool is_started = pthread_create(thread, NULL, run, work) == 0;

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_started;
}

void side_by_side(void (*first)(void *context), void *first_context,
	void (*second)(void *context), void *second_context)
{
	struct work work = { second, second_context };
	pthread_t thread;
	const bool is_started = start(&thread, &work);

	first(first_context);
	if (is_started)
		pthread_join(thread, NULL);
	else
		second(second_context);
}
