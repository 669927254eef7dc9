/*
 * Mailboxes that two directories list.  A mailbox and a contact of the same
 * name are none: the mailbox wins whatever the order, for directories that
 * are synchronised are full of contacts for each other's users.
 */
#ifndef NAMESPACE_CONFLICT_H
#define NAMESPACE_CONFLICT_H

#include "namespace/recipients.h"
#include "namespace/view.h"

/* winner: of the directory that stands first in the configuration. */
typedef void conflict_found(void *context, const struct recipient *recipient,
	const struct recipient *winner);

/*
 * Calls found() for each mailbox that a later directory lists as well, out
 * of the first recipient of a key.  Directories that may not list the domain
 * have no part in it, nor has who is in no accepted domain of the view.
 */
void conflicts_find(const struct view *view, const struct recipient *first,
	conflict_found *found, void *context);

#endif
