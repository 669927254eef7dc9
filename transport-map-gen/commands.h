/* The commands; each returns the exit status, after sysexits(3). */
#ifndef TRANSPORT_MAP_GEN_COMMANDS_H
#define TRANSPORT_MAP_GEN_COMMANDS_H

struct options;

/*
 * build: EX_OK published or unchanged, EX_TEMPFAIL published although a
 * directory failed, EX_DATAERR refused by a guard, EX_CONFIG bad
 * configuration, EX_IOERR could not write, or all but the textfile of
 * --textfile.
 */
int command_build(const struct options *options);
int command_check(const struct options *options);
/*
 * contacts: EX_OK all were listed, EX_TEMPFAIL a directory never loaded and
 * something may be missing, EX_CONFIG bad configuration, EX_USAGE no such
 * connector or domain, EX_IOERR could not write.
 */
int command_contacts(const struct options *options);
int command_explain(const struct options *options);
/*
 * graph: EX_OK, EX_CONFIG for what check refuses without asking directories,
 * which is drawn where it was understood, EX_IOERR could not be drawn or
 * written.
 */
int command_graph(const struct options *options);
int command_list(const struct options *options);

#endif
