/* Nothing is found where no line of master.cf runs policyd. */
#include "base/arena.h"
#include "base/text.h"
#include "doctor/account.h"
#include "doctor/check_service.h"
#include "doctor/checks.h"
#include "doctor/fix.h"
#include "doctor/spawned.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An smtpd lives as long as it has work. */
enum { LIFE_MIN_S = 3600 };

#define OUR_ACCOUNT "postshare-policyd"
#define DEFAULT_STATE "/var/lib/postshare"

/* False where there is no such line. */
static bool find(const struct service **service, struct spawned *out,
	const struct examination *examination)
{
	*service = spawned_find(examination->instance);
	if (*service == NULL)
		return false;
	spawned_parse(out, *service, examination->arena);
	return true;
}

/* NULL: none that policyd could run in. */
static const char *group_of_state(const struct examination *examination)
{
	struct stat status;

	if (stat(examination->state, &status) != 0 || status.st_gid == 0)
		return NULL;
	const struct group *group = getgrgid(status.st_gid);

	return group == NULL ? NULL
			     : arena_strdup(examination->arena, group->gr_name);
}

static const char *user_word(const char *arguments, struct arena *arena)
{
	const char *word = strstr(arguments, "user=");

	return word == NULL ? NULL
			    : arena_strndup(arena, word, strcspn(word, " "));
}

void service_spawn_is_unlimited(struct examination *examination)
{
	const struct service *service;
	struct spawned spawned;

	if (!find(&service, &spawned, examination) ||
		strcmp(service->limit, "0") == 0)
		return;
	const char *subject = service_format(service, examination->arena);

	check_found(examination, SEVERITY_ERROR, subject,
		arena_printf(examination->arena, "postconf -Fe %s",
			fix_quote(arena_printf(examination->arena,
					  "%s/process_limit=0", subject),
				examination->arena)),
		"its process limit is \"%s\", not 0: each smtpd keeps a "
		"policyd of its own, and those beyond the limit wait for "
		"nothing until they time out",
		service->limit);
}

/* NULL: it may run as that user. */
static const char *user_fault(
	const struct spawned *spawned, const struct examination *examination)
{
	const char *owner = instance_value(examination->instance, "mail_owner");
	struct account account, mail;

	if (spawned->user[0] == '\0')
		return "says no user=";
	if (!account_find(&account, spawned->user, spawned->group))
		return "names a user or group that does not exist";
	if (account.uid == 0 || account.gid == 0)
		return "runs it as root";
	if (owner != NULL && account_find(&mail, owner, NULL) &&
		(account.uid == mail.uid || account.gid == mail.gid))
		return "runs it as Postfix's own account";
	return NULL;
}

static const char *fix_user(
	const struct service *service, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *group = group_of_state(examination);
	const char *user = getpwnam(OUR_ACCOUNT) == NULL ? "nobody"
							 : OUR_ACCOUNT;

	if (group == NULL)
		return "";
	return spawned_fix(service, user_word(service->arguments, arena),
		arena_printf(arena, "user=%s:%s", user, group), arena);
}

void service_spawn_user_is_allowed(struct examination *examination)
{
	const struct service *service;
	struct spawned spawned;

	if (!find(&service, &spawned, examination))
		return;
	const char *fault = user_fault(&spawned, examination);

	if (fault != NULL)
		check_found(examination, SEVERITY_ERROR,
			service_format(service, examination->arena),
			fix_user(service, examination),
			"%s: spawn refuses that and answers nobody; it wants "
			"an account of its own in the group of the state "
			"folder",
			fault);
}

void service_spawn_user_reads(struct examination *examination)
{
	struct arena *arena = examination->arena;
	const struct service *service;
	struct spawned spawned;
	struct account account;

	if (!find(&service, &spawned, examination) ||
		user_fault(&spawned, examination) != NULL ||
		!account_find(&account, spawned.user, spawned.group) ||
		access(examination->state, F_OK) != 0)
		return;
	const char *refused = account_refused(
		&account, examination->state, R_OK | X_OK, arena);
	const char *group = group_of_state(examination);

	if (refused == NULL)
		return;
	check_found(examination, SEVERITY_ERROR, service_format(service, arena),
		refused != examination->state || group == NULL
			? ""
			: spawned_fix(service,
				  user_word(service->arguments, arena),
				  arena_printf(arena, "user=%s:%s",
					  spawned.user, group),
				  arena),
		"user %s, in the group that is given there, may not read %s: "
		"policyd has no generation and leaves every recipient to the "
		"maps",
		spawned.user, refused);
}

/* It could write what it is to judge by; what is no folder is told above. */
void service_spawn_user_owns_nothing(struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *group = group_of_state(examination);
	const struct service *service;
	struct spawned spawned;
	struct account account;
	struct stat status;

	if (!find(&service, &spawned, examination) ||
		user_fault(&spawned, examination) != NULL ||
		!account_find(&account, spawned.user, spawned.group) ||
		stat(examination->state, &status) != 0 ||
		status.st_uid != account.uid)
		return;
	check_found(examination, SEVERITY_WARNING,
		service_format(service, arena),
		group == NULL || getpwnam(OUR_ACCOUNT) == NULL
			? ""
			: spawned_fix(service,
				  user_word(service->arguments, arena),
				  arena_printf(arena, "user=%s:%s", OUR_ACCOUNT,
					  group),
				  arena),
		"it runs as %s, who owns the state folder: whoever got hold "
		"of policyd could change the maps; an account of its own in "
		"the folder's group can not",
		spawned.user);
}

void service_spawn_runs(struct examination *examination)
{
	struct arena *arena = examination->arena;
	const struct service *service;
	struct spawned spawned;
	struct account account;

	if (!find(&service, &spawned, examination) ||
		strchr(spawned.program, '/') == NULL)
		return;
	if (access(spawned.program, F_OK) != 0) {
		check_found(examination, SEVERITY_ERROR,
			service_format(service, arena), "",
			"there is no %s: put the path of policyd behind argv=",
			spawned.program);
		return;
	}
	if (user_fault(&spawned, examination) != NULL ||
		!account_find(&account, spawned.user, spawned.group))
		return;
	const char *refused =
		account_refused(&account, spawned.program, X_OK, arena);

	if (refused != NULL)
		check_found(examination, SEVERITY_ERROR,
			service_format(service, arena),
			refused == spawned.program
				? fix_path("chmod a+rx", refused, arena)
				: "",
			"user %s may not run %s: %s is closed to him",
			spawned.user, spawned.program, refused);
}

static bool same_folder(const char *a, const char *b)
{
	char real_a[PATH_MAX], real_b[PATH_MAX];

	if (realpath(a, real_a) == NULL || realpath(b, real_b) == NULL)
		return strcmp(a, b) == 0;
	return strcmp(real_a, real_b) == 0;
}

/* The word that names the state folder, or the program where none does. */
static const char *fix_state(const struct service *service,
	const struct spawned *spawned, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *program = arena_printf(arena, "argv=%s", spawned->program);

	if (spawned->state == NULL)
		return spawned_fix(service, program,
			arena_printf(
				arena, "%s -s %s", program, examination->state),
			arena);
	for (size_t i = 0; i < spawned->arguments.count; i++) {
		const char *word = spawned->arguments.words[i];

		/* A word of its own, or the end of its option's. */
		if (strchr(word, '\0') == strchr(spawned->state, '\0'))
			return spawned_fix(service, word,
				arena_printf(arena, "%.*s%s",
					(int)(spawned->state - word), word,
					examination->state),
				arena);
	}
	return "";
}

void service_spawn_state_is_ours(struct examination *examination)
{
	const struct service *service;
	struct spawned spawned;

	if (!find(&service, &spawned, examination))
		return;
	const char *state = spawned.state == NULL ? DEFAULT_STATE
						  : spawned.state;

	if (!same_folder(state, examination->state))
		check_found(examination, SEVERITY_ERROR,
			service_format(service, examination->arena),
			fix_state(service, &spawned, examination),
			"policyd reads the state folder %s there, and not %s: "
			"it judges by other maps than Postfix",
			state, examination->state);
}

void service_spawn_lives_long(struct examination *examination)
{
	struct arena *arena = examination->arena;
	const struct service *service;
	struct spawned spawned;
	unsigned long seconds;

	if (!find(&service, &spawned, examination))
		return;
	const char *name = arena_printf(arena, "%s_time_limit", service->name);
	const char *limit = instance_value(examination->instance, name);

	if (limit == NULL)
		limit = "1000s";
	if (!text_to_duration(&seconds, limit) || seconds >= LIFE_MIN_S)
		return;
	check_found(examination, SEVERITY_WARNING, name,
		fix_set(NULL, name, "86400", arena),
		"policyd is ended after %s, before a busy smtpd is, which "
		"costs that one second at its next recipient",
		limit);
}
