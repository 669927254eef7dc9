/* Contacts in bulk: CSV with the header "address,target" (RFC 4180). */
#ifndef DIRECTORY_CONTACT_FILE_H
#define DIRECTORY_CONTACT_FILE_H

#include "base/faults.h"
#include "namespace/namespace.h"

struct arena;

/*
 * Appends the contacts of all ns->contact_files to ns->contacts; faults
 * name the file and row.  Memory from config.
 */
void contact_files_read(
	struct namespace *ns, struct arena *config, struct faults *faults);

#endif
