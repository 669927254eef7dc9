/* Postfix's local aliases, aliases(5): each name is an address. */
#ifndef DIRECTORY_ALIASES_FILE_H
#define DIRECTORY_ALIASES_FILE_H

#include "directory/source.h"

/*
 * "name: value, ..." is the recipient name@local_domain, of class "alias";
 * the origin is the line at which it begins.  Where its mail goes is the
 * matter of local(8), so a value is not looked into; but what postalias(1)
 * would leave out is a bad line here.
 */
bool aliases_file_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
