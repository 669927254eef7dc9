/*
 * What policyd writes is read again, whatever strangers put in; and of what
 * became of such lines on their way a slow reader, written down from
 * verdict_log.h byte by byte, takes exactly those that the quick one takes.
 */
#include "policyd/verdict_log.h"
#include "verdicts/verdict.h"

#include "unit_main.h"

#include "base/arena.h"
#include "base/printable.h"
#include "base/text.h"

#include <string.h>

enum { ROUNDS = 2000, DAMAGES = 40, VALUE_MAX = 3000 };

static const struct slice PIECES[] = {
	{ "bob@company.example", 19 },
	{ "x\" verdict=accept y=\"@d", 23 },
	{ ">\" domain=d verdict=reject reason=\"<", 36 },
	{ "> reply=DUNNO us=1 shadow=yes", 29 },
	{ " us=14", 6 },
	{ "verdict=pass reason=", 20 },
	{ "\"...", 4 },
	{ "...", 3 },
	{ "-", 1 },
	{ "\"", 1 },
	{ "\\", 1 },
	{ "\\x41", 4 },
	{ "\\x", 2 },
	{ "<", 1 },
	{ ">", 1 },
	{ "'", 1 },
	{ " ", 1 },
	{ "=", 1 },
	{ "\0", 1 },
	{ "\t\r\x7f", 3 },
	{ "\xc3\xbc", 2 },
	{ "\xe7\x94\xa8", 3 },
	{ "\xf0\x9f\x90\x98", 4 },
	{ "\xc2\x85", 2 },
	{ "\xe2\x80\xae", 3 },
	{ "\xed\xa0\x80", 3 },
	{ "\xc3", 1 },
	{ "\xf0\x9f", 2 },
	{ "\xff", 1 },
};

struct chance {
	uint64_t state;
};

/* The same ones from the same seed. */
static unsigned draw(struct chance *chance, unsigned below)
{
	chance->state =
		chance->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(chance->state >> 33) % below;
}

static bool happens(struct chance *chance, unsigned percent)
{
	return draw(chance, 100) < percent;
}

/* Sometimes nothing, sometimes more than is kept. */
static struct slice draw_value(struct chance *chance, struct arena *arena)
{
	struct text value;

	text_init(&value);
	text_adds(&value, "");
	while (!happens(chance, 30) && value.len < VALUE_MAX) {
		const struct slice piece =
			PIECES[draw(chance, sizeof PIECES / sizeof *PIECES)];
		const char byte = (char)draw(chance, 256);
		unsigned times = happens(chance, 5) ? draw(chance, 500) : 1;

		for (; times > 0; times--)
			text_add(&value, piece.bytes, piece.len);
		if (happens(chance, 20))
			text_add(&value, &byte, 1);
	}
	const struct slice copy = { arena_strndup(arena, value.data, value.len),
		value.len };

	text_fini(&value);
	return copy;
}

/* As judgements have them: up to the first NUL, NULL as good as empty. */
static const char *draw_text(struct chance *chance, struct arena *arena)
{
	return happens(chance, 10) ? NULL : draw_value(chance, arena).bytes;
}

static const char *draw_word(struct chance *chance)
{
	static const char *const words[] = { "accept", "reject", "not-ours",
		"internal-relay" };

	return words[draw(chance, 4)];
}

static unsigned long draw_number(struct chance *chance)
{
	return happens(chance, 10) ? ~0ul
				   : draw(chance, 1u << draw(chance, 31));
}

struct written {
	struct request request;
	struct judgement judgement;
	bool is_shadow;
	struct text line;
};

static void draw_line(
	struct written *out, struct chance *chance, struct arena *arena)
{
	*out = (struct written){
		.request = { .client = draw_value(chance, arena),
			.sender = draw_value(chance, arena),
			.recipient = draw_value(chance, arena),
			.queue_id = draw_value(chance, arena),
			.instance = draw_value(chance, arena) },
		.judgement = { .verdict = draw_word(chance),
			.reason = draw_word(chance),
			.domain = draw_text(chance, arena),
			.type = happens(chance, 20) ? NULL : draw_word(chance),
			.connector = draw_text(chance, arena),
			.nexthop = draw_text(chance, arena),
			.directory = draw_text(chance, arena),
			.reply = draw_text(chance, arena),
			.generation = draw_number(chance),
			.us = draw_number(chance) },
		.is_shadow = happens(chance, 30),
	};
	text_init(&out->line);
	verdict_log_format(
		&out->line, &out->request, &out->judgement, out->is_shadow);
}

static struct slice slice_of_line(const struct text *line)
{
	return (struct slice){ line->data, line->len };
}

static void compare_value(const struct verdict_line *verdict,
	enum verdict_field field, struct slice put_in)
{
	const bool is_cut = verdict_is_cut(verdict, field);
	struct text value;

	text_init(&value);
	text_adds(&value, "");
	verdict_value(&value, verdict, field);
	ck_assert_msg(is_cut ? value.len < put_in.len : value.len == put_in.len,
		"%s: %.*s", verdict_field_name(field),
		(int)verdict->written[field].len,
		verdict->written[field].bytes);
	ck_assert_msg(memcmp(value.data, put_in.bytes, value.len) == 0, "%.*s",
		(int)verdict->written[field].len,
		verdict->written[field].bytes);
	if (field != FIELD_RECIPIENT && field != FIELD_SENDER)
		ck_assert(verdict_has(verdict, field) == (put_in.len > 0));
	text_fini(&value);
}

static void compare_text(const struct verdict_line *verdict,
	enum verdict_field field, const char *put_in)
{
	compare_value(verdict, field, slice_of(put_in == NULL ? "" : put_in));
}

static void compare(const struct written *w, const struct verdict_line *verdict)
{
	const struct judgement *j = &w->judgement;

	compare_text(verdict, FIELD_VERDICT, j->verdict);
	compare_text(verdict, FIELD_REASON, j->reason);
	compare_value(verdict, FIELD_RECIPIENT, w->request.recipient);
	compare_text(verdict, FIELD_DOMAIN, j->domain);
	compare_text(verdict, FIELD_TYPE, j->type);
	compare_text(verdict, FIELD_CONNECTOR, j->connector);
	compare_text(verdict, FIELD_NEXTHOP, j->nexthop);
	compare_text(verdict, FIELD_DIRECTORY, j->directory);
	compare_value(verdict, FIELD_CLIENT, w->request.client);
	compare_value(verdict, FIELD_SENDER, w->request.sender);
	compare_value(verdict, FIELD_QUEUE_ID, w->request.queue_id);
	compare_value(verdict, FIELD_INSTANCE, w->request.instance);
	compare_text(verdict, FIELD_REPLY, j->reply);
	compare_text(verdict, FIELD_SHADOW, w->is_shadow ? "yes" : NULL);
	ck_assert_uint_eq(
		verdict_number(verdict, FIELD_GENERATION), j->generation);
	ck_assert_uint_eq(verdict_number(verdict, FIELD_US), j->us);
}

START_TEST(what_was_written_is_read)
{
	struct chance chance = { (uint64_t)_i };

	for (int i = 0; i < ROUNDS; i++) {
		struct arena *arena = arena_open();
		struct written w;
		struct verdict_line verdict;

		draw_line(&w, &chance, arena);
		ck_assert_msg(verdict_parse(&verdict, slice_of_line(&w.line)),
			"%s", w.line.data);
		compare(&w, &verdict);
		text_fini(&w.line);
		arena_close(&arena);
	}
}
END_TEST

/* The slow reader; a NUL, which nothing takes, where the line ends. */
struct slow {
	struct slice rest;
};

static char next(const struct slow *slow)
{
	return slow->rest.len > 0 ? slow->rest.bytes[0] : '\0';
}

static bool take_bytes(struct slow *slow, const char *bytes)
{
	if (!slice_starts(slow->rest, bytes))
		return false;
	slow->rest = slice_after(slow->rest, strlen(bytes));
	return true;
}

/* One character that may be shown and is none of those. */
static bool take_character(struct slow *slow, const char *but)
{
	const size_t len = slow->rest.len == 0
		? 0
		: printable_len(slow->rest.bytes, slow->rest.len);

	if (len == 0 || strchr(but, next(slow)) != NULL)
		return false;
	slow->rest = slice_after(slow->rest, len);
	return true;
}

static bool take_one_of(struct slow *slow, const char *bytes)
{
	if (next(slow) == '\0' || strchr(bytes, next(slow)) == NULL)
		return false;
	slow->rest = slice_after(slow->rest, 1);
	return true;
}

static bool take_two_digits(struct slow *slow)
{
	static const char digits[] = "0123456789abcdef";

	if (!take_one_of(slow, digits))
		return false;
	return take_one_of(slow, digits);
}

static bool take_quoted_character(struct slow *slow)
{
	if (take_bytes(slow, "\\\"") || take_bytes(slow, "\\\\"))
		return true;
	if (take_bytes(slow, "\\x"))
		return take_two_digits(slow);
	return take_character(slow, "\\");
}

static bool take_quoted(struct slow *slow, bool is_address)
{
	const char *start = slow->rest.bytes;

	if (!take_bytes(slow, "\""))
		return false;
	while (!take_bytes(slow, "\"")) {
		if (!take_quoted_character(slow))
			return false;
	}
	const size_t len = (size_t)(slow->rest.bytes - start);

	take_bytes(slow, "...");
	if (!is_address)
		return len > 2;
	return len >= 4 && start[1] == '<' && start[len - 2] == '>';
}

static bool take_plain(struct slow *slow)
{
	const size_t before = slow->rest.len;

	while (take_character(slow, " \"'<=>\\"))
		;
	return slow->rest.len < before;
}

static bool take_address(struct slow *slow)
{
	if (next(slow) == '"')
		return take_quoted(slow, true);
	if (!take_bytes(slow, "<"))
		return false;
	take_plain(slow);
	return take_bytes(slow, ">");
}

static bool take_many_of(struct slow *slow, const char *bytes)
{
	bool any = false;

	while (take_one_of(slow, bytes))
		any = true;
	return any;
}

static bool take_number(struct slow *slow)
{
	const char first = next(slow);
	const size_t before = slow->rest.len;

	return take_many_of(slow, "0123456789") &&
		(first != '0' || before - slow->rest.len == 1);
}

static bool take_field(struct slow *slow, enum verdict_field field)
{
	if ((field != 0 && !take_bytes(slow, " ")) ||
		!take_bytes(slow, verdict_field_name(field)) ||
		!take_bytes(slow, "="))
		return false;
	if (field == FIELD_RECIPIENT || field == FIELD_SENDER)
		return take_address(slow);
	if (field == FIELD_GENERATION || field == FIELD_US)
		return take_number(slow);
	if (field == FIELD_VERDICT || field == FIELD_REASON ||
		field == FIELD_TYPE)
		return take_many_of(slow, "abcdefghijklmnopqrstuvwxyz-");
	return next(slow) == '"' ? take_quoted(slow, false) : take_plain(slow);
}

static bool slow_parse(struct slice message)
{
	struct slow slow = { message };

	for (int field = 0; field <= FIELD_US; field++) {
		if (!take_field(&slow, (enum verdict_field)field))
			return false;
	}
	take_bytes(&slow, " shadow=yes");
	return slow.rest.len == 0;
}

static const char *draw_junk(struct chance *chance, char junk[2], size_t *len)
{
	static const char likely[] = "\"\\<>=' .-x0";
	const struct slice piece =
		PIECES[draw(chance, sizeof PIECES / sizeof *PIECES)];

	*len = 1;
	junk[0] = (char)draw(chance, 256);
	if (happens(chance, 40))
		junk[0] = likely[draw(chance, sizeof likely - 1)];
	if (happens(chance, 80))
		return junk;
	*len = piece.len;
	return piece.bytes;
}

/* Some bytes out, others in, at a place by chance. */
static void damage(struct text *out, struct slice line, struct chance *chance)
{
	const size_t at = draw(chance, (unsigned)line.len + 1);
	size_t out_len = draw(chance, 3);
	size_t len;
	char byte[2];
	const char *junk = draw_junk(chance, byte, &len);

	if (happens(chance, 10))
		out_len = draw(chance, (unsigned)line.len + 1);
	if (out_len > line.len - at)
		out_len = line.len - at;
	text_clear(out);
	text_add(out, line.bytes, at);
	if (!happens(chance, 30))
		text_add(out, junk, len);
	text_add(out, line.bytes + at + out_len, line.len - at - out_len);
}

/* Allocated to the byte, so that a sanitizer sees a read beyond. */
static bool quick_parse(struct slice line)
{
	struct verdict_line verdict;
	char *exact = malloc(line.len + (line.len == 0));

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, line.bytes, line.len);
	const bool is_verdict =
		verdict_parse(&verdict, (struct slice){ exact, line.len });

	free(exact);
	return is_verdict;
}

START_TEST(both_readers_take_the_same)
{
	struct chance chance = { (uint64_t)_i };
	struct text damaged;
	unsigned whole = 0;

	text_init(&damaged);
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct arena *arena = arena_open();
		struct written w;

		draw_line(&w, &chance, arena);
		for (int j = 0; j < DAMAGES; j++) {
			damage(&damaged, slice_of_line(&w.line), &chance);
			const struct slice line = slice_of_line(&damaged);
			const bool is_verdict = slow_parse(line);

			whole += is_verdict;
			ck_assert_msg(quick_parse(line) == is_verdict,
				"%d: %.*s", is_verdict, (int)line.len,
				line.bytes);
		}
		text_fini(&w.line);
		arena_close(&arena);
	}
	/* Within quotes much may change, outside hardly anything. */
	ck_assert_uint_gt(whole, ROUNDS / 10 * DAMAGES / 20);
	ck_assert_uint_lt(whole, ROUNDS / 10 * DAMAGES / 20 * 19);
	text_fini(&damaged);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, what_was_written_is_read, 0, 4);
	tcase_add_loop_test(tcase, both_readers_take_the_same, 0, 4);
	return unit_run(suite_create("verdict_by_chance"), tcase);
}
