/*
 * Recipients and domains that people take for each other.  Advice, not
 * proof: who wrote one may have meant the other.
 *
 * Case makes no two recipients, for Postfix folds local parts, quoted ones
 * too, and domains are folded as well.
 */
#ifndef NAMESPACE_LOOKALIKE_H
#define NAMESPACE_LOOKALIKE_H

#include "namespace/namespace.h"
#include "namespace/recipients.h"

enum lookalike {
	/* Letters of another script or another width (Unicode TS 39,
	   "confusables"); at least one of the two is not plain ASCII. */
	LOOKALIKE_SCRIPT,
	/* Plain ASCII, apart by dots, hyphens and underscores (j.smith,
	   jsmith) or by 1 for l and 0 for o, of directories that name
	   different connectors.  Within one system such pairs are its own
	   matter, and there are many; between two, mail for one of them goes
	   to the wrong system. */
	LOOKALIKE_SLIP,
};

/* like was listed before it, and is of the same domain. */
typedef void lookalike_found(void *context, enum lookalike kind,
	const struct recipient *recipient, const struct recipient *like);

/*
 * Calls found() once for each recipient that looks like an earlier one, kind
 * by kind in the order of arrival; of slips, only mailboxes.
 */
void lookalikes_find(const struct recipients *recipients,
	lookalike_found *found, void *context);

/* A name that looks like an accepted domain's. */
struct lookalike_name {
	const char *name; /* in U-labels where it has them */
	const struct domain *domain; /* an accepted one's; NULL = none's */
	const struct recipient *recipient; /* the first of that domain; NULL */
};

typedef void lookalike_domain_found(void *context,
	const struct lookalike_name *name, const struct domain *like);

/*
 * Accepted domains that look like an earlier accepted one, but its secondary
 * domains, and domains of recipients that look like an accepted one or a
 * name below it.  Here plain ASCII counts: there are few domains, and
 * "cornpany.example" is a mistake.
 */
void lookalike_domains_find(const struct namespace *ns,
	const struct recipients *recipients, lookalike_domain_found *found,
	void *context);

#endif
