/*
 * A key's hash is a chain of multiplications, each waiting for the one
 * before; so four keys go side by side, and the processor need not wait.
 */
#include "snapshot/cdb_layout.h"

enum { LANES = 4, HASH_START = 5381 };

static uint32_t hash_on(uint32_t hash, const char *bytes, const char *end)
{
	for (; bytes < end; bytes++)
		hash = (hash * 33) ^ (unsigned char)*bytes;
	return hash;
}

static size_t shortest(const struct slice keys[LANES])
{
	size_t len = keys[0].len;

	for (size_t i = 1; i < LANES; i++)
		len = keys[i].len < len ? keys[i].len : len;
	return len;
}

static void hash_lanes(uint32_t out[LANES], const struct slice keys[LANES])
{
	const size_t len = shortest(keys);
	const char *a = keys[0].bytes, *b = keys[1].bytes;
	const char *c = keys[2].bytes, *d = keys[3].bytes;
	uint32_t hash[LANES] = { HASH_START, HASH_START, HASH_START,
		HASH_START };

	for (size_t i = 0; i < len; i++) {
		hash[0] = (hash[0] * 33) ^ (unsigned char)a[i];
		hash[1] = (hash[1] * 33) ^ (unsigned char)b[i];
		hash[2] = (hash[2] * 33) ^ (unsigned char)c[i];
		hash[3] = (hash[3] * 33) ^ (unsigned char)d[i];
	}
	for (size_t i = 0; i < LANES; i++)
		out[i] = hash_on(hash[i], keys[i].bytes + len,
			keys[i].bytes + keys[i].len);
}

uint32_t cdb_layout_hash(struct slice key)
{
	return hash_on(HASH_START, key.bytes, key.bytes + key.len);
}

void cdb_layout_hashes(uint32_t *out, const struct slice *keys, size_t count)
{
	size_t i = 0;

	for (; count - i >= LANES; i += LANES)
		hash_lanes(out + i, keys + i);
	for (; i < count; i++)
		out[i] = cdb_layout_hash(keys[i]);
}
