/*
 * The maps of a generation as main.cf should name them, and how it does:
 * relay_domains and the routes by <state>/routes, the rest by
 * <state>/current, without ".cdb", and not by proxymap(8).
 */
#ifndef DOCTOR_OUR_MAPS_H
#define DOCTOR_OUR_MAPS_H

#include "doctor/checks.h"
#include "doctor/parameter.h"

#include <stdbool.h>

enum { OUR_MAPS_MAX = 2 };

/* A parameter of main.cf and what should stand in it, in that order. */
struct our_maps {
	const char *parameter;
	const char *check; /* that says where one is missing */
	const char *types[OUR_MAPS_MAX]; /* "cdb:" */
	const char *files[OUR_MAPS_MAX]; /* in a generation; NULL = no more */
};

/* NULL past the last. */
const struct our_maps *our_maps_get(size_t index);
/* NULL: none of ours belongs there. */
const struct our_maps *our_maps_find(const char *parameter);
/*
 * lmtp_tls_policy_maps = $smtp_tls_policy_maps: what is said of the other
 * holds for it.
 */
bool our_maps_is_reference(
	const struct our_maps *maps, const struct examination *examination);

/* How a word of main.cf names one of our maps. */
enum naming {
	NAMING_FOREIGN, /* it does not */
	NAMING_RIGHT,
	NAMING_PROXY, /* proxy:cdb:... */
	NAMING_SUFFIX, /* ....cdb */
	NAMING_LINK, /* by the other link, or by generations/N */
	NAMING_FOLDER, /* in another state folder */
};

/* "cdb:<state>/routes/transport" */
const char *our_maps_word(const struct our_maps *maps, size_t index,
	const struct examination *examination);
/* index: which of them it names, where it is not foreign; may be NULL. */
enum naming our_maps_naming(const struct our_maps *maps, const char *word,
	const struct examination *examination, size_t *index);
/* The same, of whichever parameter it is. */
enum naming our_maps_naming_any(
	const char *word, const struct examination *examination);
/* Whether one of ours stands in a list of tables; NULL: no. */
bool our_maps_in(const char *list, const struct examination *examination);
/* What check_recipient_access should ask: "cdb:<state>/current/..." */
const char *our_maps_access(const struct examination *examination);
/*
 * The line that writes the parameter with all of ours in it, as they should
 * be, and whatever else stands there; in transport_maps and where levels of
 * TLS are, ours come first.
 */
const char *our_maps_fix(
	const struct our_maps *maps, const struct examination *examination);

#endif
