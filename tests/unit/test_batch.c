/*
 * Batches in a loop whose events are made active by hand, so that which are
 * ready together is known.
 */
#include "policyd/batch.h"

#include "base/text.h"
#include "policyd/judge.h"
#include "tests/unit/unit_main.h"

#include <check.h>
#include <event2/event.h>
#include <stdlib.h>

enum { PEERS_MAX = 40 };

struct setting;

/* One that is ready and brings a request, or somebody else's event. */
struct peer {
	struct setting *setting;
	struct event *ready;
	const char *recipient; /* NULL: no request */
	char name;
	size_t len;
};

/* seen: "a" taken, "A" answered, "#" something else, "(r r)" expected. */
struct setting {
	struct event_base *base;
	struct judge judge;
	struct batch *batch;
	struct peer peers[PEERS_MAX];
	size_t n_peers;
	struct text seen;
};

static void expect(void *context, const struct slice *recipients, size_t count)
{
	struct setting *s = context;

	text_adds(&s->seen, "(");
	for (size_t i = 0; i < count; i++)
		text_addf(&s->seen, "%s%.*s", i > 0 ? " " : "",
			(int)recipients[i].len, recipients[i].bytes);
	text_adds(&s->seen, ")");
}

static void set_up(struct setting *s)
{
	*s = (struct setting){ .base = event_base_new() };
	s->judge = (struct judge){ .expect = expect, .context = s };
	s->batch = batch_open(s->base, &s->judge);
	ck_assert_ptr_nonnull(s->batch);
	text_init(&s->seen);
	text_adds(&s->seen, "");
}

static void tear_down(struct setting *s)
{
	for (size_t i = 0; i < s->n_peers; i++)
		event_free(s->peers[i].ready);
	batch_close(&s->batch);
	ck_assert_ptr_null(s->batch);
	batch_close(&s->batch);
	event_base_free(s->base);
	text_fini(&s->seen);
}

static void answer(void *context, struct slice rest)
{
	const struct peer *peer = context;

	ck_assert_uint_eq(rest.len, 1);
	ck_assert_int_eq(rest.bytes[0], peer->name);
	text_addf(&peer->setting->seen, "%c", peer->name - 'a' + 'A');
}

/* The last byte of what came is what is behind the request. */
static void take(struct peer *peer)
{
	struct setting *s = peer->setting;
	char *room = batch_room(s->batch);
	const size_t len = strlen(peer->recipient);

	ck_assert_ptr_eq(batch_room(s->batch), room);
	ck_assert_uint_le(peer->len, BATCH_PIECE_SIZE);
	memset(room, '.', BATCH_PIECE_SIZE);
	memcpy(room, peer->recipient, len);
	room[peer->len - 1] = peer->name;
	text_addf(&s->seen, "%c", peer->name);
	batch_add(s->batch,
		&(struct batch_item){ answer, peer, { room, len },
			{ room + peer->len - 1, 1 } },
		peer->len);
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	struct peer *peer = context;

	(void)fd, (void)what;
	if (peer->recipient == NULL)
		text_adds(&peer->setting->seen, "#");
	else
		take(peer);
}

static void add_peer(struct setting *s, const char *recipient, size_t len)
{
	struct peer *peer = &s->peers[s->n_peers];

	ck_assert_uint_lt(s->n_peers, PEERS_MAX);
	*peer = (struct peer){ .setting = s,
		.recipient = recipient,
		.name = (char)('a' + s->n_peers++ % 26),
		.len = len };
	peer->ready = event_new(s->base, -1, 0, on_ready, peer);
	event_active(peer->ready, 0, 0);
}

/* One that does not wait. */
static void pass(struct setting *s)
{
	ck_assert_int_ge(
		event_base_loop(s->base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
}

struct order_case {
	const char *name;
	const char *peers; /* a letter: its recipient; "-" none; "#" no peer */
	const char *seen;
};

static const struct order_case order_cases[] = {
	{ "nobody", "", "" },
	{ "one alone is answered at once", "x", "aA" },
	{ "two are answered together", "xy", "ab(x y)AB" },
	{ "in their order", "zyxw", "abcd(z y x w)ABCD" },
	{ "behind what else is ready", "x#", "a#A" },
	{ "behind what else is ready, several", "#xy##", "#bc##(x y)BC" },
	{ "who is not judged is not expected", "x-y", "abc(x y)ABC" },
	{ "one that is judged waits for nobody", "-x-", "abcABC" },
	{ "as many as have room", "0123456789xyzuvw",
		"abcdefghijklmnop(0 1 2 3 4 5 6 7 8 9 x y z u v w)"
		"ABCDEFGHIJKLMNOP" },
	{ "one more", "0123456789xyzuvwt",
		"abcdefghijklmnop(0 1 2 3 4 5 6 7 8 9 x y z u v w)"
		"ABCDEFGHIJKLMNOPqQ" },
};

static void add_peers(struct setting *s, const char *letters)
{
	static const char names[] = "0123456789xyzuvwt";
	static char recipients[sizeof names][2];

	for (; *letters != '\0'; letters++) {
		const char *name = strchr(names, *letters);
		const char *recipient = "";

		if (name != NULL) {
			recipients[name - names][0] = *name;
			recipient = recipients[name - names];
		}
		add_peer(s, *letters == '#' ? NULL : recipient, 100);
	}
}

START_TEST(those_ready_together_are_answered_together)
{
	const struct order_case *c = &order_cases[_i];
	struct setting s;

	set_up(&s);
	add_peers(&s, c->peers);
	pass(&s);
	ck_assert_msg(strcmp(s.seen.data, c->seen) == 0, "%s: %s", c->name,
		s.seen.data);
	tear_down(&s);
}
END_TEST

START_TEST(the_next_pass_begins_anew)
{
	struct setting s;

	set_up(&s);
	add_peers(&s, "xy");
	pass(&s);
	add_peers(&s, "z");
	pass(&s);
	add_peers(&s, "x#");
	pass(&s);
	pass(&s);
	ck_assert_str_eq(s.seen.data, "ab(x y)ABcCd#D");
	tear_down(&s);
}
END_TEST

/* Each has the room of a piece, so the third one does not wait. */
START_TEST(long_pieces_are_answered_sooner)
{
	struct setting s;

	set_up(&s);
	add_peer(&s, "x", BATCH_PIECE_SIZE - 1);
	add_peer(&s, "y", BATCH_PIECE_SIZE);
	add_peer(&s, "z", BATCH_PIECE_SIZE);
	add_peer(&s, "", 100);
	pass(&s);
	ck_assert_str_eq(s.seen.data, "ab(x y)ABcCdD");
	tear_down(&s);
}
END_TEST

START_TEST(all_that_wait_are_answered_when_asked)
{
	struct setting s;

	set_up(&s);
	batch_answer(s.batch);
	ck_assert_str_eq(s.seen.data, "");
	add_peers(&s, "xy#"); /* so there is something to wait for */
	take(&s.peers[0]);
	take(&s.peers[1]);
	ck_assert_str_eq(s.seen.data, "ab");
	batch_answer(s.batch);
	text_adds(&s.seen, ".");
	batch_answer(s.batch);
	ck_assert_str_eq(s.seen.data, "ab(x y)AB.");
	tear_down(&s);
}
END_TEST

START_TEST(a_judge_need_not_be_told)
{
	struct setting s;

	set_up(&s);
	s.judge.expect = NULL;
	add_peers(&s, "xy");
	pass(&s);
	ck_assert_str_eq(s.seen.data, "abAB");
	tear_down(&s);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("batch");

	tcase_add_loop_test(tcase, those_ready_together_are_answered_together,
		0, sizeof order_cases / sizeof *order_cases);
	tcase_add_test(tcase, the_next_pass_begins_anew);
	tcase_add_test(tcase, long_pieces_are_answered_sooner);
	tcase_add_test(tcase, all_that_wait_are_answered_when_asked);
	tcase_add_test(tcase, a_judge_need_not_be_told);
	return unit_run(suite_create("batch"), tcase);
}
