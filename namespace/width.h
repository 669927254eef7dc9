/* How much room text takes on a terminal. */
#ifndef NAMESPACE_WIDTH_H
#define NAMESPACE_WIDTH_H

#include <stddef.h>

/*
 * Columns: two for the wide characters of East Asia (Unicode annex 11), none
 * for marks that stand on the one before, one for any other.  The text is
 * printable; a byte that is not UTF-8 counts as one.
 */
size_t width_of(const char *bytes, size_t len);
/* Bytes of its longest beginning that takes so many columns at the most. */
size_t width_fit(const char *bytes, size_t len, size_t columns);

#endif
