/*
 * A state folder, and publishes into it by a clock of our own that notes
 * what stood each time it was asked to sleep.
 */
#ifndef TESTS_UNIT_PUBLISH_CASE_H
#define TESTS_UNIT_PUBLISH_CASE_H

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/publish.h"

#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELPER static inline __attribute__((unused))

enum { EVENTS_MAX = 32 };

/* What stood in the state folder when somebody began to sleep. */
struct event {
	unsigned ms;
	unsigned long routes, current;
	time_t route_mtime, recipient_mtime; /* of the watched generation */
};

/* Time passes when somebody sleeps, and only then. */
struct fake_clock {
	long long now_ms;
	unsigned calls, die_at; /* 0 = never */
	unsigned long watched;
	struct event events[EVENTS_MAX];
	size_t n_events;
};

static char base[256];
static char path[300];
static struct arena *arena;
static struct state *state;
static struct fake_clock fake;
static struct publish_clock fake_publish_clock;
static struct publish_options options;

HELPER time_t mtime_of(unsigned long number, const char *name)
{
	struct stat status;

	if (stat(arena_printf(
			 arena, "%s/generations/%lu/%s", path, number, name),
		    &status) != 0)
		return 0;
	ck_assert_int_ne(status.st_mtime, 0);
	return status.st_mtime;
}

HELPER unsigned long link_of(const char *name)
{
	static const char prefix[] = "generations/";
	char target[100] = "";
	unsigned long number = 0;

	if (readlink(arena_printf(arena, "%s/%s", path, name), target,
		    sizeof target - 1) < 0)
		return 0;
	ck_assert(text_starts(target, prefix));
	ck_assert(text_to_ulong(&number, target + sizeof prefix - 1));
	return number;
}

HELPER void die(struct fake_clock *now)
{
	if (++now->calls == now->die_at)
		_exit(9);
}

HELPER long long fake_now_ms(void *context)
{
	struct fake_clock *now = context;

	die(now);
	return now->now_ms;
}

HELPER void fake_sleep_ms(void *context, unsigned ms)
{
	struct fake_clock *now = context;

	die(now);
	ck_assert_uint_lt(now->n_events, EVENTS_MAX);
	now->events[now->n_events++] = (struct event){
		.ms = ms,
		.routes = link_of("routes"),
		.current = link_of("current"),
		.route_mtime = mtime_of(now->watched, "transport.cdb"),
		.recipient_mtime =
			mtime_of(now->watched, "relay_recipients.cdb"),
	};
	now->now_ms += ms;
}

HELPER void open_state(void)
{
	struct err err = { 0 };

	state = state_open(path, &err);
	ck_assert_msg(state != NULL, "%s", err.text);
}

HELPER void make_base(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(base, sizeof base, "%s/publish.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(path, sizeof path, "%s/state", base);
	arena = arena_open();
	fake = (struct fake_clock){ .now_ms = 2000000000500 };
	fake_publish_clock =
		(struct publish_clock){ fake_now_ms, fake_sleep_ms, &fake };
	options = (struct publish_options){ .keep = 5,
		.clock = &fake_publish_clock };
	open_state();
}

HELPER void remove_base(void)
{
	char command[300];

	state_close(&state);
	arena_close(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
}

HELPER bool is_cdb(const char *name)
{
	return strstr(name, ".cdb") != NULL;
}

HELPER void write_file(const char *folder, const char *name, const char *value)
{
	const char *file = arena_printf(arena, "%s/%s", folder, name);

	if (is_cdb(name)) {
		struct cdb_writer *writer = cdb_writer_open(file, NULL);

		ck_assert(cdb_writer_add(writer, "key", value, NULL));
		ck_assert(cdb_writer_close(&writer, NULL));
		return;
	}
	FILE *text = fopen(file, "w");

	ck_assert_ptr_nonnull(text);
	fputs(value, text);
	fclose(text);
}

/* A whole set of maps; routes and recipients are what is in them. */
HELPER const char *new_folder(const char *routes, const char *recipients)
{
	const char *folder = state_new_folder(state, NULL);
	const char *name;

	ck_assert_ptr_nonnull(folder);
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		write_file(folder, name,
			files_is_route(name) ? routes : recipients);
	return folder;
}

static struct manifest manifest;

HELPER bool publish_folder(struct state *publishing, const char *folder,
	const struct publish_options *how, enum published *out, struct err *err)
{
	struct publication publication = { .folder = folder,
		.manifest = manifest };
	const bool is_published = publish(publishing, &publication, how, err);

	manifest = publication.manifest;
	*out = publication.published;
	return is_published;
}

HELPER enum published publish_maps(const char *routes, const char *recipients)
{
	struct err err = { 0 };
	enum published out;

	manifest = (struct manifest){ .configuration = "c0ffee" };
	fake.n_events = 0;
	ck_assert_msg(publish_folder(state, new_folder(routes, recipients),
			      &options, &out, &err),
		"%s", err.text);
	ck_assert_str_eq(err.text, "");
	return out;
}

HELPER enum published finish(void)
{
	struct err err = { 0 };
	enum published out;

	fake.n_events = 0;
	ck_assert_msg(
		publish_finish(state, &options, &out, &err), "%s", err.text);
	return out;
}

HELPER void links_are(unsigned long routes, unsigned long current)
{
	ck_assert_uint_eq(link_of("routes"), routes);
	ck_assert_uint_eq(link_of("current"), current);
}

HELPER bool exists(unsigned long number)
{
	return access(arena_printf(arena, "%s/generations/%lu", path, number),
		       F_OK) == 0;
}

/* The temporary folder of a publish is gone, whatever its end. */
HELPER void nothing_is_left(void)
{
	ck_assert_int_eq(system(arena_printf(arena,
				 "! ls -A '%s/generations' | grep -q '^[.]' && "
				 "! ls '%s' | grep -q '[.]tmp$'",
				 path, path)),
		0);
}

HELPER void is_retired(unsigned long number, const char *name)
{
	ck_assert_msg(mtime_of(number, name) >= 2000000000, "%s of %lu", name,
		number);
}

#endif
