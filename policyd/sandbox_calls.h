/* What policyd may still ask of the kernel: seccomp(2). */
#ifndef POLICYD_SANDBOX_CALLS_H
#define POLICYD_SANDBOX_CALLS_H

#include "base/err.h"

/*
 * From now on this thread and those it makes are ended (SIGSYS) with the
 * whole process at any call that serving needs not: another program, a
 * socket that is not of the UNIX family, a file opened to be written, memory
 * made executable among them.  For good.  False where the kernel has no
 * seccomp: nothing is limited then, and *err says why.
 */
bool sandbox_limit_calls(struct err *err);
/*
 * For a program that reads what others wrote and may run another to do so:
 * all is allowed but what it never does, the network first of all.
 */
bool sandbox_forbid_network(struct err *err);

#endif
