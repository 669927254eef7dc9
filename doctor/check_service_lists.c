/*
 * The contract: policyd and then recipient_access at the head of
 * smtpd_recipient_restrictions, before anybody is let through, and nowhere
 * else.  So a permit of policyd's could never be one to relay.
 */
#include "base/arena.h"
#include "base/text.h"
#include "doctor/asked.h"
#include "doctor/check_service.h"
#include "doctor/fix.h"
#include "doctor/our_maps.h"

#include <string.h>
#include <strings.h>

#define ACCESS "check_recipient_access"

/* What the list was written as, where it says so itself; else as it is run. */
static struct restrictions editable(const struct smtpd_list *list,
	const struct asked *asked, const struct examination *examination)
{
	const size_t at = asked_place(asked, &list->written, examination);

	return at < list->written.count ||
			asked_place(asked, &list->run, examination) ==
				list->run.count
		? list->written
		: list->run;
}

static const char *fix_list(const struct smtpd_list *list,
	const struct restrictions *words, struct arena *arena)
{
	return fix_set(list->service, list->name,
		restrictions_format(words, arena), arena);
}

/* Where the map is asked; is_other: one of another state folder. */
static size_t access_place(
	const struct restrictions *list, const char *map, bool *is_other)
{
	const char *name = strrchr(map, '/');
	size_t at = restrictions_find(list, ACCESS, 0);

	for (; at + 1 < list->count;
		at = restrictions_find(list, ACCESS, at + 1)) {
		const char *word = list->words[at + 1];
		const char *end = strrchr(word, '/');

		*is_other = strcmp(word, map) != 0;
		if (!*is_other || (end != NULL && text_starts(end, name)))
			return at;
	}
	return list->count;
}

static void take_pair(struct restrictions *list, size_t at, struct arena *arena)
{
	if (at + 1 < list->count)
		restrictions_replace(list, at, 2, NULL, arena);
}

/*
 * The list with policyd, with the options that it has, and recipient_access
 * at its head.
 */
static const char *fix_head(const struct smtpd_list *list,
	const struct asked *asked, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	struct restrictions words = editable(list, asked, examination);
	const size_t at = asked_place(asked, &words, examination);
	const char *map = our_maps_access(examination);
	bool is_other;
	const char *head[] = { "check_policy_service",
		at + 1 < words.count
			? words.words[at + 1]
			: arena_printf(arena,
				  "{ %s, default_action=DUNNO, timeout=5s }",
				  asked->endpoint),
		ACCESS, map };
	const struct restrictions first = { head, 4 };

	take_pair(&words, at, arena);
	take_pair(&words, access_place(&words, map, &is_other), arena);
	restrictions_replace(&words, 0, 0, &first, arena);
	return fix_list(list, &words, arena);
}

/* The first before that place that lets somebody through; NULL: none. */
static const char *permit_before(const struct restrictions *list, size_t place)
{
	for (size_t i = 0; i < place && i < list->count; i++)
		if (strncasecmp(list->words[i], "permit", 6) == 0)
			return list->words[i];
	return NULL;
}

void service_is_asked(struct examination *examination)
{
	struct asked asked;
	struct smtpd_list list;

	asked_find(&asked, examination);
	smtpd_list_of(&list, examination->instance, NULL, SMTPD_RECIPIENT_LIST,
		examination->arena);
	if (asked_place(&asked, &list.run, examination) < list.run.count)
		return;
	check_found(examination, SEVERITY_WARNING, list.subject,
		fix_head(&list, &asked, examination),
		"smtpd asks no policyd there: loops are not stopped, no reply "
		"says why, and no verdict is logged");
}

static void check_guard(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const char *last[] = { "reject_unauth_destination" };
	const struct restrictions guard = { last, 1 };
	const size_t at = asked_place(asked, &list->run, examination);

	if (at == list->run.count || at > smtpd_guard_place(&list->run))
		return;
	struct restrictions words = editable(list, asked, examination);

	take_pair(&words, asked_place(asked, &words, examination),
		examination->arena);
	if (smtpd_guard_place(&words) == words.count)
		restrictions_replace(
			&words, words.count, 0, &guard, examination->arena);
	check_found(examination, SEVERITY_ERROR, list->subject,
		fix_list(list, &words, examination->arena),
		"policyd is asked before reject_unauth_destination: any answer "
		"that permits would make an open relay; it belongs "
		"in " SMTPD_RECIPIENT_LIST);
}

void service_is_behind_guard(struct examination *examination)
{
	asked_each(examination, SMTPD_RELAY_LIST, check_guard);
}

static void check_permits(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const size_t at = asked_place(asked, &list->run, examination);
	const char *permit = permit_before(&list->run, at);

	if (at == list->run.count || permit == NULL)
		return;
	check_found(examination, SEVERITY_WARNING, list->subject,
		fix_head(list, asked, examination),
		"%s stands before policyd: recipients of whom it lets through "
		"are not judged, and loops of inner systems are not stopped",
		permit);
}

void service_is_before_permits(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_permits);
}

static void check_elsewhere(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	struct restrictions words = editable(list, asked, examination);
	const size_t at = asked_place(asked, &words, examination);

	if (at == words.count || strcmp(list->name, SMTPD_RECIPIENT_LIST) == 0)
		return;
	/* Before the guard is worse, and told by its own check. */
	if (strcmp(list->name, SMTPD_RELAY_LIST) == 0 &&
		asked_place(asked, &list->run, examination) <
			smtpd_guard_place(&list->run))
		return;
	take_pair(&words, at, examination->arena);
	check_found(examination, SEVERITY_WARNING, list->subject,
		fix_list(list, &words, examination->arena),
		"policyd is asked there too: each recipient is judged and "
		"logged more than once; once, in %s, is enough",
		SMTPD_RECIPIENT_LIST);
}

void service_is_nowhere_else(struct examination *examination)
{
	asked_each_name(examination, check_elsewhere);
}

/* NULL: it is where it should be. */
static const char *access_fault(
	const struct restrictions *list, const char *map, size_t policyd)
{
	bool is_other = false;
	const size_t at = access_place(list, map, &is_other);

	if (at == list->count)
		return "is not asked: recipients that can not be judged now "
		       "are refused for good, and those of a domain with "
		       "recipient-filter = verify are all accepted";
	if (is_other)
		return "is another state folder's there: what is published "
		       "here is not asked";
	if (restrictions_find(list, "reject_unlisted_recipient", 0) < at)
		return "is asked behind reject_unlisted_recipient: recipients "
		       "that can not be judged now are refused for good";
	if (at < policyd && policyd < list->count)
		return "is asked before policyd, whose refusals may then "
		       "become deferrals; it belongs behind it";
	/* Where policyd is behind it too, that is said by its own check. */
	if (permit_before(list, at) != NULL &&
		(policyd == list->count ||
			permit_before(list, policyd) == NULL))
		return "is asked behind a permit: insiders are not held to it";
	return NULL;
}

static void check_access(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const char *map = our_maps_access(examination);
	const size_t at = asked_place(asked, &list->run, examination);
	const char *fault = access_fault(&list->run, map, at);

	/* That a listener asks nobody is said by its own check. */
	if (fault == NULL || (at == list->run.count && list->service != NULL))
		return;
	check_found(examination, SEVERITY_ERROR, list->subject,
		fix_head(list, asked, examination), ACCESS " %s %s", map,
		fault);
}

void service_access_is_asked(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_access);
}
