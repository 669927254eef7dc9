/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_LEN_MAX = 4 };

/*
 * The character that begins here (len > 0), and how many bytes it takes; 0
 * where none does, then *out is undefined.
 */
size_t utf8_parse(uint32_t *out, const char *bytes, size_t len);

#endif
