/* LDIF (RFC 2849) as ldifde, ldapsearch and slapcat write it. */
#ifndef DIRECTORY_LDIF_H
#define DIRECTORY_LDIF_H

#include "directory/source.h"

/*
 * Each entry is an object (directory/object.h), the origin of what it lists
 * "line 17: DN".  A value that is damaged, stands in another file (":<") or
 * is part of a range is bad.
 *
 * The read fails where the text is no whole list: a line that is neither
 * attribute, comment nor empty, an entry without a dn or with two, an end
 * within a line or behind one that would go on, a search that did not
 * succeed or has no end, fewer entries than its "# numEntries" says, a
 * "pagedresults" that promises another page; and any changetype but "add",
 * for changes say nothing of who else exists.  References are ignored.
 * ldapsearch -L leaves out how a search ended: its exit status tells.
 */
struct ldif;

struct ldif *ldif_open(
	const struct directory *directory, const struct sink *sink);
void ldif_close(struct ldif **ldif);
/*
 * Part of a text, up to behind an empty line, or the last.  It is written to
 * and must live until the next call.
 */
bool ldif_feed(struct ldif *ldif, struct decoded *text, struct err *err);
/* The line at which the next part begins. */
unsigned ldif_line(const struct ldif *ldif);
/* Behind the last part. */
bool ldif_finish(struct ldif *ldif, struct err *err);

/* All of it at once. */
bool ldif_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
