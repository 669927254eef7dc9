/*
 * Defaults are those of smtpd_policy_service_*, which main.cf may set.  A
 * line that mends one option mends what else is wrong in the same braces,
 * so that it does not matter which of several is run last.
 */
#include "base/arena.h"
#include "base/text.h"
#include "doctor/asked.h"
#include "doctor/check_service.h"
#include "doctor/fix.h"

#include <string.h>
#include <strings.h>

#define ASK "check_policy_service"

/* Twice of this and one second is what a hung policyd costs a recipient. */
enum { TIMEOUT_MAX_S = 10 };

static const char *option(const struct policy_service *service,
	const char *name, const struct examination *examination)
{
	const char *own = policy_service_option(service, name);
	const char *usual = instance_value(examination->instance,
		arena_printf(
			examination->arena, "smtpd_policy_service_%s", name));

	return own != NULL ? own : usual == NULL ? "" : usual;
}

static bool is_long(const char *timeout)
{
	unsigned long seconds;

	return !text_to_duration(&seconds, timeout) ||
		seconds > TIMEOUT_MAX_S || seconds == 0;
}

/* What smtpd takes for leave to go on with no further question. */
static bool is_permit(const char *action)
{
	const size_t word = strcspn(action, " ");

	return action[strspn(action, "0123456789")] == '\0' ||
		(word == 2 && strncasecmp(action, "OK", 2) == 0) ||
		(word == 5 && strncasecmp(action, "RELAY", 5) == 0) ||
		strncasecmp(action, "permit", 6) == 0;
}

/*
 * The list lets strangers relay at that place, where what is asked there
 * permits: before the guard, or in a list that has none.
 */
static bool is_unguarded(const struct smtpd_list *list, size_t at,
	const struct examination *examination)
{
	struct smtpd_list relays;

	if (strcmp(list->name, SMTPD_RELAY_LIST) == 0)
		return at < smtpd_guard_place(&list->run);
	if (strcmp(list->name, SMTPD_RECIPIENT_LIST) != 0 ||
		at > smtpd_guard_place(&list->run))
		return false;
	smtpd_list_of(&relays, examination->instance, list->service,
		SMTPD_RELAY_LIST, examination->arena);
	return smtpd_guard_place(&relays.run) == relays.run.count;
}

/* The list with the options at that place as they should be. */
static const char *fix_options(const struct smtpd_list *list, size_t at,
	bool is_ours, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	struct restrictions words = list->written;
	struct policy_service service;
	const char *argument = list->run.words[at + 1];
	size_t place = restrictions_find(&words, argument, 0);

	if (place == words.count) {
		words = list->run;
		place = at + 1;
	}
	policy_service_parse(&service, argument, arena);
	const char *action = option(&service, "default_action", examination);

	if (is_ours ? strcasecmp(action, "DUNNO") != 0
		    : is_permit(action) && is_unguarded(list, at, examination))
		policy_service_set(&service, "default_action", "DUNNO");
	if (is_ours && is_long(option(&service, "timeout", examination)))
		policy_service_set(&service, "timeout", "5s");
	if (is_ours &&
		strcmp(option(&service, "try_limit", examination), "1") == 0)
		policy_service_set(&service, "try_limit", "2");
	const char *mended = policy_service_format(&service, arena);
	const struct restrictions with = { &mended, 1 };

	restrictions_replace(&words, place, 1, &with, arena);
	return fix_set(list->service, list->name,
		restrictions_format(&words, arena), arena);
}

/* What policyd is asked with in that list; NULL: it is not. */
static const char *own_option(const struct asked *asked,
	const struct smtpd_list *list, const char *name,
	const struct examination *examination)
{
	const size_t at = asked_place(asked, &list->run, examination);
	struct policy_service service;

	if (at + 1 >= list->run.count)
		return NULL;
	asked_parse(&service, &list->run, at, examination);
	return option(&service, name, examination);
}

static const char *fix_own(const struct asked *asked,
	const struct smtpd_list *list, const struct examination *examination)
{
	return fix_options(list, asked_place(asked, &list->run, examination),
		true, examination);
}

static void check_syntax(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const size_t ours = asked_place(asked, &list->run, examination);
	size_t at = restrictions_find(&list->run, ASK, 0);

	for (; at + 1 < list->run.count;
		at = restrictions_find(&list->run, ASK, at + 1)) {
		struct policy_service service;

		asked_parse(&service, &list->run, at, examination);
		if (service.fault != NULL)
			check_found(examination, SEVERITY_ERROR, list->subject,
				fix_options(list, at, at == ours, examination),
				"smtpd does not start: it does not understand "
				"\"%s\" among the options of %s; no blanks "
				"stand around \"=\" there",
				service.fault, service.endpoint);
	}
}

void service_options_are_understood(struct examination *examination)
{
	asked_each_name(examination, check_syntax);
}

static void check_default(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const char *action =
		own_option(asked, list, "default_action", examination);

	if (action == NULL || strcasecmp(action, "DUNNO") == 0)
		return;
	check_found(examination, SEVERITY_ERROR, list->subject,
		fix_own(asked, list, examination),
		is_permit(action)
			? "with policyd away, default_action=%s lets everybody "
			  "past the restrictions behind it; DUNNO leaves it to "
			  "the maps, which are right"
			: "with policyd away, default_action is \"%s\" for "
			  "every recipient; DUNNO leaves it to the maps, which "
			  "are right",
		action);
}

void service_default_is_safe(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_default);
}

static void check_others(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const size_t ours = asked_place(asked, &list->run, examination);
	size_t at = restrictions_find(&list->run, ASK, 0);

	for (; at + 1 < list->run.count;
		at = restrictions_find(&list->run, ASK, at + 1)) {
		struct policy_service service;

		asked_parse(&service, &list->run, at, examination);
		const char *action =
			option(&service, "default_action", examination);

		if (at != ours && is_permit(action) &&
			is_unguarded(list, at, examination))
			check_found(examination, SEVERITY_ERROR, list->subject,
				fix_options(list, at, false, examination),
				"with %s away, default_action=%s lets "
				"strangers relay: no reject_unauth_destination "
				"stands before it",
				service.endpoint, action);
	}
}

void service_others_are_safe(struct examination *examination)
{
	asked_each(examination, SMTPD_RELAY_LIST, check_others);
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_others);
}

static void check_timeout(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const char *timeout = own_option(asked, list, "timeout", examination);

	if (timeout != NULL && is_long(timeout))
		check_found(examination, SEVERITY_WARNING, list->subject,
			fix_own(asked, list, examination),
			"the timeout is %s: a policyd that hangs costs twice "
			"that and one second for each recipient; 5s is plenty",
			timeout);
}

void service_timeout_is_short(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_timeout);
}

static void check_tries(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const char *limit = own_option(asked, list, "try_limit", examination);

	if (limit != NULL && strcmp(limit, "1") == 0)
		check_found(examination, SEVERITY_WARNING, list->subject,
			fix_own(asked, list, examination),
			"try_limit=1: after one timeout smtpd never opens the "
			"stream anew, and asks policyd no more as long as that "
			"process lives; 2 is the default");
}

void service_is_tried_twice(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_tries);
}
