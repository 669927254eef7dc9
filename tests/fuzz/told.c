/* Says at the end of a run what it reached; libFuzzer has no hook for that. */
#include "tests/fuzz/target.h"

#include <stdio.h>

__attribute__((destructor)) static void tell_goals(void)
{
	for (size_t i = 0; target_goal(i) != NULL; i++)
		fprintf(stderr, "reached: %10lu %s\n", goals_count(i),
			target_goal(i));
}
