#include "tests/unit/reading_case.h"

#include "base/arena.h"
#include "base/faults.h"
#include "directory/last_good.h"
#include "directory/reading.h"

#include "tests/unit/listing_case.h"
#include "tests/unit/sink_text.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void reading_case_init(struct reading_case *c)
{
	*c = (struct reading_case){ .arena = arena_open(),
		.fields = { "mail" } };
	c->options.state = test_folder(c->arena);
	c->options.delimiters = "+";
	c->directory = (struct directory){
		.name = "ad",
		.place = { "namespace.conf", 7 },
		.source = "list",
		.path = arena_printf(c->arena, "%s/list", c->options.state),
		.fields = c->fields,
		.n_fields = 1,
		.max_shrink = { 50, true },
		.max_bad = { 2, false },
	};
	c->faults = faults_open();
}

void reading_case_fini(struct reading_case *c)
{
	test_folder_remove(c->options.state);
	faults_close(&c->faults);
	text_fini(&c->list);
	arena_close(&c->arena);
}

static void take_whole(struct reading_case *c, int fd, bool is_kept)
{
	const char *path = last_good_path(c->options.state, "ad", c->arena);
	struct last_good_new new = { .fd = fd };
	struct err err = { 0 };

	if (!c->options.is_dry)
		ck_assert(last_good_adopt(&new, path, c->arena, &err));
	ck_assert(listing_show(
		&c->list, listing_of_fd(new.fd, c->arena), &c->classes));
	if (is_kept)
		ck_assert(last_good_commit(&new, &err));
	else if (!c->options.is_dry)
		last_good_abandon(&new);
}

enum report_end reading_case_run(
	struct reading_case *c, const char *text, bool is_kept)
{
	const int fd = memfd_create("list", MFD_CLOEXEC);

	test_write(c->directory.path, text, strlen(text));
	text_clear(&c->list);
	class_counts_init(&c->classes, c->arena);
	reading_run(&c->report, &c->directory, &c->options, fd, c->faults);
	if (c->report.end == REPORT_WHOLE)
		take_whole(c, fd, is_kept);
	close(fd);
	return c->report.end;
}
