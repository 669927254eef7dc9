/*
 * Up to where the changes of a domain controller are known.  Update numbers
 * are each controller's own; its invocationId changes when it is restored
 * from a backup and counts anew.
 */
#ifndef DIRECTORY_USN_MARK_H
#define DIRECTORY_USN_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

struct usn_mark {
	unsigned char invocation_id[16];
	uint64_t usn; /* the highest one that is known */
};

/* "usn ", the id in hexadecimal digits, a blank, the number. */
void usn_mark_format(struct text *out, const struct usn_mark *mark);
bool usn_mark_parse(struct usn_mark *out, const char *bytes, size_t len);

/* A number as an attribute has it. */
bool usn_parse(uint64_t *out, const char *bytes, size_t len);

/*
 * The DN of the container of deleted objects, from a value of
 * wellKnownObjects ("B:32:GUID:DN", [MS-ADTS] 6.1.1.4); false where that is
 * of another one.  *dn points into the value.
 */
bool usn_deleted_objects(
	const char **dn, size_t *dn_len, const char *bytes, size_t len);

#endif
