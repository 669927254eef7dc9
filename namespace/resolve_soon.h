/* Telling a view whom the resolver will be asked for. */
#ifndef NAMESPACE_RESOLVE_SOON_H
#define NAMESPACE_RESOLVE_SOON_H

#include "base/slice.h"

struct view;

/*
 * A hint that resolve() is asked for these recipients next, in that order;
 * VIEW_EXPECTED_MAX at the most.  Decides nothing.
 */
void resolve_soon(
	const struct view *view, const struct slice *recipients, size_t count);

#endif
