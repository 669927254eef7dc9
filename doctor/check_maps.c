#include "doctor/checks.h"

const struct check *check_maps(size_t index)
{
	(void)index;
	return NULL;
}
