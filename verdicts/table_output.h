/* Verdicts as an aligned table for people: what matters of each. */
#ifndef VERDICTS_TABLE_OUTPUT_H
#define VERDICTS_TABLE_OUTPUT_H

#include "verdicts/output.h"
#include "verdicts/shape.h"

/*
 * time (local, to the second), verdict, reason, recipient, connector, client,
 * sender; with fates status, dsn, system, said, a row for each fate.  The
 * reason says "(shadow)" where the verdict was not sent.
 */
void table_output_open(struct output *out, const struct shape *shape);

#endif
