/* The same for texts and JSON, of a diff and of a replay. */
#include "changes/limit.h"

size_t limit_shown(unsigned long limit, size_t count)
{
	return limit == 0 || count < limit ? count : limit;
}
