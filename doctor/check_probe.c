#include "doctor/checks.h"

const struct check *check_probe(size_t index)
{
	(void)index;
	return NULL;
}
