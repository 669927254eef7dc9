/*
 * The event loop: listeners, connections, signals and the clock.
 *
 * SIGTERM, SIGINT: nothing more is accepted, what has been asked is
 * answered, and the loop ends within SERVER_LAST_S seconds.  SIGHUP: a new
 * generation is looked for at once, as it is every SERVER_LOOK_MS anyway, or
 * less often where the state folder is slow.
 */
#ifndef POLICYD_SERVER_H
#define POLICYD_SERVER_H

#include "base/err.h"

struct journal;
struct keeper;
struct listener;
struct metrics;
struct server;

enum { SERVER_LOOK_MS = 900, SERVER_LAST_S = 4 };

struct server_parts {
	struct keeper *keeper;
	struct journal *journal;
	struct metrics *metrics; /* NULL: nobody watches */
	bool is_shadow;
	bool is_silent; /* verdicts are not logged */
	bool takes_files; /* a regular file or a pipe may stand for a socket */
};

/* Borrows the parts.  NULL on failure. */
struct server *server_open(const struct server_parts *parts, struct err *err);
/* Tells the journal what was counted and not told yet. */
void server_close(struct server **server);

/* Borrows the listener, until server_close(). */
bool server_listen(struct server *server, const struct listener *listener,
	struct err *err);
/*
 * Tells those who ask there over HTTP what was counted, as long as policy
 * clients are served; needs metrics.  Borrows the listener.
 */
bool server_tell(struct server *server, const struct listener *listener,
	struct err *err);
/* One connection, and the loop ends with it; owns the descriptors. */
bool server_converse(struct server *server, int in, int out, struct err *err);

/* Until a signal, or the end of the one conversation. */
bool server_run(struct server *server, struct err *err);

#endif
