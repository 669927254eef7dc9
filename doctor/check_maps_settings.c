/* Single values of main.cf on which the maps count. */
#include "doctor/check_maps.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/fix.h"
#include "doctor/parameter.h"
#include "doctor/smtpd_lists.h"
#include "snapshot/generation.h"

#include <string.h>
#include <strings.h>

static const char *value_of(
	const struct examination *examination, const char *name)
{
	const char *value = instance_value(examination->instance, name);

	return value == NULL ? "" : value;
}

static bool is_value(const struct examination *examination, const char *name,
	const char *value)
{
	return strcmp(value_of(examination, name), value) == 0;
}

/* The same characters, in whatever order. */
void check_delimiter(struct examination *examination)
{
	static const char name[] = "recipient_delimiter";
	const char *ours = examination->ns->extension;
	const char *value = value_of(examination, name);
	const size_t len = strlen(value);

	if (strspn(value, ours) == len && strspn(ours, value) == strlen(ours))
		return;
	check_found(examination, SEVERITY_ERROR, name,
		fix_set(NULL, name, ours, examination->arena),
		"is \"%s\", and \"extension\" in namespace.conf is \"%s\": "
		"Postfix and policyd take different addresses for the same "
		"recipient",
		value, ours);
}

static bool is_ascii(void *context, const char *address)
{
	bool *is_all_ascii = context;

	for (; *address != '\0' && *is_all_ascii; address++)
		*is_all_ascii = (unsigned char)*address < 0x80;
	return *is_all_ascii;
}

static bool is_all_ascii(const struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	bool is_all = true;

	for (size_t i = 0; i < ns->n_domains && is_all; i++)
		if (ns->domains[i].is_enabled)
			is_ascii(&is_all, ns->domains[i].pattern.name.unicode);
	if (is_all && examination->published != NULL)
		generation_walk_addresses(
			examination->published, is_ascii, &is_all, NULL);
	return is_all;
}

void check_smtputf8(struct examination *examination)
{
	static const char name[] = "smtputf8_enable";

	if (is_value(examination, name, "yes") || is_all_ascii(examination))
		return;
	check_found(examination, SEVERITY_ERROR, name,
		fix_set(NULL, name, "yes", examination->arena),
		"is \"%s\", and there are names that are not ASCII: their mail "
		"is refused, or not found in the maps for its upper case",
		value_of(examination, name));
}

/* Where it stands in the list, it need not be done behind it. */
static bool refuses_unlisted(const struct examination *examination)
{
	struct smtpd_list list;

	smtpd_list_of(&list, examination->instance, NULL, SMTPD_RECIPIENT_LIST,
		examination->arena);
	const size_t at =
		restrictions_find(&list.run, "reject_unlisted_recipient", 0);

	for (size_t i = 0; i < at; i++)
		if (strncasecmp(list.run.words[i], "permit", 6) == 0)
			return false;
	return at < list.run.count;
}

/* service NULL: main.cf. */
static void found_unlisted(
	struct examination *examination, const struct service *service)
{
	static const char name[] = "smtpd_reject_unlisted_recipient";
	struct arena *arena = examination->arena;

	check_found(examination, SEVERITY_ERROR,
		service == NULL ? name
				: arena_printf(arena, "%s/%s/%s", service->name,
					  service->type, name),
		fix_unset(service, name, arena),
		"is \"no\": without policyd nobody refuses addresses that "
		"nobody has, and they are bounced to senders who may be "
		"forged");
}

/* Whose clients are known gets his own typing errors back. */
static bool is_for_strangers(
	const struct service *service, const struct examination *examination)
{
	return strcmp(service->command, "smtpd") == 0 &&
		!smtpd_is_behind_filter(
			examination->instance, service, examination->arena) &&
		!smtpd_is_for_some(
			examination->instance, service, examination->arena);
}

void check_unlisted(struct examination *examination)
{
	static const char name[] = "smtpd_reject_unlisted_recipient";
	const struct instance *instance = examination->instance;

	if (refuses_unlisted(examination))
		return;
	if (is_value(examination, name, "no"))
		found_unlisted(examination, NULL);
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);

		if (instance_service_overrides(instance, service, name) &&
			strcmp(instance_service_value(instance, service, name),
				"no") == 0 &&
			is_for_strangers(service, examination))
			found_unlisted(examination, service);
	}
}

void check_unknown_code(struct examination *examination)
{
	static const char name[] = "unknown_relay_recipient_reject_code";

	if (value_of(examination, name)[0] == '5')
		return;
	check_found(examination, SEVERITY_WARNING, name,
		fix_unset(NULL, name, examination->arena),
		"is %s: without policyd an address that nobody has is put off "
		"and tried again for days, where it should be refused",
		value_of(examination, name));
}

void check_soft_bounce(struct examination *examination)
{
	static const char name[] = "soft_bounce";

	if (!is_value(examination, name, "yes"))
		return;
	check_found(examination, SEVERITY_WARNING, name,
		fix_unset(NULL, name, examination->arena),
		"is \"yes\", which is for tests: every refusal becomes a 4xx, "
		"and senders try again for days");
}

/* With a content filter, its way back in maps addresses instead. */
void check_address_mappings(struct examination *examination)
{
	static const char word[] = "no_address_mappings";
	struct parameter parameter;

	parameter_read(&parameter, examination->instance,
		"receive_override_options", examination->arena);
	const size_t place = parameter_find(&parameter, word);

	if (place == parameter.count ||
		!is_value(examination, "content_filter", ""))
		return;
	parameter_remove(&parameter, place);
	check_found(examination, SEVERITY_ERROR, parameter.name,
		parameter_fix(&parameter),
		"has %s, and there is no content filter behind which it would "
		"be made up for: contacts, secondary domains and catch-alls "
		"are accepted and never rewritten",
		word);
}
