/* Folders "old" and "new" below one that is removed again. */
#include "tests/unit/leaving_case.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[256];
static struct arena *arena;

void make_base(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(base, sizeof base, "%s/leaving.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(base));
	arena = arena_open();
	mkdir(arena_printf(arena, "%s/old", base), 0700);
	mkdir(arena_printf(arena, "%s/new", base), 0700);
}

void remove_base(void)
{
	char command[300];

	arena_close(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
}

const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", base, name);
}

const char *below(const char *folder, const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

void write_map(const char *name, const struct pair *pairs)
{
	struct err err = { 0 };

	unlink(in(name));
	struct cdb_writer *writer = cdb_writer_open(in(name), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	for (size_t i = 0; i < PAIRS_MAX && pairs[i].key != NULL; i++)
		ck_assert(cdb_writer_add(
			writer, pairs[i].key, pairs[i].value, &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

void write_text(const char *name, const char *bytes)
{
	FILE *file = fopen(in(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs(bytes, file);
	fclose(file);
}

/* context: the keys that are accepted, ended by NULL. */
static bool is_accepted(void *context, const char *key)
{
	for (const char *const *at = context; *at != NULL; at++) {
		if (strcmp(*at, key) == 0)
			return true;
	}
	return false;
}

static bool add_line(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	const char **all = context;

	*all = arena_printf(arena, "%s%.*s=%.*s;", *all, (int)key_len, key,
		(int)value_len, value);
	return true;
}

/* "key=value;" of the new map, in order. */
const char *written(void)
{
	const char *all = "";
	struct err err = { 0 };
	struct cdb_reader *reader =
		cdb_reader_open(in("new/transport_leaving.cdb"), &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(cdb_reader_walk(reader, add_line, &all));
	cdb_reader_close(&reader);
	return all;
}

const char *dates(void)
{
	size_t len;

	return file_read(in("new/leaving.dates"), &len, arena, NULL);
}

struct leaving_options old_to_new(const char *const *accepted)
{
	return (struct leaving_options){
		.routes = in("old"),
		.current = in("old"),
		.linger_s = LINGER_S,
		.now = NOW,
		.is_accepted = is_accepted,
		.context = (void *)accepted,
	};
}

void write_old(const struct leaving_case *c)
{
	write_map("old/relay_domains.cdb", c->domains);
	write_map("old/transport.cdb", c->transport);
	write_map("old/transport_leaving.cdb", c->leaving);
	write_map("old/relay_recipients.cdb", c->recipients);
	if (c->dates != NULL)
		write_text("old/leaving.dates", c->dates);
	write_map("new/transport.cdb", c->next);
}
