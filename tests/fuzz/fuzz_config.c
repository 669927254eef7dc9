/*
 * A configuration: namespace.conf, behind a form feed a file that it may
 * include, behind another a file of contacts; none of them on a disk.  What is
 * taken without an error is proved as build does it, by a model.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "base/file.h"
#include "config/config.h"
#include "directory/contact_file.h"
#include "namespace/fold.h"
#include "namespace/model.h"
#include "namespace/prove.h"

#include <assert.h>
#include <errno.h>

enum goal { SOUND, INCLUDED, CONTACTS, FAULTY, SYNTAX, PROVED, UNPROVED };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[SOUND] = "a configuration without a fault",
		[INCLUDED] = "one that includes another file",
		[CONTACTS] = "one with a file of contacts",
		[FAULTY] = "one with faults of meaning",
		[SYNTAX] = "one with a fault of syntax",
		[PROVED] = "one that can be published",
		[UNPROVED] = "one that is refused by a proof",
		NULL,
	};

	return goals[goal];
}

/*
 * The files of the input at hand; the linker puts read_part() in the place of
 * file_read(), which takes no context.
 */
static struct {
	const char *name;
	struct slice bytes;
	size_t goal;
} files[] = {
	{ "/x/namespace.conf", { "", 0 }, GOALS_MAX },
	{ "/x/first.conf", { "", 0 }, INCLUDED },
	{ "/x/contacts.csv", { "", 0 }, CONTACTS },
};
enum { FILES = sizeof files / sizeof *files };

char *read_part(const char *path, size_t *len, struct arena *arena,
	struct err *err) __asm__("__wrap_file_read");

char *read_part(
	const char *path, size_t *len, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < FILES; i++) {
		if (strcmp(path, files[i].name) != 0)
			continue;
		if (files[i].goal < GOALS_MAX)
			goals_reach(files[i].goal);
		*len = files[i].bytes.len;
		return arena_strndup(
			arena, files[i].bytes.bytes, files[i].bytes.len);
	}
	errno = ENOENT;
	err_sys(err, "open %s", path);
	return NULL;
}

/* A sentence that can be shown, about a place in one of the files. */
static void check_faults(const struct faults *faults, struct arena *arena)
{
	for (size_t i = 0; i < faults_count(faults); i++) {
		const struct fault *fault = faults_get(faults, i);
		const size_t len = strlen(fault->text);

		assert(fault->place.file != NULL);
		assert(len > 0 && strchr(fault->text, '\n') == NULL);
		assert(len >= ERR_TEXT_SIZE - 1 ||
			fold(fault->text, len, arena) != NULL);
	}
}

static void check_names(const struct namespace *ns, struct arena *arena)
{
	for (size_t i = 0; i < ns->n_domains; i++) {
		struct domain_name name;
		const struct domain *domain = &ns->domains[i];

		assert(domain_name_parse(
			&name, domain->pattern.name.ascii, arena, NULL));
		assert(strcmp(name.ascii, domain->pattern.name.ascii) == 0);
	}
	for (size_t i = 0; i < ns->n_connectors; i++) {
		assert(ns->connectors[i].name[0] != '\0');
		assert(ns->connectors[i].index == i);
	}
	for (size_t i = 0; i < ns->n_directories; i++)
		assert(ns->directories[i].index == i);
	assert(strlen(ns->digest) == 128);
	assert(strlen(ns->extension) <= 2);
}

static void prove(
	const struct namespace *ns, struct arena *arena, struct faults *faults)
{
	struct recipients *nobody = recipients_open();
	time_t *loaded =
		arena_array(arena, ns->n_directories + 1, sizeof *loaded);
	struct model *model = model_open(ns, nobody, loaded);

	prove_namespace(ns, model, faults);
	prove_recipients(ns, nobody, model, 0, faults);
	goals_reach(faults_errors(faults) == 0 ? PROVED : UNPROVED);
	model_close(&model);
	recipients_close(&nobody);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { (const char *)data, size };
	struct arena *arena = arena_open();
	struct faults *faults = faults_open();

	for (size_t i = 0; i < FILES; i++)
		files[i].bytes = input_until(&input, '\f');
	struct namespace *ns = config_read(files[0].name, arena, faults);

	assert(ns != NULL || faults_errors(faults) > 0);
	if (ns != NULL)
		contact_files_read(ns, arena, faults);
	if (ns == NULL) {
		goals_reach(SYNTAX);
	} else if (faults_errors(faults) > 0) {
		goals_reach(FAULTY);
	} else {
		goals_reach(SOUND);
		check_names(ns, arena);
		prove(ns, arena, faults);
	}
	check_faults(faults, arena);
	faults_close(&faults);
	arena_close(&arena);
	return 0;
}
