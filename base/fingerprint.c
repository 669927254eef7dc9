/* By libcrypto; once it has begun no step of it can fail. */
#include "base/fingerprint.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

struct fingerprint {
	EVP_MAC *mac;
	EVP_MAC_CTX *context;
};

bool fingerprint_draw_key(unsigned char key[FINGERPRINT_KEY_SIZE])
{
	return getrandom(key, FINGERPRINT_KEY_SIZE, GRND_NONBLOCK) ==
		FINGERPRINT_KEY_SIZE;
}

struct fingerprint *fingerprint_open(
	const unsigned char key[FINGERPRINT_KEY_SIZE])
{
	struct fingerprint *fingerprint =
		memory_must(calloc(1, sizeof *fingerprint));

	fingerprint->mac = EVP_MAC_fetch(NULL, "POLY1305", NULL);
	if (fingerprint->mac != NULL)
		fingerprint->context = EVP_MAC_CTX_new(fingerprint->mac);
	if (fingerprint->context == NULL ||
		EVP_MAC_init(fingerprint->context, key, FINGERPRINT_KEY_SIZE,
			NULL) != 1)
		fingerprint_close(&fingerprint);
	return fingerprint;
}

void fingerprint_add(
	struct fingerprint *fingerprint, const char *bytes, size_t len)
{
	EVP_MAC_update(fingerprint->context, (const unsigned char *)bytes, len);
}

void fingerprint_finish(
	struct fingerprint *fingerprint, unsigned char out[FINGERPRINT_SIZE])
{
	size_t len;

	EVP_MAC_final(fingerprint->context, out, &len, FINGERPRINT_SIZE);
}

void fingerprint_close(struct fingerprint **fingerprint)
{
	if (*fingerprint == NULL)
		return;
	EVP_MAC_CTX_free((*fingerprint)->context);
	EVP_MAC_free((*fingerprint)->mac);
	free(*fingerprint);
	*fingerprint = NULL;
}
