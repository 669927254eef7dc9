/*
 * The cookies of slapo-syncprov(5): "rid=000,csn=CSN;CSN...", a change
 * sequence number for each server that takes changes.  A CSN is
 * "20261121082243.000000Z#000000#001#000000", the third part being the
 * server's id; those of one server are in order as texts.
 */
#ifndef DIRECTORY_SYNC_COOKIE_H
#define DIRECTORY_SYNC_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

struct object_attribute;
struct text;

/* Of the values of contextCSN; false where one is no CSN. */
bool sync_cookie_format(
	struct text *out, const struct object_attribute *context_csn);

/*
 * Whether a change of that CSN was made after the cookie; true in doubt.
 */
bool sync_cookie_lacks(const char *cookie, const char *csn, size_t csn_len);

/* The oldest of its CSNs, not ended by a NUL; NULL = it has none. */
const char *sync_cookie_oldest(const char *cookie, size_t *len);
/* The newest. */
const char *sync_cookie_newest(const char *cookie, size_t *len);

#endif
