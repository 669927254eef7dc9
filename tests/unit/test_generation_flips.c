/*
 * Bytes that change and files that are cut short under an open generation:
 * each answer is the sound one, or it can not be known.
 */
#include "snapshot/generation.h"

#include "base/file.h"
#include "snapshot/files.h"
#include "tests/unit/chance.h"
#include "tests/unit/recipient_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>

/* Enough that neither map is copied, but mapped. */
enum { USERS = 1500, FLIPS = 10000, ASKED = 16, REOPENED = 20 };

static const char config[] =
	"accepted-domain 'd.example' { type = authoritative }\n"
	"accepted-domain '#off.example' { type = internal-relay }\n"
	"accepted-domain '#old.example' { secondary-of = 'd.example' }\n"
	"connector ex { smart-hosts = '10.0.0.1' address-spaces = "
	"{ 'd.example', 'off.example' } clients = '10.0.0.9' }\n"
	"connector unix { smart-hosts = '10.0.0.2' clients = '10.0.0.8' }\n"
	"directory ad { path = a }\n"
	"directory staff { path = s connector = 'unix' }\n"
	"contact 'c3@d.example' { target = 'x@far.example' }\n"
	"contact 'c800@d.example' { target = 'user9@d.example' }\n"
	"extension = '+'\n";

static const char *const maps[] = { FILES_RELAY_RECIPIENTS, FILES_POLICY,
	FILES_SUMS };

static struct model_case c;
static struct generation *generation;
static const char *path; /* of the file that is damaged */
static const char *bytes; /* as they were written */
static size_t size;

struct answer {
	const char *recipient, *client;
	enum verdict verdict;
	enum reason reason;
	const char *route;
};

static struct answer sound[ASKED];

static void add_question(size_t at, const char *recipient, const char *client)
{
	struct answer *answer = &sound[at];
	const struct resolution r = view_ask(
		generation_view(generation), recipient, client, c.arena);

	ck_assert_int_ne(r.reason, REASON_LOOKUP_FAILED);
	*answer = (struct answer){ recipient, client, r.verdict, r.reason,
		route_format(&r.route, c.arena) };
}

static void add_questions(void)
{
	static const char *const others[] = { "nobody@d.example",
		"nobody+x@d.example", "user7@old.example", "no@old.example",
		"any@off.example", "c3@d.example", "c800@d.example",
		"x@far.example", "postmaster@d.example", "b12@d.example" };
	size_t n = 0;

	for (int i = 0; i < COUNT(others); i++)
		add_question(n++, others[i], NULL);
	add_question(n++, "user0@d.example", NULL);
	add_question(n++, "user1499@d.example", "10.0.0.9");
	add_question(n++, "user744+x@d.example", "10.0.0.8");
	add_question(n++, "user333@d.example", "10.0.0.9");
	add_question(n++, "user334@d.example", "10.0.0.8");
	add_question(n++, "user335@d.example", NULL);
	ck_assert_uint_eq(n, ASKED);
}

static void setup(void)
{
	struct text entries;

	text_init(&entries);
	text_adds(&entries, "ad ann@d.example");
	for (unsigned i = 0; i < USERS; i++)
		text_addf(&entries,
			"\n%s user%u@d.example\nad b%u@d.example > "
			"box%u@far.example",
			i % 2 == 0 ? "ad" : "staff", i, i, i);
	model_case_sound(&c, config, entries.data);
	text_fini(&entries);
	model_case_write(&c, 1);
	generation = model_case_generation(&c);
	add_questions();
}

static void choose(const char *name)
{
	path = arena_printf(c.arena, "%s/generations/1/%s", c.folder, name);
	bytes = file_read(path, &size, c.arena, NULL);
	ck_assert_uint_gt(size, strcmp(name, FILES_SUMS) == 0 ? 1000 : 65536);
}

static void teardown(void)
{
	generation_close(&generation);
	model_case_close(&c);
}

/* In place, as no program of ours does it. */
static void put(size_t at, const char *what, size_t len)
{
	const int fd = open(path, O_WRONLY);

	ck_assert_int_eq(pwrite(fd, what, len, (off_t)at), (ssize_t)len);
	close(fd);
}

/* How many could not be known. */
static unsigned ask_all(const struct generation *asked, const char *what)
{
	struct arena *request = arena_open();
	unsigned unknown = 0;

	for (size_t i = 0; i < ASKED; i++) {
		const struct answer *is = &sound[i];
		const struct resolution r = view_ask(generation_view(asked),
			is->recipient, is->client, request);

		if (r.reason == REASON_LOOKUP_FAILED) {
			ck_assert_int_eq(r.verdict, VERDICT_DEFER);
			unknown++;
			continue;
		}
		const char *route = route_format(&r.route, request);

		/* The postmaster is accepted though no route is known. */
		ck_assert_msg(r.verdict == is->verdict &&
				r.reason == is->reason &&
				(strcmp(route, is->route) == 0 ||
					(r.reason == REASON_POSTMASTER &&
						*route == '\0')),
			"%s, %s: %s %s %s", what, is->recipient,
			verdict_format(r.verdict), reason_format(r.reason),
			route);
	}
	arena_close(&request);
	return unknown;
}

/* Whoever starts now opens none, or one that knows as little. */
static void ask_anew(const char *what)
{
	struct generation *anew = generation_open(c.folder, NULL);

	if (anew == NULL)
		anew = generation_open_damaged(c.folder, NULL);
	if (anew == NULL)
		return;
	ck_assert(generation_refresh(anew, NULL));
	ask_all(anew, what);
	generation_close(&anew);
}

START_TEST(a_flipped_byte_makes_no_other_answer)
{
	struct chance chance = { 20 + (uint64_t)_i };
	unsigned unknown = 0;

	choose(maps[_i]);
	for (unsigned i = 0; i < FLIPS; i++) {
		const size_t at =
			(draw(&chance, 1U << 30) * 4U + draw(&chance, 4)) %
			size;
		const char flipped =
			(char)(bytes[at] ^ (char)(1U + draw(&chance, 255)));

		put(at, &flipped, 1);
		unknown += ask_all(generation, maps[_i]);
		if (i % REOPENED == 0)
			ask_anew(maps[_i]);
		put(at, &bytes[at], 1);
	}
	ck_assert_uint_gt(unknown, 100);
	ck_assert_uint_eq(ask_all(generation, "mended"), 0);
}
END_TEST

/* Zeros, other bytes of the file, or any bytes. */
static char *other_bytes(struct chance *chance, unsigned kind, size_t len)
{
	char *out = arena_alloc(c.arena, len + 1);

	for (size_t i = 0; i < len && kind != 0; i++)
		out[i] = kind == 1 ? bytes[draw(chance, (unsigned)size)]
				   : (char)draw(chance, 256);
	return out;
}

START_TEST(many_changed_bytes_make_no_other_answer)
{
	struct chance chance = { 30 + (uint64_t)_i };

	choose(maps[_i]);
	for (unsigned i = 0; i < 300; i++) {
		const size_t at = draw(&chance, (unsigned)size);
		const size_t room = size - at < 4096 ? size - at : 4096;

		put(at, other_bytes(&chance, i % 3, room), room);
		ask_all(generation, maps[_i]);
		ask_anew(maps[_i]);
		put(0, bytes, size);
	}
	ck_assert_uint_eq(ask_all(generation, "mended"), 0);
}
END_TEST

static void cut_and_ask(size_t len)
{
	struct err err = { 0 };

	ck_assert_int_eq(truncate(path, (off_t)len), 0);
	ask_all(generation, "cut short");
	ask_anew("cut short");
	ck_assert_ptr_null(generation_open(c.folder, &err));
	ck_assert_msg(strstr(err.text, "damaged") != NULL, "%s", err.text);
	put(0, bytes, size);
}

START_TEST(a_file_cut_short_in_place_makes_no_other_answer)
{
	choose(maps[_i]);
	for (size_t percent = 0; percent < 100; percent++)
		cut_and_ask(size * percent / 100);
	for (size_t len = 0; len <= 2048; len++)
		if (len < size)
			cut_and_ask(len);
	ck_assert(generation_is_damaged(generation, NULL));
	ck_assert_uint_eq(ask_all(generation, "mended"), 0);
}
END_TEST

/* It is opened anew where it is sound again, and not before. */
START_TEST(what_is_mended_is_seen)
{
	choose(FILES_RELAY_RECIPIENTS);
	put(2048, arena_alloc(c.arena, size), size - 2048);
	ck_assert_uint_gt(ask_all(generation, "overwritten"), 0);
	ck_assert(generation_is_damaged(generation, NULL));
	struct generation *anew = generation_open(c.folder, NULL);

	ck_assert_ptr_nonnull(anew);
	ck_assert(!generation_is_mended(anew, generation));
	put(0, bytes, size);
	ck_assert(generation_is_mended(anew, generation));
	generation_close(&anew);
}
END_TEST

/* Where a file of another generation stands in the place of one. */
START_TEST(a_file_of_another_generation_makes_no_other_answer)
{
	recipient_case_add(c.recipients,
		&(struct recipient){ .key = "aaa@d.example",
			.directory = model_case_directory(&c, "ad"),
			.origin = "line 1" });
	model_close(&c.model);
	c.model = model_open(c.ns, c.recipients, c.loaded);
	model_case_write(&c, 2);
	for (int i = 0; i < COUNT(maps); i++) {
		const char *from = arena_printf(
			c.arena, "%s/generations/1/%s", c.folder, maps[i]);
		const char *to = arena_printf(
			c.arena, "%s/generations/2/%s", c.folder, maps[i]);
		const char *kept = arena_printf(c.arena, "%s.kept", to);

		ck_assert_int_eq(rename(to, kept), 0);
		ck_assert_int_eq(link(from, to), 0);
		ask_anew(maps[i]);
		ck_assert_int_eq(rename(kept, to), 0);
	}
	ask_anew("sound");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("generation_flips");

	tcase_set_timeout(tcase, 300);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
		tcase, a_flipped_byte_makes_no_other_answer, 0, COUNT(maps));
	tcase_add_loop_test(
		tcase, many_changed_bytes_make_no_other_answer, 0, COUNT(maps));
	tcase_add_loop_test(tcase,
		a_file_cut_short_in_place_makes_no_other_answer, 0,
		COUNT(maps));
	tcase_add_test(tcase, what_is_mended_is_seen);
	tcase_add_test(
		tcase, a_file_of_another_generation_makes_no_other_answer);
	return unit_run(suite_create("generation_flips"), tcase);
}
