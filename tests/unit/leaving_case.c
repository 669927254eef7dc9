#include "tests/unit/leaving_case.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "tests/unit/folder_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void leaving_case_init(struct leaving_case *c)
{
	c->arena = arena_open();
	c->base = test_folder(c->arena);
	mkdir(arena_printf(c->arena, "%s/old", c->base), 0700);
	mkdir(arena_printf(c->arena, "%s/new", c->base), 0700);
}

void leaving_case_fini(struct leaving_case *c)
{
	test_folder_remove(c->base);
	arena_close(&c->arena);
}

const char *leaving_case_path(const struct leaving_case *c, const char *name)
{
	return arena_printf(c->arena, "%s/%s", c->base, name);
}

void leaving_case_write_map(const struct leaving_case *c, const char *name,
	const struct pair *pairs)
{
	struct err err = { 0 };

	unlink(leaving_case_path(c, name));
	struct cdb_writer *writer =
		cdb_writer_open(leaving_case_path(c, name), &err);

	ck_assert_msg(writer != NULL, "%s", err.text);
	for (size_t i = 0; i < PAIRS_MAX && pairs[i].key != NULL; i++)
		ck_assert(cdb_writer_add(
			writer, pairs[i].key, pairs[i].value, &err));
	ck_assert_msg(cdb_writer_close(&writer, &err), "%s", err.text);
}

void leaving_case_write_text(
	const struct leaving_case *c, const char *name, const char *bytes)
{
	FILE *file = fopen(leaving_case_path(c, name), "w");

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

struct lines {
	struct arena *arena;
	const char *all;
};

static bool add_line(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct lines *lines = context;

	lines->all = arena_printf(lines->arena, "%s%.*s=%.*s;", lines->all,
		(int)key_len, key, (int)value_len, value);
	return true;
}

const char *leaving_case_written(const struct leaving_case *c)
{
	struct lines lines = { c->arena, "" };
	struct err err = { 0 };
	struct cdb_reader *reader = cdb_reader_open(
		leaving_case_path(c, "new/transport_leaving.cdb"), &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(cdb_reader_walk(reader, add_line, &lines));
	cdb_reader_close(&reader);
	return lines.all;
}

const char *leaving_case_dates(const struct leaving_case *c)
{
	size_t len;

	return file_read(leaving_case_path(c, "new/leaving.dates"), &len,
		c->arena, NULL);
}

struct leaving_options leaving_case_options(
	const struct leaving_case *c, const char *const *accepted)
{
	return (struct leaving_options){
		.routes = leaving_case_path(c, "old"),
		.current = leaving_case_path(c, "old"),
		.linger_s = LINGER_S,
		.now = NOW,
		.is_accepted = is_accepted,
		.context = (void *)accepted,
	};
}

void leaving_case_write_old(
	const struct leaving_case *c, const struct leaving_maps *maps)
{
	leaving_case_write_map(c, "old/relay_domains.cdb", maps->domains);
	leaving_case_write_map(c, "old/transport.cdb", maps->transport);
	leaving_case_write_map(c, "old/transport_leaving.cdb", maps->leaving);
	leaving_case_write_map(c, "old/relay_recipients.cdb", maps->recipients);
	if (maps->dates != NULL)
		leaving_case_write_text(c, "old/leaving.dates", maps->dates);
	leaving_case_write_map(c, "new/transport.cdb", maps->next);
}
