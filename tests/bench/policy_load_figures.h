/* What a load generator measured: of the answers, and of the server's CPU. */
#ifndef TESTS_BENCH_POLICY_LOAD_FIGURES_H
#define TESTS_BENCH_POLICY_LOAD_FIGURES_H

#include <stddef.h>
#include <stdint.h>

/*
 * A histogram of nanoseconds, each power of two in 64 parts: a figure read
 * from it is at most 1.6 % too high.
 */
enum { FIGURES_PARTS = 64, FIGURES_CELLS = 64 * FIGURES_PARTS };
enum { FIGURES_KINDS_MAX = 8, FIGURES_KIND_SIZE = 80 };

struct figures {
	uint64_t cells[FIGURES_CELLS];
	uint64_t count, longest_ns;
	uint64_t begin_ns, end_ns;
	uint64_t cpu_ns; /* of the scheduler */
	uint64_t user_ticks, system_ticks; /* of stat */
	struct {
		char text[FIGURES_KIND_SIZE];
		uint64_t count;
	} wrong[FIGURES_KINDS_MAX]; /* the last for all other kinds */
};

uint64_t figures_now_ns(void);
/* pid: the server, 0 = not asked */
void figures_begin(struct figures *figures, int pid);
void figures_end(struct figures *figures, int pid);
/* How long an answer took. */
void figures_add(struct figures *figures, uint64_t ns);
/* An answer that was not expected, as a text. */
void figures_add_wrong(struct figures *figures, const char *reply);
/* Since the beginning. */
double figures_seconds(const struct figures *figures);
/* One line of name=value, then one for each kind of wrong answer. */
void figures_print(const struct figures *figures, size_t connections);

#endif
