/* What a replay is shown with. */
#ifndef CHANGES_REPLAY_HEADING_H
#define CHANGES_REPLAY_HEADING_H

#include <stdbool.h>

struct replay_heading {
	unsigned long against; /* a generation; 0 = the candidate */
	unsigned long published; /* the generation; 0 = none */
	unsigned long limit; /* items of each list; 0 = all */
};

#endif
