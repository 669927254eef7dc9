/*
 * A source that lists recipients, as configured: what the resolver needs of
 * it, and what its reader needs.  Plain values, checked by whoever fills
 * them.
 */
#ifndef NAMESPACE_DIRECTORY_H
#define NAMESPACE_DIRECTORY_H

#include "namespace/domain_name.h"

struct ldap_settings;
struct sql_settings;

enum directory_type {
	DIRECTORY_FILE, /* one address a line */
	DIRECTORY_POSTFIX, /* "address value", a Postfix map source */
	DIRECTORY_CSV,
	DIRECTORY_LDIF, /* RFC 2849 */
	DIRECTORY_PASSWD, /* passwd(5): system users */
	DIRECTORY_ALIASES, /* aliases(5) */
	DIRECTORY_LDAP,
	DIRECTORY_SQL,
	DIRECTORY_COMMAND, /* a program that prints one of the first six */
};

/* Which fields of what others export hold what. */
enum directory_preset {
	PRESET_NONE, /* the fields are configured */
	PRESET_EXCHANGE, /* csv: Get-Recipient, Get-Mailbox */
	PRESET_EXCHANGE_55, /* csv: its directory export */
	PRESET_ACTIVE_DIRECTORY, /* ldap, ldif */
	PRESET_OPENLDAP, /* ldap, ldif */
};

/* A limit written "50" or "10%". */
struct limit {
	unsigned long count; /* entries, or percent where is_percent */
	bool is_percent;
};

struct directory {
	const char *name;
	struct place place;
	unsigned index; /* its place in the configuration, from 0 */
	bool is_enabled;

	const char *connector; /* NULL: the domain's */
	struct domain_pattern *domains; /* that it may list; none = all */
	size_t n_domains;
	unsigned long max_age_s; /* 0 = never too old */
	struct limit max_shrink;
	struct limit max_bad;

	enum directory_type type;
	const char *source; /* as messages name it: a path, a URI, a program */
	const char *path; /* of a file, absolute or from the working directory;
			     NULL where none is read */
	unsigned long timeout_s; /* ldap, sql: no answer for so long; command:
				    not ended after so long */

	enum directory_preset preset;
	const char **fields; /* csv columns, or ldap and ldif attributes, that
				hold addresses */
	size_t n_fields; /* 0 = those of the preset */
	const char *target_field; /* makes a contact; NULL = the preset's */
	char separator; /* csv: between cells; 0 = "," or ";" by header */
	bool skips_disabled; /* active-directory: disabled-accounts = skip */

	const char *local_domain; /* passwd, aliases: of names without one */
	unsigned long min_uid, max_uid; /* passwd */

	const char *const *command; /* the program and what it is given, then
				       NULL */
	enum directory_type output; /* command: what it prints */
	const struct ldap_settings *ldap; /* NULL but for type ldap */
	const struct sql_settings *sql; /* NULL but for type sql */
};

/* Whether it may list recipients of this folded domain. */
bool directory_may_own(const struct directory *directory, const char *domain);

#endif
