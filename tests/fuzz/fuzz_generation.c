/*
 * A generation that is damaged: choices of the file, of how, and of when, then
 * flips in the sound file (the high and the low byte of an offset, and what to
 * change there), or its bytes.  Whatever becomes of it, each question has an
 * answer, and whoever is listed gets the sound one or "try again".
 */
#include "tests/fuzz/target.h"

#include "base/file.h"
#include "namespace/network.h"
#include "namespace/resolver.h"
#include "policyd/reply_check.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"
#include "snapshot/leaving.h"
#include "snapshot/manifest.h"
#include "tests/fuzz/world.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum goal { UNOPENED, DEFERRED, SOUND, MANIFEST, NO_MANIFEST, LEAVING, NOTED };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[UNOPENED] = "a generation that does not open",
		[DEFERRED] = "an answer that can not be known",
		[SOUND] = "the sound answer, from a damaged file",
		[MANIFEST] = "a manifest",
		[NO_MANIFEST] = "no manifest",
		[LEAVING] = "last routes",
		[NOTED] = "last routes that can not be read",
		NULL,
	};

	return goals[goal];
}

/* By the first choice. */
static const char *const names[] = { FILES_POLICY, FILES_RELAY_RECIPIENTS,
	FILES_SUMS, FILES_MANIFEST, FILES_FRESHNESS, FILES_LEAVING_DATES,
	FILES_TRANSPORT_LEAVING, FILES_TRANSPORT, FILES_RELAY_DOMAINS };
enum {
	SUMS = 2,
	LEAVING_FIRST = 5,
	FILES_COUNT = sizeof names / sizeof *names
};

enum how { FLIPPED, REPLACED, CUT };

static const struct {
	const char *recipient, *client;
	bool is_listed;
} questions[] = {
	{ "bob@company.example", "192.0.2.7", true },
	{ "Bob+tag@Company.Example", "192.0.2.7", true },
	{ "eve@company.example", "192.0.2.7", true },
	{ "two words@company.example", "192.0.2.7", true },
	{ "dan@sub.company.example", "192.0.2.7", true },
	{ "away@company.example", "192.0.2.7", true },
	{ "sales@company.example", "192.0.2.7", true },
	{ "ann@exact.example", "192.0.2.7", true },
	{ "bob@old.example", "192.0.2.7", true },
	{ "old@old.example", "192.0.2.7", true },
	{ "j\xc3\xbcrgen@d\xc3\xbcrr.example", "2001:db8::7", true },
	{ "j\xc3\xbcrgen@xn--drr-hoa.example", "2001:db8::7", true },
	{ "known@late.example", "192.0.2.7", true },
	{ "postmaster@company.example", "10.8.0.25", true },
	{ "anybody@open.example", "192.0.2.7", true },
	{ "anybody@check.example", "192.0.2.7", true },
	{ "anybody@exact.example", "192.0.2.7", true },
	{ "nobody@company.example", "192.0.2.7", false },
	{ "nobody@late.example", "192.0.2.7", false },
	{ "bob@company.example", "10.8.0.25", false },
	{ "any@elsewhere.example", "192.0.2.7", false },
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

struct answer {
	enum verdict verdict;
	const char *connector; /* in the arena; "" = none */
	const char *reply;
};

/* Made once: to publish for each input would be all that is done. */
static struct {
	struct world world; /* arena NULL: not yet */
	const char *folder; /* of the next build */
	const char *leaving[2]; /* what it writes there */
	const char *paths[FILES_COUNT];
	struct slice sound[FILES_COUNT];
	struct answer answers[QUESTIONS];
} known;

static void ask(struct answer *out, const struct view *view, size_t index,
	struct arena *arena)
{
	const char *recipient = questions[index].recipient;
	struct resolution found;
	struct network client;

	assert(network_of_client(&client, questions[index].client));
	resolve(&found, view,
		&(struct question){ .recipient = recipient,
			.len = strlen(recipient),
			.client = &client,
			.now = WORLD_NOW },
		NULL, arena);
	*out = (struct answer){ found.verdict,
		found.route.count == 0
			? ""
			: arena_strdup(arena, found.route.connectors[0]->name),
		reply_format(&found) };
	assert(reply_is_valid(out->reply));
	assert(route_format(&found.route, arena) != NULL ||
		found.route.count == 0);
}

static void keep_sound(size_t index)
{
	struct arena *arena = known.world.arena;
	struct err err = { 0 };
	size_t len = 0;
	const bool is_state = strcmp(names[index], FILES_FRESHNESS) == 0;

	known.paths[index] = arena_printf(arena, "%s/%s",
		is_state ? known.world.state : known.world.generation,
		names[index]);
	const char *bytes = file_read(known.paths[index], &len, arena, &err);

	known.sound[index] = (struct slice){ bytes == NULL ? "" : bytes, len };
}

static struct generation *open_generation(struct err *err)
{
	struct generation *generation = generation_open(known.world.state, err);

	if (generation != NULL)
		generation_refresh(generation, NULL);
	return generation;
}

static void tidy(void)
{
	world_close(&known.world);
}

/* Nothing is routed any more. */
static void write_empty_map(void)
{
	const char *path = arena_printf(
		known.world.arena, "%s/" FILES_TRANSPORT, known.folder);
	struct cdb_writer *writer = cdb_writer_open(path, NULL);

	assert(writer != NULL && cdb_writer_close(&writer, NULL));
}

static void open_known(void)
{
	struct err err = { 0 };

	if (known.world.arena != NULL)
		return;
	world_open(&known.world);
	atexit(tidy);
	for (size_t i = 0; i < FILES_COUNT; i++)
		keep_sound(i);
	assert(known.sound[SUMS].len > 0);
	known.folder = arena_printf(
		known.world.arena, "%s/leaving", known.world.state);
	assert(mkdir(known.folder, 0700) == 0);
	known.leaving[0] = arena_printf(
		known.world.arena, "%s/" FILES_TRANSPORT_LEAVING, known.folder);
	known.leaving[1] = arena_printf(
		known.world.arena, "%s/" FILES_LEAVING_DATES, known.folder);
	write_empty_map();
	struct generation *generation = open_generation(&err);

	assert(generation != NULL);
	for (size_t i = 0; i < QUESTIONS; i++) {
		ask(&known.answers[i], generation_view(generation), i,
			known.world.arena);
		assert(known.answers[i].verdict != VERDICT_REJECT ||
			!questions[i].is_listed);
	}
	generation_close(&generation);
}

/* In place, so that who has it open sees it too. */
static void write_file(size_t file, struct slice bytes)
{
	const int fd = open(known.paths[file], O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	assert(ftruncate(fd, (off_t)bytes.len) == 0);
	assert(file_write(fd, bytes.bytes, bytes.len));
	close(fd);
}

/* Two bytes, the higher first; 0 where there are none. */
static size_t input_offset(struct slice input)
{
	if (input.len < 2)
		return 0;
	return (size_t)(uint8_t)input.bytes[0] << 8 | (uint8_t)input.bytes[1];
}

static void flip(char *bytes, size_t len, struct slice flips)
{
	for (; flips.len >= 3 && len > 0; flips = slice_after(flips, 3))
		bytes[input_offset(flips) % len] ^= flips.bytes[2];
}

static void damage(size_t file, enum how how, struct slice input)
{
	struct slice bytes = known.sound[file];
	char *copy = input_copy(bytes);

	switch (how) {
	case FLIPPED:
		flip(copy, bytes.len, input);
		bytes.bytes = copy;
		break;
	case REPLACED: bytes = input; break;
	case CUT: bytes.len = input_offset(input) % (bytes.len + 1); break;
	}
	write_file(file, bytes);
	free(copy);
}

static bool see_address(void *context, const char *address)
{
	(void)context;
	return strchr(address, '@') != NULL;
}

static bool see_domain(void *context, const struct domain *domain)
{
	(void)context;
	return domain->pattern.name.ascii != NULL;
}

static bool see_name(void *context, const char *name)
{
	(void)context;
	return name != NULL;
}

static bool is_accepted(void *context, const char *key)
{
	(void)context;
	(void)key;
	return false;
}

static void walk(const struct generation *generation)
{
	struct err err = { 0 };

	generation_walk_addresses(generation, see_address, NULL, &err);
	generation_walk_domains(generation, see_domain, NULL, &err);
	generation_walk_entries(generation, see_name, NULL, &err);
	generation_walk_spaces(generation, see_name, NULL, &err);
}

static bool is_same(const struct answer *a, const struct answer *b)
{
	return a->verdict == b->verdict &&
		strcmp(a->connector, b->connector) == 0 &&
		strcmp(a->reply, b->reply) == 0;
}

/*
 * Sums tell damage, not malice: whoever writes a whole other file may say in
 * it what he likes.
 */
static void check_answers(
	const struct generation *generation, bool is_told, struct arena *arena)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct answer answer;

		ask(&answer, generation_view(generation), i, arena);
		if (answer.verdict == VERDICT_DEFER)
			goals_reach(DEFERRED);
		else if (is_same(&answer, &known.answers[i]))
			goals_reach(SOUND);
		else
			assert(!is_told || !questions[i].is_listed);
	}
}

/* is_open: the damage comes while it is open. */
static void check_generation(
	size_t file, enum how how, bool is_open, struct slice input)
{
	struct arena *arena = arena_open();
	struct err err = { 0 };
	struct generation *generation = NULL;
	const bool is_told = how != REPLACED;

	if (is_open)
		generation = open_generation(&err);
	damage(file, how, input);
	if (generation == NULL)
		generation = open_generation(&err);
	if (generation == NULL) {
		assert(err.text[0] != '\0');
		goals_reach(UNOPENED);
	} else {
		check_answers(generation, is_told, arena);
		walk(generation);
	}
	generation_close(&generation);
	arena_close(&arena);
}

static void check_manifest(void)
{
	struct arena *arena = arena_open();
	struct manifest manifest = { 0 };
	struct err err = { 0 };
	const bool is_read =
		manifest_read(&manifest, known.world.generation, arena, &err);

	assert(is_read == (err.text[0] == '\0'));
	goals_reach(is_read ? MANIFEST : NO_MANIFEST);
	if (is_read)
		assert(manifest.configuration != NULL);
	for (size_t i = 0; is_read && i < manifest.n_files; i++)
		assert(manifest.files[i].name != NULL &&
			manifest.files[i].digest != NULL);
	arena_close(&arena);
}

/* The next build, which accepts nothing any more. */
static void check_leaving(void)
{
	const struct leaving_options options = {
		.routes = known.world.generation,
		.current = known.world.generation,
		.linger_s = 86400,
		.now = WORLD_NOW,
		.is_accepted = is_accepted,
	};
	struct err err = { 0 };

	assert(leaving_write(&options, known.folder, &err));
	goals_reach(err.text[0] == '\0' ? LEAVING : NOTED);
	unlink(known.leaving[0]);
	unlink(known.leaving[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	const size_t file = input_choose(&input, FILES_COUNT);
	const enum how how = (enum how)input_choose(&input, 3);
	const bool is_open = input_choose(&input, 2) == 1;

	open_known();
	check_generation(file, how, is_open, input);
	if (strcmp(names[file], FILES_MANIFEST) == 0)
		check_manifest();
	if (file >= LEAVING_FIRST)
		check_leaving();
	write_file(file, known.sound[file]);
	return 0;
}
