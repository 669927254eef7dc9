/*
 * Whatever touches many comes before whatever touches one: counts, ways that
 * mail takes now, blocks of the configuration, then people by name.
 */
#include "changes/diff_text.h"

#include "base/arena.h"
#include "base/printable.h"
#include "base/text.h"
#include "changes/diff.h"
#include "changes/limit.h"

struct print {
	const struct diff *diff;
	unsigned long limit;
	FILE *out;
	struct arena *arena; /* of one line */
	struct text line;
};

/* Ends the line; what could not be printed is shown as its bytes. */
static void flush(struct print *print)
{
	const char *at = print->line.data;
	size_t left = print->line.len;

	while (left > 0) {
		const size_t len = printable_len(at, left);

		if (len == 0)
			fprintf(print->out, "\\x%02x", (unsigned char)*at);
		else
			fwrite(at, 1, len, print->out);
		at += len == 0 ? 1 : len;
		left -= len == 0 ? 1 : len;
	}
	putc('\n', print->out);
	text_clear(&print->line);
	arena_reset(print->arena);
}

static void print_count(struct print *print, const char *what, size_t count)
{
	char number[TEXT_NUMBER_SIZE];

	text_addf(
		&print->line, "  %-28s %12s", what, text_number(number, count));
	flush(print);
}

static void print_counts(struct print *print)
{
	const struct diff *diff = print->diff;

	print_count(print, "recipients newly accepted",
		diff->counts[CHANGE_ACCEPTED]);
	print_count(print, "recipients newly refused",
		diff->counts[CHANGE_REFUSED]);
	print_count(print, "recipients newly deferred",
		diff->counts[CHANGE_DEFERRED]);
	print_count(
		print, "recipients rerouted", diff->counts[CHANGE_REROUTED]);
	print_count(print, "recipients unchanged", diff->counts[CHANGE_NONE]);
	print_count(print, "accepted domains", diff->n_domains);
	print_count(print, "domains' unlisted recipients", diff->n_unlisted);
	print_count(print, "connectors", diff->n_connectors);
	print_count(print, "other address spaces", diff->n_spaces);
	print_count(print, "TLS levels", diff->n_tls);
	print_count(print, "settings", diff->n_settings);
}

/* A list's title, where there is a list. */
static bool begin(struct print *print, const char *title, size_t count)
{
	if (count == 0)
		return false;
	putc('\n', print->out);
	text_adds(&print->line, title);
	flush(print);
	return true;
}

static void end(struct print *print, size_t count)
{
	const size_t left = count - limit_shown(print->limit, count);
	char number[TEXT_NUMBER_SIZE];

	if (left == 0)
		return;
	text_addf(&print->line, "  ... and %s more (--limit 0 shows all)",
		text_number(number, left));
	flush(print);
}

static void print_reroutes(struct print *print)
{
	const struct diff *diff = print->diff;
	char number[TEXT_NUMBER_SIZE];

	if (!begin(print, "rerouted, by way", diff->n_reroutes))
		return;
	for (size_t i = 0; i < limit_shown(print->limit, diff->n_reroutes);
		i++) {
		const struct diff_reroute *reroute = &diff->reroutes[i];

		text_addf(&print->line, "%12s  %s -> %s",
			text_number(number, reroute->count), reroute->from,
			reroute->to);
		flush(print);
	}
	end(print, diff->n_reroutes);
}

/* Domains. */

static const char *or_none(const char *text)
{
	return text == NULL ? "none" : text;
}

static const char *pattern_text(
	const struct print *print, const struct domain *domain)
{
	return domain_pattern_format(&domain->pattern, print->arena);
}

static void add_change(
	struct print *print, const char *what, const char *from, const char *to)
{
	if (text_same(from, to))
		return;
	text_addf(&print->line, "%s%s %s -> %s",
		print->line.data[print->line.len - 1] == ':' ? " " : ", ", what,
		or_none(from), or_none(to));
}

static const char *accept_from(const struct domain *domain)
{
	return domain->is_trusted_only ? "trusted" : "anyone";
}

static void add_changes(struct print *print, const struct diff_domain *item)
{
	const struct domain *from = item->from, *to = item->to;

	add_change(print, "name", pattern_text(print, from),
		pattern_text(print, to));
	add_change(print, "type", domain_type_format(from->type),
		domain_type_format(to->type));
	add_change(print, "recipient-filter",
		recipient_filter_format(from->filter),
		recipient_filter_format(to->filter));
	add_change(print, "accept-from", accept_from(from), accept_from(to));
	add_change(print, "secondary-of", from->secondary_of, to->secondary_of);
	add_change(print, "catch-all", from->catch_all, to->catch_all);
}

static void add_whole(struct print *print, const struct domain *domain)
{
	if (domain->secondary_of != NULL)
		text_addf(
			&print->line, " secondary of %s", domain->secondary_of);
	else
		text_addf(&print->line, " %s, recipient-filter %s",
			domain_type_format(domain->type),
			recipient_filter_format(domain->filter));
	if (domain->is_trusted_only)
		text_adds(&print->line, ", accept-from trusted");
	if (domain->catch_all != NULL)
		text_addf(&print->line, ", catch-all %s", domain->catch_all);
}

static void print_domains(struct print *print)
{
	const struct diff *diff = print->diff;

	if (!begin(print, "accepted domains", diff->n_domains))
		return;
	for (size_t i = 0; i < limit_shown(print->limit, diff->n_domains);
		i++) {
		const struct diff_domain *item = &diff->domains[i];

		text_addf(&print->line, "  %s:", item->name);
		if (item->from != NULL && item->to != NULL) {
			add_changes(print, item);
		} else {
			text_adds(&print->line,
				item->from == NULL ? " newly accepted:"
						   : " no longer accepted:");
			add_whole(print,
				item->from == NULL ? item->to : item->from);
		}
		flush(print);
	}
	end(print, diff->n_domains);
}

/* "relay unlisted by exchange smtp:[10.8.0.25]:25", "reject unknown" */
static const char *unlisted_text(
	const struct print *print, const struct diff_answer *answer)
{
	switch (answer->answer.verdict) {
	case VERDICT_PASS:
	case VERDICT_REJECT:
	case VERDICT_DEFER: break;
	case VERDICT_ACCEPT:
	case VERDICT_RELAY:
		return arena_printf(print->arena, "%s %s by %s",
			verdict_format(answer->answer.verdict),
			reason_format(answer->answer.reason), answer->text);
	}
	return answer->text;
}

static void print_unlisted(struct print *print)
{
	const struct diff *diff = print->diff;

	if (!begin(print, "recipients that nobody lists", diff->n_unlisted))
		return;
	for (size_t i = 0; i < limit_shown(print->limit, diff->n_unlisted);
		i++) {
		const struct diff_unlisted *item = &diff->unlisted[i];

		text_addf(&print->line, "  of %s: %s -> %s", item->name,
			unlisted_text(print, &item->from),
			unlisted_text(print, &item->to));
		flush(print);
	}
	end(print, diff->n_unlisted);
}

/* Connectors. */

static const char *or_word(const char *text)
{
	return *text == '\0' ? "none" : text;
}

static void add_connector_changes(
	struct print *print, const struct diff_connector *item)
{
	const struct connector *from = item->from, *to = item->to;

	add_change(print, "hops", diff_hops_format(from, print->arena),
		diff_hops_format(to, print->arena));
	add_change(print, "clients",
		or_word(diff_clients_format(from, print->arena)),
		or_word(diff_clients_format(to, print->arena)));
	add_change(print, "loop", from->has_loop_guard ? "reject" : "off",
		to->has_loop_guard ? "reject" : "off");
	add_change(print, "backup", from->is_backup ? "yes" : "no",
		to->is_backup ? "yes" : "no");
}

static void print_connectors(struct print *print)
{
	const struct diff *diff = print->diff;

	if (!begin(print, "connectors", diff->n_connectors))
		return;
	for (size_t i = 0; i < limit_shown(print->limit, diff->n_connectors);
		i++) {
		const struct diff_connector *item = &diff->connectors[i];

		text_addf(&print->line, "  %s:", item->name);
		if (item->from != NULL && item->to != NULL)
			add_connector_changes(print, item);
		else
			text_addf(&print->line, " %s: hops %s",
				item->from == NULL ? "added" : "removed",
				diff_hops_format(item->from == NULL
						? item->to
						: item->from,
					print->arena));
		flush(print);
	}
	end(print, diff->n_connectors);
}

struct values {
	const char *title;
	const struct diff_value *list;
	size_t count;
	const char *none; /* stands for NULL */
};

static void print_values(struct print *print, const struct values *values)
{
	if (!begin(print, values->title, values->count))
		return;
	for (size_t i = 0; i < limit_shown(print->limit, values->count); i++) {
		const struct diff_value *item = &values->list[i];

		text_addf(&print->line, "  %s: %s -> %s", item->name,
			item->from == NULL ? values->none : item->from,
			item->to == NULL ? values->none : item->to);
		flush(print);
	}
	end(print, values->count);
}

/* People. */

static void print_recipient(
	struct print *print, const struct diff_recipient *recipient)
{
	const struct diff_way *way = recipient->way;

	text_addf(&print->line, "  %s: %s -> %s", recipient->address,
		way->from->text, way->to->text);
	flush(print);
}

static void print_recipients(
	struct print *print, const char *title, enum change change)
{
	const struct diff *diff = print->diff;
	const size_t count = diff->counts[change];
	size_t left = limit_shown(print->limit, count);

	if (!begin(print, title, count))
		return;
	for (size_t i = 0; left > 0 && i < diff->n_recipients; i++) {
		if (diff->recipients[i].way->change != change)
			continue;
		print_recipient(print, &diff->recipients[i]);
		left--;
	}
	end(print, count);
}

static void print_lists(struct print *print)
{
	const struct diff *diff = print->diff;

	print_reroutes(print);
	print_domains(print);
	print_unlisted(print);
	print_connectors(print);
	print_values(print,
		&(struct values){ "ways of mail for other domains",
			diff->spaces, diff->n_spaces, "as DNS says" });
	print_values(print,
		&(struct values){
			"TLS levels, by hop", diff->tls, diff->n_tls, "none" });
	print_values(print,
		&(struct values){
			"settings", diff->settings, diff->n_settings, "none" });
	print_recipients(print, "newly accepted", CHANGE_ACCEPTED);
	print_recipients(print, "newly refused", CHANGE_REFUSED);
	print_recipients(print, "newly deferred", CHANGE_DEFERRED);
	print_recipients(print, "rerouted", CHANGE_REROUTED);
}

static void add_generation(struct print *print, unsigned long number)
{
	if (number == 0)
		text_adds(&print->line, "candidate");
	else
		text_addf(&print->line, "generation %lu", number);
}

void diff_print_text(
	const struct diff *diff, const struct diff_heading *heading, FILE *out)
{
	struct print print = { .diff = diff,
		.limit = heading->limit,
		.out = out,
		.arena = arena_open() };

	text_init(&print.line);
	if (heading->has_from)
		add_generation(&print, heading->from);
	else
		text_adds(&print.line, "nothing published");
	text_adds(&print.line, " -> ");
	add_generation(&print, heading->to);
	if (diff_is_empty(diff))
		text_adds(&print.line, ": no difference");
	flush(&print);
	if (!diff_is_empty(diff)) {
		print_counts(&print);
		print_lists(&print);
	}
	text_fini(&print.line);
	arena_close(&print.arena);
}
