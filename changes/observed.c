/*
 * What deliveries add: the way of what no verdict tells, and for both the
 * address that was made of the recipient, which verdicts do not have.
 */
#include "changes/observed.h"

#include "base/memory.h"
#include "base/text.h"
#include "verdicts/attempts.h"
#include "verdicts/log_address.h"

#include <stdlib.h>

static char *copy(const char *text)
{
	return memory_must(strdup(text));
}

static char *copy_value(
	const struct verdict_line *verdict, enum verdict_field field)
{
	struct text value;

	if (!verdict_has(verdict, field))
		return NULL;
	text_init(&value);
	text_adds(&value, "");
	verdict_value(&value, verdict, field);
	return value.data;
}

static bool take_words(struct observed *out, const struct verdict_line *line)
{
	const struct slice verdict = line->written[FIELD_VERDICT];
	const struct slice reason = line->written[FIELD_REASON];
	unsigned v = VERDICT_ACCEPT, r = REASON_LISTED;

	while (v <= VERDICT_PASS && !slice_is(verdict, verdict_format(v)))
		v++;
	while (r <= REASON_LOOKUP_FAILED && !slice_is(reason, reason_format(r)))
		r++;
	out->verdict = v;
	out->reason = r;
	return v <= VERDICT_PASS && r <= REASON_LOOKUP_FAILED;
}

struct observed *observed_of_verdict(const struct record *record)
{
	const struct verdict_line *line = &record->verdict;
	struct observed *observed = memory_must(calloc(1, sizeof *observed));
	struct text recipient;

	if (!take_words(observed, line)) {
		free(observed);
		return NULL;
	}
	text_init(&recipient);
	text_adds(&recipient, "");
	verdict_value(&recipient, line, FIELD_RECIPIENT);
	observed->source = OBSERVED_VERDICT;
	observed->time_us = record->time_us;
	observed->recipient = recipient.data;
	observed->len = recipient.len;
	observed->is_cut = verdict_is_cut(line, FIELD_RECIPIENT);
	observed->connector = copy_value(line, FIELD_CONNECTOR);
	if (!verdict_is_cut(line, FIELD_NEXTHOP))
		observed->nexthop = copy_value(line, FIELD_NEXTHOP);
	observed->client = observed_client_parse(line->written[FIELD_CLIENT]);
	return observed;
}

struct observed *observed_of_key(
	enum observed_source source, int64_t time_us, const char *key)
{
	struct observed *observed = memory_must(calloc(1, sizeof *observed));

	observed->source = source;
	observed->time_us = time_us;
	observed->recipient = copy(key);
	observed->len = strlen(key);
	observed->verdict = VERDICT_ACCEPT;
	return observed;
}

void observed_close(struct observed **observed)
{
	struct observed *old = *observed;

	if (old == NULL)
		return;
	free((void *)old->recipient);
	free((void *)old->connector);
	free((void *)old->nexthop);
	free((void *)old->relay);
	free((void *)old->to);
	free(old);
	*observed = NULL;
}

struct observed_client observed_client_parse(struct slice text)
{
	enum { ADDRESS_MAX = 64 };
	struct observed_client client = { .is_known = false };
	char address[ADDRESS_MAX] = "";
	const char *open = memrchr(text.bytes, '[', text.len);

	if (open != NULL && text.bytes[text.len - 1] == ']') {
		text.len--;
		text = slice_after(text, (size_t)(open + 1 - text.bytes));
	}
	if (text.len >= sizeof address)
		return client;
	memcpy(address, text.bytes, text.len);
	client.is_known = network_of_client(&client.network, address);
	return client;
}

/* What nobody was asked for is no way. */
static const char *way_of(const struct fate *fate)
{
	return strcmp(fate->system, "none") == 0 ? "" : fate->system;
}

/* Exchange says 5.1.10. */
static bool is_unknown_there(const struct fate *fate)
{
	return strcmp(fate->status, "bounced") == 0 &&
		(strcmp(fate->dsn, "5.1.1") == 0 ||
			strcmp(fate->dsn, "5.1.10") == 0);
}

/* False: it is another one than before. */
static bool note(const char **known, const char *text)
{
	if (*known == NULL && *text != '\0')
		*known = copy(text);
	return *text == '\0' || strcmp(*known, text) == 0;
}

void observed_add_attempt(
	struct observed *observed, const struct attempt *attempt)
{
	const bool is_same_to = note(&observed->to, attempt->to);
	const bool is_same_way = note(&observed->relay, way_of(attempt->fate));

	observed->is_several |= !is_same_to || !is_same_way;
	observed->is_bounced |= is_unknown_there(attempt->fate);
}
