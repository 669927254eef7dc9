/*
 * Addresses as Postfix logs them, to be compared with those of verdicts.  The
 * log has the external form (local part quoted where SMTP wants it), a "?"
 * for each control character, and letters folded in part; a verdict has the
 * internal form as it came.
 */
#ifndef VERDICTS_LOG_ADDRESS_H
#define VERDICTS_LOG_ADDRESS_H

#include "base/slice.h"

struct text;

/*
 * The length of the address at the beginning of `rest`: up to the > that ends
 * it, which stands outside quotes and domain literals.  rest.len where none
 * does.
 */
size_t log_address_len(struct slice rest);
/* Appends the internal form of an external one. */
void log_address_unquote(struct text *out, struct slice external);
/* The form in which both kinds are the same; free(3) it. */
char *log_address_key(struct slice internal);
char *log_address_key_external(struct slice external);

#endif
