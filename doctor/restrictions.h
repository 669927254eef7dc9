/*
 * A list of restrictions of smtpd(8), as postconf(5) writes it: words between
 * commas and white space, where braces hold together what stands in them.
 * Other lists of main.cf are parted alike.
 */
#ifndef DOCTOR_RESTRICTIONS_H
#define DOCTOR_RESTRICTIONS_H

#include <stddef.h>

struct arena;

struct restrictions {
	const char **words; /* restrictions and their arguments */
	size_t count;
};

/* The words live in the arena. */
void restrictions_parse(
	struct restrictions *out, const char *text, struct arena *arena);
/*
 * The place of a restriction, whatever its case, from that place on; count
 * where there is none.
 */
size_t restrictions_find(
	const struct restrictions *list, const char *name, size_t from);
/* Puts the words of with, if any, in the place of n words. */
void restrictions_replace(struct restrictions *list, size_t at, size_t n,
	const struct restrictions *with, struct arena *arena);
/* As main.cf takes it. */
const char *restrictions_format(
	const struct restrictions *list, struct arena *arena);

#endif
