/* Verdicts as lines of tabs, a header line first; all fields. */
#ifndef VERDICTS_TSV_OUTPUT_H
#define VERDICTS_TSV_OUTPUT_H

#include "verdicts/output.h"
#include "verdicts/shape.h"

/*
 * time (RFC 3339, microseconds), host, the fields in the order of the line,
 * as shown.h has them; with fates to, status, dsn, system, said and
 * delivery_time, a line for each fate.
 */
void tsv_output_open(struct output *out, const struct shape *shape);

#endif
