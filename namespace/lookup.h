/*
 * The three ends of every lookup, from a directory to the SMTP reply.  NONE
 * is certain knowledge; FAILED never becomes a 5xx reply.
 */
#ifndef NAMESPACE_LOOKUP_H
#define NAMESPACE_LOOKUP_H

enum lookup { LOOKUP_FOUND, LOOKUP_NONE, LOOKUP_FAILED };

#endif
