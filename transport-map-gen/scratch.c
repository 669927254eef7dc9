/*
 * Who is killed removes nothing, and what is in the folder is everybody's
 * address.  So another process waits for the end of this one, which closes
 * the pipe between them: nobody writes to it.
 */
#include "transport-map-gen/scratch.h"

#include "base/lifeline.h"
#include "base/memory.h"
#include "snapshot/folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct scratch {
	char *folder;
	int lifeline; /* -1 = nobody waits yet */
	pid_t keeper;
};

static _Noreturn void keep(int lifeline, const char *folder)
{
	lifeline_wait(lifeline);
	_exit(folder_remove(folder, NULL) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool start_keeper(struct scratch *scratch, struct err *err)
{
	int ends[2];
	sigset_t all;
	sigset_t before;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(err, "open a pipe");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	const pid_t pid = fork();

	if (pid == 0)
		keep(ends[0], scratch->folder);
	const bool is_forked = pid > 0 || err_sys(err, "fork");

	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[0]);
	scratch->lifeline = ends[1];
	scratch->keeper = pid;
	return is_forked;
}

static bool make_folder(struct scratch *scratch, struct err *err)
{
	const char *parent = getenv("TMPDIR");

	if (asprintf(&scratch->folder, "%s/postshare-candidate.XXXXXX",
		    parent != NULL && *parent != '\0' ? parent : "/tmp") < 0)
		memory_must(NULL);
	return mkdtemp(scratch->folder) != NULL ||
		err_sys(err, "make a folder %s", scratch->folder);
}

struct scratch *scratch_open(struct err *err)
{
	struct scratch *scratch = memory_must(calloc(1, sizeof *scratch));

	scratch->lifeline = -1;
	if (!make_folder(scratch, err)) {
		free(scratch->folder);
		free(scratch);
		return NULL;
	}
	if (!start_keeper(scratch, err))
		scratch_close(&scratch);
	return scratch;
}

void scratch_close(struct scratch **scratch)
{
	if (*scratch == NULL)
		return;
	if ((*scratch)->lifeline >= 0)
		close((*scratch)->lifeline);
	if ((*scratch)->keeper > 0)
		waitpid((*scratch)->keeper, NULL, 0);
	else
		folder_remove((*scratch)->folder, NULL);
	free((*scratch)->folder);
	free(*scratch);
	*scratch = NULL;
}

const char *scratch_folder(const struct scratch *scratch)
{
	return scratch->folder;
}
