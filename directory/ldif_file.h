/* LDIF in a file, a part at a time: exports are large, recipients are few. */
#ifndef DIRECTORY_LDIF_FILE_H
#define DIRECTORY_LDIF_FILE_H

#include "directory/source.h"

/*
 * As ldif_read() does it.  In memory stands a megabyte, or up to four times
 * the largest entry; of UTF-16 two and a half times the file.
 */
bool ldif_file_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err);

#endif
