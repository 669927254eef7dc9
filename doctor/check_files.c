#include "doctor/checks.h"

const struct check *check_files(size_t index)
{
	(void)index;
	return NULL;
}
