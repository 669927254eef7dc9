/*
 * Blocks of the text to the model, kind by kind.  Call them in this order:
 * addresses need the extension, directories the connectors.  What can not
 * be understood is reported and left out.
 */
#ifndef CONFIG_CONF_BLOCKS_H
#define CONFIG_CONF_BLOCKS_H

#include "config/conf_value.h"

/* What stands outside of all blocks. */
void conf_top(const struct conf *conf);
void conf_connectors(const struct conf *conf);
void conf_directories(const struct conf *conf);
void conf_domains(const struct conf *conf);
void conf_contacts(const struct conf *conf);

/*
 * Gives the secondary domains what their primaries have.  named[i]: what
 * ns->domains[i] says of its primary; NULL for a domain of its own.
 */
void conf_secondaries(
	const struct conf *conf, const struct conf_value *const *named);

#endif
