#include "changes/limit.h"

size_t limit_shown(unsigned long limit, size_t count)
{
	return limit == 0 || count < limit ? count : limit;
}
