/*
 * A read of a directory that asks only for what changed since the last one,
 * where the server can tell, and for all of it otherwise.
 */
#ifndef DIRECTORY_LDAP_REFRESH_H
#define DIRECTORY_LDAP_REFRESH_H

#include "directory/ldap_source.h"

struct text;

/*
 * Brings the sink the same as a full read would.  All is asked for where the
 * server can not tell changes, where what is remembered of it is absent,
 * damaged, of other settings or older than full_refresh_s, and wherever a
 * change is in doubt.  False: the read has failed, and what is remembered is
 * as it was.
 */
bool ldap_refresh_read(struct ldap_connection *connection,
	const struct directory *directory, const struct source_options *options,
	const struct sink *sink, struct err *err);

/*
 * All settings that decide what is listed; not which server answers, nor how
 * it is reached.
 */
void ldap_refresh_settings(struct text *out, const struct directory *directory);

#endif
