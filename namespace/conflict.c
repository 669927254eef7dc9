/* The winner is whom the resolver asks; all others behind it are conflicts. */
#include "namespace/conflict.h"

#include "namespace/model.h"
#include "namespace/route.h"

void conflicts_find(const struct view *view, const struct recipient *first,
	conflict_found *found, void *context)
{
	const struct recipient *winner = recipient_mailbox(first);
	const struct domain *domain;

	if (winner == NULL || winner->next == NULL ||
		domain_find(&domain, view, winner->domain) != LOOKUP_FOUND)
		return;
	for (const struct recipient *other = winner->next; other != NULL;
		other = other->next)
		if (other->target == NULL &&
			directory_may_own(other->directory, other->domain))
			found(context, other, winner);
}
