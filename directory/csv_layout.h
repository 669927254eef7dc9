/*
 * Which columns of a CSV export hold what: as the directory is configured,
 * else as its preset has it.
 */
#ifndef DIRECTORY_CSV_LAYOUT_H
#define DIRECTORY_CSV_LAYOUT_H

#include "namespace/directory.h"

#include <stdint.h>

struct arena;
struct csv;

#define CSV_ABSENT SIZE_MAX

struct csv_layout {
	size_t *addresses; /* columns */
	size_t n_addresses;
	size_t target, class, mode; /* CSV_ABSENT where there is none */
};

/*
 * Of the header just read.  A column that is configured has to be there, and
 * one of the preset's address columns.  exchange: PrimarySmtpAddress,
 * EmailAddresses; target ExternalEmailAddress, class RecipientTypeDetails,
 * else RecipientType.  exchange-5.5: "E-mail Address", "E-mail Addresses",
 * Secondary-Proxy-Addresses; target "E-mail Address", class Obj-Class (has to
 * be there), mode Mode.  *err comes without place.
 */
bool csv_layout_find(struct csv_layout *out, const struct directory *directory,
	const struct csv *csv, struct arena *arena, struct err *err);

#endif
