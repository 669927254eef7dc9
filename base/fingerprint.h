/*
 * Whether bytes are what they were: Poly1305 (RFC 8439) under a key that was
 * drawn at random and is known to nobody who writes the bytes.  Two texts of
 * a gigabyte that differ then agree with a chance of less than 1 in 2^75,
 * whoever made them.  It is no digest: it says nothing without its key.
 */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>

enum { FINGERPRINT_KEY_SIZE = 32, FINGERPRINT_SIZE = 16 };

struct fingerprint;

/* False where the kernel gives none yet. */
bool fingerprint_draw_key(unsigned char key[FINGERPRINT_KEY_SIZE]);
/* NULL where OpenSSL's policy leaves Poly1305 out. */
struct fingerprint *fingerprint_open(
	const unsigned char key[FINGERPRINT_KEY_SIZE]);
void fingerprint_add(
	struct fingerprint *fingerprint, const char *bytes, size_t len);
/* Nothing can be added afterwards. */
void fingerprint_finish(
	struct fingerprint *fingerprint, unsigned char out[FINGERPRINT_SIZE]);
void fingerprint_close(struct fingerprint **fingerprint);

#endif
