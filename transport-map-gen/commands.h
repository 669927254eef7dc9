/* The commands; each returns the exit status, after sysexits(3). */
#ifndef TRANSPORT_MAP_GEN_COMMANDS_H
#define TRANSPORT_MAP_GEN_COMMANDS_H

struct options;

/*
 * build: EX_OK published or unchanged, EX_TEMPFAIL published although a
 * directory failed, EX_DATAERR refused by a guard, EX_CONFIG bad
 * configuration, EX_IOERR could not write, or all but the textfile of
 * --textfile.  While a rollback holds the same, but nothing is published.
 */
int command_build(const struct options *options);
int command_check(const struct options *options);
/*
 * contacts: EX_OK all were listed, EX_TEMPFAIL a directory never loaded and
 * something may be missing, EX_CONFIG bad configuration, EX_USAGE no such
 * connector or domain, EX_IOERR could not write.
 */
int command_contacts(const struct options *options);
/*
 * diff: EX_OK whether or not they differ; of a candidate as build --dry-run;
 * EX_USAGE no such generation, EX_IOERR one can not be read.
 */
int command_diff(const struct options *options);
/*
 * build --dry-run: as build, but that it publishes and keeps nothing and
 * ends with the diff.
 */
int command_dry_run(const struct options *options);
/*
 * doctor: EX_OK nothing is wrong, EX_CONFIG something is, EX_TEMPFAIL
 * somebody could not be asked and nothing else is wrong, EX_UNAVAILABLE no
 * Postfix can be asked.
 */
int command_doctor(const struct options *options);
int command_explain(const struct options *options);
/*
 * graph: EX_OK, EX_CONFIG for what check refuses without asking directories,
 * which is drawn where it was understood, EX_IOERR could not be drawn or
 * written.
 */
int command_graph(const struct options *options);
/*
 * init: publishes a generation that accepts nobody where none is published,
 * so that no map is ever missing; else does nothing.  EX_OK either way,
 * EX_IOERR could not write.
 */
int command_init(const struct options *options);
int command_list(const struct options *options);
/* release: EX_OK also where nothing was held, EX_IOERR it still holds. */
int command_release(const struct options *options);
/* replay: as diff; EX_NOINPUT a log can not be read. */
int command_replay(const struct options *options);
/*
 * rollback: EX_OK published, or its content is in force already, EX_USAGE no
 * such generation, or none before, EX_DATAERR it is damaged, EX_IOERR could
 * not write.  But for EX_USAGE builds are held from then on.
 */
int command_rollback(const struct options *options);

#endif
