/*
 * A second thread for work that comes piece by piece, on another core where
 * there is one.  While it is open this process must not fork.
 */
#ifndef BASE_BESIDE_H
#define BASE_BESIDE_H

struct beside;

struct beside *beside_open(void (*run)(void *context), void *context);
/* Waits for what runs, ends the thread, and sets *beside to NULL. */
void beside_close(struct beside **beside);

/*
 * Begins run(context), in the thread; where none is to be had, does it.  What
 * it uses is its own until beside_wait().  Nothing may run yet.
 */
void beside_run(struct beside *beside);
/* Nothing runs any more. */
void beside_wait(struct beside *beside);

#endif
