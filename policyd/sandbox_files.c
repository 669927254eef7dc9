/*
 * The kernel tells which version of Landlock it has; a right that it does
 * not know must not be named.  The numbers stand here because a kernel's
 * headers are often older than the kernel (linux/landlock.h).
 */
#include "policyd/sandbox_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { ASK_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
	MAY_EXECUTE = 1 << 0,
	MAY_WRITE_FILE = 1 << 1,
	MAY_READ_FILE = 1 << 2,
	MAY_READ_FOLDER = 1 << 3,
	/* to remove and to make what is of any kind */
	MAY_CHANGE_FOLDERS = 0x1ff << 4,
	MAY_REFER = 1 << 13, /* version 2 */
	MAY_TRUNCATE = 1 << 14, /* 3 */
	MAY_IOCTL_DEVICE = 1 << 15, /* 5 */
};

enum {
	WRITING = MAY_WRITE_FILE | MAY_CHANGE_FOLDERS | MAY_REFER | MAY_TRUNCATE
};

enum { TCP_ALL = 1 << 0 | 1 << 1 }; /* bind and connect; version 4 */
enum { SCOPE_SIGNALS = 1 << 1 }; /* version 6 */

struct ruleset {
	uint64_t files;
	uint64_t tcp; /* from version 4 on */
	uint64_t scopes; /* 6 */
};

struct rule {
	uint64_t files;
	int32_t parent;
} __attribute__((packed));

static uint64_t known_files(long version)
{
	uint64_t known = (1 << 13) - 1;

	if (version >= 2)
		known |= MAY_REFER;
	if (version >= 3)
		known |= MAY_TRUNCATE;
	if (version >= 5)
		known |= MAY_IOCTL_DEVICE;
	return known;
}

static size_t size_of(long version)
{
	if (version >= 6)
		return sizeof(struct ruleset);
	return version >= 4 ? offsetof(struct ruleset, scopes)
			    : offsetof(struct ruleset, tcp);
}

/* Of a path that is not there what is above it, at last "/" or ".". */
static int open_nearest(const char *path)
{
	char nearest[PATH_MAX];
	const size_t len = strlen(path);

	if (len >= sizeof nearest)
		return -1;
	memcpy(nearest, path, len + 1);
	for (;;) {
		const int fd = open(nearest, O_PATH | O_CLOEXEC);
		char *slash = strrchr(nearest, '/');

		if (fd >= 0 || errno != ENOENT || strcmp(nearest, "/") == 0 ||
			strcmp(nearest, ".") == 0)
			return fd;
		if (slash == NULL)
			snprintf(nearest, sizeof nearest, ".");
		else
			slash[slash == nearest ? 1 : 0] = '\0';
	}
}

static bool allow(
	int ruleset, const char *path, uint64_t files, struct err *err)
{
	struct rule rule = { .files = files, .parent = open_nearest(path) };

	if (rule.parent < 0)
		return err_sys(err, "landlock: %s", path);
	const bool is_added = syscall(SYS_landlock_add_rule, ruleset,
				      RULE_PATH_BENEATH, &rule, 0) == 0 ||
		err_sys(err, "landlock: %s", path);

	close(rule.parent);
	return is_added;
}

/* What is named in it is forbidden but where a rule allows it; -1: no. */
static int open_ruleset(struct ruleset *rules, struct err *err)
{
	const long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	if (version < 1) {
		err_sys(err, "landlock");
		return -1;
	}
	rules->files &= known_files(version);
	if (version < 4)
		rules->tcp = 0;
	if (version < 6)
		rules->scopes = 0;
	const int fd = (int)syscall(
		SYS_landlock_create_ruleset, rules, size_of(version), 0);

	if (fd < 0)
		err_sys(err, "landlock");
#ifdef HAS_COVERAGE
	/* gcov writes at an end, where the program was built. */
	else
		allow(fd, HAS_COVERAGE, rules->files, err);
#endif
	return fd;
}

static bool enforce(int ruleset, struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return err_sys(err, "landlock");
	return true;
}

bool sandbox_limit_files(
	const char *const folders[], size_t count, struct err *err)
{
	struct ruleset rules = { ~UINT64_C(0), TCP_ALL, SCOPE_SIGNALS };
	const int fd = open_ruleset(&rules, err);
	bool is_done = fd >= 0;

	for (size_t i = 0; is_done && i < count; i++)
		is_done = allow(
			fd, folders[i], MAY_READ_FILE | MAY_READ_FOLDER, err);
	is_done = is_done && enforce(fd, err);
	if (fd >= 0)
		close(fd);
	return is_done;
}

bool sandbox_forbid_writing(struct err *err)
{
	struct ruleset rules = { WRITING, TCP_ALL, SCOPE_SIGNALS };
	const int fd = open_ruleset(&rules, err);
	const bool is_done = fd >= 0 &&
		allow(fd, "/dev/null", MAY_WRITE_FILE, err) && enforce(fd, err);

	if (fd >= 0)
		close(fd);
	return is_done;
}
