/*
 * The thread lives no longer than the call, so that nobody else need know of
 * it: a later fork() finds a process with one thread.
 */
#include "base/side_by_side.h"

#include "base/beside.h"

void side_by_side(void (*first)(void *context), void *first_context,
	void (*second)(void *context), void *second_context)
{
	struct beside *beside = beside_open(second, second_context);

	beside_run(beside);
	first(first_context);
	beside_close(&beside);
}
