/*
 * What is looked at: the state folder, what stands in it, and the two
 * generations that its links lead to, with their files.  The compiler makes
 * folders 0750 and files 0640, all of one owner and group.
 */
#include "base/arena.h"
#include "doctor/check_files.h"
#include "doctor/checks.h"
#include "doctor/fix.h"
#include "namespace/ldap_settings.h"
#include "namespace/sql_settings.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITTEN_BY_OTHERS = 022, OPEN_TO_ALL = 007 };

/* A file or folder of the state folder, beside the state folder itself. */
struct item {
	const char *path;
	const struct stat *status;
	const struct stat *state;
};

typedef void check_item(
	struct examination *examination, const struct item *item);

/* Links are followed; what is gone meanwhile is passed over. */
static void check_path(struct examination *examination, const char *path,
	const struct stat *state, check_item *check)
{
	struct stat status;

	if (stat(path, &status) == 0)
		check(examination, &(struct item){ path, &status, state });
}

static void walk_folder(struct examination *examination, const char *path,
	const struct stat *state, check_item *check)
{
	struct arena *arena = examination->arena;
	struct folder folder;

	if (!folder_list(&folder, path, arena, NULL))
		return;
	for (size_t i = 0; i < folder.count; i++)
		check_path(examination,
			arena_printf(arena, "%s/%s", path, folder.names[i]),
			state, check);
}

/* A generation is looked at once, however many links lead to it. */
static void walk(struct examination *examination, check_item *check)
{
	struct arena *arena = examination->arena;
	const char *state = examination->state;
	const char *current = arena_printf(arena, "%s/" FILES_CURRENT, state);
	const char *routes = arena_printf(arena, "%s/" FILES_ROUTES, state);
	struct stat root, a, b;

	if (stat(state, &root) != 0)
		return;
	check(examination, &(struct item){ state, &root, &root });
	static const char *const names[] = { FILES_GENERATIONS,
		FILES_DIRECTORIES, FILES_FRESHNESS, FILES_HOLD, FILES_PUBLISH,
		FILES_CURRENT };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check_path(examination,
			arena_printf(arena, "%s/%s", state, names[i]), &root,
			check);
	walk_folder(examination, current, &root, check);
	if (stat(current, &a) == 0 && stat(routes, &b) == 0 &&
		a.st_ino == b.st_ino && a.st_dev == b.st_dev)
		return;
	check_path(examination, routes, &root, check);
	walk_folder(examination, routes, &root, check);
}

static void check_writable(
	struct examination *examination, const struct item *item)
{
	if ((item->status->st_mode & WRITTEN_BY_OTHERS) == 0)
		return;
	check_found(examination, SEVERITY_ERROR, item->path,
		fix_path("chmod g-w,o=", item->path, examination->arena),
		"its mode is %04o: others than its owner can write it, and "
		"so decide where mail goes",
		(unsigned)item->status->st_mode & 07777U);
}

void files_are_not_writable(struct examination *examination)
{
	walk(examination, check_writable);
}

/* What all may write is said by the check above. */
static void check_public(
	struct examination *examination, const struct item *item)
{
	const mode_t mode = item->status->st_mode;

	if ((mode & OPEN_TO_ALL) == 0 || (mode & WRITTEN_BY_OTHERS) != 0)
		return;
	check_found(examination, SEVERITY_WARNING, item->path,
		fix_path("chmod o=", item->path, examination->arena),
		"its mode is %04o: everybody on this machine can read who has "
		"a mailbox; %s is enough",
		(unsigned)mode & 07777U, S_ISDIR(mode) ? "0750" : "0640");
}

void files_are_not_public(struct examination *examination)
{
	walk(examination, check_public);
}

static const char *group_name(gid_t gid, struct arena *arena)
{
	const struct group *group = getgrgid(gid);

	return group == NULL ? arena_printf(arena, "%lu", (unsigned long)gid)
			     : arena_strdup(arena, group->gr_name);
}

static void check_group(
	struct examination *examination, const struct item *item)
{
	struct arena *arena = examination->arena;
	const mode_t wanted = S_ISDIR(item->status->st_mode) ? S_IRGRP | S_IXGRP
							     : S_IRGRP;
	const char *group = group_name(item->state->st_gid, arena);

	if (item->status->st_gid == item->state->st_gid &&
		(item->status->st_mode & wanted) == wanted)
		return;
	check_found(examination, SEVERITY_ERROR, item->path,
		arena_printf(arena, "%s\n%s",
			fix_path(arena_printf(arena, "chgrp %s",
					 fix_quote(group, arena)),
				item->path, arena),
			fix_path(S_ISDIR(item->status->st_mode) ? "chmod g+rx"
								: "chmod g+r",
				item->path, arena)),
		"it is of group %s, mode %04o: group %s of the state folder, "
		"in which policyd runs, can not read it",
		group_name(item->status->st_gid, arena),
		(unsigned)item->status->st_mode & 07777U, group);
}

void files_are_of_the_group(struct examination *examination)
{
	walk(examination, check_group);
}

static const char *user_name(uid_t uid, struct arena *arena)
{
	const struct passwd *user = getpwuid(uid);

	return user == NULL ? arena_printf(arena, "%lu", (unsigned long)uid)
			    : arena_strdup(arena, user->pw_name);
}

static void check_owner(
	struct examination *examination, const struct item *item)
{
	struct arena *arena = examination->arena;
	const char *owner = user_name(item->state->st_uid, arena);

	if (item->status->st_uid == item->state->st_uid ||
		item->status->st_uid == 0)
		return;
	check_found(examination, SEVERITY_ERROR, item->path,
		fix_path(arena_printf(
				 arena, "chown %s", fix_quote(owner, arena)),
			item->path, arena),
		"it belongs to %s, who can change where mail goes; the state "
		"folder is %s's",
		user_name(item->status->st_uid, arena), owner);
}

void files_are_of_the_owner(struct examination *examination)
{
	walk(examination, check_owner);
}

/* NULL: it reads none of this machine. */
static void check_input(struct examination *examination, const char *path)
{
	struct stat status;

	if (path == NULL || stat(path, &status) != 0 ||
		!S_ISREG(status.st_mode) ||
		(status.st_mode & WRITTEN_BY_OTHERS) == 0)
		return;
	/* A group of its own may well keep a list. */
	if ((status.st_mode & S_IWOTH) == 0 &&
		strcmp(path, examination->config) != 0)
		return;
	check_found(examination, SEVERITY_ERROR, path,
		fix_path(strcmp(path, examination->config) == 0 ? "chmod go-w"
								: "chmod o-w",
			path, examination->arena),
		"its mode is %04o: whoever writes there decides whose mail is "
		"taken and where it goes",
		(unsigned)status.st_mode & 07777U);
}

void files_config_is_not_writable(struct examination *examination)
{
	const struct namespace *ns = examination->ns;

	check_input(examination, examination->config);
	for (size_t i = 0; i < ns->n_contact_files; i++)
		check_input(examination, ns->contact_files[i].path);
	for (size_t i = 0; i < ns->n_directories; i++)
		if (ns->directories[i].is_enabled)
			check_input(examination, ns->directories[i].path);
}

static const char *password_file(const struct directory *directory)
{
	if (directory->ldap != NULL)
		return directory->ldap->password_file;
	return directory->sql == NULL ? NULL : directory->sql->password_file;
}

void files_passwords_are_secret(struct examination *examination)
{
	const struct namespace *ns = examination->ns;

	for (size_t i = 0; i < ns->n_directories; i++) {
		const char *path = password_file(&ns->directories[i]);
		struct stat status;

		if (path == NULL || stat(path, &status) != 0 ||
			(status.st_mode & (OPEN_TO_ALL | S_IWGRP)) == 0)
			continue;
		check_found(examination, SEVERITY_WARNING, path,
			fix_path("chmod g-w,o=", path, examination->arena),
			"its mode is %04o: others can read or change the "
			"password of directory \"%s\"",
			(unsigned)status.st_mode & 07777U,
			ns->directories[i].name);
	}
}
