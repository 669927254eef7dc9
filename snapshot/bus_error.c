/*
 * A handler that jumps back to where the guarded work began, only where the
 * address is one of the guarded bytes; siginfo says which it was.  With
 * SA_NODEFER the signal is not blocked while the handler runs, so no mask
 * has to be saved before each piece of work, which would be a system call.
 */
#include "snapshot/bus_error.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

struct guard {
	const struct extent *extents;
	sigjmp_buf start;
};

/* A handler has no context of its own but what stands at file scope. */
static _Thread_local const struct guard *volatile current;
static struct sigaction former;
static once_flag is_installed = ONCE_FLAG_INIT;

static bool is_guarded(const struct guard *guard, const void *address)
{
	const uintptr_t at = (uintptr_t)address;

	for (int i = 0; i < BUS_ERROR_EXTENTS; i++) {
		const struct extent *extent = &guard->extents[i];
		const uintptr_t start = (uintptr_t)extent->bytes;

		if (at >= start && at - start < extent->size)
			return true;
	}
	return false;
}

/*
 * Where it is not ours the former action is put back, and the access is
 * done again on return: what comes of it is what would have come of it.
 */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
	const struct guard *guard = current;
	const bool is_fault = info->si_code > 0;

	(void)context;
	if (is_fault && guard != NULL && is_guarded(guard, info->si_addr))
		siglongjmp(*(sigjmp_buf *)&guard->start, 1);
	sigaction(number, &former, NULL);
	if (!is_fault)
		raise(number);
}

static void install(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error,
		.sa_flags = SA_SIGINFO | SA_NODEFER };

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, &action, &former) != 0)
		abort(); /* it is a signal, and one that may be caught */
}

bool bus_error_guard(const struct extent extents[BUS_ERROR_EXTENTS],
	void (*work)(void *context), void *context)
{
	const struct guard *const outer = current;
	struct guard guard;

	guard.extents = extents;
	call_once(&is_installed, install);
	if (sigsetjmp(guard.start, 0) != 0) {
		current = outer;
		return false;
	}
	current = &guard;
	work(context);
	current = outer;
	return true;
}
