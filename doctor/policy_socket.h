/* Asks a policy service as smtpd(8) does, and as the user that it is. */
#ifndef DOCTOR_POLICY_SOCKET_H
#define DOCTOR_POLICY_SOCKET_H

enum policy_reach {
	POLICY_ANSWERED,
	POLICY_MISSING, /* no such socket */
	POLICY_FORBIDDEN, /* that user may not connect */
	POLICY_DEAD, /* nobody listens */
	POLICY_SILENT, /* connected, and no whole answer within seconds */
	POLICY_UNKNOWN, /* who is not root can not tell */
};

enum { POLICY_ACTION_SIZE = 200 };

struct policy_answer {
	enum policy_reach reach;
	char action[POLICY_ACTION_SIZE]; /* printable, perhaps cut off */
};

/*
 * One request, state RCPT, for this recipient; NULL: it is enough to be
 * connected, and there is no action then.  The endpoint is "unix:PATH",
 * from the queue folder where relative, or "inet:HOST:PORT".  Root asks as
 * user, anybody else as he is.
 */
void policy_socket_ask(struct policy_answer *out, const char *endpoint,
	const char *queue, const char *user, const char *recipient);

#endif
