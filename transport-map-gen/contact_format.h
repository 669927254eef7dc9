/* A list of contacts as text, or ready for the other system. */
#ifndef TRANSPORT_MAP_GEN_CONTACT_FORMAT_H
#define TRANSPORT_MAP_GEN_CONTACT_FORMAT_H

#include "base/err.h"
#include "transport-map-gen/contact_list.h"

#include <stdio.h>

enum contact_format {
	CONTACT_FORMAT_TEXT, /* one address a line, as type = file reads it */
	/* For New-MailContact: Name, DisplayName, Alias and
	   ExternalEmailAddress ("SMTP:..."); RFC 4180, UTF-8 with a byte
	   order mark, without which PowerShell 5 and Excel read it wrongly. */
	CONTACT_FORMAT_CSV,
	CONTACT_FORMAT_LDIF, /* objects of class contact; RFC 2849 */
};

/* "text", "csv" or "ldif". */
bool contact_format_parse(
	enum contact_format *out, const char *word, struct err *err);
/* Whether a DN can stand above the contacts, as far as that can be seen. */
bool contact_base_check(const char *base, struct err *err);

/*
 * The target of each contact is its own address, which leads back here where
 * the domain is an internal relay there.  base: the DN for LDIF.  What could
 * not be written is left in ferror(file).
 */
void contact_format_print(enum contact_format format,
	const struct contact_list *list, const char *base, FILE *file);

#endif
