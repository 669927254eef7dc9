/*
 * The records of policy.cdb: what only the resolver needs of a generation.
 * Fields are parted by tabs, lists by blanks; a key begins with its kind.
 *
 *   settings            format, recipient_delimiter, postmaster
 *   connector:INDEX     name, kind, flags, hops, clients
 *   directory:INDEX     name, connector, max-age in seconds, domains
 *   domain:KEY          mark and name, both label forms, type, filter,
 *                       accept-from, catch-all, primary
 *   space:KEY           INDEX:COST of each claim, best first
 *   contact:ADDRESS     target, as configured
 *   brought:ADDRESS     target, brought by a directory
 *   entries:DOMAIN      "x": it has entries of its own
 *   sums                "x": the generation has sums beside its maps
 */
#ifndef SNAPSHOT_POLICY_H
#define SNAPSHOT_POLICY_H

#include "namespace/view.h"

#define POLICY_SUMS "sums"

struct arena;

struct policy_settings {
	const char *extension;
	const char *postmaster; /* NULL = none */
};

const char *policy_settings_format(
	const struct policy_settings *settings, struct arena *arena);
const char *policy_connector_format(
	const struct connector *connector, struct arena *arena);
const char *policy_directory_format(
	const struct directory *directory, struct arena *arena);
const char *policy_domain_format(
	const struct domain *domain, struct arena *arena);
/* Connectors are written as their place among those of the view. */
const char *policy_claims_format(const struct claims *claims,
	const struct connector *connectors, struct arena *arena);

/*
 * Each parses what the function above wrote; false for anything else.  The
 * results live in the arena.
 */
bool policy_settings_parse(
	struct policy_settings *out, const char *record, struct arena *arena);
bool policy_connector_parse(
	struct connector *out, const char *record, struct arena *arena);
bool policy_directory_parse(
	struct directory *out, const char *record, struct arena *arena);
bool policy_domain_parse(
	struct domain *out, const char *record, struct arena *arena);
bool policy_claims_parse(struct claims *out, const char *record,
	const struct view *view, struct arena *arena);

#endif
