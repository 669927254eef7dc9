/*
 * A target of libFuzzer's: one kind of input, what takes it in, and what has
 * to hold of the answer.  Assertions say that; the sanitizers say the rest.
 *
 * A target that never gets past the first check finds nothing, so each has
 * goals, and its corpus (tests/fuzz/NAME/) has to reach all of them.
 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include "base/slice.h"

#include <stdint.h>

/* libFuzzer's name for it.  Deterministic; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* What the corpus has to reach, as words; NULL past the last. */
const char *target_goal(size_t goal);

enum { GOALS_MAX = 16 };

void goals_reach(size_t goal);
/* How often it was. */
unsigned long goals_count(size_t goal);

/*
 * Takes the first byte for a choice below n: "0" is the first one, so that
 * seeds can be written by hand.  Where there is no byte: 0.
 */
size_t input_choose(struct slice *input, size_t n);
/*
 * The bytes in a block of their own with a NUL behind them, so that whatever
 * reads past it is seen; free(3) it.
 */
char *input_copy(struct slice input);
/* What stands before the first such byte, and takes both away; or all. */
struct slice input_until(struct slice *input, char mark);

#endif
