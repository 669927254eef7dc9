/*
 * Why no server could be bound to, what each of them said, and whether the
 * next was asked: a name that was refused is shown to no second one.
 */
#include "directory/ldap_connection.h"

#include "ldap_case.h"
#include "tests/unit/descriptors.h"
#include "tests/unit/failing_calls.h"

#include <openldap.h>

FAILING_CALL(int, LDAP_NO_MEMORY, ldap_init_fd,
	(ber_socket_t fd, int kind, const char *url, LDAP **out),
	(fd, kind, url, out))
FAILING_CALL(int, LDAP_OPT_ERROR, ldap_set_option,
	(LDAP * ld, int option, const void *value), (ld, option, value))
FAILING_CALL(int, LDAP_OPT_ERROR, ldap_get_option,
	(LDAP * ld, int option, void *out), (ld, option, out))
FAILING_CALL(int, LDAP_ENCODING_ERROR, ldap_start_tls,
	(LDAP * ld, LDAPControl **server, LDAPControl **client, int *msgid),
	(ld, server, client, msgid))
/* NOLINTBEGIN(readability-function-size): so many does the library's have */
FAILING_CALL(int, LDAP_ENCODING_ERROR, ldap_sasl_bind,
	(LDAP * ld, const char *dn, const char *mechanism,
		struct berval *credentials, LDAPControl **server,
		LDAPControl **client, int *msgid),
	(ld, dn, mechanism, credentials, server, client, msgid))
/* NOLINTEND(readability-function-size) */

/* libldap has options of its own to set. */
int ber_sockbuf_ctrl(Sockbuf *socket, int option, void *out)
{
	int (*next)(Sockbuf *, int, void *);

	if (option == LBER_SB_OPT_SET_MAX_INCOMING &&
		failing_call_is_due("ber_sockbuf_ctrl"))
		return -1;
	*(void **)&next = dlsym(RTLD_NEXT, "ber_sockbuf_ctrl");
	return next(socket, option, out);
}

static const struct failing_case {
	const char *call;
	unsigned first, last; /* the others are libldap's own */
	bool starts_tls;
	const char *err;
} FAILING[] = {
	{ "ldap_init_fd", 1, 1, false, ": libldap can not use this URI" },
	{ "ldap_set_option", 2, 7, false, ": libldap refuses an option" },
	{ "ldap_get_option", 1, 2, false, ": libldap refuses an option" },
	{ "ber_sockbuf_ctrl", 1, 1, false, ": libldap refuses an option" },
	{ "ldap_start_tls", 1, 1, true, ": StartTLS: Encoding error" },
	{ "ldap_sasl_bind", 1, 1, false, ": anonymous bind: Encoding error" },
};

START_TEST(failed_call_is_told_and_the_next_server_asked)
{
	static const char *const none[] = { NULL };
	const struct failing_case *f = &FAILING[_i];
	struct ldap_case c;

	const size_t before = descriptors_count();

	ldap_case_prepare(&c, none);
	c.settings.starts_tls = f->starts_tls;
	for (unsigned n = f->first; n <= f->last; n++) {
		c.err = (struct err){ 0 };
		c.uris[1] = NULL;
		failing_call_begin(f->call, n, 0);
		ck_assert_ptr_null(ldap_connection_open(&c.directory, &c.err));
		ck_assert_msg(failing_call_end(), "%s %u", f->call, n);
		ck_assert_msg(strcmp(ldap_case_why(&c), f->err) == 0,
			"%s %u: %s", f->call, n, c.err.text);
		if (f->starts_tls)
			continue; /* TLS itself is of tests/e2e */
		c.uris[1] = c.uris[0];
		failing_call_begin(f->call, n, 0);
		c.connection = ldap_connection_open(&c.directory, &c.err);
		ck_assert(failing_call_end());
		ck_assert_msg(c.connection != NULL, "%s", c.err.text);
		ldap_connection_close(&c.connection);
	}
	ldap_case_heard(&c);
	ck_assert_uint_eq(descriptors_count(), before);
	ldap_case_fini(&c);
}
END_TEST

static const struct bind_case {
	const char *name, *answer;
	bool starts_tls;
	unsigned n_binds; /* of two servers */
	const char *err; /* of the first */
} BINDS[] = {
	{ "a wrong password is shown once", "done 49 80090308", false, 1,
		": anonymous bind: wrong name or password (80090308); "
		"bind-dn and password-file must be right; no other server is "
		"asked, because that would lock the account sooner" },
	{ "busy", "done 51", false, 2, ": anonymous bind: the server is busy" },
	{ "off line", "done 52", false, 2,
		": anonymous bind: the server is shutting down or off line" },
	{ "no answer but an end", "close", false, 2,
		": anonymous bind: the connection was lost" },
	{ "an answer that is none", "op 6103010100", false, 2,
		": anonymous bind: an answer that is not LDAP; is this the "
		"port of a directory server, without TLS?" },
	{ "sent to another server",
		"op 612d0a010a04000400a3240422"
		"6c6461703a2f2f6463322e636f6d70616e792e6578616d706c652f64633d"
		"61202020",
		false, 1,
		": anonymous bind: the server sends us to another "
		"(ldap://dc2.company.example/dc=a   ); uri must name a server "
		"that has the base" },
	{ "no StartTLS", "done 52 no certificate", true, 0,
		": StartTLS: the server is shutting down or off line (no "
		"certificate); the server needs a certificate before it offers "
		"TLS" },
	{ "lost at StartTLS", "close", true, 0,
		": StartTLS: the connection was lost" },
};

START_TEST(next_server_is_asked_but_for_refusals)
{
	static const char *const none[] = { NULL };
	const struct bind_case *b = &BINDS[_i];
	struct ldap_case c;

	const size_t before = descriptors_count();

	ldap_case_prepare(&c, none);
	c.bind = b->answer;
	c.settings.starts_tls = b->starts_tls;
	c.uris[1] = c.uris[0];
	ck_assert_ptr_null(ldap_connection_open(&c.directory, &c.err));
	/* Waits for the end of all connections. */
	ldap_case_heard(&c);
	ck_assert_uint_eq(descriptors_count(), before);
	ck_assert_msg(c.n_binds == b->n_binds, "%s: %u", b->name, c.n_binds);
	ck_assert_msg(text_starts(ldap_case_why(&c), b->err), "%s: %s", b->name,
		c.err.text);
	/* The second, if it was asked, said the same. */
	const char *wanted = b->n_binds == 1
		? b->err
		: arena_printf(c.arena, "%s; %s%s", b->err, c.uris[0], b->err);

	ck_assert_str_eq(ldap_case_why(&c), wanted);
	ldap_case_fini(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_connection_failing");

	tcase_add_loop_test(tcase,
		failed_call_is_told_and_the_next_server_asked, 0,
		COUNT(FAILING));
	tcase_add_loop_test(
		tcase, next_server_is_asked_but_for_refusals, 0, COUNT(BINDS));
	return unit_run(suite_create("ldap_connection_failing"), tcase);
}
