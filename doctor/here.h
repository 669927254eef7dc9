/* The addresses by which the world comes to this Postfix. */
#ifndef DOCTOR_HERE_H
#define DOCTOR_HERE_H

#include "namespace/network.h"

struct here;
struct instance;

/* By listeners_open(), and for port 25 by proxy_interfaces (postconf(5)). */
struct here *here_open(const struct instance *instance);
void here_close(struct here **here);
bool here_has(
	const struct here *here, const struct network *address, uint16_t port);

#endif
