/*
 * The sessions of smtpd(8), each a process: which transaction it is in, the
 * message of that transaction, and whom policyd judged before the message
 * had a name.
 */
#ifndef VERDICTS_SMTPD_SESSIONS_H
#define VERDICTS_SMTPD_SESSIONS_H

#include "verdicts/id_map.h"
#include "verdicts/in_flight.h"
#include "verdicts/target.h"
#include "verdicts/transaction.h"

struct smtpd_sessions;

struct smtpd_session {
	struct id_node node;
	char *host;
	unsigned long pid;
	char instance[INSTANCE_MAX + 1]; /* of the verdict; "" = none yet */
	struct message *message; /* NULL: it has no name yet */
	struct targets waiting; /* for the message's name */
	bool awaits_name; /* somebody was let in, wanted or not */
	/* Of the transaction before, whose name may be logged late. */
	struct targets late;
	bool late_awaits_name;
	struct began began; /* this transaction */
	char *refused; /* by policyd, and last: its key; or NULL */
	/* HOLD or DISCARD was said before the message had a name. */
	struct fate *whole;
};

struct smtpd_sessions *smtpd_sessions_open(void);
void smtpd_sessions_close(struct smtpd_sessions **sessions);

struct smtpd_session *smtpd_session_find(
	struct smtpd_sessions *sessions, struct slice host, unsigned long pid);
struct smtpd_session *smtpd_session_get(
	struct smtpd_sessions *sessions, struct slice host, unsigned long pid);
void smtpd_session_end(
	struct smtpd_sessions *sessions, struct smtpd_session *session);

/* The message has a name now, or another one. */
void smtpd_session_set_message(
	struct smtpd_session *session, struct message *message);
/* Until the next transaction begins. */
void smtpd_session_clear_message(struct smtpd_session *session);

#endif
