/*
 * The next generation before it is written: the configuration and what the
 * directories list, as a view for the resolver.
 */
#ifndef NAMESPACE_MODEL_H
#define NAMESPACE_MODEL_H

#include "namespace/recipients.h"
#include "namespace/view.h"

struct model;

/*
 * Borrows both; loaded[] has an entry for each of ns->directories.  The
 * names in ns must resolve: open a model of a namespace without errors.
 */
struct model *model_open(const struct namespace *ns,
	const struct recipients *recipients, const time_t *loaded);
void model_close(struct model **model);

const struct view *model_view(const struct model *model);

/* Who vouches for a key: a mailbox of the first directory that may; NULL. */
const struct recipient *recipient_mailbox(const struct recipient *recipient);
/* The same for a contact that a directory brought. */
const struct recipient *recipient_contact(const struct recipient *recipient);

/* The keys of address spaces, ascii, in order of the configuration. */
size_t model_n_spaces(const struct model *model);
const char *model_space(const struct model *model, size_t index);
/* The domains that have entries, ascii, in order of arrival. */
size_t model_n_entry_domains(const struct model *model);
const char *model_entry_domain(const struct model *model, size_t index);

#endif
