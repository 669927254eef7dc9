/*
 * From one generation to the next most recipients are the same, in the same
 * order: the next one of the old map is mostly the next one of the new.
 * What a contact of the configuration stands for is in the list too, but
 * then it is in one of the other two maps, and the resolver has to say.
 */
#include "snapshot/leaving_stay.h"

#include "base/memory.h"
#include "base/text.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"

#include <stdlib.h>

struct leaving_stay {
	struct cdb_reader *listed;
	struct cdb_reader *others[2]; /* aliases, access; NULL = empty */
	struct cdb_cursor next;
	struct slice key; /* of the record at the cursor */
	bool has_key;
};

static struct cdb_reader *open_map(const char *folder, const char *name)
{
	struct text path;

	text_init(&path);
	text_addf(&path, "%s/%s", folder, name);
	struct cdb_reader *reader = cdb_reader_open(path.data, NULL);

	text_fini(&path);
	return reader;
}

static void advance(struct leaving_stay *stay)
{
	struct slice value;

	stay->has_key = cdb_cursor_next(&stay->next, &stay->key, &value) ==
		LOOKUP_FOUND;
}

static void close_if_empty(struct cdb_reader **reader)
{
	struct cdb_cursor cursor;
	struct slice key, value;

	cdb_cursor_init(&cursor, *reader);
	if (cdb_cursor_next(&cursor, &key, &value) == LOOKUP_NONE)
		cdb_reader_close(reader);
}

struct leaving_stay *leaving_stay_open(const char *folder)
{
	static const char *const others[] = { FILES_VIRTUAL_ALIAS,
		FILES_RECIPIENT_ACCESS };
	struct leaving_stay *stay = memory_must(calloc(1, sizeof *stay));

	stay->listed = open_map(folder, FILES_RELAY_RECIPIENTS);
	if (stay->listed == NULL)
		return stay;
	cdb_cursor_init(&stay->next, stay->listed);
	advance(stay);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		stay->others[i] = open_map(folder, others[i]);
		if (stay->others[i] == NULL)
			cdb_reader_close(&stay->listed);
		else
			close_if_empty(&stay->others[i]);
	}
	return stay;
}

void leaving_stay_close(struct leaving_stay **stay)
{
	if (*stay == NULL)
		return;
	cdb_reader_close(&(*stay)->listed);
	cdb_reader_close(&(*stay)->others[0]);
	cdb_reader_close(&(*stay)->others[1]);
	free(*stay);
	*stay = NULL;
}

static bool is_listed(struct leaving_stay *stay, struct slice key)
{
	struct slice value;

	if (stay->has_key && slice_same(stay->key, key)) {
		advance(stay);
		return true;
	}
	if (cdb_reader_find_slice(stay->listed, key, &value) != LOOKUP_FOUND)
		return false;
	cdb_cursor_go_behind(&stay->next, value);
	advance(stay);
	return true;
}

static bool may_be_in(const struct cdb_reader *reader, struct slice key)
{
	struct slice value;

	return reader != NULL &&
		cdb_reader_find_slice(reader, key, &value) != LOOKUP_NONE;
}

bool leaving_stays(struct leaving_stay *stay, struct slice key)
{
	return stay->listed != NULL && is_listed(stay, key) &&
		!may_be_in(stay->others[0], key) &&
		!may_be_in(stay->others[1], key);
}
