#include "tests/unit/publish_case.h"

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(struct fake_clock *clock)
{
	if (++clock->calls == clock->die_at)
		_exit(9);
}

static long long fake_now_ms(void *context)
{
	struct publish_case *c = context;

	die(&c->clock);
	return c->clock.now_ms + c->clock.ahead_ms;
}

static long long fake_steady_ms(void *context)
{
	const struct publish_case *c = context;

	return c->clock.now_ms;
}

static void fake_sleep_ms(void *context, unsigned ms)
{
	struct publish_case *c = context;
	struct fake_clock *clock = &c->clock;

	die(clock);
	ck_assert_uint_lt(clock->n_events, EVENTS_MAX);
	clock->events[clock->n_events++] = (struct event){
		.ms = ms,
		.routes = publish_case_link(c, "routes"),
		.current = publish_case_link(c, "current"),
		.route_mtime =
			publish_case_mtime(c, clock->watched, "transport.cdb"),
		.recipient_mtime = publish_case_mtime(
			c, clock->watched, "relay_recipients.cdb"),
	};
	clock->now_ms += ms;
	clock->ahead_ms += clock->set_ms;
	clock->set_ms = 0;
}

void publish_case_init(struct publish_case *c)
{
	const char *tmp = getenv("TMPDIR");

	*c = (struct publish_case){ .arena = arena_open(),
		.clock = { .now_ms = 2000000000500 },
		.publish_clock = { fake_now_ms, fake_steady_ms, fake_sleep_ms,
			c },
		.options = { .keep = 5, .clock = &c->publish_clock } };
	snprintf(c->base, sizeof c->base, "%s/publish.XXXXXX",
		tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(c->base));
	snprintf(c->path, sizeof c->path, "%s/state", c->base);
	publish_case_open(c);
}

void publish_case_fini(struct publish_case *c)
{
	char command[300];

	state_close(&c->state);
	arena_close(&c->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", c->base);
	ck_assert_int_eq(system(command), 0);
}

void publish_case_open(struct publish_case *c)
{
	struct err err = { 0 };

	c->state = state_open(c->path, &err);
	ck_assert_msg(c->state != NULL, "%s", err.text);
}

static void write_map(const char *file, const char *value)
{
	struct cdb_writer *writer = cdb_writer_open(file, NULL);

	ck_assert(cdb_writer_add(writer, "key", value, NULL));
	ck_assert(cdb_writer_close(&writer, NULL));
}

static void write_text(const char *file, const char *value)
{
	FILE *text = fopen(file, "w");

	ck_assert_ptr_nonnull(text);
	fputs(value, text);
	fclose(text);
}

void publish_case_write(const struct publish_case *c, const char *folder,
	const char *name, const char *value)
{
	const char *file = arena_printf(c->arena, "%s/%s", folder, name);

	if (strstr(name, ".cdb") != NULL)
		write_map(file, value);
	else
		write_text(file, value);
}

const char *publish_case_new_folder(const struct publish_case *c,
	const char *routes, const char *recipients)
{
	const char *folder = state_new_folder(c->state, NULL);
	const char *name;

	ck_assert_ptr_nonnull(folder);
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		publish_case_write(c, folder, name,
			files_is_route(name) ? routes : recipients);
	return folder;
}

bool publish_case_publish(struct publish_case *c, const char *folder,
	enum published *out, struct err *err)
{
	struct publication publication = { .folder = folder,
		.manifest = c->manifest };
	const bool is_published =
		publish(c->state, &publication, &c->options, err);

	c->manifest = publication.manifest;
	*out = publication.published;
	return is_published;
}

enum published publish_case_maps(
	struct publish_case *c, const char *routes, const char *recipients)
{
	struct err err = { 0 };
	enum published out;
	const char *folder = publish_case_new_folder(c, routes, recipients);

	c->manifest = (struct manifest){ .configuration = "c0ffee" };
	c->clock.n_events = 0;
	ck_assert_msg(
		publish_case_publish(c, folder, &out, &err), "%s", err.text);
	ck_assert_str_eq(err.text, "");
	return out;
}

enum published publish_case_finish(struct publish_case *c)
{
	struct err err = { 0 };
	enum published out;

	c->clock.n_events = 0;
	ck_assert_msg(publish_finish(c->state, &c->options, &out, &err), "%s",
		err.text);
	return out;
}

time_t publish_case_mtime(
	const struct publish_case *c, unsigned long number, const char *name)
{
	struct stat status;

	if (stat(arena_printf(c->arena, "%s/generations/%lu/%s", c->path,
			 number, name),
		    &status) != 0)
		return 0;
	ck_assert_int_ne(status.st_mtime, 0);
	return status.st_mtime;
}

unsigned long publish_case_link(const struct publish_case *c, const char *name)
{
	static const char prefix[] = "generations/";
	char target[100] = "";
	unsigned long number = 0;

	if (readlink(arena_printf(c->arena, "%s/%s", c->path, name), target,
		    sizeof target - 1) < 0)
		return 0;
	ck_assert(text_starts(target, prefix));
	ck_assert(text_to_ulong(&number, target + sizeof prefix - 1));
	return number;
}

bool publish_case_has(const struct publish_case *c, unsigned long number)
{
	return access(arena_printf(
			      c->arena, "%s/generations/%lu", c->path, number),
		       F_OK) == 0;
}

void publish_case_links_are(const struct publish_case *c, unsigned long routes,
	unsigned long current)
{
	ck_assert_uint_eq(publish_case_link(c, "routes"), routes);
	ck_assert_uint_eq(publish_case_link(c, "current"), current);
}

void publish_case_nothing_is_left(const struct publish_case *c)
{
	ck_assert_int_eq(system(arena_printf(c->arena,
				 "! ls -A '%s/generations' | grep -q '^[.]' && "
				 "! ls '%s' | grep -q '[.]tmp$'",
				 c->path, c->path)),
		0);
}

void publish_case_is_retired(
	const struct publish_case *c, unsigned long number, const char *name)
{
	ck_assert_msg(publish_case_mtime(c, number, name) >= 2000000000,
		"%s of %lu", name, number);
}
