/* The system calls that are looked at, and where each has its names. */
#ifndef TESTS_FAULTS_CALLS_H
#define TESTS_FAULTS_CALLS_H

#include <stddef.h>

enum shape {
	NO_FILE,
	PATH, /* the first argument */
	PATH_AT, /* the second */
	TWO_PATHS, /* the first and the second */
	TWO_PATHS_AT, /* the second and the fourth */
	LINK_AT, /* the first and the third */
	FD,
	FD_DATA, /* and its bytes may be others afterwards */
	MAP, /* a mapping of a file */
};

struct call {
	long number;
	const char *name;
	enum shape shape;
};

enum { CALLS_COUNT = 75 };

long calls_number(size_t index);
/* NULL where it is not looked at. */
const struct call *calls_find(long number);

#endif
