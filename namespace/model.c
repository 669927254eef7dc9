/*
 * Tables over the configuration and the recipients.  They hold ascii names;
 * a key in U-label form is found by way of its A-label form, if it is just
 * the form that the maps have too.
 */
#include "namespace/model.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct model {
	struct view view;
	const struct namespace *ns;
	const struct recipients *recipients;
	struct arena *arena;
	struct connector *connectors;
	struct directory *directories;
	time_t *loaded;
	const struct directory **directory_of; /* by index in ns */
	struct table *domains; /* key -> struct domain */
	struct table *spaces; /* key -> struct claims */
	struct table *contacts; /* key -> struct contact */
	struct table *entries; /* domain -> its own name */
};

static const struct model *model_of(const struct view *view)
{
	return (const struct model *)view;
}

static bool is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* The ascii form of a name or ".name"; NULL where no map has this form. */
static const char *canonical_name(const char *name, struct arena *arena)
{
	const bool is_below = name[0] == '.';
	struct domain_name parsed;

	if (is_ascii(name))
		return name;
	if (!domain_name_parse(&parsed, name + is_below, arena, NULL) ||
		strcmp(parsed.unicode, name + is_below) != 0)
		return NULL;
	return is_below ? arena_printf(arena, ".%s", parsed.ascii)
			: parsed.ascii;
}

static const char *canonical_key(const char *key, struct arena *arena)
{
	const char *at = strrchr(key, '@');
	const char *domain = canonical_name(at + 1, arena);

	if (domain == NULL || domain == at + 1)
		return domain == NULL ? NULL : key;
	return arena_printf(arena, "%.*s@%s", (int)(at - key), key, domain);
}

static void *find_name(const struct table *table, const char *name)
{
	if (is_ascii(name))
		return table_find(table, name);
	struct arena *arena = arena_open();
	const char *canonical = canonical_name(name, arena);
	void *found = canonical == NULL ? NULL : table_find(table, canonical);

	arena_close(&arena);
	return found;
}

static enum lookup view_domain(
	const struct view *view, const char *key, const struct domain **out)
{
	*out = find_name(model_of(view)->domains, key);
	return *out == NULL ? LOOKUP_NONE : LOOKUP_FOUND;
}

static enum lookup view_claims(
	const struct view *view, const char *key, struct claims *out)
{
	const struct claims *found = find_name(model_of(view)->spaces, key);

	if (found == NULL)
		return LOOKUP_NONE;
	*out = *found;
	return LOOKUP_FOUND;
}

static enum lookup view_contact(const struct view *view, const char *address,
	struct arena *request, struct contact *out)
{
	const char *key = canonical_key(address, request);
	const struct contact *found =
		key == NULL ? NULL : table_find(model_of(view)->contacts, key);

	if (found == NULL)
		return LOOKUP_NONE;
	*out = *found;
	return LOOKUP_FOUND;
}

static const struct recipient *first_vouching(
	const struct recipient *recipient, bool is_contact)
{
	for (; recipient != NULL; recipient = recipient->next)
		if ((recipient->target != NULL) == is_contact &&
			!recipient_is_elsewhere(recipient) &&
			directory_may_own(
				recipient->directory, recipient->domain))
			return recipient;
	return NULL;
}

const struct recipient *recipient_mailbox(const struct recipient *recipient)
{
	return first_vouching(recipient, false);
}

const struct recipient *recipient_contact(const struct recipient *recipient)
{
	return first_vouching(recipient, true);
}

static const struct recipient *find_vouching(const struct model *model,
	const char *address, bool is_contact, struct arena *request)
{
	const char *key = canonical_key(address, request);

	if (key == NULL)
		return NULL;
	return first_vouching(
		recipients_find(model->recipients, key), is_contact);
}

static enum lookup view_directory_contact(const struct view *view,
	const char *address, struct arena *request, struct contact *out)
{
	const struct recipient *found =
		find_vouching(model_of(view), address, true, request);

	if (found == NULL)
		return LOOKUP_NONE;
	*out = (struct contact){ .address = found->key,
		.target = found->target };
	return LOOKUP_FOUND;
}

static enum lookup view_listing(const struct view *view, const char *address,
	struct arena *request, struct listing *out)
{
	const struct model *model = model_of(view);
	const struct recipient *found =
		find_vouching(model, address, false, request);

	if (found == NULL)
		return LOOKUP_NONE;
	out->directory = model->directory_of[found->directory->index];
	return LOOKUP_FOUND;
}

static enum lookup view_has_entries(const struct view *view, const char *domain)
{
	return find_name(model_of(view)->entries, domain) == NULL
		? LOOKUP_NONE
		: LOOKUP_FOUND;
}

static const struct view_ops ops = {
	.domain = view_domain,
	.claims = view_claims,
	.contact = view_contact,
	.directory_contact = view_directory_contact,
	.listing = view_listing,
	.has_entries = view_has_entries,
};

/* "d" and ".d" side by side with "#d" or "*.d": the narrower has its key. */
static void add_domains(struct model *model, enum scope scope)
{
	for (size_t i = 0; i < model->ns->n_domains; i++) {
		struct domain *domain = &model->ns->domains[i];
		const char *name = domain->pattern.name.ascii;

		if (!domain->is_enabled || domain->pattern.scope != scope)
			continue;
		if (scope != SCOPE_SUBDOMAINS)
			table_put(model->domains, name, domain);
		if (scope != SCOPE_EXACT)
			table_put(model->domains,
				arena_printf(model->arena, ".%s", name),
				domain);
	}
}

/* There is room up to the next power of two. */
static void add_claim(
	struct model *model, const char *key, const struct claim *claim)
{
	struct claims *claims = table_find(model->spaces, key);
	struct claim *list;

	if (claims == NULL) {
		claims = arena_alloc(model->arena, sizeof *claims);
		table_put(model->spaces, key, claims);
	}
	const size_t count = claims->count;

	if ((count & (count - 1)) == 0) {
		list = arena_array(
			model->arena, count == 0 ? 1 : 2 * count, sizeof *list);
		if (count > 0)
			memcpy(list, claims->list, count * sizeof *list);
		claims->list = list;
	}
	list = (struct claim *)claims->list;
	list[claims->count++] = *claim;
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return strcmp(x->connector->name, y->connector->name);
}

static void sort_claims(struct model *model)
{
	for (size_t i = 0; i < table_count(model->spaces); i++) {
		struct claims *claims = table_value(model->spaces, i);

		qsort((void *)claims->list, claims->count, sizeof *claims->list,
			compare_claims);
	}
}

static void add_space(struct model *model, const struct connector *connector,
	const struct address_space *space)
{
	const struct claim claim = { .connector = connector,
		.cost = space->cost };
	const char *name = space->pattern.name.ascii;

	if (space->is_any) {
		add_claim(model, "*", &claim);
		return;
	}
	if (space->pattern.scope != SCOPE_SUBDOMAINS)
		add_claim(model, name, &claim);
	if (space->pattern.scope != SCOPE_EXACT)
		add_claim(
			model, arena_printf(model->arena, ".%s", name), &claim);
}

static void add_connectors(struct model *model)
{
	const struct namespace *ns = model->ns;
	size_t count = 0;

	model->connectors = arena_array(
		model->arena, ns->n_connectors, sizeof *model->connectors);
	for (size_t i = 0; i < ns->n_connectors; i++)
		if (ns->connectors[i].is_enabled)
			model->connectors[count++] = ns->connectors[i];
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < model->connectors[i].n_spaces; j++)
			add_space(model, &model->connectors[i],
				&model->connectors[i].spaces[j]);
	sort_claims(model);
	model->view.connectors = model->connectors;
	model->view.n_connectors = count;
}

static void add_directories(struct model *model, const time_t *loaded)
{
	const struct namespace *ns = model->ns;
	const size_t n = ns->n_directories;
	size_t count = 0;

	model->directories =
		arena_array(model->arena, n, sizeof *model->directories);
	model->loaded = arena_array(model->arena, n, sizeof *model->loaded);
	model->directory_of =
		arena_array(model->arena, n, sizeof *model->directory_of);
	for (size_t i = 0; i < n; i++) {
		if (!ns->directories[i].is_enabled)
			continue;
		model->directories[count] = ns->directories[i];
		model->directory_of[i] = &model->directories[count];
		model->loaded[count++] = loaded[i];
	}
	model->view.directories = model->directories;
	model->view.n_directories = count;
	model->view.loaded = model->loaded;
}

static void add_entry(struct model *model, const char *domain)
{
	if (table_find(model->entries, domain) != NULL)
		return;
	char *name = arena_strdup(model->arena, domain);

	table_put(model->entries, name, name);
}

static void add_entries(struct model *model)
{
	const struct namespace *ns = model->ns;
	const size_t count = recipients_count(model->recipients);
	const char *last = "";

	for (size_t i = 0; i < ns->n_contacts; i++) {
		struct contact *contact = &ns->contacts[i];

		table_put(model->contacts, contact->address, contact);
		add_entry(model, strrchr(contact->address, '@') + 1);
	}
	for (size_t i = 0; i < count; i++) {
		const struct recipient *recipient =
			recipients_get(model->recipients, i);

		/* Lists come domain by domain. */
		if (strcmp(recipient->domain, last) == 0 ||
			(recipient_mailbox(recipient) == NULL &&
				recipient_contact(recipient) == NULL))
			continue;
		last = recipient->domain;
		add_entry(model, last);
	}
}

struct model *model_open(const struct namespace *ns,
	const struct recipients *recipients, const time_t *loaded)
{
	struct model *model = memory_must(calloc(1, sizeof *model));

	model->ns = ns;
	model->recipients = recipients;
	model->arena = arena_open();
	model->domains = table_open();
	model->spaces = table_open();
	model->contacts = table_open();
	model->entries = table_open();
	model->view.ops = &ops;
	model->view.extension = ns->extension;
	model->view.postmaster = ns->postmaster;
	add_domains(model, SCOPE_INCLUSIVE);
	add_domains(model, SCOPE_EXACT);
	add_domains(model, SCOPE_SUBDOMAINS);
	add_connectors(model);
	add_directories(model, loaded);
	add_entries(model);
	return model;
}

void model_close(struct model **model)
{
	if (*model == NULL)
		return;
	table_close(&(*model)->domains);
	table_close(&(*model)->spaces);
	table_close(&(*model)->contacts);
	table_close(&(*model)->entries);
	arena_close(&(*model)->arena);
	free(*model);
	*model = NULL;
}

const struct view *model_view(const struct model *model)
{
	return &model->view;
}

size_t model_n_spaces(const struct model *model)
{
	return table_count(model->spaces);
}

const char *model_space(const struct model *model, size_t index)
{
	return table_key(model->spaces, index);
}

size_t model_n_entry_domains(const struct model *model)
{
	return table_count(model->entries);
}

const char *model_entry_domain(const struct model *model, size_t index)
{
	return table_key(model->entries, index);
}
