/* The clock by which drivers tell that nothing came for too long. */
#ifndef DIRECTORY_SQL_CLOCK_H
#define DIRECTORY_SQL_CLOCK_H

#include <stdint.h>

/* Since some start, whoever sets the time of day. */
int64_t sql_clock_ms(void);

#endif
