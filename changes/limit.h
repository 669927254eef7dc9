/* What is shown of a list. */
#ifndef CHANGES_LIMIT_H
#define CHANGES_LIMIT_H

#include <stddef.h>

/* Of count items; limit 0: all. */
size_t limit_shown(unsigned long limit, size_t count);

#endif
