/*
 * A request of the Postfix policy delegation protocol (SMTPD_POLICY_README):
 * lines "name=value", then an empty one; LF alone ends a line.
 */
#ifndef POLICYD_REQUEST_H
#define POLICYD_REQUEST_H

#include "base/err.h"
#include "base/slice.h"

/* Postfix sends about 700 bytes; a value is one SMTP command at the most. */
enum { REQUEST_SIZE_MAX = 64 * 1024 };

/*
 * The attributes that matter here: any bytes but NUL and LF, absent and empty
 * are the same; of a repeated one the first counts.
 */
struct request {
	struct slice state; /* protocol_state */
	struct slice client; /* client_address */
	struct slice sender;
	struct slice recipient; /* internal form, neither quoted nor folded */
	struct slice queue_id;
	struct slice instance;
};

struct request_parser;

struct request_parser *request_parser_open(void);
void request_parser_close(struct request_parser **parser);

enum request_end {
	REQUEST_PARTIAL, /* all bytes taken, more are needed */
	REQUEST_WHOLE,
	REQUEST_REFUSED, /* the peer speaks something else: *err says what */
};

/*
 * Takes bytes up to the end of one request and sets *used to their number.
 * *out is filled at REQUEST_WHOLE alone and borrows from the bytes, and from
 * the parser until the next call.  After REQUEST_REFUSED nothing can follow.
 */
enum request_end request_feed(struct request_parser *parser, struct slice bytes,
	size_t *used, struct request *out, struct err *err);
/* Whether a request has begun and not ended. */
bool request_is_partial(const struct request_parser *parser);

#endif
