/*
 * contacts: works from the last-good copies, which are what is published, so
 * that the list is there at once, whatever server is down.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/route.h"
#include "transport-map-gen/contact_list.h"
#include "transport-map-gen/gather.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static bool no_such_connector(
	const struct namespace *ns, const char *name, struct err *err)
{
	struct text names;

	text_init(&names);
	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled)
			text_addf(&names, "%s%s", names.len == 0 ? "" : ", ",
				ns->connectors[i].name);
	err_set(err, "no connector \"%s\"; there are: %s", name,
		names.len == 0 ? "none" : names.data);
	text_fini(&names);
	return false;
}

/* A mistyped domain would make an empty list that looks like a sound one. */
static bool parse_domain(struct domain_pattern *out, const char *text,
	const struct gathered *g, struct err *err)
{
	const struct domain *domain;
	struct err why = { 0 };

	if (!domain_pattern_parse(out, text, g->arena, &why))
		return err_set(err, "--domain %s: %s", text, why.text);
	const char *name = out->scope == SCOPE_SUBDOMAINS
		? arena_printf(g->arena, "?.%s", out->name.ascii)
		: out->name.ascii;

	if (domain_find(&domain, model_view(g->model), name) == LOOKUP_FOUND)
		return true;
	return err_set(err,
		"--domain %s: this is no accepted domain, its mail does not "
		"come here",
		text);
}

static bool ask(struct contact_question *out, const struct gathered *g,
	const struct options *options, struct err *err)
{
	struct domain_pattern *domains =
		arena_array(g->arena, options->n_domains, sizeof *domains);

	*out = (struct contact_question){ .ns = g->ns,
		.recipients = g->recipients,
		.model = g->model,
		.now = g->now,
		.connector = namespace_connector(g->ns, options->contacts_for),
		.domains = domains,
		.n_domains = options->n_domains };
	if (out->connector == NULL)
		return no_such_connector(g->ns, options->contacts_for, err);
	for (size_t i = 0; i < options->n_domains; i++)
		if (!parse_domain(&domains[i], options->domains[i], g, err))
			return false;
	return true;
}

static bool is_of_connector(
	const struct directory *directory, const struct connector *connector)
{
	return directory->connector != NULL &&
		strcmp(directory->connector, connector->name) == 0;
}

/* Who has not been heard is missing from the list, or too much in it. */
static int report_missing(
	const struct gathered *g, const struct connector *connector)
{
	int status = EX_OK;

	for (size_t i = 0; i < g->ns->n_directories; i++) {
		const struct directory *directory = &g->ns->directories[i];

		if (!directory->is_enabled || g->loads[i].end != LOAD_NEVER)
			continue;
		status = EX_TEMPFAIL;
		fprintf(stderr, "transport-map-gen: directory %s: %s; %s\n",
			directory->name,
			g->loads[i].err.text[0] == '\0' ? "it never loaded"
							: g->loads[i].err.text,
			is_of_connector(directory, connector)
				? "whom that system knows is not left out"
				: "whom it lists is missing");
	}
	return status;
}

static int list(const struct gathered *g, const struct options *options)
{
	struct contact_question question;
	struct contact_list contacts;
	struct err err = { 0 };

	if (!ask(&question, g, options, &err)) {
		fprintf(stderr, "transport-map-gen: %s\n", err.text);
		return EX_USAGE;
	}
	contact_list_make(&contacts, &question, g->arena);
	contact_format_print(options->format, &contacts, options->base, stdout);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		err_sys(&err, "write the contacts");
		fprintf(stderr, "transport-map-gen: error: %s\n", err.text);
		return EX_IOERR;
	}
	return report_missing(g, question.connector);
}

int command_contacts(const struct options *options)
{
	struct gathered g;
	int status = EX_CONFIG;

	if (gather(&g, options, GATHER_COPIES))
		status = list(&g, options);
	else
		gathered_report(&g, false);
	gathered_fini(&g);
	return status;
}
