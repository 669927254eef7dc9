/* Postfix opens its maps as root, so who may read them is policyd's matter. */
#include "doctor/check_files.h"

#include "doctor/checks.h"

static const struct check checks[] = {
	{ "file-writable", "nobody but their owner writes the maps",
		files_are_not_writable },
	{ "file-public", "not everybody reads who has a mailbox",
		files_are_not_public },
	{ "file-group", "policyd's group reads the maps",
		files_are_of_the_group },
	{ "file-owner", "the maps are the compiler's", files_are_of_the_owner },
	{ "config-writable", "nobody but their owner writes the input",
		files_config_is_not_writable },
	{ "password-public", "passwords are secret",
		files_passwords_are_secret },
	{ "published", "a generation is published",
		files_something_is_published },
	{ "publish-open", "the last publish was finished",
		files_publish_is_finished },
	{ "hold", "builds may publish", files_nothing_is_held },
	{ "config-unpublished", "namespace.conf is what is published",
		files_configuration_is_published },
	{ "directory-stale", "each directory is fresh",
		files_directories_are_fresh },
	{ "build-overdue", "the compiler is run", files_builds_are_recent },
	{ "last-good", "each directory has its last-good copy",
		files_copies_are_kept },
};

const struct check *check_files(size_t index)
{
	return index < sizeof checks / sizeof *checks ? &checks[index] : NULL;
}
