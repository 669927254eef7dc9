/*
 * What targets share.  libFuzzer hands over nothing of ours with an input, so
 * what was reached is counted at file scope.
 */
#include "tests/fuzz/target.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

static unsigned long reached[GOALS_MAX];

void goals_reach(size_t goal)
{
	assert(goal < GOALS_MAX);
	reached[goal]++;
}

unsigned long goals_count(size_t goal)
{
	return reached[goal];
}

size_t input_choose(struct slice *input, size_t n)
{
	if (input->len == 0)
		return 0;
	const unsigned char byte = (unsigned char)(input->bytes[0] - '0');

	*input = slice_after(*input, 1);
	return byte % n;
}

char *input_copy(struct slice input)
{
	char *copy = memory_must(malloc(input.len + 1));

	memcpy(copy, input.bytes, input.len);
	copy[input.len] = '\0';
	return copy;
}

struct slice input_until(struct slice *input, char mark)
{
	const char *end =
		input->len == 0 ? NULL : memchr(input->bytes, mark, input->len);
	const size_t len = end == NULL ? input->len
				       : (size_t)(end - input->bytes);
	const struct slice part = { input->bytes, len };

	*input = slice_after(*input, len + (end != NULL));
	return part;
}
