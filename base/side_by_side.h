/* Two pieces of work at once, on two cores where there are two. */
#ifndef BASE_SIDE_BY_SIDE_H
#define BASE_SIDE_BY_SIDE_H

/* Bytes to work through: with fewer it is done before a thread has begun. */
enum { SIDE_BY_SIDE_BYTES = 8 * 1024 * 1024 };

/*
 * Runs both and returns when both have ended; first in this thread.  Where
 * no thread is to be had they run one after the other.  What the two share
 * they must only read.
 */
void side_by_side(void (*first)(void *context), void *first_context,
	void (*second)(void *context), void *second_context);

#endif
