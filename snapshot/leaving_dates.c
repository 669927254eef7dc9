/*
 * Lines "EPOCH KEY"; a generation need not have any.  Each is shorter than the
 * record of its key in a map, so the file has no more bytes than a map may.
 */
#include "snapshot/leaving_dates.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void note_date(
	struct table *dates, const char *key, time_t since, struct arena *arena)
{
	time_t *date = table_find(dates, key);

	if (date == NULL) {
		date = arena_alloc(arena, sizeof *date);
		*date = since;
		table_put(dates, key, date);
	} else if (since < *date) {
		*date = since;
	}
}

static bool date_parse(struct table *dates, char *line, struct arena *arena)
{
	const char *digits = strsep(&line, " ");
	unsigned long since;

	if (line == NULL || !text_to_ulong(&since, digits))
		return false;
	note_date(dates, line, (time_t)since, arena);
	return true;
}

void leaving_dates_read(struct table *dates, const char *folder,
	struct arena *arena, struct err *note)
{
	const char *path =
		arena_printf(arena, "%s/" FILES_LEAVING_DATES, folder);
	size_t len;
	unsigned number = 0;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return;
	char *rest = file_read_at_most(CDB_SIZE_MAX, path, &len, arena, note);

	while (rest != NULL && *rest != '\0') {
		number++;
		if (!date_parse(dates, strsep(&rest, "\n"), arena))
			err_at(note, (struct place){ path, number },
				"a line must be a time in seconds and a key");
	}
}
