/*
 * A delivery belongs to what was observed of its recipient before, if
 * anything was: a verdict, or the same recipient's delivery to a filter,
 * which goes on in the message that the filter gave back.  Else it is the
 * first word about the recipient and becomes an observation itself.
 */
#include "changes/transit.h"

#include "base/memory.h"
#include "verdicts/attempts.h"
#include "verdicts/cut.h"
#include "verdicts/id_map.h"
#include "verdicts/log_address.h"

#include <stdlib.h>

#define SECOND ((int64_t)1000000)

/* Each has the messages that wait so long, by the last word about them. */
enum chain { CHAIN_UNNAMED, CHAIN_QUEUED, CHAIN_REMOVED, CHAINS };

static const int64_t patience_us[CHAINS] = {
	[CHAIN_UNNAMED] = 60 * 60 * SECOND,
	[CHAIN_QUEUED] = 8 * 24 * 60 * 60 * SECOND,
	[CHAIN_REMOVED] = 60 * SECOND,
};

/* A recipient that waits for deliveries to what log_address_key() says. */
struct expected {
	char *key;
	uint64_t hash;
	bool is_cut; /* the key is no more than the beginning */
	struct observed *observed; /* NULL: it waits in another message */
};

struct transit_message {
	struct id_node node;
	struct transit_message *older, *newer;
	enum chain chain;
	char *host, *queue_id;
	int64_t began_us, touched_us;
	bool has_begun; /* smtpd named it */
	bool is_judged; /* by policyd, at least one recipient */
	bool is_queued, is_removed;
	struct observed_client client;
	struct expected *expected;
	size_t n, room;
	struct attempts attempts;
};

struct chain_ends {
	struct transit_message *oldest, *newest;
};

struct transit {
	struct id_map map;
	struct chain_ends chains[CHAINS];
	struct observed_sink sink;
	unsigned long number;
};

struct transit *transit_open(const struct observed_sink *sink)
{
	struct transit *transit = memory_must(calloc(1, sizeof *transit));

	id_map_init(&transit->map);
	transit->sink = *sink;
	return transit;
}

unsigned long transit_number(struct transit *transit)
{
	return ++transit->number;
}

static void unchain(struct transit *transit, struct transit_message *message)
{
	struct chain_ends *ends = &transit->chains[message->chain];

	*(message->older == NULL ? &ends->oldest : &message->older->newer) =
		message->newer;
	*(message->newer == NULL ? &ends->newest : &message->newer->older) =
		message->older;
}

static void chain_newest(struct transit *transit,
	struct transit_message *message, enum chain chain)
{
	struct chain_ends *ends = &transit->chains[chain];

	message->chain = chain;
	message->older = ends->newest;
	message->newer = NULL;
	*(ends->newest == NULL ? &ends->oldest : &ends->newest->newer) =
		message;
	ends->newest = message;
}

static void forget(struct transit *transit, struct transit_message *message)
{
	unchain(transit, message);
	id_map_remove(&transit->map, &message->node);
	for (size_t i = 0; i < message->n; i++) {
		free(message->expected[i].key);
		observed_close(&message->expected[i].observed);
	}
	free(message->expected);
	attempts_fini(&message->attempts);
	free(message->host);
	free(message->queue_id);
	free(message);
}

void transit_close(struct transit **transit)
{
	struct transit *old = *transit;

	if (old == NULL)
		return;
	for (unsigned i = 0; i < CHAINS; i++)
		while (old->chains[i].oldest != NULL)
			forget(old, old->chains[i].oldest);
	id_map_fini(&old->map);
	free(old);
	*transit = NULL;
}

static uint64_t hash_of(const char *key)
{
	return id_map_hash(slice_of(key), slice_of(""));
}

static void expect(struct transit_message *message, const char *key,
	struct observed *observed)
{
	if (message->n == message->room) {
		message->room = message->room == 0 ? 2 : message->room * 2;
		message->expected = memory_must(reallocarray(message->expected,
			message->room, sizeof *message->expected));
	}
	struct expected *expected = &message->expected[message->n++];

	expected->key = memory_must(strdup(key));
	expected->hash = hash_of(key);
	expected->is_cut = observed != NULL && observed->is_cut;
	expected->observed = observed;
}

/* Of policyd's line there may be no more than the beginning. */
static bool is_expected(
	const struct expected *expected, const struct attempt *attempt)
{
	if (expected->is_cut)
		return strncmp(attempt->taken, expected->key,
			       strlen(expected->key)) == 0;
	return expected->hash == attempt->taken_hash &&
		strcmp(expected->key, attempt->taken) == 0;
}

/* A delivery that nothing was observed of before. */
static struct observed *observe(
	const struct transit_message *message, const struct attempt *attempt)
{
	struct observed *observed = observed_of_key(OBSERVED_DELIVERY,
		message->has_begun ? message->began_us : attempt->fate->time_us,
		attempt->taken);

	observed->client = message->client;
	return observed;
}

static void settle_attempt(
	struct transit_message *message, const struct attempt *attempt)
{
	bool is_known = false;

	for (size_t i = 0; i < message->n; i++) {
		const struct expected *expected = &message->expected[i];

		if (!is_expected(expected, attempt))
			continue;
		if (expected->observed != NULL)
			observed_add_attempt(expected->observed, attempt);
		is_known = true;
	}
	if (is_known)
		return;
	struct observed *observed = observe(message, attempt);

	observed_add_attempt(observed, attempt);
	expect(message, attempt->taken, observed);
}

static void end(struct transit *transit, struct transit_message *message)
{
	const struct observed_sink *sink = &transit->sink;
	const unsigned long number = transit_number(transit);

	for (size_t i = 0; i < message->attempts.n; i++)
		settle_attempt(message, &message->attempts.all[i]);
	for (size_t i = 0; i < message->n; i++)
		if (message->expected[i].observed != NULL)
			sink->take(sink->context, message->expected[i].observed,
				number);
	forget(transit, message);
}

void transit_end_all(struct transit *transit)
{
	for (unsigned i = 0; i < CHAINS; i++)
		while (transit->chains[i].oldest != NULL)
			end(transit, transit->chains[i].oldest);
}

static void end_silent(struct transit *transit, int64_t now_us)
{
	for (unsigned i = 0; i < CHAINS; i++) {
		const struct chain_ends *ends = &transit->chains[i];

		while (ends->oldest != NULL &&
			ends->oldest->touched_us < now_us - patience_us[i])
			end(transit, ends->oldest);
	}
}

static void touch(struct transit *transit, struct transit_message *message,
	enum chain chain, int64_t time_us)
{
	message->touched_us = time_us;
	unchain(transit, message);
	chain_newest(transit, message, chain);
	end_silent(transit, time_us);
}

struct transit_message *transit_find(
	struct transit *transit, struct slice host, struct slice queue_id)
{
	struct id_node *node =
		id_map_first(&transit->map, id_map_hash(host, queue_id));

	while (node != NULL) {
		struct transit_message *message =
			(struct transit_message *)node;

		if (slice_is(host, message->host) &&
			slice_is(queue_id, message->queue_id))
			return message;
		node = id_map_next(node);
	}
	return NULL;
}

static struct transit_message *make(struct transit *transit, struct slice host,
	struct slice queue_id, int64_t time_us)
{
	struct transit_message *message =
		memory_must(calloc(1, sizeof *message));

	message->host = memory_must(strndup(host.bytes, host.len));
	message->queue_id = memory_must(strndup(queue_id.bytes, queue_id.len));
	message->node.hash = id_map_hash(host, queue_id);
	message->began_us = message->touched_us = time_us;
	attempts_init(&message->attempts);
	id_map_add(&transit->map, &message->node);
	chain_newest(transit, message, CHAIN_UNNAMED);
	end_silent(transit, time_us);
	return message;
}

struct transit_message *transit_get(struct transit *transit, struct slice host,
	struct slice queue_id, int64_t time_us)
{
	struct transit_message *message = transit_find(transit, host, queue_id);

	return message == NULL ? make(transit, host, queue_id, time_us)
			       : message;
}

struct transit_message *transit_begin(struct transit *transit,
	struct slice host, const struct postfix_line *line, int64_t time_us)
{
	struct transit_message *message =
		transit_find(transit, host, line->queue_id);

	if (message != NULL && (message->has_begun || message->is_removed)) {
		end(transit, message);
		message = NULL;
	}
	if (message == NULL)
		message = make(transit, host, line->queue_id, time_us);
	message->has_begun = true;
	message->client = observed_client_parse(line->client);
	touch(transit, message, CHAIN_QUEUED, time_us);
	return message;
}

bool transit_is_judged(const struct transit_message *message)
{
	return message->is_judged;
}

int64_t transit_began_us(const struct transit_message *message)
{
	return message->began_us;
}

void transit_set_client(
	struct transit_message *message, const struct observed_client *client)
{
	message->client = *client;
}

struct observed *transit_observed(
	const struct transit_message *message, const char *key)
{
	for (size_t i = message->n; i > 0; i--)
		if (strcmp(message->expected[i - 1].key, key) == 0)
			return message->expected[i - 1].observed;
	return NULL;
}

void transit_add(struct transit_message *message, struct observed *observed)
{
	char *key = log_address_key(
		(struct slice){ observed->recipient, observed->len });

	expect(message, key, observed);
	message->is_judged |= observed->source == OBSERVED_VERDICT;
	free(key);
}

void transit_leave(struct transit *transit, struct slice host,
	struct slice queue_id, int64_t time_us)
{
	struct transit_message *message = transit_find(transit, host, queue_id);

	if (message != NULL && !message->is_queued)
		touch(transit, message, CHAIN_REMOVED, time_us);
}

/*
 * The message in which an answer says that this one goes on: a filter's has
 * the address that it was given, local(8)'s forwarding the one from before.
 */
static struct transit_message *behind_of(struct transit *transit,
	const struct transit_message *message, const struct postfix_line *line,
	bool *is_forwarded)
{
	struct slice said = line->said;
	struct slice id = postfix_line_queued_as(said);

	*is_forwarded = id.len == 0 && cut_prefix(&said, "forwarded as ");
	if (*is_forwarded)
		id = (struct slice){ said.bytes, cut_id_len(said) };
	if (id.len == 0)
		return NULL;
	struct transit_message *behind =
		transit_find(transit, slice_of(message->host), id);

	return behind == message ||
			(behind != NULL && behind->began_us < message->began_us)
		? NULL
		: behind;
}

/*
 * What is expected here is expected there from now on.  Of an address that
 * became several it is the first; the others then are nobody's.
 */
static void go_on(struct transit_message *message,
	struct transit_message *behind, const struct attempt *attempt,
	const char *key)
{
	bool is_known = false;

	for (size_t i = 0; i < message->n; i++) {
		struct expected *expected = &message->expected[i];

		if (!is_expected(expected, attempt))
			continue;
		expect(behind, key, expected->observed);
		expected->observed = NULL;
		is_known = true;
	}
	if (!is_known) {
		expect(behind, key, observe(message, attempt));
		expect(message, attempt->taken, NULL);
	}
	behind->is_judged |= message->is_judged;
}

static void hear_attempt(struct transit *transit,
	struct transit_message *message, int64_t time_us,
	const struct postfix_line *line)
{
	const struct attempt *attempt =
		attempts_put(&message->attempts, time_us, line);
	bool is_forwarded;
	struct transit_message *behind =
		behind_of(transit, message, line, &is_forwarded);

	if (behind != NULL)
		go_on(message, behind, attempt,
			is_forwarded ? attempt->taken : attempt->to);
}

static void rename_to(struct transit *transit, struct transit_message *message,
	struct slice queue_id)
{
	struct transit_message *other =
		transit_find(transit, slice_of(message->host), queue_id);

	if (other == message)
		return;
	if (other != NULL)
		end(transit, other);
	id_map_remove(&transit->map, &message->node);
	free(message->queue_id);
	message->queue_id = memory_must(strndup(queue_id.bytes, queue_id.len));
	message->node.hash = id_map_hash(slice_of(message->host), queue_id);
	id_map_add(&transit->map, &message->node);
}

/* Only what says that there is one makes a message. */
static struct transit_message *message_of(struct transit *transit,
	int64_t time_us, const struct log_line *log,
	const struct postfix_line *line)
{
	switch (line->event) {
	case POSTFIX_CLEANED:
	case POSTFIX_QUEUED:
	case POSTFIX_ATTEMPT:
		return transit_get(transit, log->host, line->queue_id, time_us);
	case POSTFIX_REQUEUED:
		return transit_find(transit, log->host, line->orig_id);
	case POSTFIX_EXPIRED:
	case POSTFIX_REMOVED:
	case POSTFIX_DELETED:
	case POSTFIX_REJECT:
	case POSTFIX_HOLD:
	case POSTFIX_DISCARD:
	case POSTFIX_CLIENT:
	case POSTFIX_PROXIED:
	case POSTFIX_LOST:
	case POSTFIX_DISCONNECT: break;
	}
	return transit_find(transit, log->host, line->queue_id);
}

static void hear_of(struct transit *transit, struct transit_message *message,
	int64_t time_us, const struct postfix_line *line)
{
	switch (line->event) {
	case POSTFIX_CLEANED:
	case POSTFIX_QUEUED:
	case POSTFIX_HOLD: message->is_queued = true; break;
	case POSTFIX_ATTEMPT:
		message->is_queued = true;
		hear_attempt(transit, message, time_us, line);
		break;
	case POSTFIX_REQUEUED:
		rename_to(transit, message, line->queue_id);
		break;
	case POSTFIX_REMOVED:
	case POSTFIX_DELETED:
	case POSTFIX_REJECT: /* cleanup's: the whole message */
	case POSTFIX_DISCARD: message->is_removed = true; break;
	case POSTFIX_EXPIRED:
	case POSTFIX_CLIENT:
	case POSTFIX_PROXIED:
	case POSTFIX_LOST:
	case POSTFIX_DISCONNECT: break;
	}
}

void transit_hear(struct transit *transit, int64_t time_us,
	const struct log_line *log, const struct postfix_line *line)
{
	struct transit_message *message =
		message_of(transit, time_us, log, line);

	if (message == NULL)
		return;
	hear_of(transit, message, time_us, line);
	touch(transit, message,
		message->is_removed ? CHAIN_REMOVED : CHAIN_QUEUED, time_us);
}
