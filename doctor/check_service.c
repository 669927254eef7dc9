#include "doctor/checks.h"

const struct check *check_service(size_t index)
{
	(void)index;
	return NULL;
}
