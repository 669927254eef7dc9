/*
 * Stands before _exit(2) in programs that count what they run: gcov writes at
 * exit(3), and the processes that we fork end without it.
 */

/* As libgcov, and as ld(1), --wrap, names them. */
void write_counts(void) __asm__("__gcov_dump");
_Noreturn void exit_at_once(int status) __asm__("__real__exit");
_Noreturn void exit_counted(int status) __asm__("__wrap__exit");

_Noreturn void exit_counted(int status)
{
	write_counts();
	exit_at_once(status);
}
