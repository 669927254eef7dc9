/*
 * A call of postconf(1) for each part, each printing all there is to say of
 * one kind, a line each; so what a check asks later costs nothing, and all
 * checks see one and the same Postfix.  Its lines are "name = value" for
 * main.cf and "service/type/name = value" for what master.cf overrides; a
 * value that continues over lines in the file is one line here.
 */
#include "doctor/instance.h"

#include "base/arena.h"
#include "base/child.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 8 }; /* of master.cf, the command the last */

struct instance {
	struct arena *arena;
	struct table *values; /* expanded */
	struct table *written; /* as main.cf has them */
	struct table *overrides; /* "service/type/name", expanded */
	struct table *map_types;
	struct service *services;
	size_t n_services;
};

/* Each run of white space to one blank, none at the ends. */
static char *fold(char *value)
{
	char *to = value;

	for (const char *from = value; *from != '\0'; from++) {
		const bool is_blank = strchr(" \t\r\n", *from) != NULL;

		if (!is_blank)
			*to++ = *from;
		else if (to != value && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to != value && to[-1] == ' ')
		to--;
	*to = '\0';
	return value;
}

static void add_value(
	struct instance *instance, struct table *table, char *line)
{
	char *value = strstr(line, " =");

	(void)instance;
	if (value == NULL)
		return;
	*value = '\0';
	table_put(table, line, fold(value + strlen(" =")));
}

static void add_map_type(
	struct instance *instance, struct table *table, char *line)
{
	(void)instance;
	if (line[0] != '\0')
		table_put(table, line, line);
}

/* Since compatibility level 1 a service is not chrooted unless it says so. */
static bool is_chrooted(const struct instance *instance, const char *word)
{
	const char *level = instance_value(instance, "compatibility_level");

	if (strcmp(word, "-") != 0)
		return strcmp(word, "y") == 0;
	return level == NULL || strcmp(level, "0") == 0;
}

static void add_service(
	struct instance *instance, struct table *table, char *line)
{
	const char *words[COLUMNS];

	(void)table;
	fold(line);
	for (size_t i = 0; i < COLUMNS; i++) {
		words[i] = strsep(&line, " ");
		if (words[i] == NULL)
			return;
	}
	instance->services[instance->n_services++] = (struct service){
		.name = words[0],
		.type = words[1],
		.is_private = strcmp(words[2], "n") != 0,
		.is_chrooted = is_chrooted(instance, words[4]),
		.limit = words[6],
		.command = words[7],
		.arguments = line == NULL ? "" : line,
	};
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		count++;
	}
	return count;
}

struct part {
	enum instance_part part;
	const char *option; /* of postconf(1) */
	void (*add)(struct instance *instance, struct table *table, char *line);
	struct table *table;
};

static void take_lines(struct instance *instance, const struct part *part,
	const struct text *answer)
{
	char *lines = arena_strdup(
		instance->arena, answer->data == NULL ? "" : answer->data);

	if (part->part == INSTANCE_SERVICES)
		instance->services = arena_array(instance->arena,
			count_lines(lines), sizeof *instance->services);
	while (lines != NULL)
		part->add(instance, part->table, strsep(&lines, "\n"));
}

static bool ask(
	struct instance *instance, const struct part *part, struct err *err)
{
	const char *const argv[] = { "postconf", part->option, NULL };
	struct err why = { .text = "" };
	struct text answer;

	text_init(&answer);
	const bool is_answered = child_run(argv, NULL, &answer, &why);

	if (is_answered)
		take_lines(instance, part, &answer);
	else
		err_set(err,
			"no Postfix can be asked: %s; is Postfix installed, "
			"and does MAIL_CONFIG name its folder?",
			why.text);
	text_fini(&answer);
	return is_answered;
}

static struct instance *open_empty(void)
{
	struct instance *instance = memory_must(calloc(1, sizeof *instance));

	instance->arena = arena_open();
	instance->values = table_open();
	instance->written = table_open();
	instance->overrides = table_open();
	instance->map_types = table_open();
	return instance;
}

struct instance *instance_read(unsigned parts, struct err *err)
{
	struct instance *instance = open_empty();
	const struct part all[] = {
		{ INSTANCE_VALUES, "-x", add_value, instance->values },
		{ INSTANCE_WRITTEN, "-n", add_value, instance->written },
		{ INSTANCE_OVERRIDES, "-Px", add_value, instance->overrides },
		{ INSTANCE_SERVICES, "-M", add_service, NULL },
		{ INSTANCE_MAP_TYPES, "-m", add_map_type, instance->map_types },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if ((parts & all[i].part) != 0 &&
			!ask(instance, &all[i], err)) {
			instance_close(&instance);
			return NULL;
		}
	return instance;
}

void instance_close(struct instance **instance)
{
	if (*instance == NULL)
		return;
	table_close(&(*instance)->values);
	table_close(&(*instance)->written);
	table_close(&(*instance)->overrides);
	table_close(&(*instance)->map_types);
	arena_close(&(*instance)->arena);
	free(*instance);
	*instance = NULL;
}

const char *instance_value(const struct instance *instance, const char *name)
{
	return table_find(instance->values, name);
}

const char *instance_written(const struct instance *instance, const char *name)
{
	return table_find(instance->written, name);
}

static const char *find_override(const struct instance *instance,
	const struct service *service, const char *name)
{
	struct text key;

	text_init(&key);
	text_addf(&key, "%s/%s/%s", service->name, service->type, name);
	const char *value = table_find(instance->overrides, key.data);

	text_fini(&key);
	return value;
}

const char *instance_service_value(const struct instance *instance,
	const struct service *service, const char *name)
{
	const char *own = find_override(instance, service, name);

	return own == NULL ? instance_value(instance, name) : own;
}

bool instance_service_overrides(const struct instance *instance,
	const struct service *service, const char *name)
{
	return find_override(instance, service, name) != NULL;
}

size_t instance_n_services(const struct instance *instance)
{
	return instance->n_services;
}

const struct service *instance_service(
	const struct instance *instance, size_t index)
{
	return &instance->services[index];
}

const char *service_format(const struct service *service, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", service->name, service->type);
}

bool instance_has_map_type(const struct instance *instance, const char *type)
{
	return table_find(instance->map_types, type) != NULL;
}
