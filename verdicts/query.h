/*
 * policyd verdicts: asks the verdict log.
 *
 * log_reader -> log_line -> verdict -> filter -> (delivery) -> output
 */
#ifndef VERDICTS_QUERY_H
#define VERDICTS_QUERY_H

/* argv[0] is "verdicts"; the exit status after sysexits.h. */
int query_main(int argc, char **argv);

#endif
