/* The maps, then addresses and their look-ups, then the steps of Postfix. */
#include "tests/unit/postfix_walk.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/cdb_reader.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ALIASES_MAX = 50 };

const char *postfix_answer_format(enum answer answer)
{
	static const char *const words[] = { "accepted", "verified", "550",
		"450" };

	return words[answer];
}

static struct cdb_reader *walk_open_map(
	struct arena *arena, const char *folder, const char *name)
{
	struct err err = { 0 };
	struct cdb_reader *reader = cdb_reader_open(
		arena_printf(arena, "%s/%s.cdb", folder, name), &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	return reader;
}

static void walk_add_rule(struct postfix *p, char *line)
{
	struct rule *rule = &p->rules[p->n_rules++];
	char *from = strchr(line, '/');
	char *to = from;

	ck_assert_uint_le(p->n_rules, RULES_MAX);
	rule->kind = line[0] == '/' ? RULE_MATCH
		: line[0] == 'i'    ? RULE_IF_NOT
				    : RULE_ENDIF;
	if (rule->kind == RULE_ENDIF) {
		ck_assert_str_eq(line, "endif");
		return;
	}
	ck_assert(line[0] == '/' || strncmp(line, "if !/", 5) == 0);
	do {
		to += *to == '\\' ? 2 : 1;
	} while (*to != '/');
	*to = '\0';
	ck_assert_str_eq(to + 1, rule->kind == RULE_MATCH ? " - -" : "");
	ck_assert_int_eq(
		regcomp(&rule->regex, from + 1, REG_EXTENDED | REG_ICASE), 0);
}

void postfix_open(struct postfix *p, const char *folder, const char *delimiters,
	struct arena *arena)
{
	size_t len;
	char *text = file_read(
		arena_printf(arena, "%s/relay_recipients.regexp", folder), &len,
		arena, NULL);

	*p = (struct postfix){ .arena = arena, .delimiters = delimiters };
	p->relay_domains = walk_open_map(arena, folder, "relay_domains");
	p->transport = walk_open_map(arena, folder, "transport");
	p->relay_recipients = walk_open_map(arena, folder, "relay_recipients");
	p->virtual_alias = walk_open_map(arena, folder, "virtual_alias");
	p->recipient_access = walk_open_map(arena, folder, "recipient_access");
	ck_assert_ptr_nonnull(text);
	while (text[0] != '\0')
		walk_add_rule(p, strsep(&text, "\n"));
}

void postfix_close(struct postfix *p)
{
	cdb_reader_close(&p->relay_domains);
	cdb_reader_close(&p->transport);
	cdb_reader_close(&p->relay_recipients);
	cdb_reader_close(&p->virtual_alias);
	cdb_reader_close(&p->recipient_access);
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].kind != RULE_ENDIF)
			regfree(&p->rules[i].regex);
}

bool walk_get(const char **value, const struct postfix *p,
	const struct cdb_reader *map, const char *key)
{
	const char *bytes;
	size_t len;
	const enum lookup found = cdb_reader_find(map, key, &bytes, &len);

	ck_assert_int_ne(found, LOOKUP_FAILED);
	if (found == LOOKUP_FOUND)
		*value = arena_strndup(p->arena, bytes, len);
	return found == LOOKUP_FOUND;
}

bool walk_matches(const struct postfix *p, const char *key)
{
	unsigned n_skipped = 0; /* ifs, one within the other */

	for (size_t i = 0; i < p->n_rules; i++) {
		const struct rule *rule = &p->rules[i];

		if (rule->kind == RULE_ENDIF) {
			n_skipped -= n_skipped > 0;
			continue;
		}
		const bool is_match =
			regexec(&rule->regex, key, 0, NULL, 0) == 0;

		if (rule->kind == RULE_IF_NOT)
			n_skipped += n_skipped > 0 || is_match;
		else if (n_skipped == 0 && is_match)
			return true;
	}
	return false;
}

/* quote_822_local(3) */
static const char *walk_quote(
	const struct postfix *p, const char *local, const char *domain)
{
	const size_t len = strlen(local);
	char *out = arena_alloc(p->arena, 2 * len + strlen(domain) + 4);
	char *at = out;
	bool is_plain = len > 0 && local[0] != '.' && local[len - 1] != '.' &&
		strstr(local, "..") == NULL;

	for (const char *c = local; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' ||
			strchr("()<>@,;:\\\"[]\x7f", *c) != NULL)
			is_plain = false;
	if (is_plain)
		return arena_printf(p->arena, "%s@%s", local, domain);
	*at++ = '"';
	for (const char *c = local; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			*at++ = '\\';
		*at++ = *c;
	}
	*at++ = '"';
	return arena_printf(p->arena, "%s@%s", out, domain);
}

/* split_addr(3): where the extension begins; the end: nowhere. */
static size_t walk_split(const struct postfix *p, const char *local)
{
	const size_t len = strlen(local);
	const size_t at = strcspn(local, p->delimiters);

	if (at == 0 || strcmp(local, "postmaster") == 0 ||
		strcmp(local, "mailer-daemon") == 0 ||
		strcmp(local, "double-bounce") == 0)
		return len;
	if (strchr(p->delimiters, '-') != NULL &&
		(strncmp(local, "owner-", 6) == 0 ||
			(len > 8 && strcmp(local + len - 8, "-request") == 0)))
		return len;
	return at;
}

/* mail_addr_find(3): which keys, in this order. */
enum {
	KEY_ADDRESS = 1,
	KEY_AT = 2, /* @domain */
	KEY_DOMAIN = 4,
	KEY_DOTTED = 8, /* .parent, .grandparent */
	KEY_BARE = 16, /* parent, grandparent */
};

struct walk_query {
	const struct cdb_reader *map;
	unsigned keys;
	bool with_rules;
};

struct walk_hit {
	const char *value;
	const char *extension; /* what was cut off to find it */
};

/* The quoted spelling, then the plain one. */
static bool walk_spellings(const char **value, const struct postfix *p,
	const struct walk_query *query, const char *local, const char *domain)
{
	const char *spellings[] = { walk_quote(p, local, domain),
		arena_printf(p->arena, "%s@%s", local, domain) };

	for (size_t i = 0; i < 2; i++) {
		if (walk_get(value, p, query->map, spellings[i]))
			return true;
		*value = "matched";
		if (query->with_rules && walk_matches(p, spellings[i]))
			return true;
	}
	return false;
}

static bool walk_find_domain(const char **value, const struct postfix *p,
	const struct walk_query *query, const char *domain)
{
	if (walk_get(value, p, query->map, domain))
		return true;
	for (const char *dot = strchr(domain, '.'); dot != NULL;
		dot = strchr(dot + 1, '.'))
		if (((query->keys & KEY_DOTTED) != 0 &&
			    walk_get(value, p, query->map, dot)) ||
			((query->keys & KEY_BARE) != 0 &&
				walk_get(value, p, query->map, dot + 1)))
			return true;
	return false;
}

/* Rules are asked for the whole address alone. */
static bool walk_find_base(struct walk_hit *hit, const struct postfix *p,
	const struct walk_query *query, const char *local, const char *domain)
{
	const struct walk_query fixed = { query->map, query->keys, false };
	const size_t at = walk_split(p, local);

	if (local[at] == '\0' ||
		!walk_spellings(&hit->value, p, &fixed,
			arena_strndup(p->arena, local, at), domain))
		return false;
	hit->extension = local + at;
	return true;
}

static bool walk_find(struct walk_hit *hit, const struct postfix *p,
	const struct walk_query *query, const char *local, const char *domain)
{
	hit->extension = "";
	if ((query->keys & KEY_ADDRESS) != 0 &&
		(walk_spellings(&hit->value, p, query, local, domain) ||
			walk_find_base(hit, p, query, local, domain)))
		return true;
	if ((query->keys & KEY_AT) != 0 &&
		walk_get(&hit->value, p, query->map,
			arena_printf(p->arena, "@%s", domain)))
		return true;
	return (query->keys & KEY_DOMAIN) != 0 &&
		walk_find_domain(&hit->value, p, query, domain);
}

static bool walk_unquote(const char **local, const char **domain,
	const char *address, struct arena *arena)
{
	const char *at = strrchr(address, '@');
	char *out;
	size_t len = 0;

	if (at == NULL)
		return false;
	*domain = at + 1;
	*local = arena_strndup(arena, address, (size_t)(at - address));
	if (address[0] != '"')
		return true;
	out = arena_strdup(arena, *local);
	for (const char *c = address + 1; c < at - 1; c++) {
		if (*c == '\\')
			c++;
		out[len++] = *c;
	}
	out[len] = '\0';
	*local = out;
	return true;
}

/* transport(5) */
static const char *walk_transport(
	const struct postfix *p, const char *local, const char *domain)
{
	const struct walk_query query = { p->transport,
		KEY_ADDRESS | KEY_DOMAIN | KEY_DOTTED, false };
	struct walk_hit hit;

	if (walk_find(&hit, p, &query, local, domain) ||
		walk_get(&hit.value, p, p->transport, "*"))
		return hit.value;
	return "";
}

/* virtual(5), once; false where nothing is found. */
static bool walk_alias(const char **out, const struct postfix *p,
	const char *local, const char *domain)
{
	const struct walk_query query = { p->virtual_alias,
		KEY_ADDRESS | KEY_AT, false };
	struct walk_hit hit;
	const char *new_local, *new_domain;

	if (!walk_find(&hit, p, &query, local, domain))
		return false;
	if (hit.value[0] == '@')
		hit.value = walk_quote(p,
			arena_strndup(p->arena, local,
				strlen(local) - strlen(hit.extension)),
			hit.value + 1);
	ck_assert(walk_unquote(&new_local, &new_domain, hit.value, p->arena));
	*out = walk_quote(p,
		arena_printf(p->arena, "%s%s", new_local, hit.extension),
		new_domain);
	return true;
}

/* cleanup(8): again until nothing changes; NULL: a ring. */
static const char *walk_aliases(
	const struct postfix *p, const char *local, const char *domain)
{
	const char *address = walk_quote(p, local, domain);
	const char *next;

	for (size_t i = 0; i < ALIASES_MAX; i++) {
		if (!walk_alias(&next, p, local, domain) ||
			strcasecmp(next, address) == 0)
			return address;
		address = next;
		ck_assert(walk_unquote(&local, &domain, address, p->arena));
	}
	return NULL;
}

/* What becomes of an unlisted recipient: smtpd's check_rcpt_maps(). */
static bool walk_is_somebody(const struct postfix *p, bool is_relayed,
	const char *local, const char *domain)
{
	const struct walk_query query = { p->relay_recipients,
		KEY_ADDRESS | KEY_AT, true };
	struct walk_hit hit;

	if (walk_alias(&hit.value, p, local, domain))
		return true;
	if (strncmp(walk_transport(p, local, domain), "error:", 6) == 0)
		return false;
	return !is_relayed || walk_find(&hit, p, &query, local, domain);
}

struct walked postfix_ask(
	const struct postfix *p, const char *local, const char *domain)
{
	const struct walk_query relay = { p->relay_domains,
		KEY_DOMAIN | KEY_DOTTED, false };
	const struct walk_query access = { p->recipient_access,
		KEY_ADDRESS | KEY_DOMAIN | KEY_BARE, false };
	struct walked out = { .answer = ANSWER_OK, .transport = "" };
	struct walk_hit hit;
	const char *action = "DUNNO";

	out.is_relayed = walk_find(&hit, p, &relay, local, domain);
	if (walk_find(&hit, p, &access, local, domain))
		action = hit.value;
	if (strncmp(action, "450 ", 4) == 0)
		out.answer = ANSWER_DEFERRED;
	else if (!walk_is_somebody(p, out.is_relayed, local, domain))
		out.answer = strncmp(action, "DEFER_IF_REJECT ", 16) == 0
			? ANSWER_DEFERRED
			: ANSWER_REFUSED;
	else if (strcmp(action, "reject_unverified_recipient") == 0)
		out.answer = ANSWER_VERIFIED;
	out.final = walk_aliases(p, local, domain);
	if (out.final != NULL &&
		walk_unquote(&local, &domain, out.final, p->arena))
		out.transport = walk_transport(p, local, domain);
	return out;
}
