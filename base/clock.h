/* The clock by which waiting is measured, whoever sets the time of day. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Since some start. */
int64_t clock_now_ms(void);
/* So many seconds from now; never where they are 0. */
int64_t clock_due_ms(unsigned long after_s);
/* How long poll(2) may wait until then; 0 = it has come. */
int clock_left_ms(int64_t due_ms);

#endif
