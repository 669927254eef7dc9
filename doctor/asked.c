/*
 * Told by what master.cf runs, else by its name, else by being alone, else by
 * recipient_access, which stands behind it and behind nobody else.
 */
#include "doctor/asked.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/spawned.h"

#include <string.h>
#include <strings.h>

#define ASKS "check_policy_service"
#define USUAL "unix:private/policyd"

const char *asked_endpoint(
	const struct examination *examination, const char *endpoint)
{
	const char *queue =
		instance_value(examination->instance, "queue_directory");
	const char *path = strchr(endpoint, ':');

	if (queue == NULL || path == NULL || !text_starts(endpoint, "unix:") ||
		!text_starts(path + 1, queue) || path[1 + strlen(queue)] != '/')
		return endpoint;
	return arena_printf(
		examination->arena, "unix:%s", path + 1 + strlen(queue) + 1);
}

void asked_parse(struct policy_service *out, const struct restrictions *list,
	size_t place, const struct examination *examination)
{
	policy_service_parse(out,
		place + 1 < list->count ? list->words[place + 1] : "",
		examination->arena);
}

size_t asked_place(const struct asked *asked, const struct restrictions *list,
	const struct examination *examination)
{
	struct policy_service service;
	size_t at = restrictions_find(list, ASKS, 0);

	for (; at < list->count; at = restrictions_find(list, ASKS, at + 1)) {
		/* It is asked there, and nothing comes of what it says. */
		if (at > 0 &&
			strcasecmp(list->words[at - 1], "warn_if_reject") == 0)
			continue;
		asked_parse(&service, list, at, examination);
		if (strcmp(asked_endpoint(examination, service.endpoint),
			    asked->endpoint) == 0)
			return at;
	}
	return at;
}

/* "policyd", "policyd.sock", whatever has our name; not "policyd-spf". */
static bool has_our_name(const char *endpoint)
{
	const char *slash = strrchr(endpoint, '/');
	static const char name[] = "policyd";

	if (strstr(endpoint, "postshare") != NULL)
		return true;
	if (slash == NULL || !text_starts(slash + 1, name))
		return false;
	slash += sizeof name;
	return *slash == '\0' || *slash == '.';
}

/* What is asked, all lists together. */
struct endpoints {
	const char *first, *named, *before_access;
	bool are_several, has_usual;
};

/* Whether the map of the manual's next line is what follows. */
static bool is_before_access(const struct restrictions *list, size_t at)
{
	const char *map = at + 3 < list->count ? list->words[at + 3] : "";
	const char *name = strrchr(map, '/');

	return at + 3 < list->count &&
		strcasecmp(list->words[at + 2], "check_recipient_access") ==
		0 &&
		name != NULL && strcmp(name, "/recipient_access") == 0;
}

static void note_list(struct endpoints *out, const struct restrictions *list,
	const struct examination *examination)
{
	struct policy_service service;
	size_t at = restrictions_find(list, ASKS, 0);

	for (; at < list->count; at = restrictions_find(list, ASKS, at + 1)) {
		asked_parse(&service, list, at, examination);
		const char *endpoint =
			asked_endpoint(examination, service.endpoint);

		if (*endpoint == '\0')
			continue;
		if (out->first == NULL)
			out->first = endpoint;
		else if (strcmp(out->first, endpoint) != 0)
			out->are_several = true;
		if (strcmp(endpoint, USUAL) == 0)
			out->has_usual = true;
		if (out->named == NULL && has_our_name(endpoint))
			out->named = endpoint;
		if (out->before_access == NULL && is_before_access(list, at))
			out->before_access = endpoint;
	}
}

static void walk_lists(struct asked *asked, struct endpoints *endpoints,
	const struct examination *examination)
{
	const char *name;

	for (size_t i = 0; (name = smtpd_lists_name(i)) != NULL; i++) {
		struct smtpd_lists walk = { examination->instance, name,
			examination->arena, 0 };
		struct smtpd_list list;

		while (smtpd_lists_next(&walk, &list)) {
			if (endpoints != NULL)
				note_list(endpoints, &list.run, examination);
			else if (asked_place(asked, &list.run, examination) <
				list.run.count)
				asked->is_asked = true;
		}
	}
}

void asked_find(struct asked *out, const struct examination *examination)
{
	struct endpoints endpoints = { .first = NULL };

	*out = (struct asked){ .endpoint = USUAL,
		.spawn = spawned_find(examination->instance) };
	walk_lists(out, &endpoints, examination);
	if (out->spawn != NULL)
		out->endpoint =
			spawned_endpoint(out->spawn, examination->arena);
	else if (!endpoints.has_usual && endpoints.named != NULL)
		out->endpoint = endpoints.named;
	else if (!endpoints.has_usual && !endpoints.are_several &&
		endpoints.first != NULL)
		out->endpoint = endpoints.first;
	else if (!endpoints.has_usual && endpoints.before_access != NULL)
		out->endpoint = endpoints.before_access;
	walk_lists(out, NULL, examination);
}

void asked_each(
	struct examination *examination, const char *name, asked_check *check)
{
	struct smtpd_lists walk = { examination->instance, name,
		examination->arena, 0 };
	struct smtpd_list list;
	struct asked asked;

	asked_find(&asked, examination);
	while (smtpd_lists_next(&walk, &list))
		check(examination, &asked, &list);
}

void asked_each_name(struct examination *examination, asked_check *check)
{
	const char *name;

	for (size_t i = 0; (name = smtpd_lists_name(i)) != NULL; i++)
		asked_each(examination, name, check);
}
