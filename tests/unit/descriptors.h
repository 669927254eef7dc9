/* Whether a failure leaves a file open: counted before and after. */
#ifndef TESTS_UNIT_DESCRIPTORS_H
#define TESTS_UNIT_DESCRIPTORS_H

#include <stddef.h>

/* How many this process has, and some more that are always the same. */
size_t descriptors_count(void);

#endif
