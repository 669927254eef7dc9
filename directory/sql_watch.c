/*
 * A thread that sleeps until the time, looks whether it was moved, and shuts
 * the socket down: whoever reads there is woken and finds its end.  A client
 * that has no socket yet still tries the addresses of a host, each for as
 * long as it may; so it gets its time once more.
 */
#include "directory/sql_watch.h"

#include "base/clock.h"
#include "base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { AGAIN_MS = 50 };

struct sql_watch {
	int (*descriptor)(void *context);
	void *context;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	int64_t due_ms, span_ms;
	int64_t wakes_ms; /* never later than due_ms */
	bool is_over, has_hung_up;
};

static void hang_up(struct sql_watch *watch)
{
	const int fd = watch->descriptor(watch->context);

	watch->due_ms = clock_now_ms() + watch->span_ms;
	if (fd < 0)
		return;
	watch->has_hung_up = true;
	shutdown(fd, SHUT_RDWR);
}

/* Until it is time to look, or until something changes. */
static void await_change(struct sql_watch *watch)
{
	const struct timespec until = { .tv_sec = watch->wakes_ms / 1000,
		.tv_nsec = watch->wakes_ms % 1000 * 1000000 };

	pthread_cond_timedwait(&watch->changed, &watch->lock, &until);
}

static void *run(void *opaque)
{
	struct sql_watch *watch = opaque;

	pthread_mutex_lock(&watch->lock);
	while (!watch->is_over) {
		const int64_t now_ms = clock_now_ms();

		if (now_ms >= watch->due_ms)
			hang_up(watch);
		if (now_ms >= watch->wakes_ms)
			watch->wakes_ms = watch->due_ms;
		await_change(watch);
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

/* Signals are left to the thread that was there before.  0, or an errno. */
static int start(struct sql_watch *watch)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int why = pthread_create(&watch->thread, NULL, run, watch);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return why;
}

static void init_lock(struct sql_watch *watch)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

static void release(struct sql_watch **watch)
{
	pthread_cond_destroy(&(*watch)->changed);
	pthread_mutex_destroy(&(*watch)->lock);
	free(*watch);
	*watch = NULL;
}

struct sql_watch *sql_watch_open(
	int (*descriptor)(void *context), void *context, struct err *err)
{
	struct sql_watch *watch = memory_must(calloc(1, sizeof *watch));

	watch->descriptor = descriptor;
	watch->context = context;
	watch->due_ms = watch->wakes_ms = clock_due_ms(0);
	init_lock(watch);
	const int why = start(watch);

	if (why != 0) {
		err_set(err, "start a thread: %s", strerror(why));
		release(&watch);
	}
	return watch;
}

void sql_watch_close(struct sql_watch **watch)
{
	struct sql_watch *w = *watch;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_over = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	release(watch);
}

/*
 * One that comes later is found once the thread wakes: with each row of a
 * table time is set anew, and to wake somebody costs more than the row.
 */
void sql_watch_set(struct sql_watch *watch, int64_t due_ms)
{
	pthread_mutex_lock(&watch->lock);
	const int64_t span_ms = due_ms - clock_now_ms();

	watch->due_ms = due_ms;
	watch->span_ms = span_ms < AGAIN_MS ? AGAIN_MS : span_ms;
	if (due_ms < watch->wakes_ms) {
		watch->wakes_ms = due_ms;
		pthread_cond_signal(&watch->changed);
	}
	pthread_mutex_unlock(&watch->lock);
}

bool sql_watch_has_hung_up(struct sql_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	const bool has_hung_up = watch->has_hung_up;

	pthread_mutex_unlock(&watch->lock);
	return has_hung_up;
}
