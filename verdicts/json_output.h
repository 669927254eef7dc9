/* Verdicts as JSON, one object a line; all fields. */
#ifndef VERDICTS_JSON_OUTPUT_H
#define VERDICTS_JSON_OUTPUT_H

#include "verdicts/output.h"
#include "verdicts/shape.h"

/*
 * "time" (RFC 3339, microseconds), "host", the fields in the order of the
 * line as json_text_field() has them, and "cut", the names of those that were
 * too long for the line; with fates "delivery", an array of objects with
 * "time", "to", "status", "dsn", "system" and "said".
 */
void json_output_open(struct output *out, const struct shape *shape);

#endif
