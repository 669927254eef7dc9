/*
 * What changed since an update number of one domain controller of Active
 * Directory ([MS-ADTS] 3.1.1.1.9, uSNChanged).
 */
#ifndef DIRECTORY_LDAP_USN_H
#define DIRECTORY_LDAP_USN_H

#include "directory/ldap_delta.h"

struct text;

/* An objectGUID; false where it is none. */
bool ldap_usn_id(unsigned char id[16], const struct object_value *value);

/*
 * A mark of now, from which on changes can be asked for.  NONE: no domain
 * controller, or one that hides from us what was deleted.
 */
enum lookup ldap_usn_mark(
	const struct ldap_delta *delta, struct text *out, struct err *err);

/*
 * Brings the store from its mark to now, with its new mark; now is what
 * ldap_usn_mark() gave.  DOUBTFUL also where the store's mark is another
 * controller's; *err is filled where FAILED.
 */
enum ldap_delta_end ldap_usn_run(const struct ldap_delta *delta,
	const struct text *now, struct err *err);

#endif
