/* By libcrypto; once it has begun no step of it can fail. */
#include "base/digest.h"

#include "base/arena.h"
#include "base/memory.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct digest {
	EVP_MD_CTX *context;
};

struct digest *digest_open(struct err *err)
{
	struct digest *digest = memory_must(calloc(1, sizeof *digest));

	/* Without this context OpenSSL 3.0 does not fail: it crashes. */
	memory_must(OSSL_LIB_CTX_get0_global_default());
	digest->context = memory_must(EVP_MD_CTX_new());
	if (EVP_DigestInit_ex(digest->context, EVP_blake2b512(), NULL) == 1)
		return digest;
	if (ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE)
		memory_must(NULL);
	err_set(err,
		"OpenSSL offers no BLAKE2b-512, by which contents are told "
		"apart; allow it in openssl.cnf");
	digest_close(&digest);
	return NULL;
}

void digest_add(struct digest *digest, const char *bytes, size_t len)
{
	EVP_DigestUpdate(digest->context, bytes, len);
}

const char *digest_format(struct digest *digest, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_DigestFinal_ex(digest->context, bytes, &len);
	char *text = arena_alloc(arena, 2 * (size_t)len + 1);

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

void digest_close(struct digest **digest)
{
	if (*digest == NULL)
		return;
	EVP_MD_CTX_free((*digest)->context);
	free(*digest);
	*digest = NULL;
}
