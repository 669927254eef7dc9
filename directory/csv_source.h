/* A CSV export, some of whose columns hold the addresses of recipients. */
#ifndef DIRECTORY_CSV_SOURCE_H
#define DIRECTORY_CSV_SOURCE_H

#include "directory/source.h"

/*
 * Each address of a row is an entry, its origin "row 12" as a spreadsheet
 * counts.  A row that names an SMTP target other than its own addresses is
 * a contact.
 */
bool csv_source_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
