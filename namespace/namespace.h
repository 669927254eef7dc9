/*
 * The namespace as configured: what namespace.conf says, checked and with
 * every name resolved.  Filled once by config/, then read only.
 */
#ifndef NAMESPACE_NAMESPACE_H
#define NAMESPACE_NAMESPACE_H

#include "namespace/connector.h"
#include "namespace/directory.h"

enum domain_type {
	DOMAIN_AUTHORITATIVE,
	DOMAIN_INTERNAL_RELAY,
	DOMAIN_EXTERNAL_RELAY,
};

enum recipient_filter { FILTER_DIRECTORIES, FILTER_OFF, FILTER_VERIFY };

/* An accepted domain. */
struct domain {
	struct domain_pattern pattern;
	struct place place;
	bool is_enabled;
	enum domain_type type;
	enum recipient_filter filter;
	bool is_trusted_only; /* accept-from = trusted */
	const char *catch_all; /* an address key; NULL = none */
	const char *secondary_of; /* ascii name of the primary; NULL = none.
				     type, filter and accept-from are then
				     the primary's */
};

/* An address here that stands for an address elsewhere; both are keys. */
struct contact {
	const char *address;
	const char *target;
	struct place place;
};

/* Contacts in bulk. */
struct contact_file {
	const char *path;
	struct place place; /* where the configuration names it */
};

/* Where the configuration does not say linger, or can not be read. */
enum { LINGER_DEFAULT_S = 5 * 86400 };

struct namespace
{
	struct domain *domains; /* as configured, disabled ones too */
	size_t n_domains;
	struct connector *connectors;
	size_t n_connectors;
	struct directory *directories;
	size_t n_directories;
	struct contact
		*contacts; /* written in place; then those of the files */
	size_t n_contacts;
	struct contact_file *contact_files;
	size_t n_contact_files;

	const char *postmaster; /* an address key; NULL = none */
	struct place postmaster_place;
	const char *extension; /* recipient_delimiter; "" = none */
	bool conflicts_are_errors; /* on-conflict = error */
	unsigned keep; /* generations */
	unsigned long linger_s; /* how long a left route is kept */
	unsigned long deadline_s; /* for reading all directories together */
	const char *digest; /* BLAKE2b-512 of the text, hexadecimal */
};

/* The words of the configuration. */
const char *domain_type_format(enum domain_type type);
const char *recipient_filter_format(enum recipient_filter filter);

/* NULL when there is none of that name, or it is disabled. */
const struct connector *namespace_connector(
	const struct namespace *ns, const char *name);

#endif
