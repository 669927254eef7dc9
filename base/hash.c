/*
 * Multiplies eight bytes with eight others to 128 bits and folds them, as
 * wyhash does; whatever is multiplied was mixed with a secret first, so that
 * nobody can choose a factor of 0.
 */
#include "base/hash.h"

#include <string.h>
#include <sys/auxv.h>

__extension__ typedef unsigned __int128 wide;

static uint64_t mix(uint64_t a, uint64_t b)
{
	const wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load8(const char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

static uint64_t load4(const char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

/* At most 8 bytes; those of a longer text are told apart by its length. */
static uint64_t load_short(const char *bytes, size_t len)
{
	uint64_t value = 0;

	if (len >= 4)
		return load4(bytes) << 32 | load4(bytes + len - 4);
	for (size_t i = 0; i < len; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return value;
}

uint64_t hash_bytes(
	const struct hash_secret *secret, const char *bytes, size_t len)
{
	const uint64_t *words = secret->words;
	uint64_t hash = words[0] ^ len;

	for (; len > 16; bytes += 16, len -= 16)
		hash = mix(load8(bytes) ^ words[1], load8(bytes + 8) ^ hash);
	if (len > 8)
		hash = mix(
			load8(bytes) ^ words[1], load8(bytes + len - 8) ^ hash);
	else
		hash = mix(load_short(bytes, len) ^ words[1], hash);
	return mix(hash ^ words[0], words[1]);
}

/* AT_RANDOM: 16 bytes, others for each program that is started. */
struct hash_secret hash_secret(void)
{
	struct hash_secret secret = { { 0x9e3779b97f4a7c15U,
		0xc2b2ae3d27d4eb4fU } };
	const unsigned long address = getauxval(AT_RANDOM);
	const char *random;

	_Static_assert(sizeof random == sizeof address, "an address");
	memcpy(&random, &address, sizeof random);
	if (random == NULL)
		return secret;
	secret.words[0] = mix(secret.words[0] ^ load8(random), secret.words[1]);
	secret.words[1] =
		mix(secret.words[1] ^ load8(random + 8), secret.words[0]);
	return secret;
}
