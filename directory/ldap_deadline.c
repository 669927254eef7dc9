/*
 * During the handshake of TLS libldap neither waits for a socket that does
 * not block, but asks it again and again, nor does its network timeout end
 * that.  So reads and writes wait here, and fail once the time is over.
 */
#include "directory/ldap_deadline.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>

static int set_up(Sockbuf_IO_Desc *layer, void *deadline)
{
	layer->sbiod_pvt = deadline;
	return 0;
}

static int tear_down(Sockbuf_IO_Desc *layer)
{
	layer->sbiod_pvt = NULL;
	return 0;
}

static int close_nothing(Sockbuf_IO_Desc *layer)
{
	(void)layer;
	return 0;
}

static int pass_on(Sockbuf_IO_Desc *layer, int option, void *value)
{
	return LBER_SBIOD_CTRL_NEXT(layer, option, value);
}

/* Whether to try once more, after errno said why it failed. */
static bool wait_for(Sockbuf_IO_Desc *layer, short events)
{
	struct ldap_deadline *deadline = layer->sbiod_pvt;
	struct pollfd ready = { .fd = -1, .events = events };

	if (deadline->at_ms == 0 || (errno != EAGAIN && errno != EINTR))
		return false;
	const int left_ms = clock_left_ms(deadline->at_ms);

	if (left_ms == 0) {
		deadline->is_missed = true;
		errno = ETIMEDOUT;
		return false;
	}
	if (ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &ready.fd) !=
		1)
		return false;
	return poll(&ready, 1, left_ms) >= 0 || errno == EINTR;
}

static ber_slen_t read_in_time(
	Sockbuf_IO_Desc *layer, void *bytes, ber_len_t len)
{
	ber_slen_t n;

	do {
		n = LBER_SBIOD_READ_NEXT(layer, bytes, len);
	} while (n < 0 && wait_for(layer, POLLIN));
	return n;
}

static ber_slen_t write_in_time(
	Sockbuf_IO_Desc *layer, void *bytes, ber_len_t len)
{
	ber_slen_t n;

	do {
		n = LBER_SBIOD_WRITE_NEXT(layer, bytes, len);
	} while (n < 0 && wait_for(layer, POLLOUT));
	return n;
}

bool ldap_deadline_init(struct ldap_deadline *deadline, LDAP *ld)
{
	/* liblber wants it writable, and never writes to it. */
	static Sockbuf_IO layer = { set_up, tear_down, pass_on, read_in_time,
		write_in_time, close_nothing };
	Sockbuf *socket = NULL;

	return ldap_get_option(ld, LDAP_OPT_SOCKBUF, &socket) == 0 &&
		socket != NULL &&
		ber_sockbuf_add_io(socket, &layer, LBER_SBIOD_LEVEL_PROVIDER,
			deadline) == 0;
}
