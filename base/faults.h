/* All that is wrong with an input, gathered, so that one run tells it all. */
#ifndef BASE_FAULTS_H
#define BASE_FAULTS_H

#include "base/err.h"

/* A warning is advice that comes once: who misses it never hears it again. */
enum fault_kind { FAULT_ERROR, FAULT_WARNING, FAULT_ADVICE };

struct fault {
	enum fault_kind kind;
	struct place place;
	const char *text; /* one sentence, without place */
};

struct faults;

struct faults *faults_open(void);
void faults_close(struct faults **faults);

/* The place's file name is copied. */
void faults_error(struct faults *faults, struct place place, const char *format,
	...) __attribute__((format(printf, 3, 4)));
void faults_warning(struct faults *faults, struct place place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
void faults_advice(struct faults *faults, struct place place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

size_t faults_count(const struct faults *faults);
size_t faults_errors(const struct faults *faults);
/* As its kind says. */
void faults_add(struct faults *faults, const struct fault *fault);
/* index < faults_count(), in the order in which they were found */
const struct fault *faults_get(const struct faults *faults, size_t index);

#endif
