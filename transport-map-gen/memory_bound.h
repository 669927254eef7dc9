/*
 * --max-memory: a run that wants more memory than it is allowed ends, before
 * the machine has to choose who does.  What counts is what the run and all
 * processes that it starts hold for themselves: pages of their own and of
 * lists on their way between them, swapped out or not; files that are mapped
 * are the system's to take back.
 */
#ifndef TRANSPORT_MAP_GEN_MEMORY_BOUND_H
#define TRANSPORT_MAP_GEN_MEMORY_BOUND_H

struct options;

typedef int memory_bound_command(const struct options *options);

/*
 * Runs the command in a process of its own, bounded by options->max_memory
 * MiB, and returns its status; in that process too.  Above the bound it is
 * killed as any power cut may do, what it left is removed, and the status is
 * EX_OSERR; also where nobody may look how much memory it has.
 */
int memory_bound_run(
	const struct options *options, memory_bound_command *command);

#endif
