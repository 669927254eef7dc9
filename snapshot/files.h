/*
 * The names in the state folder and in a generation, each written once, and
 * which of the two links Postfix reads a map by.
 */
#ifndef SNAPSHOT_FILES_H
#define SNAPSHOT_FILES_H

#include "base/err.h"
#include "namespace/lookup.h"

struct arena;
struct text;

/* Read through <state>/routes. */
#define FILES_RELAY_DOMAINS "relay_domains.cdb"
#define FILES_TRANSPORT "transport.cdb"
#define FILES_TRANSPORT_LEAVING "transport_leaving.cdb"
#define FILES_TLS_POLICY "tls_policy.cdb"
/* Read through <state>/current, like all other files of a generation. */
#define FILES_RELAY_RECIPIENTS "relay_recipients.cdb"
#define FILES_RELAY_RECIPIENTS_REGEXP "relay_recipients.regexp"
#define FILES_VIRTUAL_ALIAS "virtual_alias.cdb"
#define FILES_RECIPIENT_ACCESS "recipient_access.cdb"
#define FILES_POLICY "policy.cdb"
/* Not read by Postfix. */
#define FILES_LEAVING_DATES "leaving.dates"
#define FILES_SUMS "policyd.sums"
#define FILES_MANIFEST "manifest.json"

/* In the state folder. */
#define FILES_ROUTES "routes"
#define FILES_CURRENT "current"
#define FILES_GENERATIONS "generations"
#define FILES_DIRECTORIES "directories"
#define FILES_SYNC "sync" /* where a directory is read by what changed */
#define FILES_FRESHNESS "freshness"
#define FILES_HOLD "hold"
#define FILES_INPUTS "inputs"
#define FILES_PUBLISH "publish"
#define FILES_LOCK "lock"

/*
 * Every file that main.cf or policyd names: each must exist.  NULL past the
 * last.
 */
const char *files_required(size_t index);
bool files_is_route(const char *name);
/* Whether there is such a file; *err is filled where that is not known. */
enum lookup files_find(const char *folder, const char *name,
	struct arena *arena, struct err *err);
/*
 * file_replace() with mode 0640 and the group of the folder it stands in,
 * so that policyd can read it at once.
 */
bool files_replace(const char *path, const struct text *text, struct err *err);

#endif
