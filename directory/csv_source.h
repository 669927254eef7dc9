/* A CSV export, some of whose columns hold the addresses of recipients. */
#ifndef DIRECTORY_CSV_SOURCE_H
#define DIRECTORY_CSV_SOURCE_H

#include "directory/source.h"

/*
 * Each address of a row is an entry, its origin "row 12" as a spreadsheet
 * counts.  A row that names an SMTP target other than its own addresses is
 * a contact; of its own addresses only the target itself is one, for itself.
 * csv_layout.h says which columns are read.
 *
 * exchange-5.5: a row whose Mode is Delete lists nobody; in one of Obj-Class
 * Remote, a custom recipient, all are contacts.  The read fails where Excel
 * seems to have cut cells (Q155414).
 */
bool csv_source_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
