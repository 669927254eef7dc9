/*
 * Messages are chained by when they were spoken of last, so that what no line
 * will come for any more (its end was in a log that was lost) does not stay
 * for ever.  Postfix asks for deferred mail at least every 4000 s and gives
 * up after 5 days, by default.
 */
#include "verdicts/in_flight.h"

#include "base/memory.h"
#include "verdicts/wanted.h"

#include <stdlib.h>
#include <string.h>

#define SECOND ((int64_t)1000000)

static const int64_t silent_max_us = 8 * 24 * 60 * 60 * SECOND;
static const int64_t removed_max_us = 60 * SECOND;

/* What is removed waits in a chain of its own, which is a short one. */
struct chain {
	struct message *oldest, *newest;
};

struct in_flight {
	struct id_map map;
	struct chain waiting, removed;
	struct wanted *wanted;
};

struct in_flight *in_flight_open(struct wanted *wanted)
{
	struct in_flight *in_flight = memory_must(calloc(1, sizeof *in_flight));

	id_map_init(&in_flight->map);
	in_flight->wanted = wanted;
	return in_flight;
}

static void unchain(struct chain *chain, struct message *message)
{
	*(message->older == NULL ? &chain->oldest : &message->older->newer) =
		message->newer;
	*(message->newer == NULL ? &chain->newest : &message->newer->older) =
		message->older;
}

static void chain_newest(struct chain *chain, struct message *message)
{
	message->older = chain->newest;
	message->newer = NULL;
	*(chain->newest == NULL ? &chain->oldest : &chain->newest->newer) =
		message;
	chain->newest = message;
}

static struct chain *chain_of(
	struct in_flight *in_flight, const struct message *message)
{
	return message->is_removed ? &in_flight->removed : &in_flight->waiting;
}

static bool is_deferred(const struct fate *fate)
{
	return strcmp(fate->status, "deferred") == 0;
}

/* Where the message itself ended, what was to be tried again ended so. */
static void hand_out(struct in_flight *in_flight, const struct message *message,
	size_t wanted, const struct fate *fate)
{
	struct fate ended = *fate;

	if (is_deferred(fate) && message->whole != NULL) {
		ended.status = message->whole->status;
		ended.time_us = message->whole->time_us;
	}
	wanted_add_fate(in_flight->wanted, wanted, &ended);
}

static bool hand_out_attempts(struct in_flight *in_flight,
	const struct message *message, const struct target *target)
{
	const struct attempts *attempts = &message->attempts;
	bool found = target->goes_on;

	for (size_t i = 0; i < attempts->n; i++) {
		const struct attempt *a = &attempts->all[i];

		if (!target_is(target, a->taken, a->taken_hash))
			continue;
		found = true;
		if (!a->goes_on)
			hand_out(in_flight, message, target->wanted, a->fate);
	}
	return found;
}

static void hand_out_rest(struct in_flight *in_flight,
	const struct message *message, const struct target *target)
{
	const struct fate queued = {
		.time_us = message->began_us,
		.to = "",
		.status = "queued",
		.dsn = "",
		.system = "",
		.said = "",
	};
	const struct fate *fate = message->whole;

	if (fate == NULL && message->is_removed)
		fate = target->before;
	else if (fate == NULL && message->has_begun)
		fate = &queued;
	if (fate != NULL)
		wanted_add_fate(in_flight->wanted, target->wanted, fate);
}

/* Hands the fates out and forgets the message. */
static void end(struct in_flight *in_flight, struct message *message)
{
	for (size_t i = 0; i < message->targets.n; i++) {
		const struct target *target = &message->targets.all[i];

		if (target->key != NULL &&
			!hand_out_attempts(in_flight, message, target))
			hand_out_rest(in_flight, message, target);
	}
	if (message->session != NULL)
		*message->session = NULL;
	unchain(chain_of(in_flight, message), message);
	id_map_remove(&in_flight->map, &message->node);
	targets_fini(&message->targets);
	attempts_fini(&message->attempts);
	free(message->whole);
	free(message->host);
	free(message->instance);
	free(message->queue_id);
	free(message);
}

void in_flight_end_all(struct in_flight *in_flight)
{
	while (in_flight->removed.oldest != NULL)
		end(in_flight, in_flight->removed.oldest);
	while (in_flight->waiting.oldest != NULL)
		end(in_flight, in_flight->waiting.oldest);
}

void in_flight_close(struct in_flight **in_flight)
{
	if (*in_flight == NULL)
		return;
	in_flight_end_all(*in_flight);
	id_map_fini(&(*in_flight)->map);
	free(*in_flight);
	*in_flight = NULL;
}

/* NULL, or the first from here on with that name. */
static struct message *named(const struct id_node *node,
	const struct log_line *line, struct slice queue_id)
{
	for (; node != NULL; node = id_map_next(node)) {
		struct message *message = (struct message *)node;

		if (slice_is(line->host, message->host) &&
			slice_is(queue_id, message->queue_id))
			return message;
	}
	return NULL;
}

static struct message *first_named(const struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id)
{
	return named(id_map_first(&in_flight->map,
			     id_map_hash(line->host, queue_id)),
		line, queue_id);
}

/*
 * Each Postfix on a machine has queue IDs of its own.  A service of smtpd may
 * be given any name for the log, so the first of the inner services that
 * speaks of the message tells which Postfix it is in.
 */
static bool is_in(struct message *message, const struct log_line *line)
{
	const struct slice instance = postfix_line_instance(line);

	if (slice_is(instance, message->instance))
		return true;
	if (message->is_settled ||
		(message->has_begun &&
			slice_is(log_line_service(line), "smtpd")))
		return false;
	free(message->instance);
	message->instance = memory_must(strndup(instance.bytes, instance.len));
	return true;
}

struct message *in_flight_find(struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id)
{
	struct message *message = first_named(in_flight, line, queue_id);
	struct message *foreign = NULL;

	for (; message != NULL;
		message = named(id_map_next(&message->node), line, queue_id)) {
		if (message->is_removed && !message->is_lost)
			continue;
		if (slice_is(postfix_line_instance(line), message->instance))
			break;
		foreign = message;
	}
	if (message == NULL && foreign != NULL && is_in(foreign, line))
		message = foreign;
	if (message != NULL && !slice_is(log_line_service(line), "smtpd"))
		message->is_settled = true;
	return message;
}

struct message *in_flight_find_newest(struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id)
{
	struct message *found = first_named(in_flight, line, queue_id);

	for (struct message *next = found; next != NULL;
		next = named(id_map_next(&next->node), line, queue_id)) {
		if (next->began_us > found->began_us)
			found = next;
	}
	return found;
}

struct message *in_flight_add(struct in_flight *in_flight,
	const struct log_line *line, struct slice queue_id, int64_t time_us)
{
	const struct slice instance = postfix_line_instance(line);
	struct message *message = in_flight_find(in_flight, line, queue_id);

	if (message != NULL)
		end(in_flight, message);
	message = memory_must(calloc(1, sizeof *message));
	message->host = memory_must(strndup(line->host.bytes, line->host.len));
	message->instance = memory_must(strndup(instance.bytes, instance.len));
	message->queue_id = memory_must(strndup(queue_id.bytes, queue_id.len));
	message->node.hash = id_map_hash(line->host, queue_id);
	message->began_us = message->touched_us = time_us;
	attempts_init(&message->attempts);
	id_map_add(&in_flight->map, &message->node);
	chain_newest(&in_flight->waiting, message);
	in_flight_touch(in_flight, message, time_us);
	return message;
}

void in_flight_rename(struct in_flight *in_flight, struct message *message,
	const struct log_line *line, struct slice queue_id)
{
	struct message *other = in_flight_find(in_flight, line, queue_id);

	if (other == message)
		return;
	if (other != NULL)
		end(in_flight, other);
	id_map_remove(&in_flight->map, &message->node);
	free(message->queue_id);
	message->queue_id = memory_must(strndup(queue_id.bytes, queue_id.len));
	message->node.hash = id_map_hash(line->host, queue_id);
	id_map_add(&in_flight->map, &message->node);
}

static void end_older(
	struct in_flight *in_flight, struct chain *chain, int64_t than_us)
{
	while (chain->oldest != NULL && chain->oldest->touched_us < than_us)
		end(in_flight, chain->oldest);
}

void in_flight_touch(
	struct in_flight *in_flight, struct message *message, int64_t time_us)
{
	message->touched_us = time_us;
	unchain(chain_of(in_flight, message), message);
	chain_newest(chain_of(in_flight, message), message);
	end_older(in_flight, &in_flight->removed, time_us - removed_max_us);
	end_older(in_flight, &in_flight->waiting, time_us - silent_max_us);
}

void in_flight_remove(struct in_flight *in_flight, struct message *message)
{
	unchain(chain_of(in_flight, message), message);
	message->is_removed = true;
	chain_newest(&in_flight->removed, message);
}

void in_flight_lose(
	struct in_flight *in_flight, struct message *message, int64_t time_us)
{
	message->touched_us = time_us;
	message->is_lost = true;
	in_flight_remove(in_flight, message);
}

void in_flight_regain(struct in_flight *in_flight, struct message *message)
{
	if (!message->is_lost)
		return;
	unchain(&in_flight->removed, message);
	message->is_removed = message->is_lost = false;
	chain_newest(&in_flight->waiting, message);
}

void message_set_whole(struct message *message, struct fate *fate)
{
	free(message->whole);
	message->whole = fate;
	if (fate != NULL)
		fate->to = ""; /* one recipient's line may have said it */
}
