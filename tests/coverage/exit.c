/*
 * Stands before _exit(2) in programs that count what they run: gcov writes at
 * exit(3), and the processes that we fork end without it.  It takes memory for
 * granted, so what fails allocations (tests/faults/memory.c) is told first.
 */

/* None where it is not preloaded. */
__attribute__((weak)) void memory_is_back(void);

/* As libgcov, and as ld(1), --wrap, names them. */
void write_counts(void) __asm__("__gcov_dump");
_Noreturn void exit_at_once(int status) __asm__("__real__exit");
_Noreturn void exit_counted(int status) __asm__("__wrap__exit");

_Noreturn void exit_counted(int status)
{
	if (memory_is_back)
		memory_is_back();
	write_counts();
	exit_at_once(status);
}
