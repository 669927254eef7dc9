/*
 * A generation that is damaged: choices of the file, of how, and of when, then
 * flips in the sound file (the high and the low byte of an offset, and what to
 * change there), or its bytes.  Whatever becomes of it, policyd gives whoever
 * is listed the sound answer or "try again"; and once the file is whole again,
 * the sound one.
 */
#include "tests/fuzz/target.h"

#include "base/file.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum goal { UNJUDGED, DEFERRED, SOUND, MANIFEST, NO_MANIFEST, LEAVING, NOTED };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[UNJUDGED] = "no generation to judge by",
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
	bool is_judged; /* else there is no generation: DUNNO */
	const char *verdict;
	const char *connector;
	const char *reply;
};

/* Made once: to publish for each input would be all that is done. */
static struct {
	struct world world; /* arena NULL: not yet */
	int log;
	const char *folder; /* of the next build */
	const char *leaving[2]; /* what it writes there */
	const char *paths[FILES_COUNT];
	struct slice sound[FILES_COUNT];
	struct answer answers[QUESTIONS];
} known;

static void ask(struct answer *out, const struct judge *judge, size_t index,
	struct arena *arena)
{
	const struct request request = {
		.state = slice_of("RCPT"),
		.client = slice_of(questions[index].client),
		.sender = slice_of(""),
		.recipient = slice_of(questions[index].recipient),
		.queue_id = slice_of(""),
		.instance = slice_of(""),
	};
	struct judgement judgement = { 0 };

	*out = (struct answer){ .is_judged = judge->decide(judge->context,
					&judgement, &request, WORLD_NOW,
					arena) };
	if (!out->is_judged)
		return;
	assert(reply_is_valid(judgement.reply));
	out->verdict = judgement.verdict;
	out->reply = judgement.reply;
	out->connector = judgement.connector == NULL
		? ""
		: arena_strdup(arena, judgement.connector);
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

/* As policyd has it, in force or not. */
struct policyd {
	struct journal *journal;
	struct keeper *keeper;
	struct judge judge;
};

static void policyd_start(struct policyd *policyd)
{
	assert(ftruncate(known.log, 0) == 0);
	policyd->journal = journal_open_stream(known.log);
	policyd->keeper =
		keeper_open(known.world.state, policyd->journal, NULL);
	keeper_judge(
		&policyd->judge, policyd->keeper, (struct keeper_manner){ 0 });
}

static void policyd_stop(struct policyd *policyd)
{
	keeper_close(&policyd->keeper);
	journal_close(&policyd->journal);
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
	struct policyd policyd;

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
	known.log = memfd_create("log", MFD_CLOEXEC);
	policyd_start(&policyd);
	for (size_t i = 0; i < QUESTIONS; i++) {
		ask(&known.answers[i], &policyd.judge, i, known.world.arena);
		assert(known.answers[i].is_judged);
		assert(strcmp(known.answers[i].verdict, "reject") != 0 ||
			!questions[i].is_listed);
	}
	policyd_stop(&policyd);
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

/* A new file, as freshness is always written: its age tells it apart. */
static void restore(size_t file)
{
	const struct slice sound = known.sound[file];

	if (strcmp(names[file], FILES_FRESHNESS) != 0)
		write_file(file, sound);
	else
		assert(file_replace(
			known.paths[file], sound.bytes, sound.len, 0640, NULL));
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
	return strcmp(a->verdict, b->verdict) == 0 &&
		strcmp(a->connector, b->connector) == 0 &&
		strcmp(a->reply, b->reply) == 0;
}

/*
 * Sums tell damage, not malice: whoever writes a whole other file may say in
 * it what he likes.  Where nothing is judged the maps alone decide.
 */
static void check_answers(const struct policyd *policyd, bool is_told)
{
	struct arena *arena = arena_open();

	for (size_t i = 0; i < QUESTIONS; i++) {
		struct answer answer;

		ask(&answer, &policyd->judge, i, arena);
		if (!answer.is_judged)
			goals_reach(UNJUDGED);
		else if (strcmp(answer.verdict, "defer") == 0)
			goals_reach(DEFERRED);
		else if (is_same(&answer, &known.answers[i]))
			goals_reach(SOUND);
		else
			assert(!is_told || !questions[i].is_listed);
	}
	arena_close(&arena);
}

static void check_mended(const struct policyd *policyd)
{
	struct arena *arena = arena_open();

	keeper_look(policyd->keeper);
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct answer answer;

		ask(&answer, &policyd->judge, i, arena);
		assert(answer.is_judged);
		assert(is_same(&answer, &known.answers[i]));
	}
	arena_close(&arena);
}

/* What explain, diff and the next build read. */
static void check_reading(void)
{
	struct err err = { 0 };
	struct generation *generation =
		generation_open(known.world.state, &err);

	assert((generation == NULL) == (err.text[0] != '\0'));
	if (generation != NULL)
		walk(generation);
	generation_close(&generation);
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

/* is_running: the damage comes when it is in force. */
static void check_policyd(
	size_t file, enum how how, bool is_running, struct slice input)
{
	struct policyd policyd;

	if (is_running)
		policyd_start(&policyd);
	damage(file, how, input);
	if (!is_running)
		policyd_start(&policyd);
	check_answers(&policyd, how != REPLACED);
	keeper_look(policyd.keeper);
	if (!is_running)
		check_reading();
	if (strcmp(names[file], FILES_MANIFEST) == 0)
		check_manifest();
	if (file >= LEAVING_FIRST)
		check_leaving();
	restore(file);
	check_mended(&policyd);
	policyd_stop(&policyd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	const size_t file = input_choose(&input, FILES_COUNT);
	const enum how how = (enum how)input_choose(&input, 3);
	const bool is_running = input_choose(&input, 2) == 1;

	open_known();
	check_policyd(file, how, is_running, input);
	return 0;
}
