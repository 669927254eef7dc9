/*
 * As smtp(8) goes about it: EHLO, and HELO where that is refused; STARTTLS
 * where it is wanted, and in plain text after all where it need not be; then
 * the recipients.  Whoever is not done after so long is given up.
 */
#include "doctor/smtp_probe.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WHOLE_S = 60, COMMAND_SIZE = 1024 };

struct talk {
	struct smtp_probe *probe;
	struct smtp_wire *wire;
	struct smtp_reply reply; /* the last */
	int64_t due_ms;
};

static bool fail(struct talk *talk, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct talk *talk, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(talk->probe->trouble, sizeof talk->probe->trouble, format,
		arguments);
	va_end(arguments);
	return false;
}

static void said(struct smtp_said *out, const struct smtp_reply *reply)
{
	out->code = reply->code;
	smtp_reply_format(reply, out->text, sizeof out->text);
}

/* Reads what it says to the command of that name. */
static bool hear(struct talk *talk, const char *name)
{
	struct err err = { 0 };

	if (clock_left_ms(talk->due_ms) == 0)
		return fail(talk, "at %s: it takes more than %d s in all", name,
			WHOLE_S);
	if (!smtp_wire_read(talk->wire, &talk->reply, &err))
		return fail(talk, "at %s: %s", name, err.text);
	return talk->reply.code != 421 ||
		fail(talk, "at %s: it closes with %u", name, talk->reply.code);
}

/* False: the conversation is over, and trouble says why. */
static bool ask(struct talk *talk, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool ask(struct talk *talk, const char *name, const char *format, ...)
{
	char line[COMMAND_SIZE];
	struct err err = { 0 };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (!smtp_wire_write(talk->wire, line, &err))
		return fail(talk, "at %s: %s", name, err.text);
	return hear(talk, name);
}

static bool is_class(const struct talk *talk, unsigned class)
{
	return talk->reply.code / 100 == class;
}

static bool refused(struct talk *talk, const char *name)
{
	struct smtp_said answer;

	said(&answer, &talk->reply);
	return fail(talk, "at %s: it answers %s", name, answer.text);
}

static bool greet(struct talk *talk)
{
	const char *verb = talk->probe->is_lmtp ? "LHLO" : "EHLO";

	if (!ask(talk, verb, "%s %s", verb, talk->probe->helo))
		return false;
	if (is_class(talk, 5) && !talk->probe->is_lmtp &&
		!ask(talk, "HELO", "HELO %s", talk->probe->helo))
		return false;
	return is_class(talk, 2) || refused(talk, verb);
}

static bool is_ourselves(const struct talk *talk)
{
	const char *own = talk->probe->myhostname;

	return own != NULL &&
		strlen(own) == smtp_reply_first_word(&talk->reply) &&
		strncasecmp(talk->reply.text, own, strlen(own)) == 0;
}

/* Connected, greeted in plain text. */
static bool begin(struct talk *talk)
{
	struct err err = { 0 };

	talk->wire = smtp_wire_open(&talk->probe->place, &err);
	if (talk->wire == NULL)
		return fail(talk, "%s", err.text);
	if (!hear(talk, "its greeting"))
		return false;
	if (talk->reply.code != 220)
		return refused(talk, "its greeting");
	return greet(talk);
}

/* False: no TLS, and tls_trouble says why; or the end. */
static bool secure(struct talk *talk)
{
	struct smtp_probe *probe = talk->probe;
	struct err err = { 0 };
	struct smtp_said answer;

	if (!smtp_reply_has(&talk->reply, "STARTTLS"))
		err_set(&err, "it does not offer STARTTLS");
	else if (!ask(talk, "STARTTLS", "STARTTLS"))
		return false;
	else if (talk->reply.code != 220) {
		said(&answer, &talk->reply);
		err_set(&err, "it answers STARTTLS with %s", answer.text);
	} else if (smtp_wire_start_tls(talk->wire, &probe->trust, &err))
		return greet(talk);
	snprintf(probe->tls_trouble, sizeof probe->tls_trouble, "%.*s",
		SMTP_SAID_SIZE - 1, err.text);
	return false;
}

/* Where TLS need not be and is offered, and then fails: once more without. */
static bool prefer_secure(struct talk *talk)
{
	struct smtp_probe *probe = talk->probe;

	if (!smtp_reply_has(&talk->reply, "STARTTLS") || secure(talk))
		return true;
	probe->trouble[0] = probe->tls_trouble[0] = '\0';
	smtp_wire_close(&talk->wire);
	return begin(talk);
}

static bool agree_on_tls(struct talk *talk)
{
	switch (talk->probe->tls) {
	case SMTP_TLS_NONE: return true;
	case SMTP_TLS_MAY: return prefer_secure(talk);
	case SMTP_TLS_MUST: return secure(talk);
	}
	return true;
}

static bool ask_recipient(
	struct talk *talk, const char *address, struct smtp_said *out)
{
	if (!ask(talk, "RCPT TO", "RCPT TO:<%s>", address))
		return false;
	said(out, &talk->reply);
	return true;
}

static void converse(struct talk *talk)
{
	struct smtp_probe *probe = talk->probe;

	if (!begin(talk))
		return;
	probe->is_ourselves = is_ourselves(talk);
	if (probe->is_ourselves || !agree_on_tls(talk))
		return;
	probe->has_utf8 = smtp_reply_has(&talk->reply, "SMTPUTF8");
	if (!ask(talk, "MAIL FROM", "MAIL FROM:<>"))
		return;
	said(&probe->sender, &talk->reply);
	if (!is_class(talk, 2))
		return;
	if (probe->known != NULL &&
		!ask_recipient(talk, probe->known, &probe->to_known))
		return;
	for (size_t i = 0; i < probe->n_unknown; i++)
		if (!ask_recipient(
			    talk, probe->unknown[i], &probe->to_unknown[i]))
			return;
}

/* How it says farewell is no matter. */
static void leave(struct talk *talk)
{
	char trouble[SMTP_SAID_SIZE];

	memcpy(trouble, talk->probe->trouble, sizeof trouble);
	if (trouble[0] == '\0' && talk->probe->tls_trouble[0] == '\0' &&
		ask(talk, "RSET", "RSET"))
		ask(talk, "QUIT", "QUIT");
	memcpy(talk->probe->trouble, trouble, sizeof trouble);
	smtp_wire_close(&talk->wire);
}

void smtp_probe_run(struct smtp_probe *probe)
{
	struct talk talk = { .probe = probe, .due_ms = clock_due_ms(WHOLE_S) };

	converse(&talk);
	leave(&talk);
}
