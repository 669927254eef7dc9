/*
 * What master.cf overrides with -o.  A listener on loopback behind a content
 * filter is right to judge nobody a second time: then the client is the
 * filter, and the recipients were judged when the mail came in.
 */
#include "base/arena.h"
#include "base/text.h"
#include "doctor/asked.h"
#include "doctor/check_service.h"
#include "doctor/fix.h"

#include <string.h>
#include <strings.h>

#define OVERRIDES "receive_override_options"

static bool is_smtpd(const struct service *service)
{
	return strcmp(service->command, "smtpd") == 0;
}

/* It stands there, and nothing that lets everybody through before it. */
static bool is_guard(const struct restrictions *list, size_t end)
{
	const size_t permit = smtpd_permit_place(list);

	return smtpd_guard_place(list) < (permit < end ? permit : end);
}

/* policyd is taken out, as the check says that finds it before the guard. */
static const char *fix_guard(const struct smtpd_list *relay,
	const struct asked *asked, const struct examination *examination)
{
	static const char *usual[] = { "permit_mynetworks",
		"permit_sasl_authenticated", "reject_unauth_destination" };
	struct arena *arena = examination->arena;
	/* A permit that a class has is not among what was written. */
	struct restrictions words =
		is_guard(&relay->written, relay->written.count)
		? relay->run
		: relay->written;
	const struct restrictions all = { usual, 3 }, last = { usual + 2, 1 };
	const size_t permit = smtpd_permit_place(&words);
	const bool is_table = permit > 0 && permit < words.count &&
		strchr(words.words[permit], ':') != NULL;

	/* Not all of them, where only what comes before it was meant. */
	if (relay->service != NULL && words.count == 0)
		return fix_unset(relay->service, relay->name, arena);
	if (permit < words.count)
		restrictions_replace(
			&words, permit - is_table, 1U + is_table, NULL, arena);
	const size_t ours = asked_place(asked, &words, examination);

	if (ours + 1 < words.count)
		restrictions_replace(&words, ours, 2, NULL, arena);
	if (words.count == 0)
		words = all;
	else if (!is_guard(&words, words.count))
		restrictions_replace(&words, words.count, 0, &last, arena);
	return fix_set(relay->service, relay->name,
		restrictions_format(&words, arena), arena);
}

/* service NULL: as main.cf has it. */
static void check_guard(struct examination *examination,
	const struct asked *asked, const struct service *service)
{
	struct arena *arena = examination->arena;
	struct smtpd_list relay, recipient;

	smtpd_list_of(&relay, examination->instance, service, SMTPD_RELAY_LIST,
		arena);
	smtpd_list_of(&recipient, examination->instance, service,
		SMTPD_RECIPIENT_LIST, arena);
	/* What policyd permits, the list behind it does not see. */
	if (is_guard(&relay.run, relay.run.count) ||
		is_guard(&recipient.run,
			asked_place(asked, &recipient.run, examination)))
		return;
	check_found(examination, SEVERITY_ERROR,
		service == NULL ? SMTPD_RELAY_LIST
				: arena_printf(arena, "%s/%s/" SMTPD_RELAY_LIST,
					  service->name, service->type),
		fix_guard(&relay, asked, examination),
		"reject_unauth_destination does not stand there, or behind a "
		"permit: strangers can relay to anywhere, or one answer of a "
		"policy service is enough for it");
}

void service_relays_are_guarded(struct examination *examination)
{
	const struct instance *instance = examination->instance;
	struct asked asked;

	asked_find(&asked, examination);
	check_guard(examination, &asked, NULL);
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);

		if (is_smtpd(service) &&
			(instance_service_overrides(
				 instance, service, SMTPD_RELAY_LIST) ||
				instance_service_overrides(instance, service,
					SMTPD_RECIPIENT_LIST)))
			check_guard(examination, &asked, service);
	}
}

/*
 * Without it main.cf's list is run, which may count on a guard before it.  A
 * list that was the guard itself becomes the one for relaying, and first.
 */
static const char *fix_listener(
	const struct smtpd_list *list, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *unset = fix_unset(list->service, list->name, arena);
	struct smtpd_list relay;

	smtpd_list_of(&relay, examination->instance, list->service,
		SMTPD_RELAY_LIST, arena);
	if (is_guard(&relay.run, relay.run.count) ||
		!is_guard(&list->run, list->run.count))
		return unset;
	const char *set = fix_set(list->service, SMTPD_RELAY_LIST,
		restrictions_format(&list->written, arena), arena);

	return set[0] == '\0' ? "" : arena_printf(arena, "%s\n%s", set, unset);
}

static void check_listener(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	if (list->service == NULL ||
		smtpd_is_behind_filter(examination->instance, list->service,
			examination->arena) ||
		asked_place(asked, &list->run, examination) < list->run.count)
		return;
	check_found(examination, SEVERITY_WARNING, list->subject,
		fix_listener(list, examination),
		"this listener has a list of its own, without policyd: what "
		"comes in there is not judged, and typing errors are no "
		"refusals but bounces");
}

void service_listeners_ask(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_listener);
}

static void check_unknowns(
	struct examination *examination, const struct service *service)
{
	static const char option[] = "no_unknown_recipient_checks";
	struct arena *arena = examination->arena;
	struct smtpd_list list;

	smtpd_list_of(&list, examination->instance, service, OVERRIDES, arena);
	const size_t at = restrictions_find(&list.run, option, 0);

	if (at == list.run.count)
		return;
	restrictions_replace(&list.run, at, 1, NULL, arena);
	check_found(examination, SEVERITY_ERROR, list.subject,
		list.run.count == 0
			? fix_unset(service, OVERRIDES, arena)
			: fix_set(service, OVERRIDES,
				  restrictions_format(&list.run, arena), arena),
		"%s: recipients whom nobody has are accepted there, and their "
		"mail bounces to senders who may be forged",
		option);
}

void service_unknowns_are_refused(struct examination *examination)
{
	const struct instance *instance = examination->instance;

	check_unknowns(examination, NULL);
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);

		if (is_smtpd(service) &&
			instance_service_overrides(
				instance, service, OVERRIDES) &&
			!smtpd_is_behind_filter(
				instance, service, examination->arena))
			check_unknowns(examination, service);
	}
}
