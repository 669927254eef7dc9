/*
 * A table is taken for ours by its type, its file's name and the folder
 * that it is in: routes, current, or generations/N.
 */
#include "doctor/our_maps.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/restrictions.h"
#include "snapshot/files.h"

#include <string.h>
#include <sys/stat.h>

#define CDB "cdb:"
#define CDB_SUFFIX ".cdb"
#define PROXY "proxy:"

static const struct our_maps all[] = {
	{ "relay_domains", "relay-domains", { CDB }, { FILES_RELAY_DOMAINS } },
	{ "transport_maps", "transport-maps", { CDB, CDB },
		{ FILES_TRANSPORT, FILES_TRANSPORT_LEAVING } },
	{ "relay_recipient_maps", "relay-recipient-maps", { CDB, "regexp:" },
		{ FILES_RELAY_RECIPIENTS, FILES_RELAY_RECIPIENTS_REGEXP } },
	{ "virtual_alias_maps", "virtual-alias-maps", { CDB },
		{ FILES_VIRTUAL_ALIAS } },
	{ "smtp_tls_policy_maps", "smtp-tls-policy", { CDB },
		{ FILES_TLS_POLICY } },
	{ "lmtp_tls_policy_maps", "lmtp-tls-policy", { CDB },
		{ FILES_TLS_POLICY } },
};

const struct our_maps *our_maps_get(size_t index)
{
	return index < sizeof all / sizeof *all ? &all[index] : NULL;
}

const struct our_maps *our_maps_find(const char *parameter)
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].parameter, parameter) == 0)
			return &all[i];
	return NULL;
}

bool our_maps_is_reference(
	const struct our_maps *maps, const struct examination *examination)
{
	const char *written =
		instance_written(examination->instance, maps->parameter);

	return written != NULL && text_starts(maps->parameter, "lmtp_") &&
		strstr(written, "smtp_tls_policy_maps") != NULL;
}

/* In main.cf a CDB is named without its suffix, anything else as it is. */
static size_t stem_len(const struct our_maps *maps, size_t index)
{
	const size_t len = strlen(maps->files[index]);

	return strcmp(maps->types[index], CDB) == 0 ? len - strlen(CDB_SUFFIX)
						    : len;
}

static const char *link_of(const char *file)
{
	return files_is_route(file) ? FILES_ROUTES : FILES_CURRENT;
}

const char *our_maps_word(const struct our_maps *maps, size_t index,
	const struct examination *examination)
{
	const char *file = maps->files[index];

	return arena_printf(examination->arena, "%s%s/%s/%.*s",
		maps->types[index], examination->state, link_of(file),
		(int)stem_len(maps, index), file);
}

/* Cuts the last name off the path and returns it; NULL: there is none. */
static const char *cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static bool is_same_folder(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 ||
		(stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
			x.st_ino == y.st_ino);
}

/* folder: where the file is said to be; is changed. */
static enum naming naming_of_folder(
	char *folder, const char *file, const struct examination *examination)
{
	const char *link = cut_last(folder);
	bool is_right_link = false;

	if (link == NULL)
		return NAMING_FOREIGN;
	if (strcmp(link, FILES_ROUTES) == 0 ||
		strcmp(link, FILES_CURRENT) == 0) {
		is_right_link = strcmp(link, link_of(file)) == 0;
	} else {
		const char *parent = cut_last(folder);

		if (parent == NULL || strcmp(parent, FILES_GENERATIONS) != 0)
			return NAMING_FOREIGN;
	}
	if (!is_same_folder(folder, examination->state))
		return NAMING_FOLDER;
	return is_right_link ? NAMING_RIGHT : NAMING_LINK;
}

static enum naming naming_of_one(const struct our_maps *maps, size_t index,
	const char *word, const struct examination *examination)
{
	const char *file = maps->files[index];
	const bool is_proxied = text_starts(word, PROXY);
	const char *table = is_proxied ? word + strlen(PROXY) : word;

	if (!text_starts(table, maps->types[index]))
		return NAMING_FOREIGN;
	char *folder = arena_strdup(
		examination->arena, table + strlen(maps->types[index]));
	const char *name = cut_last(folder);
	const size_t len = stem_len(maps, index);

	if (name == NULL || strncmp(name, file, len) != 0)
		return NAMING_FOREIGN;
	const bool has_suffix = file[len] != '\0' && strcmp(name, file) == 0;

	if (name[len] != '\0' && !has_suffix)
		return NAMING_FOREIGN;
	const enum naming naming = naming_of_folder(folder, file, examination);

	if (naming == NAMING_FOREIGN)
		return naming;
	if (is_proxied)
		return NAMING_PROXY;
	return has_suffix ? NAMING_SUFFIX : naming;
}

enum naming our_maps_naming(const struct our_maps *maps, const char *word,
	const struct examination *examination, size_t *index)
{
	for (size_t i = 0; i < OUR_MAPS_MAX && maps->files[i] != NULL; i++) {
		const enum naming naming =
			naming_of_one(maps, i, word, examination);

		if (naming == NAMING_FOREIGN)
			continue;
		if (index != NULL)
			*index = i;
		return naming;
	}
	return NAMING_FOREIGN;
}

enum naming our_maps_naming_any(
	const char *word, const struct examination *examination)
{
	enum naming naming = NAMING_FOREIGN;
	const struct our_maps *maps;

	for (size_t i = 0;
		naming == NAMING_FOREIGN && (maps = our_maps_get(i)) != NULL;
		i++)
		naming = our_maps_naming(maps, word, examination, NULL);
	return naming;
}

bool our_maps_in(const char *list, const struct examination *examination)
{
	struct restrictions words;

	restrictions_parse(
		&words, list == NULL ? "" : list, examination->arena);
	for (size_t i = 0; i < words.count; i++)
		if (our_maps_naming_any(words.words[i], examination) !=
			NAMING_FOREIGN)
			return true;
	return false;
}

const char *our_maps_access(const struct examination *examination)
{
	const char *file = FILES_RECIPIENT_ACCESS;

	return arena_printf(examination->arena, CDB "%s/" FILES_CURRENT "/%.*s",
		examination->state, (int)(strlen(file) - strlen(CDB_SUFFIX)),
		file);
}

const char *our_maps_fix(
	const struct our_maps *maps, const struct examination *examination)
{
	const bool is_first = strcmp(maps->parameter, "transport_maps") == 0 ||
		strstr(maps->parameter, "_tls_") != NULL;
	struct parameter parameter;
	size_t place;

	parameter_read(&parameter, examination->instance, maps->parameter,
		examination->arena);
	place = parameter.count;
	for (size_t i = parameter.count; i-- > 0;) {
		if (our_maps_naming(maps, parameter.words[i].value, examination,
			    NULL) == NAMING_FOREIGN)
			continue;
		parameter_remove(&parameter, i);
		place = i;
	}
	if (is_first)
		place = 0;
	for (size_t i = 0; i < OUR_MAPS_MAX && maps->files[i] != NULL; i++)
		parameter_insert(&parameter, place + i,
			our_maps_word(maps, i, examination));
	return parameter_fix(&parameter);
}
