/* Where this Postfix takes mail by SMTP: its addresses and ports. */
#ifndef DOCTOR_LISTENERS_H
#define DOCTOR_LISTENERS_H

#include "namespace/network.h"

struct instance;
struct listeners;

/*
 * By master.cf, inet_interfaces and the interfaces that this machine has
 * now.  instance NULL, or without a listener: port 25 at all addresses.
 */
struct listeners *listeners_open(const struct instance *instance);
void listeners_close(struct listeners **listeners);
/* Whether a connection to that address and port comes to this Postfix. */
bool listeners_has(const struct listeners *listeners,
	const struct network *address, uint16_t port);

#endif
