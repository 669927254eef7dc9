/* How the directories were read, for whoever gets what cron says. */
#ifndef TRANSPORT_MAP_GEN_LOAD_REPORT_H
#define TRANSPORT_MAP_GEN_LOAD_REPORT_H

#include "transport-map-gen/gather.h"

/*
 * Each that failed, to stderr.  EX_OK; EX_TEMPFAIL where one failed,
 * EX_DATAERR where a guard refused one.
 */
int load_report(const struct gathered *g);

#endif
