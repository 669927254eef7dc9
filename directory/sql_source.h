/* A database, asked by one query. */
#ifndef DIRECTORY_SQL_SOURCE_H
#define DIRECTORY_SQL_SOURCE_H

#include "directory/source.h"

/*
 * The hosts are tried in order until one lets us in; which one was asked is
 * not changed any more once the query was sent.  Nothing but the settings
 * counts: variables of the environment for libpq and libmariadb are removed
 * from it, and files in home folders are not read.
 */
bool sql_source_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err);

#endif
