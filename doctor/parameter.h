/* A list in main.cf, word by word, and the line that changes it. */
#ifndef DOCTOR_PARAMETER_H
#define DOCTOR_PARAMETER_H

#include <stddef.h>

struct arena;
struct instance;

struct parameter_word {
	const char *written; /* "$mydomain" */
	const char *value; /* "company.example" */
};

struct parameter {
	const char *name;
	struct parameter_word *words;
	size_t count;
	struct arena *arena;
};

/*
 * Words are parted by commas and white space; what stands in braces is kept
 * together.  Where main.cf does not set it, these are its default's words.
 */
void parameter_read(struct parameter *out, const struct instance *instance,
	const char *name, struct arena *arena);
/* By value; count where it is not there. */
size_t parameter_find(const struct parameter *parameter, const char *value);
/* At a place <= count, before what is there. */
void parameter_insert(
	struct parameter *parameter, size_t place, const char *word);
void parameter_remove(struct parameter *parameter, size_t place);
/* The line that writes it so, each other word as main.cf has it. */
const char *parameter_fix(const struct parameter *parameter);

#endif
