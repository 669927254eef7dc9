/*
 * Classes (smtpd_restriction_classes) are written out where they stand; what
 * a table answers with is not known and taken for nothing.
 */
#include "doctor/smtpd_lists.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

/* So many of them in one list: one that has itself in it has no end. */
enum { CLASSES_MAX = 64 };

const char *smtpd_lists_name(size_t index)
{
	static const char *const names[] = { "smtpd_client_restrictions",
		"smtpd_helo_restrictions", "smtpd_sender_restrictions",
		SMTPD_RELAY_LIST, SMTPD_RECIPIENT_LIST,
		"smtpd_data_restrictions", "smtpd_end_of_data_restrictions",
		"smtpd_etrn_restrictions" };

	return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *or_empty(const char *value)
{
	return value == NULL ? "" : value;
}

/* True where one was written out. */
static bool expand(struct restrictions *list, const struct instance *instance,
	struct arena *arena)
{
	struct restrictions classes, content;

	restrictions_parse(&classes,
		or_empty(instance_value(instance, "smtpd_restriction_classes")),
		arena);
	for (size_t i = 0; i < classes.count; i++) {
		const size_t at = restrictions_find(list, classes.words[i], 0);

		if (at == list->count)
			continue;
		restrictions_parse(&content,
			or_empty(instance_value(instance, classes.words[i])),
			arena);
		restrictions_replace(list, at, 1, &content, arena);
		return true;
	}
	return false;
}

void smtpd_list_of(struct smtpd_list *out, const struct instance *instance,
	const struct service *service, const char *name, struct arena *arena)
{
	if (service != NULL &&
		!instance_service_overrides(instance, service, name))
		service = NULL;
	const char *run = or_empty(service == NULL
			? instance_value(instance, name)
			: instance_service_value(instance, service, name));
	const char *written = service == NULL ? instance_written(instance, name)
					      : NULL;

	*out = (struct smtpd_list){ .name = name,
		.service = service,
		.subject = service == NULL
			? name
			: arena_printf(arena, "%s/%s/%s", service->name,
				  service->type, name) };
	restrictions_parse(&out->run, run, arena);
	restrictions_parse(
		&out->written, written == NULL ? run : written, arena);
	for (int i = 0; i < CLASSES_MAX; i++)
		if (!expand(&out->run, instance, arena))
			break;
}

bool smtpd_lists_next(struct smtpd_lists *walk, struct smtpd_list *out)
{
	const struct instance *instance = walk->instance;

	if (walk->next++ == 0) {
		smtpd_list_of(out, instance, NULL, walk->name, walk->arena);
		return true;
	}
	for (; walk->next - 2 < instance_n_services(instance); walk->next++) {
		const struct service *service =
			instance_service(instance, walk->next - 2);

		if (strcmp(service->command, "smtpd") == 0 &&
			instance_service_overrides(
				instance, service, walk->name)) {
			smtpd_list_of(out, instance, service, walk->name,
				walk->arena);
			return true;
		}
	}
	return false;
}

/* Where the word stands and is more than a line in the log. */
static size_t find_in_force(const struct restrictions *list, const char *word)
{
	size_t at = restrictions_find(list, word, 0);

	while (at > 0 && at < list->count &&
		strcasecmp(list->words[at - 1], "warn_if_reject") == 0)
		at = restrictions_find(list, word, at + 1);
	return at;
}

size_t smtpd_guard_place(const struct restrictions *list)
{
	static const char *const guards[] = { "reject_unauth_destination",
		"defer_unauth_destination", "reject", "defer" };
	size_t first = list->count;

	for (size_t i = 0; i < sizeof guards / sizeof *guards; i++) {
		const size_t at = find_in_force(list, guards[i]);

		if (at < first)
			first = at;
	}
	return first;
}

size_t smtpd_permit_place(const struct restrictions *list)
{
	static const char *const permits[] = { "permit", "static:OK",
		"static:permit", "static:RELAY" };
	size_t first = list->count;

	for (size_t i = 0; i < sizeof permits / sizeof *permits; i++) {
		const size_t at = restrictions_find(list, permits[i], 0);

		if (at < first)
			first = at;
	}
	return first;
}

static bool is_on_loopback(const struct service *service)
{
	return text_starts(service->name, "127.") ||
		text_starts(service->name, "localhost:") ||
		text_starts(service->name, "[::1]:") ||
		text_starts(service->name, "::1:");
}

bool smtpd_is_for_some(const struct instance *instance,
	const struct service *service, struct arena *arena)
{
	const char *name;

	for (size_t i = 0; (name = smtpd_lists_name(i)) != NULL; i++) {
		struct smtpd_list list;

		smtpd_list_of(&list, instance, service, name, arena);
		if (list.service != NULL &&
			find_in_force(&list.run, "reject") <
				smtpd_permit_place(&list.run))
			return true;
	}
	return false;
}

bool smtpd_is_behind_filter(const struct instance *instance,
	const struct service *service, struct arena *arena)
{
	static const char *const signs[] = { "content_filter",
		"receive_override_options", "smtpd_authorized_xforward_hosts" };
	const char *usual = or_empty(instance_value(instance, signs[0]));
	const char *own =
		or_empty(instance_service_value(instance, service, signs[0]));

	if (usual[0] != '\0' && own[0] == '\0')
		return is_on_loopback(service) ||
			smtpd_is_for_some(instance, service, arena);
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (instance_service_overrides(instance, service, signs[i]))
			return is_on_loopback(service);
	return false;
}
