/* The users of a Unix system, as passwd(5) lists them. */
#ifndef DIRECTORY_PASSWD_FILE_H
#define DIRECTORY_PASSWD_FILE_H

#include "directory/source.h"

/*
 * Each user whose uid is from directory->min_uid to directory->max_uid is
 * the recipient name@local_domain, of class "user"; the origin is the line.
 * Comments and the "+" and "-" lines of NIS list nobody; what is neither
 * they nor a user is bad.
 */
bool passwd_file_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
