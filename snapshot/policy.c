/*
 * Records as text, so that "cdb -d" shows them to whoever looks.  None of
 * the values can hold a tab: names, addresses and domains were checked.
 * A record that does not parse is damage, and the reader says so.
 */
#include "snapshot/policy.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

enum { FORMAT = 1, FIELDS_MAX = 8 };

/* Cuts the record at its tabs; false when the count is not the wanted one. */
static bool fields_of(char *fields[FIELDS_MAX], size_t count,
	const char *record, struct arena *arena)
{
	char *at = arena_strdup(arena, record);

	for (size_t i = 0; i < count; i++) {
		fields[i] = at;
		at = strchr(at, '\t');
		if (i + 1 == count)
			return at == NULL;
		if (at == NULL)
			return false;
		*at++ = '\0';
	}
	return false;
}

/* The words of a list parted by single blanks; cuts the list. */
static char **words_of(size_t *count, char *list, struct arena *arena)
{
	size_t room = 1;

	for (const char *at = list; *at != '\0'; at++)
		room += *at == ' ';
	char **words = arena_array(arena, room, sizeof *words);

	*count = 0;
	while (list != NULL && list[0] != '\0')
		words[(*count)++] = strsep(&list, " ");
	return words;
}

static const char *or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* Settings. */

const char *policy_settings_format(
	const struct policy_settings *settings, struct arena *arena)
{
	return arena_printf(arena, "%d\t%s\t%s", FORMAT, settings->extension,
		or_empty(settings->postmaster));
}

bool policy_settings_parse(
	struct policy_settings *out, const char *record, struct arena *arena)
{
	char *fields[FIELDS_MAX];
	unsigned long format;

	if (!fields_of(fields, 3, record, arena) ||
		!text_to_ulong(&format, fields[0]) || format != FORMAT)
		return false;
	*out = (struct policy_settings){ .extension = fields[1],
		.postmaster = or_null(fields[2]) };
	return true;
}

/* Connectors. */

static const char *network_text(
	const struct network *network, struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < sizeof network->bytes; i++)
		text_addf(&text, "%02x", network->bytes[i]);
	text_addf(&text, "/%u", network->prefix);
	const char *result = arena_strdup(arena, text.data);

	text_fini(&text);
	return result;
}

static bool byte_of_text(uint8_t *out, const char text[2])
{
	static const char digits[] = "0123456789abcdef";
	const char *high = text[0] == '\0' ? NULL : strchr(digits, text[0]);
	const char *low = NULL;

	if (high != NULL && text[1] != '\0')
		low = strchr(digits, text[1]);
	if (low == NULL)
		return false;
	*out = (uint8_t)((high - digits) * 16 + (low - digits));
	return true;
}

static bool network_of_text(struct network *out, const char *text)
{
	unsigned long prefix;

	for (size_t i = 0; i < sizeof out->bytes; i++, text += 2)
		if (!byte_of_text(&out->bytes[i], text))
			return false;
	if (*text != '/' || !text_to_ulong(&prefix, text + 1) || prefix > 128)
		return false;
	out->prefix = (unsigned)prefix;
	return true;
}

const char *policy_connector_format(
	const struct connector *connector, struct arena *arena)
{
	const char *hops = "";
	const char *clients = "";

	for (size_t i = 0; i < connector->n_hops; i++)
		hops = arena_printf(arena, "%s%s%s", hops, i == 0 ? "" : " ",
			connector->hops[i].text);
	for (size_t i = 0; i < connector->n_clients; i++)
		clients = arena_printf(arena, "%s%s%s", clients,
			i == 0 ? "" : " ",
			network_text(&connector->clients[i], arena));
	return arena_printf(arena, "%s\t%s\t%s%s%s\t%s\t%s", connector->name,
		connector->kind, connector->is_socket ? "s" : "",
		connector->is_backup ? "b" : "",
		connector->has_loop_guard ? "l" : "", hops, clients);
}

static void hops_parse(struct connector *out, char *list, struct arena *arena)
{
	/* A socket's path may hold anything but a tab; the next hop of
	   "virtual:" is empty. */
	const bool is_one = out->is_socket || list[0] == '\0';
	char **words = is_one ? NULL : words_of(&out->n_hops, list, arena);

	if (is_one)
		out->n_hops = 1;
	out->hops = arena_array(arena, out->n_hops, sizeof *out->hops);
	for (size_t i = 0; i < out->n_hops; i++)
		out->hops[i].text = is_one ? list : words[i];
}

static bool clients_parse(
	struct connector *out, char *list, struct arena *arena)
{
	char **words = words_of(&out->n_clients, list, arena);

	out->clients = arena_array(arena, out->n_clients, sizeof *out->clients);
	for (size_t i = 0; i < out->n_clients; i++)
		if (!network_of_text(&out->clients[i], words[i]))
			return false;
	return true;
}

bool policy_connector_parse(
	struct connector *out, const char *record, struct arena *arena)
{
	char *fields[FIELDS_MAX];

	if (!fields_of(fields, 5, record, arena))
		return false;
	*out = (struct connector){ .name = fields[0],
		.is_enabled = true,
		.kind = fields[1],
		.is_socket = strchr(fields[2], 's') != NULL,
		.is_backup = strchr(fields[2], 'b') != NULL,
		.has_loop_guard = strchr(fields[2], 'l') != NULL };
	hops_parse(out, fields[3], arena);
	return clients_parse(out, fields[4], arena);
}

/* Directories. */

const char *policy_directory_format(
	const struct directory *directory, struct arena *arena)
{
	const char *domains = "";

	for (size_t i = 0; i < directory->n_domains; i++)
		domains = arena_printf(arena, "%s%s%s", domains,
			i == 0 ? "" : " ",
			domain_pattern_format(&directory->domains[i], arena));
	return arena_printf(arena, "%s\t%s\t%lu\t%s", directory->name,
		or_empty(directory->connector), directory->max_age_s, domains);
}

bool policy_directory_parse(
	struct directory *out, const char *record, struct arena *arena)
{
	char *fields[FIELDS_MAX];

	if (!fields_of(fields, 4, record, arena))
		return false;
	*out = (struct directory){ .name = fields[0],
		.is_enabled = true,
		.connector = or_null(fields[1]) };
	if (!text_to_ulong(&out->max_age_s, fields[2]))
		return false;
	char **words = words_of(&out->n_domains, fields[3], arena);

	out->domains = arena_array(arena, out->n_domains, sizeof *out->domains);
	for (size_t i = 0; i < out->n_domains; i++)
		if (!domain_pattern_parse(
			    &out->domains[i], words[i], arena, NULL))
			return false;
	return true;
}

/* Domains. */

static const char *const scope_marks[] = {
	[SCOPE_INCLUSIVE] = "",
	[SCOPE_EXACT] = "#",
	[SCOPE_SUBDOMAINS] = "*.",
};

const char *policy_domain_format(
	const struct domain *domain, struct arena *arena)
{
	const struct domain_pattern *pattern = &domain->pattern;

	return arena_printf(arena, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s",
		scope_marks[pattern->scope], pattern->name.ascii,
		pattern->name.unicode, (int)domain->type, (int)domain->filter,
		domain->is_trusted_only, or_empty(domain->catch_all),
		or_empty(domain->secondary_of));
}

static bool number_below(
	unsigned long *out, const char *text, unsigned long limit)
{
	return text_to_ulong(out, text) && *out < limit;
}

bool policy_domain_parse(
	struct domain *out, const char *record, struct arena *arena)
{
	char *fields[FIELDS_MAX];
	unsigned long type, filter, trusted;
	unsigned scope = 0;

	if (!fields_of(fields, 8, record, arena) ||
		!number_below(&type, fields[3], 3) ||
		!number_below(&filter, fields[4], 3) ||
		!number_below(&trusted, fields[5], 2))
		return false;
	while (scope < 3 && strcmp(fields[0], scope_marks[scope]) != 0)
		scope++;
	if (scope == 3)
		return false;
	*out = (struct domain){ .is_enabled = true,
		.pattern = { .name = { fields[1], fields[2] },
			.scope = (enum scope)scope },
		.type = (enum domain_type)type,
		.filter = (enum recipient_filter)filter,
		.is_trusted_only = trusted == 1,
		.catch_all = or_null(fields[6]),
		.secondary_of = or_null(fields[7]) };
	return true;
}

/* Address spaces. */

const char *policy_claims_format(const struct claims *claims,
	const struct connector *connectors, struct arena *arena)
{
	const char *list = "";

	for (size_t i = 0; i < claims->count; i++)
		list = arena_printf(arena, "%s%s%td:%u", list,
			i == 0 ? "" : " ",
			claims->list[i].connector - connectors,
			claims->list[i].cost);
	return list;
}

bool policy_claims_parse(struct claims *out, const char *record,
	const struct view *view, struct arena *arena)
{
	size_t count;
	char **words = words_of(&count, arena_strdup(arena, record), arena);
	struct claim *list = arena_array(arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++) {
		char *colon = strchr(words[i], ':');
		unsigned long index, cost;

		if (colon == NULL)
			return false;
		*colon = '\0';
		if (!number_below(&index, words[i], view->n_connectors) ||
			!number_below(&cost, colon + 1, COST_MAX + 1))
			return false;
		list[i] = (struct claim){ &view->connectors[index],
			(unsigned)cost };
	}
	*out = (struct claims){ list, count };
	return count != 0;
}
