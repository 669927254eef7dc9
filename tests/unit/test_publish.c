/* Publishing: which link when, what is touched, and killed at any point. */
#include "snapshot/publish.h"

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/cdb_file.h"
#include "snapshot/files.h"
#include "snapshot/publish_record.h"
#include "snapshot/publish_switch.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static time_t mtime_of(unsigned long number, const char *name)
{
	struct stat status;

	if (stat(arena_printf(
			 arena, "%s/generations/%lu/%s", path, number, name),
		    &status) != 0)
		return 0;
	ck_assert_int_ne(status.st_mtime, 0);
	return status.st_mtime;
}

static unsigned long link_of(const char *name)
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

static void die(struct fake_clock *now)
{
	if (++now->calls == now->die_at)
		_exit(9);
}

static long long fake_now_ms(void *context)
{
	struct fake_clock *now = context;

	die(now);
	return now->now_ms;
}

static void fake_sleep_ms(void *context, unsigned ms)
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

static void open_state(void)
{
	struct err err = { 0 };

	state = state_open(path, &err);
	ck_assert_msg(state != NULL, "%s", err.text);
}

static void make_base(void)
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

static void remove_base(void)
{
	char command[300];

	state_close(&state);
	arena_close(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
}

static bool is_cdb(const char *name)
{
	return strstr(name, ".cdb") != NULL;
}

static void write_file(const char *folder, const char *name, const char *value)
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
static const char *new_folder(const char *routes, const char *recipients)
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

static bool publish_folder(struct state *publishing, const char *folder,
	const struct publish_options *how, enum published *out, struct err *err)
{
	struct publication publication = { .folder = folder,
		.manifest = manifest };
	const bool is_published = publish(publishing, &publication, how, err);

	manifest = publication.manifest;
	*out = publication.published;
	return is_published;
}

static enum published publish_maps(const char *routes, const char *recipients)
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

static enum published finish(void)
{
	struct err err = { 0 };
	enum published out;

	fake.n_events = 0;
	ck_assert_msg(
		publish_finish(state, &options, &out, &err), "%s", err.text);
	return out;
}

static void links_are(unsigned long routes, unsigned long current)
{
	ck_assert_uint_eq(link_of("routes"), routes);
	ck_assert_uint_eq(link_of("current"), current);
}

static bool exists(unsigned long number)
{
	return access(arena_printf(arena, "%s/generations/%lu", path, number),
		       F_OK) == 0;
}

/* The temporary folder of a publish is gone, whatever its end. */
static void nothing_is_left(void)
{
	ck_assert_int_eq(system(arena_printf(arena,
				 "! ls -A '%s/generations' | grep -q '^[.]' && "
				 "! ls '%s' | grep -q '[.]tmp$'",
				 path, path)),
		0);
}

START_TEST(first_publish_switches_both_without_waiting)
{
	struct manifest read;

	ck_assert_int_eq(publish_maps("r1", "u1"), PUBLISHED_ALL);
	links_are(1, 1);
	ck_assert_uint_eq(fake.n_events, 0);
	ck_assert_uint_eq(manifest.generation, 1);
	ck_assert_int_eq(manifest.time, 2000000000);
	ck_assert(manifest_read(
		&read, state_generation(state, 1, arena), arena, NULL));
	ck_assert_uint_eq(read.generation, 1);
	ck_assert_uint_eq(read.n_files, 9);
	ck_assert_str_eq(read.configuration, "c0ffee");
	nothing_is_left();
}
END_TEST

START_TEST(files_are_0640_and_folders_0750)
{
	struct stat status;

	publish_maps("r1", "u1");
	ck_assert_int_eq(chdir(state_generation(state, 1, arena)), 0);
	ck_assert_int_eq(stat(".", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0750);
	ck_assert_int_eq(stat("relay_recipients.regexp", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_uint_eq(status.st_nlink, 1);
	ck_assert_int_eq(stat("manifest.json", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
}
END_TEST

START_TEST(routes_come_first_recipients_12_s_later)
{
	publish_maps("r1", "u1");
	fake.watched = 1;
	const long long begin = fake.now_ms;
	const time_t old = mtime_of(1, "relay_recipients.cdb");

	ck_assert_int_eq(publish_maps("r2", "u2"), PUBLISHED_ALL);
	links_are(2, 2);
	ck_assert_uint_eq(fake.n_events, 3);
	/* The routes are switched and retired, and two seconds pass. */
	ck_assert_uint_eq(fake.events[0].ms, 2000);
	ck_assert_uint_eq(fake.events[0].routes, 2);
	ck_assert_uint_eq(fake.events[0].current, 1);
	ck_assert_int_eq(fake.events[0].route_mtime, begin / 1000);
	ck_assert_int_eq(fake.events[0].recipient_mtime, old);
	/* They are retired again, and the rest of the 12 seconds passes. */
	ck_assert_uint_eq(fake.events[1].ms, 10000);
	ck_assert_uint_eq(fake.events[1].current, 1);
	ck_assert_int_eq(fake.events[1].route_mtime, begin / 1000 + 2);
	ck_assert_int_eq(fake.events[1].recipient_mtime, old);
	/* The recipients are switched and retired, twice too. */
	ck_assert_uint_eq(fake.events[2].ms, 2000);
	ck_assert_uint_eq(fake.events[2].current, 2);
	ck_assert_int_eq(fake.events[2].route_mtime, begin / 1000 + 2);
	ck_assert_int_eq(fake.events[2].recipient_mtime, begin / 1000 + 12);
	ck_assert_int_eq(
		mtime_of(1, "relay_recipients.cdb"), begin / 1000 + 14);
	ck_assert_int_eq(fake.now_ms, begin + 14000);
}
END_TEST

/* As long as the clock stands still, or is behind the files. */
START_TEST(touched_is_always_later)
{
	publish_maps("r1", "u1");
	const time_t old = mtime_of(1, "tls_policy.cdb");

	ck_assert(switch_touch(state, 1, RETIRED_ROUTES, 1000, NULL));
	ck_assert_int_eq(mtime_of(1, "tls_policy.cdb"), old + 1);
	ck_assert(switch_touch(state, 1, RETIRED_ROUTES, 1000, NULL));
	ck_assert_int_eq(mtime_of(1, "tls_policy.cdb"), old + 2);
	ck_assert(switch_touch(
		state, 1, RETIRED_ROUTES, (old + 100) * 1000LL, NULL));
	ck_assert_int_eq(mtime_of(1, "tls_policy.cdb"), old + 100);
	ck_assert(switch_touch(state, 77, RETIRED_ROUTES, 1000, NULL));
}
END_TEST

START_TEST(every_map_of_its_kind_is_touched)
{
	const char *name;

	publish_maps("r1", "u1");
	ck_assert(switch_touch(state, 1, RETIRED_ROUTES, 2100000000000, NULL));
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		ck_assert_msg((mtime_of(1, name) == 2100000000) ==
				files_is_route(name),
			"%s", name);
	ck_assert(switch_touch(
		state, 1, RETIRED_RECIPIENTS, 2110000000000, NULL));
	for (size_t i = 0; (name = files_required(i)) != NULL; i++)
		ck_assert_msg((mtime_of(1, name) == 2110000000) !=
				files_is_route(name),
			"%s", name);
}
END_TEST

START_TEST(same_routes_stay_and_nobody_waits)
{
	publish_maps("r1", "u1");
	fake.watched = 1;
	const time_t old = mtime_of(1, "transport.cdb");

	ck_assert_int_eq(publish_maps("r1", "u2"), PUBLISHED_ALL);
	links_are(1, 2);
	ck_assert_uint_eq(fake.n_events, 1);
	ck_assert_uint_eq(fake.events[0].ms, 2000);
	ck_assert_int_eq(mtime_of(1, "transport.cdb"), old);
	/* The routes of 1 are retired when they change, not those of 2. */
	fake.watched = 1;
	ck_assert_int_eq(publish_maps("r3", "u2"), PUBLISHED_ALL);
	links_are(3, 3);
	ck_assert_int_gt(mtime_of(1, "transport.cdb"), old);
	ck_assert_int_lt(mtime_of(2, "transport.cdb"), 2000000000);
	ck_assert_int_ge(mtime_of(2, "relay_recipients.cdb"), 2000000000);
}
END_TEST

START_TEST(equal_maps_are_not_published)
{
	publish_maps("r1", "u1");
	publish_maps("r1", "u2");
	ck_assert_int_eq(publish_maps("r1", "u2"), PUBLISHED_NOTHING);
	ck_assert_uint_eq(manifest.generation, 2);
	ck_assert_uint_eq(fake.n_events, 0);
	links_are(1, 2);
	ck_assert(!exists(3));
	nothing_is_left();
}
END_TEST

START_TEST(old_content_is_a_new_generation)
{
	publish_maps("r1", "u1");
	publish_maps("r2", "u2");
	ck_assert_int_eq(publish_maps("r1", "u1"), PUBLISHED_ALL);
	links_are(3, 3);
}
END_TEST

START_TEST(another_file_is_a_change)
{
	enum published out;

	publish_maps("r1", "u1");
	const char *folder = new_folder("r1", "u1");

	write_file(folder, "leaving.dates", "1 a\n");
	ck_assert(publish_folder(state, folder, &options, &out, NULL));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	links_are(1, 2);
	/* And its absence is one. */
	ck_assert_int_eq(publish_maps("r1", "u1"), PUBLISHED_ALL);
	links_are(1, 3);
}
END_TEST

static void damage(unsigned long number, const char *name)
{
	ck_assert_int_eq(unlink(arena_printf(arena, "%s/generations/%lu/%s",
				 path, number, name)),
		0);
}

START_TEST(damaged_generation_is_replaced_by_its_equal)
{
	publish_maps("r1", "u1");
	damage(1, "transport.cdb");
	ck_assert_int_eq(publish_maps("r1", "u1"), PUBLISHED_ALL);
	links_are(2, 2);
	damage(2, "virtual_alias.cdb");
	ck_assert_int_eq(publish_maps("r1", "u1"), PUBLISHED_ALL);
	links_are(2, 3);
	damage(3, "manifest.json");
	ck_assert_int_eq(publish_maps("r1", "u1"), PUBLISHED_ALL);
	links_are(2, 4);
}
END_TEST

START_TEST(missing_map_is_refused)
{
	const char *name = files_required((size_t)_i);
	struct err err = { 0 };
	enum published out;
	const char *folder = new_folder("r1", "u1");

	unlink(arena_printf(arena, "%s/%s", folder, name));
	ck_assert(!publish_folder(state, folder, &options, &out, &err));
	ck_assert_ptr_nonnull(
		strstr(err.text, arena_printf(arena, ": %s is missing", name)));
	links_are(0, 0);
	nothing_is_left();
}
END_TEST

START_TEST(truncated_map_is_refused)
{
	struct err err = { 0 };
	enum published out;

	publish_maps("r1", "u1");
	const char *folder = new_folder("r2", "u2");

	ck_assert_int_eq(
		truncate(arena_printf(arena, "%s/virtual_alias.cdb", folder),
			2050),
		0);
	ck_assert(!publish_folder(state, folder, &options, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "cut short"));
	links_are(1, 1);
	nothing_is_left();
}
END_TEST

START_TEST(no_wait_leaves_recipients_to_the_next_run)
{
	publish_maps("r1", "u1");
	options.no_wait = true;
	ck_assert_int_eq(publish_maps("r2", "u2"), PUBLISHED_ROUTES);
	links_are(2, 1);
	ck_assert_uint_eq(fake.n_events, 1);
	ck_assert_int_eq(finish(), PUBLISHED_ROUTES);
	fake.now_ms += 9999;
	ck_assert_int_eq(finish(), PUBLISHED_ROUTES);
	links_are(2, 1);
	fake.now_ms += 1;
	ck_assert_int_eq(finish(), PUBLISHED_ALL);
	links_are(2, 2);
	ck_assert_int_eq(finish(), PUBLISHED_NOTHING);
}
END_TEST

START_TEST(no_wait_then_wait)
{
	publish_maps("r1", "u1");
	options.no_wait = true;
	publish_maps("r2", "u2");
	options.no_wait = false;
	fake.now_ms += 4000;
	ck_assert_int_eq(finish(), PUBLISHED_ALL);
	links_are(2, 2);
	ck_assert_uint_eq(fake.events[0].ms, 6000);
	ck_assert_uint_eq(fake.events[0].current, 1);
}
END_TEST

START_TEST(no_wait_with_the_same_routes_is_at_once)
{
	publish_maps("r1", "u1");
	options.no_wait = true;
	ck_assert_int_eq(publish_maps("r1", "u2"), PUBLISHED_ALL);
	links_are(1, 2);
}
END_TEST

/* Recipients may not overtake routes that another publish switched. */
START_TEST(no_wait_again_and_again)
{
	publish_maps("r1", "u1");
	options.no_wait = true;
	ck_assert_int_eq(publish_maps("r2", "u2"), PUBLISHED_ROUTES);
	/* equal to what is due */
	ck_assert_int_eq(publish_maps("r2", "u2"), PUBLISHED_ROUTES);
	ck_assert_uint_eq(manifest.generation, 2);
	/* other recipients, the same routes */
	ck_assert_int_eq(publish_maps("r2", "u3"), PUBLISHED_ROUTES);
	ck_assert_uint_eq(manifest.generation, 3);
	links_are(2, 1);
	/* other routes: 12 seconds from now */
	fake.now_ms += 5000;
	ck_assert_int_eq(publish_maps("r4", "u4"), PUBLISHED_ROUTES);
	links_are(4, 1);
	fake.now_ms += 9000;
	ck_assert_int_eq(publish_maps("r4", "u4"), PUBLISHED_ROUTES);
	fake.now_ms += 1000;
	ck_assert_int_eq(publish_maps("r4", "u4"), PUBLISHED_NOTHING);
	links_are(4, 4);
	/* back to what was published, while another is due */
	ck_assert_int_eq(publish_maps("r5", "u5"), PUBLISHED_ROUTES);
	ck_assert_int_eq(publish_maps("r4", "u4"), PUBLISHED_ROUTES);
	links_are(6, 4);
}
END_TEST

START_TEST(clock_set_back_waits_no_longer_than_12_s)
{
	publish_maps("r1", "u1");
	options.no_wait = true;
	publish_maps("r2", "u2");
	options.no_wait = false;
	fake.now_ms -= 86400000;
	ck_assert_int_eq(finish(), PUBLISHED_ALL);
	ck_assert_uint_eq(fake.events[0].ms, 12000);
	links_are(2, 2);
}
END_TEST

START_TEST(numbers_are_not_used_again)
{
	publish_maps("r1", "u1");
	publish_maps("r2", "u2");
	publish_maps("r3", "u3");
	/* Somebody removes it all; the record still knows. */
	ck_assert_int_eq(system(arena_printf(arena,
				 "rm -rf '%s/generations/3' '%s/current' "
				 "'%s/routes'",
				 path, path, path)),
		0);
	ck_assert_int_eq(publish_maps("r4", "u4"), PUBLISHED_ALL);
	ck_assert_uint_eq(manifest.generation, 4);
	/* Without the record, folders and links do. */
	unlink(arena_printf(arena, "%s/publish", path));
	mkdir(arena_printf(arena, "%s/generations/17", path), 0700);
	publish_maps("r5", "u5");
	ck_assert_uint_eq(manifest.generation, 18);
	unlink(arena_printf(arena, "%s/publish", path));
	ck_assert_int_eq(
		system(arena_printf(arena, "rm -rf '%s'/generations/*", path)),
		0);
	publish_maps("r6", "u6");
	ck_assert_uint_eq(manifest.generation, 19);
}
END_TEST

START_TEST(old_generations_are_pruned)
{
	options.keep = 3;
	publish_maps("r1", "u1");
	for (unsigned i = 2; i <= 7; i++)
		publish_maps("r1", arena_printf(arena, "u%u", i));
	/* The routes stay where they are, and so does what they lead to. */
	links_are(1, 7);
	ck_assert(exists(1) && !exists(2) && !exists(3) && !exists(4));
	ck_assert(exists(5) && exists(6) && exists(7));
	nothing_is_left();
	/* Where nothing is published too, by what is configured now. */
	options.keep = 0;
	publish_maps("r1", "u7");
	ck_assert(exists(1) && !exists(5) && !exists(6) && exists(7));
}
END_TEST

START_TEST(generation_that_is_due_is_not_pruned)
{
	publish_maps("r1", "u1");
	options.keep = 1;
	options.no_wait = true;
	publish_maps("r2", "u2");
	publish_maps("r2", "u3");
	ck_assert(exists(1) && exists(2) && exists(3));
	options.no_wait = false;
	publish_maps("r2", "u3");
	links_are(2, 3);
	ck_assert(!exists(1) && exists(2) && exists(3));
}
END_TEST

START_TEST(prune_that_fails_is_told_and_it_is_published)
{
	struct err err = { 0 };
	enum published out;

	options.keep = 1;
	publish_maps("r1", "u1");
	mkdir(arena_printf(arena, "%s/generations/1/folder", path), 0700);
	ck_assert(publish_folder(
		state, new_folder("r2", "u2"), &options, &out, &err));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	ck_assert_ptr_nonnull(strstr(err.text, "remove "));
	links_are(2, 2);
}
END_TEST

/* Runs it in a child that dies at the clock's n-th call. */
static bool publish_killed_at(unsigned n, const char *routes)
{
	int status;

	state_close(&state);
	const pid_t child = fork();

	if (child == 0) {
		open_state();
		fake.calls = 0;
		fake.die_at = n;
		publish_maps(routes, "u2");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	open_state();
	nothing_is_left();
	return WEXITSTATUS(status) == 9;
}

static void is_retired(unsigned long number, const char *name)
{
	ck_assert_msg(mtime_of(number, name) >= 2000000000, "%s of %lu", name,
		number);
}

START_TEST(killed_at_any_call_of_the_clock_is_finished)
{
	unsigned n_killed = 0;

	for (unsigned n = 1; n < 100; n++) {
		publish_maps("r1", "u1");
		const unsigned long old = link_of("current");
		const bool is_killed = publish_killed_at(n, "r2");

		n_killed += is_killed;
		ck_assert(exists(link_of("routes")));
		ck_assert(exists(link_of("current")));
		finish();
		publish_maps("r2", "u2");
		ck_assert_uint_gt(link_of("current"), old);
		ck_assert_uint_eq(link_of("routes"), link_of("current"));
		is_retired(old, "transport.cdb");
		is_retired(old, "relay_recipients.cdb");
		if (!is_killed)
			break;
	}
	ck_assert_uint_ge(n_killed, 8);
}
END_TEST

/* What stands there when a run died just before or after a link changed. */
static const struct {
	const char *name;
	enum publish_step step;
	unsigned long routes, current;
	unsigned n_sleeps, first_ms;
	bool routes_retired;
} killed[] = {
	{ "before routes", PUBLISH_ROUTES, 1, 1, 3, 2000, true },
	{ "after routes", PUBLISH_ROUTES, 2, 1, 3, 2000, true },
	{ "waiting", PUBLISH_WAIT, 2, 1, 2, 12000, false },
	{ "before recipients", PUBLISH_RECIPIENTS, 2, 1, 1, 2000, false },
	{ "after recipients", PUBLISH_RECIPIENTS, 2, 2, 1, 2000, false },
	{ "done", PUBLISH_DONE, 2, 2, 0, 0, false },
};

static void relink(const char *name, unsigned long number)
{
	const char *link = arena_printf(arena, "%s/%s", path, name);

	unlink(link);
	ck_assert_int_eq(
		symlink(arena_printf(arena, "generations/%lu", number), link),
		0);
}

START_TEST(killed_run_is_finished_from_its_record)
{
	const bool is_done = killed[_i].step == PUBLISH_DONE;

	publish_maps("r1", "u1");
	publish_maps("r2", "u2");
	const time_t retired = mtime_of(1, "transport.cdb");
	const struct publish_record record = {
		.step = killed[_i].step,
		.generation = 2,
		.retired_routes = 1,
		.retired_current = 1,
		.routes_switched_ms = fake.now_ms,
	};

	ck_assert(publish_record_write(&record, path, NULL));
	relink("routes", killed[_i].routes);
	relink("current", killed[_i].current);
	ck_assert_int_eq(finish(), is_done ? PUBLISHED_NOTHING : PUBLISHED_ALL);
	links_are(2, 2);
	ck_assert_uint_eq(fake.n_events, killed[_i].n_sleeps);
	if (killed[_i].n_sleeps > 0)
		ck_assert_uint_eq(fake.events[0].ms, killed[_i].first_ms);
	ck_assert_int_eq(mtime_of(1, "transport.cdb") > retired,
		killed[_i].routes_retired);
	ck_assert_int_eq(finish(), PUBLISHED_NOTHING);
}
END_TEST

static enum published abandon_for(const char *routes, const char *recipients)
{
	enum published out;

	options.abandon = true;
	out = publish_maps(routes, recipients);
	options.abandon = false;
	return out;
}

/*
 * What stands when the publish of 3 died, and what becomes of it where the
 * content of 2, which was in force, or of 1 is to be published as 4.  The
 * content of 3 may come into force nowhere that it was not.
 */
static const struct {
	const char *name;
	enum publish_step step;
	unsigned long routes, current;
	unsigned first_sleep_ms; /* with the routes as they stood: */
	unsigned long first_routes;
	bool waits; /* 12 s, where the routes of 3 had been switched */
} abandoned[] = {
	{ "before routes", PUBLISH_ROUTES, 2, 2, 2000, 4, true },
	{ "after routes", PUBLISH_ROUTES, 3, 2, 2000, 3, true },
	{ "waiting", PUBLISH_WAIT, 3, 2, 2000, 4, true },
	{ "before recipients", PUBLISH_RECIPIENTS, 3, 2, 2000, 4, true },
	{ "after recipients", PUBLISH_RECIPIENTS, 3, 3, 2000, 3, true },
	{ "done", PUBLISH_DONE, 3, 3, 2000, 4, true },
};

static void leave_open(size_t i)
{
	struct publish_record record = {
		.step = abandoned[i].step,
		.generation = 3,
		.retired_routes = 2,
		.retired_current = 2,
	};

	publish_maps("r1", "u1");
	publish_maps("r2", "u2");
	publish_maps("r3", "u3");
	record.routes_switched_ms = fake.now_ms;
	ck_assert(publish_record_write(&record, path, NULL));
	relink("routes", abandoned[i].routes);
	relink("current", abandoned[i].current);
	/* The touches of a run that was not killed do not count. */
	ck_assert_int_eq(system(arena_printf(arena,
				 "touch -d @1900000000 "
				 "'%s'/generations/[123]/*.*",
				 path)),
		0);
}

/* Whoever holds files of any generation open looks at them again. */
static void expect_abandoned(size_t i)
{
	const char *name = abandoned[i].name;
	unsigned long current = abandoned[i].current;
	long long routes_ms = 0, switched_ms = 0;

	links_are(4, 4);
	ck_assert_msg(fake.events[0].ms == abandoned[i].first_sleep_ms &&
			fake.events[0].routes == abandoned[i].first_routes,
		"%s", name);
	for (size_t j = 0; j < fake.n_events; j++) {
		/* Never forward to what is given up. */
		ck_assert_msg(fake.events[j].current == current ||
				fake.events[j].current == 4,
			"%s", name);
		if (fake.events[j].current == 4)
			break;
		if (fake.events[j].routes == 4)
			routes_ms += fake.events[j].ms;
		switched_ms += fake.events[j].ms;
	}
	ck_assert_msg(routes_ms >= 12000, "%s: %lld ms", name, routes_ms);
	ck_assert_msg(switched_ms <= 14000, "%s: %lld ms", name, switched_ms);
	if (abandoned[i].routes == 3)
		is_retired(3, "transport.cdb");
	if (abandoned[i].step == PUBLISH_ROUTES)
		is_retired(2, "transport.cdb");
	is_retired(current, "relay_recipients.cdb");
	if (abandoned[i].step == PUBLISH_RECIPIENTS)
		is_retired(2, "relay_recipients.cdb");
	ck_assert_int_eq(finish(), PUBLISHED_NOTHING);
}

START_TEST(open_publish_is_given_up_for_what_stood)
{
	leave_open((size_t)_i);
	ck_assert_int_eq(abandon_for("r2", "u2"), PUBLISHED_ALL);
	if (abandoned[_i].routes == 3)
		expect_abandoned((size_t)_i);
	else
		links_are(4, 4);
}
END_TEST

START_TEST(open_publish_is_given_up_for_what_was_before)
{
	leave_open((size_t)_i);
	ck_assert_int_eq(abandon_for("r1", "u1"), PUBLISHED_ALL);
	expect_abandoned((size_t)_i);
}
END_TEST

/* Its routes are kept, and waited for where they were not for 12 seconds. */
static const struct {
	const char *name;
	size_t left;
	unsigned n_sleeps, first_ms;
	unsigned long routes;
} same[] = {
	{ "in the middle of routes", 1, 4, 2000, 4 },
	{ "waiting", 2, 2, 12000, 3 },
	{ "waited", 3, 1, 2000, 3 },
};

START_TEST(routes_of_what_is_given_up_are_settled_first)
{
	leave_open(same[_i].left);
	ck_assert_int_eq(abandon_for("r3", "u2"), PUBLISHED_ALL);
	links_are(same[_i].routes, 4);
	ck_assert_msg(fake.n_events == same[_i].n_sleeps &&
			fake.events[0].ms == same[_i].first_ms,
		"%s", same[_i].name);
}
END_TEST

START_TEST(given_up_for_its_equal_is_published_again)
{
	leave_open(2);
	ck_assert_int_eq(abandon_for("r3", "u3"), PUBLISHED_ALL);
	links_are(3, 4);
	ck_assert_int_eq(abandon_for("r3", "u3"), PUBLISHED_NOTHING);
}
END_TEST

START_TEST(no_wait_gives_up_too)
{
	leave_open(2);
	options.no_wait = true;
	ck_assert_int_eq(abandon_for("r2", "u2"), PUBLISHED_ROUTES);
	links_are(4, 2);
	ck_assert_int_eq(abandon_for("r1", "u1"), PUBLISHED_ROUTES);
	links_are(5, 2);
	fake.now_ms += 10000;
	ck_assert_int_eq(finish(), PUBLISHED_ALL);
	links_are(5, 5);
}
END_TEST

/* And again, and again: at any call of the clock. */
START_TEST(killed_while_it_gives_up)
{
	unsigned n_killed = 0;

	for (unsigned n = 1; n < 100; n++) {
		unsigned long open;

		publish_maps("r1", "u1");
		publish_killed_at(3, "r3");
		const unsigned long bad = link_of("routes");
		const unsigned long old = link_of("current");

		ck_assert_uint_gt(bad, old);
		options.abandon = true;
		const bool is_killed = publish_killed_at(n, "r4");

		options.abandon = false;
		n_killed += is_killed;
		ck_assert_uint_ne(link_of("current"), bad);
		ck_assert(publish_open_number(state, &open, NULL));
		ck_assert(!is_killed || open >= bad);
		abandon_for("r1", "u1");
		ck_assert_uint_gt(link_of("current"), bad);
		ck_assert_uint_eq(link_of("routes"), link_of("current"));
		is_retired(bad, "transport.cdb");
		is_retired(old, "transport.cdb");
		is_retired(old, "relay_recipients.cdb");
		if (!is_killed)
			break;
	}
	ck_assert_uint_ge(n_killed, 8);
}
END_TEST

START_TEST(what_is_open_is_known)
{
	struct err err = { 0 };
	unsigned long open = 7;

	ck_assert(publish_open_number(state, &open, &err));
	ck_assert_uint_eq(open, 0);
	publish_maps("r1", "u1");
	options.no_wait = true;
	publish_maps("r2", "u2");
	ck_assert(publish_open_number(state, &open, &err));
	ck_assert_uint_eq(open, 2);
	fake.now_ms += 12000;
	finish();
	ck_assert(publish_open_number(state, &open, &err));
	ck_assert_uint_eq(open, 0);
	write_file(path, "publish", "garbage\n");
	ck_assert(!publish_open_number(state, &open, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not the record of a publish"));
}
END_TEST

START_TEST(orphan_is_harmless)
{
	publish_maps("r1", "u1");
	/* killed between the rename of the folder and the record */
	ck_assert_int_eq(system(arena_printf(arena,
				 "cp -r '%s/generations/1' "
				 "'%s/generations/2'",
				 path, path)),
		0);
	ck_assert_int_eq(finish(), PUBLISHED_NOTHING);
	links_are(1, 1);
	publish_maps("r3", "u3");
	links_are(3, 3);
}
END_TEST

START_TEST(link_never_leads_to_a_generation_that_is_gone)
{
	const struct publish_record record = {
		.step = PUBLISH_RECIPIENTS,
		.generation = 7,
	};

	publish_maps("r1", "u1");
	ck_assert(publish_record_write(&record, path, NULL));
	ck_assert_int_eq(finish(), PUBLISHED_NOTHING);
	links_are(1, 1);
	publish_maps("r8", "u8");
	links_are(8, 8);
}
END_TEST

static const char *const bad_records[] = { "step=done\n", "garbage\n", "",
	"step=soon\ngeneration=1\nretired-routes=0\nretired-current=0\n"
	"routes-switched-ms=0\n",
	"step=done\ngeneration=x\nretired-routes=0\nretired-current=0\n"
	"routes-switched-ms=0\n",
	"step=done\ngeneration=1\nretired=0\nretired-current=0\n"
	"routes-switched-ms=0\n" };

START_TEST(bad_record_is_refused)
{
	struct err err = { 0 };
	enum published out;

	publish_maps("r1", "u1");
	write_file(path, "publish", bad_records[_i]);
	ck_assert(!publish_finish(state, &options, &out, &err));
	ck_assert_ptr_nonnull(strstr(
		err.text, "/publish: not the record of a publish; remove it"));
	ck_assert(!publish_folder(
		state, new_folder("r2", "u2"), &options, &out, &err));
	links_are(1, 1);
	nothing_is_left();
}
END_TEST

/* Each stands where something has to be written. */
static const char *const obstacles[] = { "publish", "routes", "current" };

START_TEST(obstacle_is_told_and_then_overcome)
{
	const char *name = obstacles[_i];
	const char *there = arena_printf(arena, "%s/%s", path, name);
	struct err err = { 0 };
	enum published out;

	ck_assert_int_eq(mkdir(there, 0700), 0);
	ck_assert(!publish_folder(
		state, new_folder("r1", "u1"), &options, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.text, there));
	ck_assert_int_eq(rmdir(there), 0);
	nothing_is_left();
	publish_maps("r1", "u1");
	ck_assert_uint_ne(link_of("current"), 0);
	ck_assert_uint_eq(link_of("current"), link_of("routes"));
}
END_TEST

static void postfix_is(const char *script)
{
	const char *file = arena_printf(arena, "%s/postfix", base);

	write_file(base, "postfix", script);
	ck_assert_int_eq(chmod(file, 0700), 0);
	setenv("PATH", arena_printf(arena, "%s:/usr/bin:/bin", base), 1);
}

START_TEST(reload_after_each_step_instead_of_waiting)
{
	char log[100] = "";

	postfix_is(arena_printf(arena,
		"#!/bin/sh\necho $1 `readlink '%s/routes'` "
		"`readlink '%s/current'` >>'%s/log'\n",
		path, path, base));
	publish_maps("r1", "u1");
	options.reload = true;
	ck_assert_int_eq(publish_maps("r2", "u2"), PUBLISHED_ALL);
	links_are(2, 2);
	ck_assert_uint_eq(fake.n_events, 0);
	FILE *file = fopen(arena_printf(arena, "%s/log", base), "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(log, sizeof log, file));
	ck_assert_str_eq(log, "reload generations/2 generations/1\n");
	ck_assert_ptr_nonnull(fgets(log, sizeof log, file));
	ck_assert_str_eq(log, "reload generations/2 generations/2\n");
	ck_assert_ptr_null(fgets(log, sizeof log, file));
	fclose(file);
	is_retired(1, "transport.cdb");
	is_retired(1, "relay_recipients.cdb");
}
END_TEST

START_TEST(reload_ends_a_wait_that_is_due)
{
	postfix_is("#!/bin/sh\nexit 0\n");
	publish_maps("r1", "u1");
	options.no_wait = true;
	publish_maps("r2", "u2");
	options.no_wait = false;
	options.reload = true;
	ck_assert_int_eq(finish(), PUBLISHED_ALL);
	ck_assert_uint_eq(fake.n_events, 0);
	links_are(2, 2);
}
END_TEST

static const struct {
	const char *script, *sentence;
} failing[] = {
	{ "#!/bin/sh\nexit 3\n", "postfix reload failed with status 3" },
	{ "#!/bin/sh\nkill -9 $$\n", "postfix reload failed with status -1" },
	{ "#!/nonexistent/sh\n", "postfix: No such file or directory" },
};

START_TEST(reload_that_fails_is_told_and_waited_for)
{
	struct err err = { 0 };
	enum published out;

	publish_maps("r1", "u1");
	if (_i == 2 && access("/usr/sbin/postfix", X_OK) == 0)
		return; /* that would be a real one */
	postfix_is(failing[_i].script);
	options.reload = true;
	fake.n_events = 0;
	ck_assert(publish_folder(
		state, new_folder("r2", "u2"), &options, &out, &err));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	ck_assert_msg(
		strstr(err.text, failing[_i].sentence) != NULL, "%s", err.text);
	ck_assert_uint_eq(fake.n_events, 3);
	links_are(2, 2);
}
END_TEST

/* The real one: no wait is due, so it is only read. */
START_TEST(real_clock_tells_the_time)
{
	const time_t now = time(NULL);

	options.clock = NULL;
	publish_maps("r1", "u1");
	ck_assert_int_ge(manifest.time, now);
	ck_assert_int_le(manifest.time, time(NULL));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish");
	Suite *suite = suite_create("publish");
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, make_base, remove_base);
	tcase_add_test(tc, first_publish_switches_both_without_waiting);
	tcase_add_test(tc, files_are_0640_and_folders_0750);
	tcase_add_test(tc, routes_come_first_recipients_12_s_later);
	tcase_add_test(tc, touched_is_always_later);
	tcase_add_test(tc, every_map_of_its_kind_is_touched);
	tcase_add_test(tc, same_routes_stay_and_nobody_waits);
	tcase_add_test(tc, equal_maps_are_not_published);
	tcase_add_test(tc, old_content_is_a_new_generation);
	tcase_add_test(tc, another_file_is_a_change);
	tcase_add_test(tc, damaged_generation_is_replaced_by_its_equal);
	tcase_add_loop_test(tc, missing_map_is_refused, 0, 9);
	tcase_add_test(tc, truncated_map_is_refused);
	tcase_add_test(tc, no_wait_leaves_recipients_to_the_next_run);
	tcase_add_test(tc, no_wait_then_wait);
	tcase_add_test(tc, no_wait_with_the_same_routes_is_at_once);
	tcase_add_test(tc, no_wait_again_and_again);
	tcase_add_test(tc, clock_set_back_waits_no_longer_than_12_s);
	tcase_add_test(tc, numbers_are_not_used_again);
	tcase_add_test(tc, old_generations_are_pruned);
	tcase_add_test(tc, generation_that_is_due_is_not_pruned);
	tcase_add_test(tc, prune_that_fails_is_told_and_it_is_published);
	tcase_add_test(tc, killed_at_any_call_of_the_clock_is_finished);
	tcase_add_loop_test(tc, killed_run_is_finished_from_its_record, 0,
		(int)(sizeof killed / sizeof *killed));
	tcase_add_loop_test(tc, open_publish_is_given_up_for_what_stood, 0,
		(int)(sizeof abandoned / sizeof *abandoned));
	tcase_add_loop_test(tc, open_publish_is_given_up_for_what_was_before, 0,
		(int)(sizeof abandoned / sizeof *abandoned));
	tcase_add_loop_test(tc, routes_of_what_is_given_up_are_settled_first, 0,
		(int)(sizeof same / sizeof *same));
	tcase_add_test(tc, given_up_for_its_equal_is_published_again);
	tcase_add_test(tc, no_wait_gives_up_too);
	tcase_add_test(tc, killed_while_it_gives_up);
	tcase_add_test(tc, what_is_open_is_known);
	tcase_add_test(tc, orphan_is_harmless);
	tcase_add_test(tc, link_never_leads_to_a_generation_that_is_gone);
	tcase_add_loop_test(tc, bad_record_is_refused, 0,
		(int)(sizeof bad_records / sizeof *bad_records));
	tcase_add_loop_test(tc, obstacle_is_told_and_then_overcome, 0,
		(int)(sizeof obstacles / sizeof *obstacles));
	tcase_add_test(tc, reload_after_each_step_instead_of_waiting);
	tcase_add_test(tc, reload_ends_a_wait_that_is_due);
	tcase_add_loop_test(tc, reload_that_fails_is_told_and_waited_for, 0,
		(int)(sizeof failing / sizeof *failing));
	tcase_add_test(tc, real_clock_tells_the_time);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
