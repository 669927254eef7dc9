/*
 * Dial, StartTLS or TLS, bind: all of it before one deadline, on a socket
 * that does not block, because a server may take the connection and then
 * fall silent at any byte.  libldap is given every option that its
 * environment could give it.
 */
#include "directory/ldap_connection.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "directory/key.h"
#include "directory/ldap_deadline.h"
#include "directory/ldap_dial.h"
#include "directory/ldap_fault.h"
#include "directory/ldap_tls.h"
#include "directory/secret.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include <assert.h>
#include <openldap.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One entry with all its values; more is no answer but an attack. */
static const ber_len_t MESSAGE_MAX = 16 * 1024 * 1024;

struct ldap_connection {
	const struct directory *directory;
	const char *uri;
	LDAP *ld; /* NULL until it is dialled */
	struct ldap_deadline handshake;
	struct sigaction sigpipe; /* as it was */
};

/* What came of one server. */
enum reach { REACH_BOUND, REACH_NEXT, REACH_REFUSED };

struct attempt {
	struct ldap_connection *connection;
	const struct ldap_settings *settings;
	const char *password; /* NULL but for a simple bind */
	LDAPURLDesc *url;
	int64_t deadline_ms;
};

static struct timeval timeval_of(int64_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };
}

/* At least a millisecond: libldap takes 0 for "do not wait". */
static struct timeval left_of(const struct attempt *attempt)
{
	const int64_t left = attempt->deadline_ms - clock_now_ms();

	return timeval_of(left < 1 ? 1 : left);
}

static int code_of(LDAP *ld)
{
	int code = LDAP_OTHER;

	ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
	return code;
}

bool ldap_connection_fail(const struct ldap_connection *connection,
	const char *what, int code, const char *said, struct err *err)
{
	return ldap_fault(connection->uri, what, code, said, err);
}

static bool set_options(LDAP *ld)
{
	const int version = LDAP_VERSION3;
	const int never = LDAP_DEREF_NEVER;
	const int none = 0;

	return ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == 0 &&
		ldap_set_option(ld, LDAP_OPT_DEREF, &never) == 0 &&
		ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &none) == 0 &&
		ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &none) == 0 &&
		ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0 &&
		ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == 0;
}

static bool bound_messages(LDAP *ld)
{
	ber_len_t most = MESSAGE_MAX;
	Sockbuf *socket = NULL;

	return ldap_get_option(ld, LDAP_OPT_SOCKBUF, &socket) == 0 &&
		socket != NULL &&
		ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &most) ==
		1;
}

static bool dial(struct attempt *attempt, struct err *err)
{
	const char *uri = attempt->connection->uri;
	const bool is_local = strcmp(attempt->url->lud_scheme, "ldapi") == 0;
	struct err why = { 0 };
	const int fd = ldap_dial(attempt->url, attempt->deadline_ms, &why);
	LDAP *ld;

	if (fd < 0)
		return err_set(err, "%s: %s", uri, why.text);
	if (ldap_init_fd(fd, is_local ? LDAP_PROTO_IPC : LDAP_PROTO_TCP, uri,
		    &ld) != LDAP_SUCCESS) {
		close(fd);
		return err_set(err, "%s: libldap can not use this URI", uri);
	}
	attempt->connection->ld = ld;
	attempt->connection->handshake = (struct ldap_deadline){ 0 };
	return (set_options(ld) && bound_messages(ld) &&
		       ldap_deadline_init(
			       &attempt->connection->handshake, ld)) ||
		err_set(err, "%s: libldap refuses an option", uri);
}

static void hang_up(struct ldap_connection *connection)
{
	if (connection->ld != NULL)
		ldap_unbind_ext(connection->ld, NULL, NULL);
	connection->ld = NULL;
}

/* NULL: none before wait is over. */
static LDAPMessage *wait_message(const struct ldap_connection *connection,
	int msgid, struct timeval wait, int *code)
{
	LDAPMessage *message = NULL;
	const int type = ldap_result(
		connection->ld, msgid, LDAP_MSG_ONE, &wait, &message);

	*code = LDAP_SUCCESS;
	if (type > 0)
		return message;
	*code = type == 0 ? LDAP_TIMEOUT : code_of(connection->ld);
	ldap_abandon_ext(connection->ld, msgid, NULL, NULL);
	return NULL;
}

/* The code that the server gave, or libldap's own. */
static int answer_of(const struct attempt *attempt, int msgid, const char *what,
	struct err *err)
{
	const struct ldap_connection *connection = attempt->connection;
	struct ldap_end end;
	int code;
	LDAPMessage *message =
		wait_message(connection, msgid, left_of(attempt), &code);

	if (message == NULL && code == LDAP_TIMEOUT)
		err_set(err, "%s: %s: no answer within connect-timeout",
			connection->uri, what);
	else if (message == NULL)
		ldap_connection_fail(connection, what, code, NULL, err);
	if (message == NULL)
		return code;
	if (!ldap_end_init(&end, connection, message, what, err))
		return LDAP_DECODING_ERROR;
	code = end.code;
	if (code != LDAP_SUCCESS)
		ldap_connection_fail(connection, what, code, end.said, err);
	ldap_end_fini(&end);
	return code;
}

static bool start_tls(const struct attempt *attempt, struct err *err)
{
	LDAP *ld = attempt->connection->ld;
	int msgid = 0;
	const int code = ldap_start_tls(ld, NULL, NULL, &msgid);

	if (code != LDAP_SUCCESS)
		return ldap_connection_fail(
			attempt->connection, "StartTLS", code, NULL, err);
	struct err why = { 0 };
	const int answer = answer_of(attempt, msgid, "StartTLS", &why);

	return answer == LDAP_SUCCESS ||
		err_set(err, "%s%s", why.text,
			answer < 0 ? ""
				   : "; the server needs a certificate "
				     "before it offers TLS");
}

static bool dial_tls(struct attempt *attempt, struct err *err)
{
	return dial(attempt, err) &&
		(!attempt->settings->starts_tls || start_tls(attempt, err));
}

/* libldap's code; said is its message, for free(3). */
static int shake_hands(const struct attempt *attempt, bool verifies,
	char **said, struct err *err)
{
	struct ldap_deadline *deadline = &attempt->connection->handshake;
	LDAP *ld = attempt->connection->ld;
	struct err why = { 0 };

	*said = NULL;
	if (!ldap_tls_init(ld, attempt->settings, verifies, &why)) {
		err_set(err, "%s: %s", attempt->connection->uri, why.text);
		return LDAP_PARAM_ERROR;
	}
	deadline->at_ms = attempt->deadline_ms;
	const int code = ldap_install_tls(ld);

	deadline->at_ms = 0;
	if (deadline->is_missed)
		return LDAP_TIMEOUT;
	if (code != LDAP_SUCCESS)
		ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, said);
	return code;
}

/*
 * A certificate that was refused is fetched once more, without trusting it
 * and without saying anything to whoever showed it.
 */
static bool explain_refusal(
	struct attempt *attempt, const char *said, struct err *err)
{
	struct ldap_connection *connection = attempt->connection;
	struct err why = { 0 };
	char *ignored = NULL;

	hang_up(connection);
	if (!dial_tls(attempt, &why) ||
		shake_hands(attempt, false, &ignored, &why) != LDAP_SUCCESS) {
		ldap_memfree(ignored);
		/* libgnutls ends its sentences. */
		return err_set(err, "%s: TLS: %.*s; is this its port for TLS?",
			connection->uri, (int)strcspn(said, "."), said);
	}
	ldap_tls_fail(connection->ld, attempt->settings, attempt->url->lud_host,
		&why);
	return err_set(err, "%s: %s", connection->uri, why.text);
}

static bool secure(struct attempt *attempt, struct err *err)
{
	const bool verifies = attempt->settings->verifies_tls;
	char *said = NULL;

	if (!attempt->settings->starts_tls &&
		strcmp(attempt->url->lud_scheme, "ldaps") != 0)
		return true;
	const int code = shake_hands(attempt, verifies, &said, err);

	if (code == LDAP_SUCCESS)
		return true;
	if (code == LDAP_TIMEOUT)
		err_set(err, "%s: TLS: no answer within connect-timeout",
			attempt->connection->uri);
	else if (code == LDAP_CONNECT_ERROR && verifies)
		explain_refusal(attempt, said == NULL ? "" : said, err);
	else if (code != LDAP_PARAM_ERROR)
		err_set(err, "%s: TLS: %s", attempt->connection->uri,
			said == NULL ? ldap_err2string(code) : said);
	ldap_memfree(said);
	return false;
}

/* libldap's code. */
static int send_bind(const struct attempt *attempt, int *msgid)
{
	const struct ldap_settings *settings = attempt->settings;
	LDAP *ld = attempt->connection->ld;
	char empty[] = "";
	struct berval credentials = { 0, empty };

	switch (settings->bind) {
	case LDAP_BIND_EXTERNAL:
		return ldap_sasl_bind(
			ld, NULL, "EXTERNAL", &credentials, NULL, NULL, msgid);
	case LDAP_BIND_SIMPLE:
		credentials.bv_val = (char *)attempt->password;
		credentials.bv_len = strlen(attempt->password);
		return ldap_sasl_bind(ld, settings->bind_dn, LDAP_SASL_SIMPLE,
			&credentials, NULL, NULL, msgid);
	case LDAP_BIND_ANONYMOUS: break;
	}
	return ldap_sasl_bind(
		ld, "", LDAP_SASL_SIMPLE, &credentials, NULL, NULL, msgid);
}

static const char *bind_name(
	const struct ldap_settings *settings, struct arena *arena)
{
	switch (settings->bind) {
	case LDAP_BIND_EXTERNAL: return "bind with SASL EXTERNAL";
	case LDAP_BIND_SIMPLE:
		return arena_printf(arena, "bind as \"%s\"", settings->bind_dn);
	case LDAP_BIND_ANONYMOUS: break;
	}
	return "anonymous bind";
}

static enum reach bind_to(const struct attempt *attempt, struct err *err)
{
	struct arena *arena = arena_open();
	const char *what = bind_name(attempt->settings, arena);
	int msgid = 0;
	int code = send_bind(attempt, &msgid);

	if (code == LDAP_SUCCESS)
		code = answer_of(attempt, msgid, what, err);
	else
		ldap_connection_fail(
			attempt->connection, what, code, NULL, err);
	arena_close(&arena);
	if (code == LDAP_SUCCESS)
		return REACH_BOUND;
	/* No word from it, or that it can not now: another may know us. */
	if (code < 0 || code == LDAP_BUSY || code == LDAP_UNAVAILABLE)
		return REACH_NEXT;
	return REACH_REFUSED;
}

static enum reach reach(struct attempt *attempt, struct err *err)
{
	enum reach reached = REACH_NEXT;

	if (ldap_url_parse(attempt->connection->uri, &attempt->url) != 0) {
		err_set(err, "%s: no URI of a directory server",
			attempt->connection->uri);
		return REACH_REFUSED;
	}
	if (dial_tls(attempt, err) && secure(attempt, err))
		reached = bind_to(attempt, err);
	ldap_free_urldesc(attempt->url);
	if (reached != REACH_BOUND)
		hang_up(attempt->connection);
	return reached;
}

/* What each said, joined. */
static bool try_each(struct ldap_connection *connection, const char *password,
	struct err *err)
{
	const struct ldap_settings *settings = connection->directory->ldap;
	struct text all;
	enum reach reached = REACH_NEXT;

	text_init(&all);
	for (size_t i = 0; settings->uris[i] != NULL && reached == REACH_NEXT;
		i++) {
		struct attempt attempt = { .connection = connection,
			.settings = settings,
			.password = password,
			.deadline_ms =
				clock_due_ms(settings->connect_timeout_s) };
		struct err why = { 0 };

		connection->uri = settings->uris[i];
		reached = reach(&attempt, &why);
		if (reached != REACH_BOUND)
			text_addf(&all, "%s%s", i == 0 ? "" : "; ", why.text);
	}
	if (reached != REACH_BOUND)
		err_set(err, "%s", all.data);
	text_fini(&all);
	return reached == REACH_BOUND;
}

/* libldap writes to sockets that a server may have closed. */
static void ignore_sigpipe(struct sigaction *before)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, before);
}

static bool open_with_password(
	struct ldap_connection *connection, struct err *err)
{
	const struct ldap_settings *settings = connection->directory->ldap;
	struct arena *arena = arena_open();
	struct err why = { 0 };
	char *password = NULL;
	bool is_open = true;

	if (settings->bind == LDAP_BIND_SIMPLE) {
		password = (char *)secret_read(
			settings->password_file, arena, &why);
		is_open = password != NULL ||
			err_set(err, "%s: password-file: %s",
				connection->directory->source, why.text);
	}
	is_open = is_open && try_each(connection, password, err);
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	arena_close(&arena);
	return is_open;
}

struct ldap_connection *ldap_connection_open(
	const struct directory *directory, struct err *err)
{
	struct ldap_connection *connection =
		memory_must(calloc(1, sizeof *connection));

	assert(directory->ldap->uris[0] != NULL);
	connection->directory = directory;
	/* Before libldap reads them: no ldap.conf, no LDAPTLS_REQCERT. */
	setenv("LDAPNOINIT", "1", 1);
	ignore_sigpipe(&connection->sigpipe);
	if (!open_with_password(connection, err))
		ldap_connection_close(&connection);
	return connection;
}

void ldap_connection_close(struct ldap_connection **connection)
{
	if (*connection == NULL)
		return;
	hang_up(*connection);
	sigaction(SIGPIPE, &(*connection)->sigpipe, NULL);
	free(*connection);
	*connection = NULL;
}

const char *ldap_connection_uri(const struct ldap_connection *connection)
{
	return connection->uri;
}

LDAP *ldap_connection_handle(const struct ldap_connection *connection)
{
	return connection->ld;
}

LDAPMessage *ldap_connection_next(const struct ldap_connection *connection,
	int msgid, const char *what, struct err *err)
{
	const unsigned long wait_s = connection->directory->timeout_s;
	int code;
	LDAPMessage *message = wait_message(
		connection, msgid, timeval_of((int64_t)wait_s * 1000), &code);

	if (message == NULL && code == LDAP_TIMEOUT)
		err_set(err, "%s: %s: no answer for %lu seconds (timeout)",
			connection->uri, what, wait_s);
	else if (message == NULL)
		ldap_connection_fail(connection, what, code, NULL, err);
	return message;
}

void ldap_connection_abandon(
	const struct ldap_connection *connection, int msgid)
{
	ldap_abandon_ext(connection->ld, msgid, NULL, NULL);
}

bool ldap_end_init(struct ldap_end *end,
	const struct ldap_connection *connection, LDAPMessage *message,
	const char *what, struct err *err)
{
	char **referrals = NULL;

	*end = (struct ldap_end){ .code = LDAP_OTHER };
	const int code = ldap_parse_result(connection->ld, message, &end->code,
		&end->matched, &end->said, &referrals, &end->controls, 1);

	if (code != LDAP_SUCCESS)
		return ldap_connection_fail(connection, what, code, NULL, err);
	if (end->code == LDAP_REFERRAL && referrals != NULL &&
		referrals[0] != NULL) {
		ldap_memfree(end->said);
		end->said = ldap_strdup(referrals[0]);
	}
	ldap_memvfree((void **)referrals);
	return true;
}

void ldap_end_fini(struct ldap_end *end)
{
	ldap_memfree(end->said);
	ldap_memfree(end->matched);
	ldap_controls_free(end->controls);
	*end = (struct ldap_end){ .code = LDAP_OTHER };
}
