/* The clocks that a publish waits by. */
#ifndef SNAPSHOT_PUBLISH_CLOCK_H
#define SNAPSHOT_PUBLISH_CLOCK_H

/* Milliseconds; since the epoch, and by a clock that nobody can set. */
struct publish_clock {
	long long (*now_ms)(void *context);
	long long (*steady_ms)(void *context);
	void (*sleep_ms)(void *context, unsigned ms);
	void *context;
};

/* That of the system. */
const struct publish_clock *publish_clock_real(void);

#endif
