/* What went wrong, in one sentence, with the place in the input to mend. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum { ERR_TEXT_SIZE = 1024 };

/* A line of an input file; line 0 means the file as a whole. */
struct place {
	const char *file;
	unsigned line;
};

/* Caller's storage; start with { 0 }.  text is empty until something fails. */
struct err {
	char text[ERR_TEXT_SIZE];
};

/*
 * Each fills *err and returns false, so that a function can end with it.
 * err may be NULL: then nothing is kept.
 */
bool err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Appends ": " and strerror(errno), errno as it was at the call. */
bool err_sys(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Puts "file:line: " in front. */
bool err_at(struct err *err, struct place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#if defined __clang_analyzer__ || defined HAS_ANALYZER
/* An analyzer sees one file at a time; so it knows that they are false. */
#define err_set(...) (err_set(__VA_ARGS__), false)
#define err_sys(...) (err_sys(__VA_ARGS__), false)
#define err_at(...) (err_at(__VA_ARGS__), false)
#endif

#endif
