/* One line for each type of directory; a new type is a line here. */
#include "directory/source.h"

#include "base/arena.h"
#include "directory/aliases_file.h"
#include "directory/command.h"
#include "directory/csv_source.h"
#include "directory/ldap_source.h"
#include "directory/ldif.h"
#include "directory/ldif_file.h"
#include "directory/list_file.h"
#include "directory/passwd_file.h"
#include "directory/postfix_map.h"
#include "directory/sql_source.h"
#include "directory/text_decode.h"

static const struct source_ops SOURCES[] = {
	[DIRECTORY_FILE] = { .read = list_file_read,
		.read_text = list_file_read_text },
	[DIRECTORY_POSTFIX] = { .read_text = postfix_map_read },
	[DIRECTORY_CSV] = { .read_text = csv_source_read },
	[DIRECTORY_LDIF] = { .read = ldif_file_read, .read_text = ldif_read },
	[DIRECTORY_PASSWD] = { .read_text = passwd_file_read },
	[DIRECTORY_ALIASES] = { .read_text = aliases_file_read },
	[DIRECTORY_LDAP] = { .read = ldap_source_read },
	[DIRECTORY_SQL] = { .read = sql_source_read },
	[DIRECTORY_COMMAND] = { .read = command_read },
};

static bool read_file(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct arena *whole = arena_open();
	struct decoded text;
	bool is_read = text_decode_file(&text, directory->path, whole, err);

	if (is_read && options->saw != NULL)
		options->saw(
			options->context, text.bytes.bytes, text.bytes.len);
	is_read = is_read &&
		source_read_text(directory->type, directory, &text, sink, err);
	arena_close(&whole);
	return is_read;
}

bool source_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	const struct source_ops *ops = &SOURCES[directory->type];

	if (ops->read == NULL)
		return read_file(directory, options, sink, err);
	return ops->read(directory, options, sink, err);
}

bool source_read_text(enum directory_type format,
	const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err)
{
	return SOURCES[format].read_text(directory, text, sink, err);
}
