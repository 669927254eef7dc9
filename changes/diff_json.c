/*
 * Written item by item: as one value in memory the answers of a million
 * recipients would take gigabytes.
 */
#include "changes/diff_json.h"

#include "base/arena.h"
#include "base/slice.h"
#include "base/text.h"
#include "changes/diff.h"
#include "changes/limit.h"
#include "verdicts/json_text.h"

#include <string.h>

struct print {
	const struct diff *diff;
	unsigned long limit;
	FILE *out;
	struct arena *arena; /* of one item */
	struct text text; /* of one item */
};

static void flush(struct print *print)
{
	fwrite(print->text.data, 1, print->text.len, print->out);
	text_clear(&print->text);
	arena_reset(print->arena);
}

/* "name": value, and a comma where more comes. */
static void add_member(
	struct print *print, const char *name, const char *value, bool is_last)
{
	text_addf(&print->text, "\"%s\": ", name);
	if (value == NULL)
		text_adds(&print->text, "null");
	else
		json_text_string(&print->text, slice_of(value));
	if (!is_last)
		text_adds(&print->text, ", ");
}

/* Its items follow, each by begin_item(). */
static void begin_list(struct print *print, const char *name)
{
	text_addf(&print->text, ",\n  \"%s\": [", name);
}

static void begin_item(struct print *print, size_t index)
{
	text_adds(&print->text, index == 0 ? "\n    { " : ",\n    { ");
}

static void end_item(struct print *print)
{
	text_adds(&print->text, " }");
	flush(print);
}

static void end_list(struct print *print, size_t count)
{
	text_adds(&print->text, count == 0 ? "]" : "\n  ]");
	flush(print);
}

/* The whole address again, where there is one; NULL = of nobody. */
static const char *delivered_to(
	struct print *print, const struct answer *answer, const char *address)
{
	if (answer->to == NULL || *answer->to != '@' || address == NULL)
		return answer->to;
	return arena_printf(print->arena, "%.*s%s",
		(int)(strrchr(address, '@') - address), address, answer->to);
}

/* A member of an item, whose address it is an answer for. */
struct member {
	const char *name;
	const char *address; /* NULL = nobody's in particular */
	bool is_last;
};

static void add_answer(struct print *print, const struct diff_answer *kept,
	struct member member)
{
	const struct answer *answer = &kept->answer;

	text_addf(&print->text, "\"%s\": { ", member.name);
	add_member(print, "verdict", verdict_format(answer->verdict), false);
	add_member(print, "reason", reason_format(answer->reason), false);
	add_member(print, "domain", answer->domain, false);
	add_member(print, "directory", answer->directory, false);
	add_member(print, "connector", answer->connector, false);
	add_member(print, "nexthop",
		*answer->nexthop == '\0' ? NULL : answer->nexthop, false);
	add_member(print, "delivered_to",
		delivered_to(print, answer, member.address), true);
	text_adds(&print->text, member.is_last ? " }" : " }, ");
}

static void print_reroutes(struct print *print)
{
	const struct diff *diff = print->diff;
	const size_t count = limit_shown(print->limit, diff->n_reroutes);

	begin_list(print, "reroutes");
	for (size_t i = 0; i < count; i++) {
		begin_item(print, i);
		add_member(print, "from", diff->reroutes[i].from, false);
		add_member(print, "to", diff->reroutes[i].to, false);
		text_addf(&print->text, "\"count\": %zu",
			diff->reroutes[i].count);
		end_item(print);
	}
	end_list(print, count);
}

static void add_domain(struct print *print, const char *name,
	const struct domain *domain, bool is_last)
{
	const char *end = is_last ? "" : ", ";

	if (domain == NULL) {
		text_addf(&print->text, "\"%s\": null%s", name, end);
		return;
	}
	text_addf(&print->text, "\"%s\": { ", name);
	add_member(print, "name",
		domain_pattern_format(&domain->pattern, print->arena), false);
	add_member(print, "type", domain_type_format(domain->type), false);
	add_member(print, "recipient_filter",
		recipient_filter_format(domain->filter), false);
	add_member(print, "accept_from",
		domain->is_trusted_only ? "trusted" : "anyone", false);
	add_member(print, "secondary_of", domain->secondary_of, false);
	add_member(print, "catch_all", domain->catch_all, true);
	text_addf(&print->text, " }%s", end);
}

static const char *change_of_domain(const struct diff_domain *domain)
{
	if (domain->from == NULL)
		return "accepted";
	return domain->to == NULL ? "no longer accepted" : "changed";
}

static void print_domains(struct print *print)
{
	const struct diff *diff = print->diff;
	const size_t count = limit_shown(print->limit, diff->n_domains);

	begin_list(print, "domains");
	for (size_t i = 0; i < count; i++) {
		const struct diff_domain *domain = &diff->domains[i];

		begin_item(print, i);
		add_member(print, "name", domain->name, false);
		add_member(print, "change", change_of_domain(domain), false);
		add_domain(print, "from", domain->from, false);
		add_domain(print, "to", domain->to, true);
		end_item(print);
	}
	end_list(print, count);
}

/* "unchanged": let in by the same way, for another reason. */
static void print_unlisted(struct print *print)
{
	const struct diff *diff = print->diff;
	const size_t count = limit_shown(print->limit, diff->n_unlisted);

	begin_list(print, "unlisted");
	for (size_t i = 0; i < count; i++) {
		const struct diff_unlisted *item = &diff->unlisted[i];

		begin_item(print, i);
		add_member(print, "name", item->name, false);
		add_member(print, "change", change_format(item->change), false);
		add_answer(print, &item->from,
			(struct member){ "from", NULL, false });
		add_answer(
			print, &item->to, (struct member){ "to", NULL, true });
		end_item(print);
	}
	end_list(print, count);
}

static void add_connector(struct print *print, const char *name,
	const struct connector *connector, bool is_last)
{
	const char *end = is_last ? "" : ", ";

	if (connector == NULL) {
		text_addf(&print->text, "\"%s\": null%s", name, end);
		return;
	}
	text_addf(&print->text, "\"%s\": { ", name);
	add_member(print, "hops", diff_hops_format(connector, print->arena),
		false);
	add_member(print, "clients",
		diff_clients_format(connector, print->arena), false);
	text_addf(&print->text, "\"loop_guard\": %s, \"backup\": %s }%s",
		connector->has_loop_guard ? "true" : "false",
		connector->is_backup ? "true" : "false", end);
}

static void print_connectors(struct print *print)
{
	const struct diff *diff = print->diff;
	const size_t count = limit_shown(print->limit, diff->n_connectors);

	begin_list(print, "connectors");
	for (size_t i = 0; i < count; i++) {
		const struct diff_connector *item = &diff->connectors[i];

		begin_item(print, i);
		add_member(print, "name", item->name, false);
		add_connector(print, "from", item->from, false);
		add_connector(print, "to", item->to, true);
		end_item(print);
	}
	end_list(print, count);
}

static void print_values(struct print *print, const char *name,
	const struct diff_value *list, size_t count)
{
	const size_t n_shown = limit_shown(print->limit, count);

	begin_list(print, name);
	for (size_t i = 0; i < n_shown; i++) {
		begin_item(print, i);
		add_member(print, "name", list[i].name, false);
		add_member(print, "from", list[i].from, false);
		add_member(print, "to", list[i].to, true);
		end_item(print);
	}
	end_list(print, n_shown);
}

static void print_recipients(struct print *print, enum change change)
{
	const struct diff *diff = print->diff;
	const size_t count = limit_shown(print->limit, diff->counts[change]);
	size_t n_shown = 0;

	begin_list(print, change_format(change));
	for (size_t i = 0; n_shown < count && i < diff->n_recipients; i++) {
		const struct diff_recipient *item = &diff->recipients[i];

		if (item->way->change != change)
			continue;
		begin_item(print, n_shown++);
		add_member(print, "address", item->address, false);
		add_answer(print, item->way->from,
			(struct member){ "from", item->address, false });
		add_answer(print, item->way->to,
			(struct member){ "to", item->address, true });
		end_item(print);
	}
	end_list(print, count);
}

static void add_generation(
	struct print *print, const char *name, bool is_there, unsigned long n)
{
	text_addf(&print->text, "  \"%s\": ", name);
	if (!is_there)
		text_adds(&print->text, "null");
	else if (n == 0)
		text_adds(&print->text, "\"candidate\"");
	else
		text_addf(&print->text, "%lu", n);
	text_adds(&print->text, ",\n");
}

static void print_counts(struct print *print)
{
	static const enum change order[CHANGES] = { CHANGE_ACCEPTED,
		CHANGE_REFUSED, CHANGE_DEFERRED, CHANGE_REROUTED, CHANGE_NONE };

	text_adds(&print->text, "  \"counts\": { ");
	for (size_t i = 0; i < CHANGES; i++)
		text_addf(&print->text, "%s\"%s\": %zu", i == 0 ? "" : ", ",
			change_format(order[i]), print->diff->counts[order[i]]);
	text_adds(&print->text, " }");
	flush(print);
}

static void print_lists(struct print *print)
{
	const struct diff *diff = print->diff;

	print_reroutes(print);
	print_domains(print);
	print_unlisted(print);
	print_connectors(print);
	print_values(print, "spaces", diff->spaces, diff->n_spaces);
	print_values(print, "tls", diff->tls, diff->n_tls);
	print_values(print, "settings", diff->settings, diff->n_settings);
	print_recipients(print, CHANGE_ACCEPTED);
	print_recipients(print, CHANGE_REFUSED);
	print_recipients(print, CHANGE_DEFERRED);
	print_recipients(print, CHANGE_REROUTED);
}

void diff_print_json(
	const struct diff *diff, const struct diff_heading *heading, FILE *out)
{
	struct print print = { .diff = diff,
		.limit = heading->limit,
		.out = out,
		.arena = arena_open() };

	text_init(&print.text);
	text_adds(&print.text, "{\n");
	add_generation(&print, "from", heading->has_from, heading->from);
	add_generation(&print, "to", true, heading->to);
	if (heading->limit == 0)
		text_adds(&print.text, "  \"limit\": null,\n");
	else
		text_addf(&print.text, "  \"limit\": %lu,\n", heading->limit);
	print_counts(&print);
	print_lists(&print);
	fputs("\n}\n", out);
	text_fini(&print.text);
	arena_close(&print.arena);
}
