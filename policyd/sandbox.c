/*
 * Landlock first: seccomp would not let it be asked for.  The time zone is
 * read before, for afterwards it is out of reach.
 */
#include "policyd/sandbox.h"

#include "base/text.h"
#include "policyd/journal.h"
#include "policyd/sandbox_calls.h"
#include "policyd/sandbox_files.h"

#include <string.h>
#include <syslog.h>
#include <time.h>

/* LSan looks at its own threads at the end. */
#ifdef HAS_SANITIZER
static const bool needs_proc = true;
#else
static const bool needs_proc = false;
#endif

void sandbox_enter(
	const char *state, bool tells_numbers, struct journal *journal)
{
	const char *const folders[] = { state, "/proc" };
	const size_t count = tells_numbers || needs_proc ? 2 : 1;
	struct err err = { 0 };

	tzset();
	if (!sandbox_limit_files(folders, count, &err))
		journal_printf(journal, LOG_DEBUG,
			"files are not limited to the state folder: %s",
			err.text);
	if (!sandbox_limit_calls(&err))
		journal_printf(journal, LOG_NOTICE,
			"system calls are not limited: %s", err.text);
}

/* The options may be shortened; --help writes nothing either. */
static bool is_page_wanted(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (text_starts(argv[i], "--h") &&
			strcmp(argv[i], "--help") != 0)
			return true;
	}
	return false;
}

void sandbox_enter_query(int argc, char **argv)
{
	struct err err = { 0 };

	if (!is_page_wanted(argc, argv))
		(void)sandbox_forbid_writing(&err);
	(void)sandbox_forbid_network(&err);
}
