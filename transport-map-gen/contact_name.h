/* What a contact is called where Exchange keeps it. */
#ifndef TRANSPORT_MAP_GEN_CONTACT_NAME_H
#define TRANSPORT_MAP_GEN_CONTACT_NAME_H

#include <stdbool.h>

struct arena;

enum { CONTACT_NAME_MAX = 64 };

/*
 * Its Name, the cn in Active Directory: at most 64 characters of printable
 * ASCII, another one for each address, whatever its case or accents, and
 * nothing that a spreadsheet takes for a formula.  The address (a key)
 * itself where that is all this; else as much of it, and a digest.  The same
 * in every run.
 */
const char *contact_name(const char *address, struct arena *arena);
/* Its DisplayName: the address, but for formulas again. */
const char *contact_display_name(const char *address, struct arena *arena);
/*
 * Its Alias, the mailNickname: the local part where that is one; else what
 * can stay of it, and a digest of the address.  Local parts that several
 * addresses have are to be told apart: is_shared.
 */
const char *contact_alias(
	const char *address, bool is_shared, struct arena *arena);

#endif
