/*
 * syslog(3) by hand, the same bytes on the wire (RFC 3164), because the one
 * of the C library neither tells whether the line was taken nor ends to wait
 * for a syslogd that does not read.
 */
#include "transport-map-gen/event_log.h"

#include "base/text.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { STAMP_SIZE = 32 };

static void format_line(struct text *line, int severity, const char *text)
{
	char stamp[STAMP_SIZE] = "";
	const time_t now = time(NULL);
	struct tm local;

	if (localtime_r(&now, &local) != NULL)
		strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &local);
	text_addf(line, "<%d>%s postfix/transport-map-gen[%d]: %s",
		LOG_MAIL | severity, stamp, (int)getpid(), text);
	for (size_t i = 0; i < line->len; i++) {
		const unsigned char byte = (unsigned char)line->data[i];

		if (byte < ' ' || byte == 0x7f)
			line->data[i] = '?';
	}
}

static bool send_to(int fd, const struct sockaddr_un *address,
	const struct text *line, struct err *err)
{
	const struct timeval wait = { .tv_sec = EVENT_LOG_WAIT_S };

	return (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) ==
			       0 &&
		       sendto(fd, line->data, line->len, MSG_NOSIGNAL,
			       (const struct sockaddr *)address,
			       sizeof *address) >= 0) ||
		err_sys(err, "log to %s", address->sun_path);
}

bool event_log(
	const char *path, int severity, const char *text, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct text line;

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, "log to %s: the name is too long", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, "log to %s", path);
	text_init(&line);
	format_line(&line, severity, text);
	const bool is_sent = send_to(fd, &address, &line, err);

	text_fini(&line);
	close(fd);
	return is_sent;
}
