/*
 * What a session asks and tells: the seam between the protocol and the
 * generation, so that either is tested without the other.
 */
#ifndef POLICYD_JUDGE_H
#define POLICYD_JUDGE_H

#include "policyd/verdict_log.h"

#include <time.h>

struct arena;

enum { JUDGE_EXPECTED_MAX = 16 };

struct judge {
	/*
	 * A hint that requests for these, JUDGE_EXPECTED_MAX at the most, come
	 * next, in this order.  NULL: of no use.
	 */
	void (*expect)(
		void *context, const struct slice *recipients, size_t count);
	/*
	 * The verdict on request->recipient.  False: there is nothing to
	 * judge by, so the maps alone decide.  The texts live in request
	 * or longer.
	 */
	bool (*decide)(void *context, struct judgement *out,
		const struct request *asked, time_t now, struct arena *request);
	/*
	 * Takes one line of the verdict log; never fails, never waits.  NULL:
	 * nobody keeps them, and none is written.
	 */
	void (*record)(void *context, const char *line);
	/* Hears of each request that is answered; NULL: nobody does. */
	void (*answered)(void *context, bool is_judged);
	/* An answer of ours that must not go out: a bug. */
	void (*alarm)(void *context, const char *text);
	void *context;
	bool is_shadow; /* say DUNNO, record what would have been said */
};

#endif
