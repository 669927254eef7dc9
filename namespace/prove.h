/*
 * What must hold before anything is published: somebody takes every
 * accepted recipient, somebody refuses every unknown one, no alias ends in
 * nothing, and nothing stands in the configuration without effect.
 */
#ifndef NAMESPACE_PROVE_H
#define NAMESPACE_PROVE_H

#include "base/faults.h"
#include "namespace/model.h"

/* Of the configuration alone; the model may be one without recipients. */
void prove_namespace(const struct namespace *ns, const struct model *model,
	struct faults *faults);

/*
 * Of contacts, catch-alls and the postmaster, each of which ends by itself:
 * that it does so too for who comes to it by the longest row of secondary
 * names, for all steps count together.
 */
void prove_rows(const struct namespace *ns, const struct model *model,
	time_t now, struct faults *faults);

/*
 * Of the recipients: contacts, catch-alls, conflicts, strays.  The number of
 * conflicts, counted as conflicts_find() tells them.
 */
size_t prove_recipients(const struct namespace *ns,
	const struct recipients *recipients, const struct model *model,
	time_t now, struct faults *faults);

#endif
