/* Below TMPDIR, else in memory: the disk is slow with many small files. */
#include "tests/unit/model_case.h"

#include "config/config.h"
#include "namespace/address.h"
#include "snapshot/freshness.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void model_case_read(struct model_case *c, const char *config)
{
	const char *path =
		arena_printf(c->arena, "%s/namespace.conf", c->folder);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(config, file);
	ck_assert_int_eq(fclose(file), 0);
	c->ns = config_read(path, c->arena, c->faults);
}

const struct directory *model_case_directory(
	const struct model_case *c, const char *name)
{
	for (size_t i = 0; i < c->ns->n_directories; i++)
		if (strcmp(c->ns->directories[i].name, name) == 0)
			return &c->ns->directories[i];
	ck_abort_msg("no directory %s", name);
}

static const char *model_case_key(const struct model_case *c, const char *text)
{
	struct address address;
	struct err err = { 0 };

	ck_assert_msg(
		address_parse(&address, text, c->ns->extension, c->arena, &err),
		"%s: %s", text, err.text);
	return address.key;
}

/* "DIRECTORY ADDRESS", "DIRECTORY ADDRESS > TARGET", "DIRECTORY AGE". */
static void model_case_line(struct model_case *c, char *line, unsigned number)
{
	static const struct {
		const char *name;
		time_t loaded;
	} ages[] = {
		{ "never", 0 },
		{ "stale", MODEL_NOW - 10 * MODEL_DAY },
		{ "ahead", MODEL_NOW + 10 * MODEL_DAY },
		{ "damaged", (time_t)INT64_MIN },
	};
	char *text = line;
	const struct directory *directory =
		model_case_directory(c, strsep(&text, " "));
	char *target = strstr(text, " > ");

	for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
		if (strcmp(text, ages[i].name) == 0) {
			c->loaded[directory->index] = ages[i].loaded;
			return;
		}
	}
	if (target != NULL) {
		*target = '\0';
		target += strlen(" > ");
	}
	recipient_case_add(c->recipients,
		&(struct recipient){ .key = model_case_key(c, text),
			.target = target == NULL ? NULL
						 : model_case_key(c, target),
			.directory = directory,
			.origin = arena_printf(c->arena, "line %u", number) });
}

void model_case_open(
	struct model_case *c, const char *config, const char *entries)
{
	const char *tmp = getenv("TMPDIR");
	unsigned number = 0;

	*c = (struct model_case){ .arena = arena_open(),
		.faults = faults_open(),
		.recipients = recipients_open() };
	snprintf(c->folder, sizeof c->folder, "%.40s/modelXXXXXX",
		tmp != NULL                             ? tmp
			: access("/dev/shm", W_OK) == 0 ? "/dev/shm"
							: "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(c->folder));
	model_case_read(c, config);
	if (c->ns == NULL || faults_errors(c->faults) != 0)
		return;
	for (size_t i = 0; i < MODEL_DIRECTORIES; i++)
		c->loaded[i] = MODEL_NOW;
	char *rest = arena_strdup(c->arena, entries);

	while (rest != NULL && rest[0] != '\0')
		model_case_line(c, strsep(&rest, "\n"), ++number);
	c->model = model_open(c->ns, c->recipients, c->loaded);
}

void model_case_sound(
	struct model_case *c, const char *config, const char *entries)
{
	model_case_open(c, config, entries);
	ck_assert_msg(c->model != NULL, "%s:%u: %s",
		faults_get(c->faults, 0)->place.file,
		faults_get(c->faults, 0)->place.line,
		faults_get(c->faults, 0)->text);
}

int model_case_remove(
	const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void model_case_close(struct model_case *c)
{
	model_close(&c->model);
	recipients_close(&c->recipients);
	faults_close(&c->faults);
	arena_close(&c->arena);
	ck_assert_int_eq(
		nftw(c->folder, model_case_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

bool model_case_is_proven(struct model_case *c)
{
	if (c->model == NULL)
		return false;
	prove_namespace(c->ns, c->model, c->faults);
	prove_recipients(c->ns, c->recipients, c->model, MODEL_NOW, c->faults);
	wayless_prove(&(struct maps_input){ c->ns, c->recipients, c->model,
			      MODEL_NOW },
		c->faults);
	return faults_errors(c->faults) == 0;
}

const char *model_case_write(struct model_case *c, unsigned number)
{
	const char *state = c->folder;
	struct arena *arena = c->arena;
	const char *folder =
		arena_printf(arena, "%s/generations/%u", state, number);
	const char *target = arena_printf(arena, "generations/%u", number);
	const struct maps_input input = { c->ns, c->recipients, c->model,
		MODEL_NOW };
	struct freshness list[MODEL_DIRECTORIES];
	struct err err = { 0 };

	mkdir(arena_printf(arena, "%s/generations", state), 0700);
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert_msg(maps_write(&input, folder, &err), "%s", err.text);
	unlink(arena_printf(arena, "%s/routes", state));
	unlink(arena_printf(arena, "%s/current", state));
	ck_assert_int_eq(
		symlink(target, arena_printf(arena, "%s/routes", state)), 0);
	ck_assert_int_eq(
		symlink(target, arena_printf(arena, "%s/current", state)), 0);
	for (size_t i = 0; i < c->ns->n_directories; i++)
		list[i] = (struct freshness){ c->ns->directories[i].name,
			c->loaded[i] };
	ck_assert(freshness_write(state, list, c->ns->n_directories, &err));
	return folder;
}

struct generation *model_case_generation(struct model_case *c)
{
	struct err err = { 0 };
	struct generation *generation = generation_open(c->folder, &err);

	ck_assert_msg(generation != NULL, "%s", err.text);
	ck_assert_msg(generation_refresh(generation, &err), "%s", err.text);
	return generation;
}

struct resolution view_ask(const struct view *view, const char *recipient,
	const char *client, struct arena *arena)
{
	struct resolution out;
	struct network network = { .prefix = 0 };

	if (client != NULL)
		ck_assert(network_of_client(&network, client));
	resolve(&out, view,
		&(struct question){ .recipient = recipient,
			.len = strlen(recipient),
			.client = client == NULL ? NULL : &network,
			.now = MODEL_NOW },
		NULL, arena);
	return out;
}
