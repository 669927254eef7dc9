/*
 * One walk over the line, field by field in their one order, so a field is
 * found by its place, never by a search that a value could answer.  Nothing
 * is taken that the writer would not have written: so what a syslog daemon
 * cut, joined or damaged is told from a whole line nearly everywhere (cut
 * within the digits of us= or right before shadow=yes, it is another line).
 */
#include "verdicts/verdict.h"

#include "base/printable.h"
#include "base/text.h"

#include <endian.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#define NAME(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct slice names[VERDICT_FIELDS] = {
	[FIELD_VERDICT] = NAME("verdict"),
	[FIELD_REASON] = NAME("reason"),
	[FIELD_RECIPIENT] = NAME("recipient"),
	[FIELD_DOMAIN] = NAME("domain"),
	[FIELD_TYPE] = NAME("type"),
	[FIELD_CONNECTOR] = NAME("connector"),
	[FIELD_NEXTHOP] = NAME("nexthop"),
	[FIELD_DIRECTORY] = NAME("directory"),
	[FIELD_CLIENT] = NAME("client"),
	[FIELD_SENDER] = NAME("sender"),
	[FIELD_QUEUE_ID] = NAME("queue_id"),
	[FIELD_INSTANCE] = NAME("instance"),
	[FIELD_GENERATION] = NAME("generation"),
	[FIELD_REPLY] = NAME("reply"),
	[FIELD_US] = NAME("us"),
	[FIELD_SHADOW] = NAME("shadow"),
};

const char *verdict_field_name(enum verdict_field field)
{
	return names[field].bytes;
}

/* "message repeated 3 times: [ verdict=...]" is how rsyslog saves lines. */
static struct slice without_repetition(struct slice message)
{
	static const char repeated[] = "message repeated ";
	static const char times[] = " times: [ ";
	size_t digits = sizeof repeated - 1;

	if (!slice_starts(message, repeated))
		return message;
	while (digits < message.len && message.bytes[digits] >= '0' &&
		message.bytes[digits] <= '9')
		digits++;
	const struct slice rest = slice_after(message, digits);

	return slice_starts(rest, times) ? slice_after(rest, sizeof times - 1)
					 : message;
}

bool verdict_begins(struct slice message)
{
	return slice_starts(message, "verdict=") ||
		slice_starts(without_repetition(message), "verdict=");
}

/* For what a constant parameter makes simple: a name, a rule.  Where branches
   are counted, they are those of the function and not of each copy. */
#ifdef HAS_COVERAGE
#define INLINE static
#else
#define INLINE static inline __attribute__((always_inline))
#endif

static bool is_address(enum verdict_field field)
{
	return field == FIELD_RECIPIENT || field == FIELD_SENDER;
}

/*
 * Eight bytes at a time, each in its own eight bits: no sum below carries
 * into the next byte, as both sides lack the high bit.  In what they return
 * the high bit of a byte is 0 where it is such a byte.
 */
#define EACH(byte) (0x0101010101010101u * (byte))

INLINE uint64_t none_below(uint64_t bytes, unsigned char least)
{
	return bytes + EACH(0x80u - least);
}

INLINE uint64_t none_of(
	uint64_t bytes, unsigned char first, unsigned char count)
{
	return none_below(bytes ^ EACH(first), count);
}

/* A high bit for each byte but printable ASCII without " ' < = > \ blank */
INLINE uint64_t ends_of_plain(uint64_t bytes)
{
	const uint64_t low = bytes & EACH(0x7fu);
	const uint64_t none = none_below(low, 0x21) & none_of(low, '"', 1) &
		none_of(low, '\'', 1) & none_of(low, '<', 3) &
		none_of(low, '\\', 1) & none_of(low, 0x7f, 1);

	return (~none | bytes) & EACH(0x80u);
}

/* Within quotes more is itself: printable ASCII without " and \ */
INLINE uint64_t ends_of_quoted(uint64_t bytes)
{
	const uint64_t low = bytes & EACH(0x7fu);
	const uint64_t none = none_below(low, 0x20) & none_of(low, '"', 1) &
		none_of(low, '\\', 1) & none_of(low, 0x7f, 1);

	return (~none | bytes) & EACH(0x80u);
}

/* The first eight bytes; a NUL, which ends all, for each that is missing. */
INLINE uint64_t eight_bytes(const char *at, const char *end)
{
	uint64_t bytes = 0;

	if (end - at >= 8)
		memcpy(&bytes, at, 8);
	else
		memcpy(&bytes, at, (size_t)(end - at));
	return le64toh(bytes);
}

/* Past printable UTF-8 up to one of the ends, *at == end among them. */
INLINE const char *skip(
	const char *at, const char *end, uint64_t (*ends_of)(uint64_t))
{
	for (;;) {
		uint64_t ends;

		while ((ends = ends_of(eight_bytes(at, end))) == 0)
			at += 8;
		at += __builtin_ctzll(ends) / 8;
		if (at == end || (unsigned char)*at < 0x80)
			return at;
		const size_t len = printable_len(at, (size_t)(end - at));

		if (len == 0)
			return at;
		at += len;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of the escape at a backslash; 0 = none that is written. */
static size_t escape_len(const char *at, const char *end)
{
	if (end - at >= 2 && (at[1] == '"' || at[1] == '\\'))
		return 2;
	return end - at >= 4 && at[1] == 'x' && hex_digit(at[2]) >= 0 &&
			hex_digit(at[3]) >= 0
		? 4
		: 0;
}

/* Behind the closing quote and the dots of a cut; NULL where there is none. */
static const char *skip_quoted(const char *at, const char *end, bool is_address)
{
	const char *inside = at + 1;
	size_t escape;

	at = skip(inside, end, ends_of_quoted);
	while (at < end && *at == '\\') {
		escape = escape_len(at, end);
		if (escape == 0)
			return NULL;
		at = skip(at + escape, end, ends_of_quoted);
	}
	if (at == end || *at != '"' || at == inside)
		return NULL;
	if (is_address && (*inside != '<' || at[-1] != '>'))
		return NULL;
	at++;
	return end - at >= 3 && memcmp(at, "...", 3) == 0 ? at + 3 : at;
}

static const char *skip_address(const char *at, const char *end)
{
	if (at == end)
		return NULL;
	if (*at == '"')
		return skip_quoted(at, end, true);
	if (*at != '<')
		return NULL;
	at = skip(at + 1, end, ends_of_plain);
	return at < end && *at == '>' ? at + 1 : NULL;
}

static const char *skip_text(const char *at, const char *end)
{
	if (at < end && *at == '"')
		return skip_quoted(at, end, false);
	return skip(at, end, ends_of_plain);
}

/* One of policyd's own: letters, and hyphens between them. */
static const char *skip_word(const char *at, const char *end)
{
	while (at < end && ((*at >= 'a' && *at <= 'z') || *at == '-'))
		at++;
	return at;
}

static const char *skip_number(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at - start > 1 && *start == '0' ? NULL : at;
}

static const char *skip_yes(const char *at, const char *end)
{
	return end - at >= 3 && memcmp(at, "yes", 3) == 0 ? at + 3 : NULL;
}

struct walk {
	struct verdict_line *out;
	const char *at, *end;
};

INLINE bool same_four(const char *a, const char *b)
{
	return memcmp(a, b, 4) == 0;
}

INLINE bool same_eight(const char *a, const char *b)
{
	return memcmp(a, b, 8) == 0;
}

/* For 4 to 16 bytes: two looks that may overlap, and no call. */
INLINE bool same_name(const char *at, struct slice name)
{
	const size_t len = name.len;

	return len < 8 ? same_four(at, name.bytes) &&
			same_four(at + len - 4, name.bytes + len - 4)
		       : same_eight(at, name.bytes) &&
			same_eight(at + len - 8, name.bytes + len - 8);
}

/* " name=value", the value by its own rule and never empty. */
INLINE bool take(struct walk *walk, enum verdict_field field, struct slice name,
	const char *(*skip_value)(const char *, const char *))
{
	const char *value = walk->at + name.len;

	if ((size_t)(walk->end - walk->at) <= name.len ||
		!same_name(walk->at, name))
		return false;
	walk->at = skip_value(value, walk->end);
	if (walk->at == NULL || walk->at == value)
		return false;
	walk->out->written[field] =
		(struct slice){ value, (size_t)(walk->at - value) };
	return true;
}

#define TAKE(walk, field, name, skip_value) \
	take(walk, field, (struct slice){ name, sizeof name - 1 }, skip_value)

bool verdict_parse(struct verdict_line *out, struct slice message)
{
	struct walk *w = &(
		struct walk){ out, message.bytes, message.bytes + message.len };

	if (!TAKE(w, FIELD_VERDICT, "verdict=", skip_word) ||
		!TAKE(w, FIELD_REASON, " reason=", skip_word) ||
		!TAKE(w, FIELD_RECIPIENT, " recipient=", skip_address) ||
		!TAKE(w, FIELD_DOMAIN, " domain=", skip_text) ||
		!TAKE(w, FIELD_TYPE, " type=", skip_word) ||
		!TAKE(w, FIELD_CONNECTOR, " connector=", skip_text) ||
		!TAKE(w, FIELD_NEXTHOP, " nexthop=", skip_text) ||
		!TAKE(w, FIELD_DIRECTORY, " directory=", skip_text) ||
		!TAKE(w, FIELD_CLIENT, " client=", skip_text) ||
		!TAKE(w, FIELD_SENDER, " sender=", skip_address) ||
		!TAKE(w, FIELD_QUEUE_ID, " queue_id=", skip_text) ||
		!TAKE(w, FIELD_INSTANCE, " instance=", skip_text) ||
		!TAKE(w, FIELD_GENERATION, " generation=", skip_number) ||
		!TAKE(w, FIELD_REPLY, " reply=", skip_text) ||
		!TAKE(w, FIELD_US, " us=", skip_number))
		return false;
	out->written[FIELD_SHADOW] = (struct slice){ "-", 1 };
	return w->at == w->end ||
		(TAKE(w, FIELD_SHADOW, " shadow=", skip_yes) &&
			w->at == w->end);
}

bool verdict_has(const struct verdict_line *verdict, enum verdict_field field)
{
	return !slice_is(verdict->written[field], "-");
}

bool verdict_is_cut(
	const struct verdict_line *verdict, enum verdict_field field)
{
	const struct slice written = verdict->written[field];

	return written.len > 3 && written.bytes[0] == '"' &&
		written.bytes[written.len - 1] == '.';
}

/* What stands within the quotes, if any, and within the angles. */
static struct slice inside(const struct verdict_line *verdict,
	enum verdict_field field, bool *quoted)
{
	struct slice value = verdict->written[field];

	*quoted = value.len > 0 && value.bytes[0] == '"';
	if (verdict_is_cut(verdict, field))
		value.len -= 3;
	if (*quoted)
		value = (struct slice){ value.bytes + 1, value.len - 2 };
	if (is_address(field) && value.len >= 2 && value.bytes[0] == '<')
		value = (struct slice){ value.bytes + 1, value.len - 2 };
	return value;
}

/* The byte that the escape at a backslash stands for; bytes it took. */
static size_t unescape(char *out, const char *at)
{
	if (at[1] != 'x') {
		*out = at[1];
		return 2;
	}
	*out = (char)(hex_digit(at[2]) * 16 + hex_digit(at[3]));
	return 4;
}

void verdict_value(struct text *out, const struct verdict_line *verdict,
	enum verdict_field field)
{
	bool is_quoted;

	if (!verdict_has(verdict, field))
		return;
	struct slice value = inside(verdict, field, &is_quoted);
	const char *escape;

	while (is_quoted &&
		(escape = memchr(value.bytes, '\\', value.len)) != NULL) {
		char byte;

		text_add(out, value.bytes, (size_t)(escape - value.bytes));
		escape += unescape(&byte, escape);
		text_add(out, &byte, 1);
		value = slice_after(value, (size_t)(escape - value.bytes));
	}
	text_add(out, value.bytes, value.len);
}

unsigned long verdict_number(
	const struct verdict_line *verdict, enum verdict_field field)
{
	const struct slice written = verdict->written[field];
	unsigned long number = 0;

	for (size_t i = 0; i < written.len; i++) {
		const unsigned digit = (unsigned)(written.bytes[i] - '0');

		if (digit > 9 || number > (ULONG_MAX - digit) / 10)
			return 0;
		number = number * 10 + digit;
	}
	return number;
}

static size_t shown_len(struct slice bytes)
{
	return bytes.bytes[0] == '\\' ? 0
				      : printable_len(bytes.bytes, bytes.len);
}

void verdict_show(struct text *out, struct slice bytes)
{
	while (bytes.len > 0) {
		size_t run = 0;
		size_t len;

		while (run < bytes.len &&
			(len = shown_len(slice_after(bytes, run))) > 0)
			run += len;
		text_add(out, bytes.bytes, run);
		bytes = slice_after(bytes, run);
		if (bytes.len == 0)
			return;
		text_addf(out, "\\x%02x", (unsigned char)bytes.bytes[0]);
		bytes = slice_after(bytes, 1);
	}
}
