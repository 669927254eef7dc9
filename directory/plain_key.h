/*
 * The fast way from an address to its key, for what nearly every address is:
 * ordinary characters in front of a domain that was seen before.  It decides
 * nothing: what it takes gets the key that key_parse() would give, and the
 * rest is left to that.
 */
#ifndef DIRECTORY_PLAIN_KEY_H
#define DIRECTORY_PLAIN_KEY_H

#include <stddef.h>

/* Local part, "@" and domain at their longest; no NUL. */
enum { PLAIN_KEY_MAX = 64 + 1 + 253 };

/* Spellings of domains, with what they are in a key. */
struct plain_domains;

struct plain_domains *plain_domains_open(void);
void plain_domains_close(struct plain_domains **domains);
/*
 * key is what key_parse() made of text; the spelling of its domain is known
 * from now on, until another one takes its place.
 */
void plain_domains_learn(
	struct plain_domains *domains, const char *text, const char *key);

/* The length of the key, written to out without a NUL; 0: not taken. */
size_t plain_key(char out[PLAIN_KEY_MAX], const struct plain_domains *domains,
	const char *text);

#endif
