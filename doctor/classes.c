/*
 * The parameters hold names and tables.  A name is compared as Postfix does
 * there: in any case, exactly, without subdomains.  A table is asked by
 * postmap(1) for all accepted names at once.
 */
#include "doctor/classes.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "doctor/instance.h"
#include "doctor/lookup_table.h"
#include "namespace/fold.h"

#include <string.h>

struct classes {
	struct table *domains; /* name, in either label form -> its domain */
	struct text names; /* the same, a line each */
	void (*each)(void *context, const struct class_claim *claim);
	void *context;
};

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

static void claim(const struct classes *classes, const char *name,
	const char *parameter, const char *word)
{
	struct arena *arena = arena_open();
	const char *folded = fold(name, strlen(name), arena);
	const struct domain *domain =
		folded == NULL ? NULL : table_find(classes->domains, folded);

	if (domain != NULL)
		classes->each(classes->context,
			&(struct class_claim){ domain, name, parameter, word });
	arena_close(&arena);
}

static void ask_table(
	const struct classes *classes, const char *word, const char *parameter)
{
	struct text found;
	char *lines;

	if (classes->names.len == 0)
		return;
	text_init(&found);
	lookup_table_ask(word, classes->names.data, &found);
	lines = found.data;
	while (lines != NULL) {
		char *line = strsep(&lines, "\n");

		line[strcspn(line, "\t")] = '\0';
		claim(classes, line, parameter, word);
	}
	text_fini(&found);
}

static void find_in(const struct classes *classes,
	const struct instance *instance, const char *parameter)
{
	const char *value = instance_value(instance, parameter);
	struct text words;

	text_init(&words);
	text_adds(&words, value == NULL ? "" : value);
	for (char *rest = words.data; rest != NULL;) {
		const char *word = strsep(&rest, ", \t");

		if (lookup_table_is_local(word))
			ask_table(classes, word, parameter);
		else
			claim(classes, word, parameter, word);
	}
	text_fini(&words);
}

void classes_find(const struct namespace *ns, const struct instance *instance,
	void (*each)(void *context, const struct class_claim *claim),
	void *context)
{
	static const char *const parameters[] = { "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains" };
	struct classes classes = {
		.domains = table_open(), .each = each, .context = context
	};

	text_init(&classes.names);
	add_domains(&classes, ns);
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		find_in(&classes, instance, parameters[i]);
	text_fini(&classes.names);
	table_close(&classes.domains);
}

static void advise(void *context, const struct class_claim *found)
{
	faults_advice(context, found->domain->place,
		"\"%s\" stands in Postfix's %s too, which comes first and "
		"makes the maps void for it: take it out there",
		found->name, found->parameter);
}

void classes_check(const struct namespace *ns, const struct instance *instance,
	struct faults *faults)
{
	classes_find(ns, instance, advise, faults);
}
