/*
 * The parameters hold names and tables.  A name is compared as Postfix does
 * there: exactly, without subdomains.  A table is asked by postmap(1) for
 * all accepted names at once.
 */
#include "transport-map-gen/classes.h"

#include "base/child.h"
#include "base/table.h"
#include "base/text.h"

#include <string.h>

struct classes {
	struct table *domains; /* name, in either label form -> its domain */
	struct text names; /* the same, a line each */
	struct faults *faults;
};

/* Tables in a file of this machine. */
static const char *const local_tables[] = { "btree:", "cdb:", "dbm:", "hash:",
	"inline:", "lmdb:", "pcre:", "regexp:", "sdbm:", "static:",
	"texthash:" };

static void add_name(
	struct classes *classes, const char *name, const struct domain *domain)
{
	table_put(classes->domains, name, (void *)domain);
	text_addf(&classes->names, "%s\n", name);
}

static void add_domains(struct classes *classes, const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_domains; i++) {
		const struct domain *domain = &ns->domains[i];
		const struct domain_name *name = &domain->pattern.name;

		if (!domain->is_enabled ||
			domain->pattern.scope == SCOPE_SUBDOMAINS)
			continue;
		add_name(classes, name->ascii, domain);
		if (name->unicode != name->ascii)
			add_name(classes, name->unicode, domain);
	}
}

static void advise(
	const struct classes *classes, const char *name, const char *parameter)
{
	const struct domain *domain = table_find(classes->domains, name);

	if (domain != NULL)
		faults_advice(classes->faults, domain->place,
			"\"%s\" stands in Postfix's %s too, which comes first "
			"and makes the maps void for it: take it out there",
			name, parameter);
}

static bool is_local_table(const char *word)
{
	for (size_t i = 0; i < sizeof local_tables / sizeof *local_tables; i++)
		if (text_starts(word, local_tables[i]))
			return true;
	return false;
}

/* postmap prints "name<tab>value" for each that it finds. */
static void ask_table(
	const struct classes *classes, const char *word, const char *parameter)
{
	const char *const argv[] = { "postmap", "-q", "-", word, NULL };
	struct text found;
	char *lines;

	text_init(&found);
	child_run(argv, classes->names.data, &found, NULL);
	lines = found.data;
	while (lines != NULL) {
		char *line = strsep(&lines, "\n");

		line[strcspn(line, "\t")] = '\0';
		advise(classes, line, parameter);
	}
	text_fini(&found);
}

/* "NAME = WORD, WORD": a line of postconf -x. */
static void check_parameter(const struct classes *classes, char *line)
{
	char *words = strstr(line, " =");

	if (words == NULL)
		return;
	*words = '\0';
	words += 2;
	while (words != NULL) {
		const char *word = strsep(&words, ", \t");

		if (is_local_table(word))
			ask_table(classes, word, line);
		else
			advise(classes, word, line);
	}
}

void classes_check(const struct namespace *ns, struct faults *faults)
{
	static const char *const argv[] = { "postconf", "-x", "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains", NULL };
	struct classes classes = { .domains = table_open(), .faults = faults };
	struct text answer;

	text_init(&answer);
	text_init(&classes.names);
	add_domains(&classes, ns);
	if (child_run(argv, NULL, &answer, NULL)) {
		char *lines = answer.data;

		while (lines != NULL)
			check_parameter(&classes, strsep(&lines, "\n"));
	}
	text_fini(&answer);
	text_fini(&classes.names);
	table_close(&classes.domains);
}
