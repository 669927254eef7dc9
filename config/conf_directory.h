/*
 * What the types of directory "NAME" need beyond what all of them have, one
 * function for each kind of source.
 */
#ifndef CONFIG_CONF_DIRECTORY_H
#define CONFIG_CONF_DIRECTORY_H

#include "config/conf_value.h"

/* A format of text, in a file or from a program; a type that is no format
   needs nothing here. */
void conf_directory_format(const struct conf *conf, struct directory *directory,
	const struct conf_block *block, enum directory_type format);
void conf_directory_command(const struct conf *conf,
	struct directory *directory, const struct conf_block *block);
void conf_directory_ldap(const struct conf *conf, struct directory *directory,
	const struct conf_block *block);
void conf_directory_sql(const struct conf *conf, struct directory *directory,
	const struct conf_block *block);

/* The columns, or the attributes, that hold addresses. */
void conf_directory_columns(const struct conf *conf,
	struct directory *directory, const struct conf_block *block);
void conf_directory_attributes(const struct conf *conf,
	struct directory *directory, const struct conf_block *block);

/* Reports that a key is not there; how ends "... has no KEY; write". */
void conf_directory_want(const struct conf *conf,
	const struct conf_block *block, const char *name, const char *how);
/*
 * Reports a key that goes with another choice than what was made; which ends
 * the sentence "KEY is for".
 */
void conf_directory_refuse(const struct conf *conf,
	const struct conf_block *block, const char *name, const char *which);

#endif
