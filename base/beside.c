/*
 * Signals are left to the thread that was there before, but for those that an
 * access itself brings about: blocked, they are the end of the process,
 * whatever handler there is.
 */
#include "base/beside.h"

#include "base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct beside {
	void (*run)(void *context);
	void *context;
	pthread_t thread;
	bool is_started;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	bool is_running, is_ending;
};

static void *work(void *context)
{
	struct beside *beside = context;

	pthread_mutex_lock(&beside->mutex);
	for (;;) {
		while (!beside->is_running && !beside->is_ending)
			pthread_cond_wait(&beside->changed, &beside->mutex);
		if (!beside->is_running)
			break;
		pthread_mutex_unlock(&beside->mutex);
		beside->run(beside->context);
		pthread_mutex_lock(&beside->mutex);
		beside->is_running = false;
		pthread_cond_broadcast(&beside->changed);
	}
	pthread_mutex_unlock(&beside->mutex);
	return NULL;
}

static bool start(struct beside *beside)
{
	static const int own[] = { SIGBUS, SIGSEGV, SIGFPE, SIGILL };
	sigset_t others, before;

	sigfillset(&others);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	const bool is_started =
		pthread_create(&beside->thread, NULL, work, beside) == 0;

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_started;
}

struct beside *beside_open(void (*run)(void *context), void *context)
{
	struct beside *beside = memory_must(calloc(1, sizeof *beside));

	beside->run = run;
	beside->context = context;
	pthread_mutex_init(&beside->mutex, NULL);
	pthread_cond_init(&beside->changed, NULL);
	beside->is_started = start(beside);
	return beside;
}

static void set(struct beside *beside, bool *flag)
{
	pthread_mutex_lock(&beside->mutex);
	*flag = true;
	pthread_cond_broadcast(&beside->changed);
	pthread_mutex_unlock(&beside->mutex);
}

void beside_close(struct beside **beside)
{
	struct beside *b = *beside;

	if (b == NULL)
		return;
	if (b->is_started) {
		set(b, &b->is_ending);
		pthread_join(b->thread, NULL);
	}
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->mutex);
	free(b);
	*beside = NULL;
}

void beside_run(struct beside *beside)
{
	if (beside->is_started)
		set(beside, &beside->is_running);
	else
		beside->run(beside->context);
}

void beside_wait(struct beside *beside)
{
	pthread_mutex_lock(&beside->mutex);
	while (beside->is_running)
		pthread_cond_wait(&beside->changed, &beside->mutex);
	pthread_mutex_unlock(&beside->mutex);
}
