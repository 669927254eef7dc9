#include "doctor/checks.h"

const struct check *check_dns(size_t index)
{
	(void)index;
	return NULL;
}
