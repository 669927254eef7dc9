/*
 * A run that finds nothing new publishes nothing, but it always says in
 * <state>/freshness when each directory loaded: how old that is tells when
 * the compiler was last run.
 */
#include "base/arena.h"
#include "base/text.h"
#include "doctor/check_files.h"
#include "doctor/checks.h"
#include "doctor/fix.h"
#include "snapshot/files.h"
#include "snapshot/freshness.h"
#include "snapshot/hold.h"
#include "snapshot/manifest.h"
#include "snapshot/publish_record.h"
#include "snapshot/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OVERDUE_S = 24 * 3600,
	OPEN_S = 15 * 60, /* with --no-wait the next run finishes */
};

static const char *fix_build(const struct examination *examination)
{
	return fix_compiler(examination->config, examination->state, "build",
		examination->arena);
}

static const char *within(
	const struct examination *examination, const char *name)
{
	return arena_printf(
		examination->arena, "%s/%s", examination->state, name);
}

/* Who may not look into the state folder can tell nothing of it. */
static bool is_closed(const struct examination *examination)
{
	return access(examination->state, R_OK | X_OK) != 0 && errno == EACCES;
}

void files_something_is_published(struct examination *examination)
{
	static const char *const links[] = { FILES_ROUTES, FILES_CURRENT };

	if (is_closed(examination)) {
		check_found(examination, SEVERITY_UNKNOWN, examination->state,
			"",
			"only root and its group may look into it: run doctor "
			"as one of them");
		return;
	}
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		const char *path = within(examination, links[i]);
		struct stat status;

		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			continue;
		check_found(examination, SEVERITY_ERROR, path,
			fix_build(examination),
			"it leads to no generation: Postfix defers all mail, "
			"for it can not open its maps");
		return;
	}
	if (examination->published == NULL)
		check_found(examination, SEVERITY_ERROR,
			within(examination, FILES_CURRENT),
			fix_build(examination),
			"the generation that it leads to can not be opened: "
			"files are missing or damaged");
}

/* Whether a run holds the lock of the state folder. */
static bool is_at_work(const struct examination *examination)
{
	const int fd =
		open(within(examination, FILES_LOCK), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	const bool is_held = flock(fd, LOCK_SH | LOCK_NB) != 0;

	close(fd);
	return is_held;
}

void files_publish_is_finished(struct examination *examination)
{
	const char *path = within(examination, FILES_PUBLISH);
	struct publish_record record;
	struct err err = { 0 };
	struct stat status;

	if (is_closed(examination))
		return;
	if (!publish_record_read(&record, examination->state, &err)) {
		check_found(examination, SEVERITY_ERROR, path, "",
			"nothing can be published: %s", err.text);
		return;
	}
	if (record.step == PUBLISH_DONE || is_at_work(examination) ||
		stat(path, &status) != 0 ||
		examination->now - status.st_mtime < OPEN_S)
		return;
	check_found(examination, SEVERITY_WARNING, path, fix_build(examination),
		"generation %lu was published by half, and no run is at work "
		"that would finish it: the next build does",
		record.generation);
}

void files_nothing_is_held(struct examination *examination)
{
	const char *path = within(examination, FILES_HOLD);
	const char *fix = fix_compiler(examination->config, examination->state,
		"release", examination->arena);
	struct err err = { 0 };
	struct hold hold;

	if (is_closed(examination))
		return;
	switch (hold_read(
		&hold, examination->state, examination->arena, &err)) {
	case LOOKUP_NONE: break;
	case LOOKUP_FOUND:
		check_found(examination, SEVERITY_WARNING, path, fix,
			"builds publish nothing since %s rolled back to the "
			"content of generation %lu; when what was undone is "
			"mended, release them",
			hold.by, hold.generation);
		break;
	case LOOKUP_FAILED:
		check_found(examination, SEVERITY_ERROR, path, fix,
			"builds publish nothing, and why can not be read: %s",
			err.text);
		break;
	}
}

/*
 * A configuration of the same meaning is not published anew, so that it is
 * another says nothing yet; but since then no run has ended, or what is in
 * force was made of no configuration at all, but by a rollback.
 */
void files_configuration_is_published(struct examination *examination)
{
	struct stat config, freshness;
	struct manifest manifest;
	struct hold hold;

	if (!manifest_read(&manifest, within(examination, FILES_CURRENT),
		    examination->arena, NULL) ||
		strcmp(manifest.configuration, examination->ns->digest) == 0 ||
		hold_read(&hold, examination->state, examination->arena,
			NULL) != LOOKUP_NONE ||
		stat(examination->config, &config) != 0)
		return;
	if (manifest.content_of == 0 &&
		stat(within(examination, FILES_FRESHNESS), &freshness) == 0 &&
		freshness.st_mtime >= config.st_mtime)
		return;
	check_found(examination, SEVERITY_WARNING, examination->config,
		fix_build(examination), "%s",
		manifest.content_of == 0
			? "it was changed since the last build: what it says "
			  "is not in force yet"
			: "a rollback took back what it says, or it was "
			  "changed since, and nothing holds any more: the next "
			  "build publishes it");
}

/* Of each of ns->directories; NULL where it can not be read. */
static const struct freshness *read_freshness(
	const struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	struct freshness *list = arena_array(
		examination->arena, ns->n_directories, sizeof *list);

	for (size_t i = 0; i < ns->n_directories; i++)
		list[i].directory = ns->directories[i].name;
	return freshness_read(examination->state, list, ns->n_directories, NULL)
		? list
		: NULL;
}

/* As policyd has it: one from the future is as old as it is early. */
static bool is_stale(const struct directory *directory, time_t loaded,
	const struct examination *examination)
{
	const time_t apart = loaded > examination->now
		? loaded - examination->now
		: examination->now - loaded;

	return directory->is_enabled &&
		(loaded == 0 ||
			(directory->max_age_s != 0 &&
				apart > (time_t)directory->max_age_s));
}

/* "49 hours", or minutes where it is less than two. */
static const char *age(time_t seconds, struct arena *arena)
{
	const long long minutes = (long long)seconds / 60;

	return minutes < 120 ? arena_printf(arena, "%lld minutes", minutes)
			     : arena_printf(arena, "%lld hours", minutes / 60);
}

/* What follows "it", which is the directory. */
static const char *stale_how(time_t loaded, time_t now, struct arena *arena)
{
	if (loaded == 0)
		return "has never loaded";
	return loaded > now
		? arena_printf(arena,
			  "was loaded by a clock that was %s ahead of this one",
			  age(loaded - now, arena))
		: arena_printf(arena, "is past its max-age, loaded %s ago",
			  age(now - loaded, arena));
}

void files_directories_are_fresh(struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	const struct freshness *list = read_freshness(examination);

	if (examination->published == NULL || list == NULL)
		return;
	for (size_t i = 0; i < ns->n_directories; i++) {
		const struct directory *directory = &ns->directories[i];
		const time_t loaded = list[i].loaded;

		if (!is_stale(directory, loaded, examination))
			continue;
		check_found(examination, SEVERITY_ERROR, directory->name,
			fix_build(examination),
			"it %s: who is not listed may be somebody, and is "
			"deferred in all domains that it may own",
			stale_how(
				loaded, examination->now, examination->arena));
	}
}

void files_builds_are_recent(struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	const struct freshness *list = read_freshness(examination);
	time_t last = 0;

	if (examination->published == NULL || list == NULL)
		return;
	for (size_t i = 0; i < ns->n_directories; i++) {
		if (is_stale(&ns->directories[i], list[i].loaded, examination))
			return;
		if (ns->directories[i].is_enabled && list[i].loaded > last)
			last = list[i].loaded;
	}
	if (last == 0 || examination->now - last <= OVERDUE_S)
		return;
	check_found(examination, SEVERITY_WARNING,
		within(examination, FILES_FRESHNESS), fix_build(examination),
		"no directory was read for %s: is the compiler in no crontab, "
		"and its timer not enabled?",
		age(examination->now - last, examination->arena));
}

void files_copies_are_kept(struct examination *examination)
{
	const struct namespace *ns = examination->ns;
	const struct freshness *list = read_freshness(examination);

	for (size_t i = 0; list != NULL && i < ns->n_directories; i++) {
		const struct directory *directory = &ns->directories[i];
		const char *path = arena_printf(examination->arena,
			"%s/" FILES_DIRECTORIES "/%s", examination->state,
			directory->name);

		if (!directory->is_enabled || list[i].loaded == 0 ||
			access(path, F_OK) == 0)
			continue;
		check_found(examination, SEVERITY_WARNING, path,
			fix_build(examination),
			"directory \"%s\" has loaded, and its last-good copy "
			"is not there: should it fail now, nothing serves in "
			"its place, and no guard knows what it listed",
			directory->name);
	}
}
