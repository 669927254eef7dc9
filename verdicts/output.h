/* What is done with the verdicts that were asked for, one by one. */
#ifndef VERDICTS_OUTPUT_H
#define VERDICTS_OUTPUT_H

#include "base/err.h"
#include "verdicts/record.h"

struct output {
	/* Takes one; borrows for this call alone. */
	void (*take)(void *context, const struct record *record);
	/* Shows what has been taken so far: while following. */
	void (*flush)(void *context);
	/* After the last one.  False: it can not be written. */
	bool (*finish)(void *context, struct err *err);
	void (*close)(void *context);
	void *context;
};

#endif
