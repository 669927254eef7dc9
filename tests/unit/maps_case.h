/*
 * The checks of main.cf's maps, run on an instance that is sound but for one
 * line.
 */
#ifndef TESTS_UNIT_MAPS_CASE_H
#define TESTS_UNIT_MAPS_CASE_H

#include "tests/unit/findings_case.h"
#include "tests/unit/model_case.h"
#include "tests/unit/postconf_case.h"

#define MAPS_CASE_CONFIG \
	"accepted-domain 'd.example' {\n type = internal-relay\n" \
	" recipient-filter = directories\n}\n" \
	"accepted-domain '#exact.example' { type = authoritative }\n" \
	"accepted-domain '#check.example' {\n type = external-relay\n" \
	" recipient-filter = verify\n}\n" \
	"accepted-domain '*.trust.example' {\n type = internal-relay\n" \
	" accept-from = trusted\n}\n" \
	"accepted-domain '#d\xc3\xbcrr.example' { type = authoritative }\n" \
	"accepted-domain 'off.example' { enabled = no }\n" \
	"connector ex {\n address-spaces = { 'd.example', 'exact.example'," \
	" 'check.example', '*.trust.example', 'd\xc3\xbcrr.example', '*' }\n" \
	" smart-hosts = '127.0.0.9:10026'\n tls = may\n}\n" \
	"connector lists { transport = 'lmtp:[10.0.0.9]:24' tls = may }\n" \
	"directory s { type = file path = 's' connector = 'ex' }\n" \
	"directory l { type = file path = 'l' connector = 'lists' }\n" \
	"extension = '+-'\n"

/* Sound; S is the state folder. */
#define MAPS_CASE_SOUND \
	"relay_domains = cdb:S/routes/relay_domains\n" \
	"transport_maps = cdb:S/routes/transport, " \
	"cdb:S/routes/transport_leaving\n" \
	"address_verify_transport_maps = cdb:S/routes/transport\n" \
	"relay_recipient_maps = cdb:S/current/relay_recipients, " \
	"regexp:S/current/relay_recipients.regexp\n" \
	"virtual_alias_maps = cdb:S/current/virtual_alias\n" \
	"smtp_tls_policy_maps = cdb:S/routes/tls_policy\n" \
	"lmtp_tls_policy_maps = cdb:S/routes/tls_policy\n" \
	"recipient_delimiter = -+\n" \
	"smtputf8_enable = yes\n" \
	"unknown_relay_recipient_reject_code = 550\n" \
	"unverified_recipient_reject_code = 554\n" \
	"unverified_recipient_reject_reason = Address unknown\n"

#define MAPS_CASE_TRANSPORTS \
	"smtp unix - - n - - smtp\n" \
	"lmtp unix - - n - - lmtp\n" \
	"verify unix - - n - 1 verify\n"

struct maps_case {
	const char *name;
	const char *line; /* instead of that of the same parameter */
	const char *keys; /* that any other table has, for grep -E */
	const char *says; /* NULL = nothing is found */
};

/* Every "S" that stands alone before "/" or "," becomes the folder. */
char *maps_case_with_folder(const struct model_case *c, const char *text);

/* What postconf says, with one line in place of the sound one; may be NULL. */
const char *maps_case_lines(const struct model_case *c, const char *line);

/* What the checks print. */
const char *maps_case_check(const struct model_case *c,
	const struct instance *instance, struct generation *published);

/* With the maps of MAPS_CASE_CONFIG published; both are to be closed. */
void maps_case_open(struct model_case *c, struct postconf_case *p);
/* One finding of an instance, or none. */
void maps_case_run(const struct maps_case *one);

/* What master.cf and the build of Postfix have. */
struct services_case {
	const char *name;
	const char *services;
	const char *overrides; /* a line of them; "" = none */
	const char *types; /* of maps */
	const char *says; /* NULL = nothing is found */
};

/* One finding of an instance whose main.cf is sound. */
void services_case_run(const struct services_case *one);

#endif
