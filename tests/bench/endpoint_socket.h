/* The socket that "unix:PATH" or "inet:ADDRESS:PORT" names, for the bench. */
#ifndef TESTS_BENCH_ENDPOINT_SOCKET_H
#define TESTS_BENCH_ENDPOINT_SOCKET_H

/* Both end the process where that fails, and say why. */
int endpoint_listen(const char *endpoint);
/* Non-blocking, once it is connected. */
int endpoint_connect(const char *endpoint);

#endif
