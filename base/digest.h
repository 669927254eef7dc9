/* BLAKE2b-512 of bytes that come piece by piece, as b2sum(1) prints it. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/err.h"

struct arena;
struct digest;

/* NULL where OpenSSL's policy leaves BLAKE2 out. */
struct digest *digest_open(struct err *err);
void digest_add(struct digest *digest, const char *bytes, size_t len);
/* Lower case hexadecimal; nothing can be added afterwards. */
const char *digest_format(struct digest *digest, struct arena *arena);
void digest_close(struct digest **digest);

#endif
