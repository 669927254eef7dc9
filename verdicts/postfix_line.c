/*
 * Formats as Postfix 3.7 has them, learnt by experiment.  An address ends by
 * log_address_len(); what Postfix writes behind it is read from the left.  A
 * refusal has strangers' words on both sides of its addresses, see
 * rejected_of().
 */
#include "verdicts/postfix_line.h"

#include "base/text.h"
#include "verdicts/cut.h"
#include "verdicts/log_address.h"

#include <string.h>

enum { STATUS_MAX = 16 };

/* "5.7.1" or so at the beginning; 0 = none. */
static size_t dsn_len(struct slice text)
{
	size_t len = 0;
	unsigned dots = 0;

	while (len < text.len &&
		((text.bytes[len] >= '0' && text.bytes[len] <= '9') ||
			text.bytes[len] == '.'))
		dots += text.bytes[len++] == '.';
	return dots == 2 && strchr("245", text.bytes[0]) != NULL &&
			text.bytes[1] == '.'
		? len
		: 0;
}

static bool is_reply_code(struct slice text)
{
	return text.len > 4 && strchr("245", text.bytes[0]) != NULL &&
		text.bytes[3] == ' ';
}

static void find_dsn(struct postfix_line *out)
{
	struct slice text = out->said;

	if (is_reply_code(text))
		text = slice_after(text, 4);
	out->dsn = (struct slice){ text.bytes, dsn_len(text) };
}

/* One reading of a refusal: where its "; from=<" stands, and what follows. */
struct reading {
	size_t at;
	struct slice from, to, helo;
};

static bool read_tail(struct reading *out, struct slice tail)
{
	if (!cut_prefix(&tail, "; from=<") ||
		!cut_address(&out->from, &tail, "> to=<") ||
		!cut_address(&out->to, &tail, "> proto="))
		return false;
	if (!cut_prefix(&tail, "SMTP") && !cut_prefix(&tail, "ESMTP"))
		return false;
	if (!cut_prefix(&tail, " helo=<"))
		tail.len = 0;
	else if (tail.len > 0 && tail.bytes[tail.len - 1] == '>')
		tail.len--;
	out->helo = tail;
	return true;
}

/* Whether the text begins with "<address>", which stands there unquoted. */
static bool names(struct slice text, struct slice address)
{
	struct text plain;

	text_init(&plain);
	text_adds(&plain, "<");
	log_address_unquote(&plain, address);
	text_adds(&plain, ">");
	const bool does = text.len >= plain.len &&
		memcmp(text.bytes, plain.data, plain.len) == 0;

	text_fini(&plain);
	return does;
}

static bool is_about(struct slice text, const struct reading *reading)
{
	text = slice_after(text, is_reply_code(text) ? 4 : 0);
	const size_t dsn = dsn_len(text);

	if (dsn > 0 && dsn < text.len)
		text = slice_after(text, dsn + 1);
	return names(text, reading->to) || names(text, reading->from) ||
		names(text, reading->helo);
}

/*
 * TEXT; from=<S> to=<R> proto=P helo=<H>, where strangers may have put the
 * same words into an address that TEXT names without quotes, and into H.  The
 * true reading is the one whose S, R or H is what TEXT begins with: a forged
 * one lies within that, and would have to hold itself.  Where TEXT begins
 * with none of them it is the administrator's, and the first reading counts.
 */
static bool rejected_of(struct postfix_line *out, struct slice text)
{
	struct reading reading, first;
	bool found = false;

	for (size_t at = 0; at < text.len; at++) {
		const char *next = memchr(text.bytes + at, ';', text.len - at);

		if (next == NULL)
			break;
		at = (size_t)(next - text.bytes);
		if (!read_tail(&reading, slice_after(text, at)))
			continue;
		reading.at = at;
		if (!found)
			first = reading;
		found = true;
		if (is_about(text, &reading)) {
			first = reading;
			break;
		}
	}
	if (!found)
		return false;
	out->to = first.to;
	out->said = (struct slice){ text.bytes, first.at };
	return true;
}

/* Without the "; from=<S> ... helo=<H>" behind it. */
static void said_before_from(struct postfix_line *out, struct slice text)
{
	struct slice rest = text;

	if (!cut_to(&out->said, &rest, "; from=<"))
		out->said = text;
}

/* "NAME[ADDR]: ", or with smtpd_client_port_logging "NAME[ADDR]:PORT: " */
static bool take_client(struct postfix_line *out, struct slice *rest)
{
	struct slice port;

	if (!cut_to(&out->client, rest, "]:"))
		return false;
	out->client.len++; /* the bracket is its own */
	return cut_prefix(rest, " ") || cut_to(&port, rest, ": ");
}

/* "RCPT from NAME[ADDR]: "; a proxy's client is left out */
static bool take_where(
	struct postfix_line *out, struct slice *where, struct slice *rest)
{
	static const char bare[] = "END-OF-MESSAGE: ";

	if (cut_prefix(rest, bare)) {
		*where = slice_of("END-OF-MESSAGE");
		return true;
	}
	return cut_to(where, rest, " from ") && take_client(out, rest);
}

/* "RCPT from NAME[ADDR]: TEXT", and the same of DATA and the like. */
static bool parse_smtpd_action(struct postfix_line *out, struct slice rest)
{
	struct slice where;

	if (!take_where(out, &where, &rest))
		return false;
	out->for_recipient = slice_is(where, "RCPT");
	if (out->for_recipient) {
		const bool is_read = rejected_of(out, rest);

		find_dsn(out);
		return is_read;
	}
	if (!slice_is(where, "DATA") && !slice_is(where, "BDAT") &&
		!slice_is(where, "END-OF-MESSAGE"))
		return false;
	said_before_from(out, rest);
	find_dsn(out);
	return true;
}

struct action {
	const char *word;
	enum postfix_event event;
};

/* reject_warning, warn, info, filter and the like end nothing. */
static const struct action actions[] = {
	{ "reject: ", POSTFIX_REJECT },
	{ "milter-reject: ", POSTFIX_REJECT },
	{ "proxy-reject: ", POSTFIX_REJECT },
	{ "proxy-accept: ", POSTFIX_PROXIED },
	{ "hold: ", POSTFIX_HOLD },
	{ "milter-hold: ", POSTFIX_HOLD },
	{ "discard: ", POSTFIX_DISCARD },
	{ "milter-discard: ", POSTFIX_DISCARD },
};

static bool take_action(struct postfix_line *out, struct slice *rest)
{
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (cut_prefix(rest, actions[i].word)) {
			out->event = actions[i].event;
			return true;
		}
	}
	return false;
}

/* "lost connection after DATA (21 bytes) from NAME[ADDR]" */
static bool parse_session_end(struct postfix_line *out, struct slice message)
{
	static const char *const ends[] = { "lost connection after ",
		"timeout after ", "too many errors after " };
	struct slice rest = message;

	if (cut_prefix(&rest, "disconnect from ")) {
		out->event = POSTFIX_DISCONNECT;
		out->said = message;
		return true;
	}
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (cut_prefix(&rest, ends[i])) {
			out->event = POSTFIX_LOST;
			out->said = message;
			out->in_data = slice_starts(rest, "DATA") ||
				slice_starts(rest, "BDAT");
			return true;
		}
	}
	return false;
}

/* "warning: ID: queue file size limit exceeded", with a 552 to the client */
static bool parse_too_big(struct postfix_line *out, struct slice rest)
{
	if (!cut_prefix(&rest, "warning: ") || !cut_id(&out->queue_id, &rest) ||
		!slice_starts(rest, "queue file size limit exceeded"))
		return false;
	out->event = POSTFIX_REJECT;
	out->said = rest;
	out->dsn = slice_of("5.3.4");
	return true;
}

/*
 * warning: proxy HOST:PORT rejected "RCPT TO:<R> ...": "550 5.1.1 TEXT", where
 * a filter before the queue refuses a recipient
 */
static bool parse_proxy_refusal(struct postfix_line *out, struct slice rest)
{
	struct slice proxy, behind;

	if (!cut_prefix(&rest, "warning: proxy ") ||
		!cut_to(&proxy, &rest, " rejected \"RCPT TO:<") ||
		!cut_address(&out->to, &rest, ">") ||
		!cut_to(&behind, &rest, "\": \""))
		return false;
	out->event = POSTFIX_REJECT;
	out->for_recipient = true;
	out->said = rest;
	if (rest.len > 0 && rest.bytes[rest.len - 1] == '"')
		out->said.len--;
	find_dsn(out);
	return true;
}

static bool parse_smtpd(struct postfix_line *out, struct slice rest)
{
	if (parse_session_end(out, rest) || parse_too_big(out, rest) ||
		parse_proxy_refusal(out, rest))
		return true;
	if (!cut_prefix(&rest, "NOQUEUE: ") && !slice_starts(rest, "proxy-") &&
		!cut_id(&out->queue_id, &rest))
		return false;
	if (cut_prefix(&rest, "client=")) {
		out->event = POSTFIX_CLIENT;
		if (!cut_to(&out->client, &rest, ", "))
			out->client = rest;
		return true;
	}
	return take_action(out, &rest) && parse_smtpd_action(out, rest);
}

/*
 * "header Subject: ...; from=<S> to=<R> proto=P helo=<H>: 5.7.1 TEXT": the
 * header is the sender's, the text the administrator's, so the last code
 * that follows ">: " is the one.  R is no more than the recipient that came
 * last.
 */
static bool parse_cleanup(struct postfix_line *out, struct slice rest)
{
	if (!cut_id(&out->queue_id, &rest))
		return false;
	if (slice_starts(rest, "message-id=") ||
		slice_starts(rest, "resent-message-id=")) {
		out->event = POSTFIX_CLEANED;
		return true;
	}
	if (!take_action(out, &rest))
		return false;
	out->said = rest;
	out->dsn = (struct slice){ rest.bytes, 0 };
	for (size_t i = 3; i < rest.len; i++) {
		const size_t len = dsn_len(slice_after(rest, i));

		if (len > 0 &&
			(memcmp(rest.bytes + i - 3, ">: ", 3) == 0 ||
				memcmp(rest.bytes + i - 3, "]: ", 3) == 0))
			out->dsn = (struct slice){ rest.bytes + i, len };
	}
	return true;
}

static bool parse_qmgr(struct postfix_line *out, struct slice rest)
{
	struct slice sender;

	if (slice_is(rest, "removed")) {
		out->event = POSTFIX_REMOVED;
		return true;
	}
	if (!cut_prefix(&rest, "from=<") || !cut_address(&sender, &rest, ">, "))
		return false;
	out->event = POSTFIX_QUEUED;
	if (slice_starts(rest, "size="))
		return true;
	out->event = POSTFIX_EXPIRED;
	out->said = slice_of("returned to sender");
	return slice_starts(rest, "status=expired") ||
		slice_starts(rest, "status=force-expired");
}

/* "sent (250 2.0.0 Ok)", which a syslog daemon may have cut. */
static bool parse_status(struct postfix_line *out, struct slice rest)
{
	if (!cut_to(&out->status, &rest, " (") || out->status.len > STATUS_MAX)
		return false;
	if (rest.len > 0 && rest.bytes[rest.len - 1] == ')')
		rest.len--;
	out->said = rest;
	/* verify(8) asks; it delivers nothing */
	return !slice_is(out->status, "deliverable") &&
		!slice_is(out->status, "undeliverable");
}

/* to=<R>, orig_to=<O>, relay=H, delay=..., dsn=D, status=S (TEXT) */
static bool parse_attempt(struct postfix_line *out, struct slice rest)
{
	struct slice delays;

	out->event = POSTFIX_ATTEMPT;
	if (!cut_prefix(&rest, "to=<") || !cut_address(&out->to, &rest, ">, "))
		return false;
	if (cut_prefix(&rest, "orig_to=<") &&
		!cut_address(&out->orig_to, &rest, ">, "))
		return false;
	return cut_prefix(&rest, "relay=") &&
		cut_to(&out->relay, &rest, ", ") &&
		cut_to(&delays, &rest, "dsn=") &&
		cut_to(&out->dsn, &rest, ", status=") &&
		parse_status(out, rest);
}

static bool parse_agent(struct postfix_line *out, struct slice rest)
{
	return cut_id(&out->queue_id, &rest) && parse_attempt(out, rest);
}

static bool parse_queue(struct postfix_line *out, struct slice rest)
{
	return cut_id(&out->queue_id, &rest) &&
		(parse_qmgr(out, rest) || parse_attempt(out, rest));
}

static bool parse_postsuper(struct postfix_line *out, struct slice rest)
{
	out->event = POSTFIX_DELETED;
	return cut_id(&out->queue_id, &rest) && slice_is(rest, "removed");
}

/*
 * "uid=0 from=<S> orig_id=I", after postsuper -r.  Postfix ends an address
 * with a >, so what strangers put into S can not stand at the end.
 */
static bool parse_pickup(struct postfix_line *out, struct slice rest)
{
	struct slice before;

	out->event = POSTFIX_REQUEUED;
	if (!cut_id(&out->queue_id, &rest) || !cut_prefix(&rest, "uid="))
		return false;
	while (cut_to(&before, &rest, "> orig_id="))
		out->orig_id = rest;
	return out->orig_id.len > 0 &&
		cut_id_len(out->orig_id) == out->orig_id.len;
}

struct service {
	const char *name;
	bool (*parse)(struct postfix_line *out, struct slice rest);
};

static const struct service services[] = {
	{ "smtpd", parse_smtpd },
	{ "smtp", parse_agent },
	{ "qmgr", parse_queue },
	{ "cleanup", parse_cleanup },
	{ "lmtp", parse_agent },
	{ "local", parse_agent },
	{ "virtual", parse_agent },
	{ "pipe", parse_agent },
	{ "error", parse_agent },
	{ "discard", parse_agent },
	{ "bounce", parse_agent },
	{ "oqmgr", parse_queue },
	{ "postsuper", parse_postsuper },
	{ "pickup", parse_pickup },
};

struct postfix_line postfix_line_none(void)
{
	const struct slice none = slice_of("");

	return (struct postfix_line){ .queue_id = none,
		.orig_id = none,
		.client = none,
		.to = none,
		.orig_to = none,
		.relay = none,
		.dsn = none,
		.status = none,
		.said = none };
}

bool postfix_line_parse(struct postfix_line *out, const struct log_line *line)
{
	const struct slice name = log_line_service(line);

	if (name.len == line->program.len)
		return false;
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		if (slice_is(name, services[i].name)) {
			*out = postfix_line_none();
			return services[i].parse(out, line->message);
		}
	}
	return false;
}

struct slice postfix_line_instance(const struct log_line *line)
{
	const struct slice program = line->program;
	const char *slash = memchr(program.bytes, '/', program.len);

	if (slash == NULL)
		return program;
	return (struct slice){ program.bytes, (size_t)(slash - program.bytes) };
}

struct slice postfix_line_queued_as(struct slice said)
{
	static const char words[] = "queued as ";
	struct slice id = { said.bytes, 0 };
	struct slice part;

	while (cut_to(&part, &said, words))
		id = (struct slice){ said.bytes, cut_id_len(said) };
	return id;
}
