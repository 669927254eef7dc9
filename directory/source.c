/* One line for each type of directory; a new type is a line here. */
#include "directory/source.h"

#include "directory/csv_source.h"
#include "directory/list_file.h"
#include "directory/postfix_map.h"

static const struct source_ops SOURCES[] = {
	[DIRECTORY_FILE] = { list_file_read },
	[DIRECTORY_POSTFIX] = { postfix_map_read },
	[DIRECTORY_CSV] = { csv_source_read },
};

const struct source_ops *source_ops(enum directory_type type)
{
	return &SOURCES[type];
}
