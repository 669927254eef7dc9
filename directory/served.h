/* The text of a copy, taken to pieces in place: a list of recipients. */
#ifndef DIRECTORY_SERVED_H
#define DIRECTORY_SERVED_H

#include <stdbool.h>
#include <stddef.h>

struct class_counts;
struct directory;
struct recipient;
struct recipients;
struct slice;

struct served {
	struct recipient *list; /* memory_map() */
	size_t count;
	char *text; /* what the list borrows from */
	size_t size;
};

/*
 * What can be done before served_parse() and beside other work: room for the
 * list of a text of that size with that end, whatever else is in it.
 */
void served_prepare(struct served *out, struct slice end, size_t size);
/*
 * out is prepared or zero; text is a mapping of size bytes that may be
 * written to, served's from now on.  False where it was no whole text: then
 * nothing is kept of it.
 */
bool served_parse(struct served *out, char *text, size_t size,
	const struct directory *directory, struct class_counts *classes);
/* Hands list and text over to the recipients. */
void served_add(struct served *served, struct recipients *recipients);
/* Gives back what was not handed over. */
void served_close(struct served *served);

#endif
