/*
 * What Postfix 3.7 makes of the maps of a generation, written after its
 * manuals and not after our resolver: who is refused at RCPT, what virtual
 * aliases make of an address, by which transport it leaves.
 */
#ifndef TESTS_UNIT_POSTFIX_WALK_H
#define TESTS_UNIT_POSTFIX_WALK_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct cdb_reader;

enum { RULES_MAX = 64 };

/* One line of relay_recipients.regexp. */
struct rule {
	enum { RULE_IF_NOT, RULE_MATCH, RULE_ENDIF } kind;
	regex_t regex;
};

struct postfix {
	struct arena *arena;
	const char *delimiters; /* recipient_delimiter */
	struct cdb_reader *relay_domains, *transport, *relay_recipients,
		*virtual_alias, *recipient_access;
	struct rule rules[RULES_MAX];
	size_t n_rules;
};

enum answer {
	ANSWER_OK,
	ANSWER_VERIFIED, /* reject_unverified_recipient has the word */
	ANSWER_REFUSED, /* 550 */
	ANSWER_DEFERRED, /* 450 */
};

const char *postfix_answer_format(enum answer answer);

struct walked {
	bool is_relayed; /* in relay_domains: else strangers get 554 */
	enum answer answer; /* for clients that Postfix trusts */
	const char *final; /* NULL: a ring */
	const char *transport; /* of final; "" = none */
};

/* Of the generation in the folder; until postfix_close(). */
void postfix_open(struct postfix *p, const char *folder, const char *delimiters,
	struct arena *arena);

void postfix_close(struct postfix *p);

/* False: the map has no such key. */
bool walk_get(const char **value, const struct postfix *p,
	const struct cdb_reader *map, const char *key);

/* regexp_table(5) */
bool walk_matches(const struct postfix *p, const char *key);

/* local and domain as Postfix folds them. */
struct walked postfix_ask(
	const struct postfix *p, const char *local, const char *domain);

#endif
