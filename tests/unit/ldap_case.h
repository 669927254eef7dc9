/* A directory server on a socket of this process, that follows a script. */
#ifndef TESTS_UNIT_LDAP_CASE_H
#define TESTS_UNIT_LDAP_CASE_H

#include "directory/ldap_connection.h"
#include "directory/ldap_delta.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include "sink_text.h"
#include "unit_main.h"

#include <pthread.h>

struct ldap_case {
	struct arena *arena;
	char *folder;
	const char *uris[3]; /* the same twice: a second server, as it were */
	struct ldap_settings settings;
	struct directory directory;
	const char *fields[1];
	struct ldap_connection *connection;
	struct err err;

	int listener;
	pthread_t thread;
	struct arena *spoken; /* the server's own */
	const char *const *answers; /* to each search, then NULL */
	const char *bind; /* the answer to each bind, or StartTLS */
	unsigned n_binds;
	struct text heard; /* base and attributes of each search; the
			      server's, until it has ended */
};

/* Not yet connected; the answers outlive it. */
void ldap_case_prepare(struct ldap_case *c, const char *const *answers);
/* Connected and bound. */
void ldap_case_init(struct ldap_case *c, const char *const *answers);
void ldap_case_fini(struct ldap_case *c);

/*
 * Hangs up, and waits for the server to have seen it.  What it was asked for
 * stays until the fini.
 */
const char *ldap_case_heard(struct ldap_case *c);
/* The sentence of a fault, without the URI in front. */
const char *ldap_case_why(const struct ldap_case *c);

#endif
