/*
 * Sockets handed over by a supervisor, what it keeps of our words, and the
 * word that we are ready: sd_listen_fds(3) and sd_notify(3), without the
 * library.
 */
#ifndef POLICYD_SYSTEMD_H
#define POLICYD_SYSTEMD_H

#include "base/err.h"

/* The first descriptor that is handed over. */
enum { SYSTEMD_FIRST_FD = 3 };

/*
 * *count: how many listening sockets stand from SYSTEMD_FIRST_FD on; 0
 * without a supervisor.  Takes LISTEN_* out of the environment.
 */
bool systemd_sockets(int *count, struct err *err);
/*
 * Whether journald gets what is written there, by JOURNAL_STREAM, see
 * systemd.exec(5).
 */
bool systemd_keeps(int fd);
/* Says READY=1 to NOTIFY_SOCKET where there is one; no matter if it fails. */
void systemd_ready(void);

#endif
