/* What a build depends on: nothing of it may change unnoticed. */
#include "transport-map-gen/unchanged.h"

#include "snapshot/files.h"
#include "snapshot/publish.h"
#include "snapshot/state.h"
#include "transport-map-gen/commands.h"

#include "tests/unit/config_folder.h"
#include "tests/unit/unit_main.h"

#include <sysexits.h>
#include <unistd.h>

#define DOMAIN "accepted-domain \"d.example\" { }\n"
#define CONNECTOR \
	"connector \"ex\" { address-spaces = { \"*\" }" \
	" smart-hosts = { \"192.0.2.1\" } }\n"
#define REST \
	"directory \"staff\" { type = file path = \"staff.txt\" }\n" \
	"directory \"off\" { type = file path = \"no\" enabled = no }\n" \
	"contacts = { \"partners.csv\" }\n"
#define CONTACTS "address,target\nc@d.example,c@far.example\n"

static struct fixture fixture;
static struct options options;

static void build(void)
{
	ck_assert_int_eq(command_build(&options), EX_OK);
}

static void set_up(void)
{
	fixture_init(&fixture);
	options = (struct options){
		.config = arena_printf(
			fixture.arena, "%s/namespace.conf", fixture.path),
		.state = arena_printf(fixture.arena, "%s/state", fixture.path),
		.is_quiet = true,
	};
	write_text(&fixture, "namespace.conf", DOMAIN CONNECTOR REST);
	write_text(&fixture, "staff.txt", "ann@d.example\n");
	write_text(&fixture, "partners.csv", CONTACTS);
	build();
}

static void tear_down(void)
{
	fixture_fini(&fixture);
}

static bool is_unchanged(void)
{
	struct err err = { 0 };
	struct state *state = state_open(options.state, &err);
	struct gathered g;

	ck_assert_msg(state != NULL, "%s", err.text);
	gather_changes(&g, &options, state);
	const bool result = g.is_unchanged;

	gathered_fini(&g);
	state_close(&state);
	return result;
}

/* A file that is written, or goes where text is NULL. */
static const struct {
	const char *name, *file, *text;
} changes[] = {
	{ "nothing", NULL, NULL },
	{ "the configuration's text", "namespace.conf",
		DOMAIN CONNECTOR "linger = \"9d\"\n" REST },
	{ "a comment of it", "namespace.conf",
		"# new\n" DOMAIN CONNECTOR REST },
	{ "the list", "staff.txt", "ann@d.example\nbob@d.example\n" },
	{ "the list is gone", "staff.txt", NULL },
	{ "a contact's target", "partners.csv",
		"address,target\nc@d.example,d@far.example\n" },
	{ "a contact's line", "partners.csv",
		"address,target\n\nc@d.example,c@far.example\n" },
	{ "no contact any more", "partners.csv", "address,target\n" },
	{ "the last-good copy is gone", "state/directories/staff", NULL },
	{ "the last-good copy is another", "state/directories/staff", "x" },
	{ "nothing is remembered", "state/" FILES_INPUTS, NULL },
	{ "what is remembered is damaged", "state/" FILES_INPUTS, "{}\n" },
	{ "the link is gone", "state/" FILES_CURRENT, NULL },
};

START_TEST(what_changes_is_noticed)
{
	const char *file = changes[_i].file;

	ck_assert(is_unchanged());
	if (file != NULL && changes[_i].text == NULL)
		ck_assert_int_eq(unlink(arena_printf(fixture.arena, "%s/%s",
					 fixture.path, file)),
			0);
	else if (file != NULL)
		write_text(&fixture, file, changes[_i].text);
	ck_assert_msg(is_unchanged() == (file == NULL), "%s", changes[_i].name);
}
END_TEST

/* The same text under another name is another configuration. */
START_TEST(name_of_the_configuration_counts)
{
	write_text(&fixture, "other.conf", DOMAIN CONNECTOR REST);
	options.config =
		arena_printf(fixture.arena, "%s/other.conf", fixture.path);
	ck_assert(!is_unchanged());
}
END_TEST

/* Whether what was published then is kept for the next run to recall. */
static bool is_kept(const struct publication *publication)
{
	struct err err = { 0 };
	struct state *state = state_open(options.state, &err);
	struct inputs inputs;
	struct gathered g;

	ck_assert_msg(state != NULL, "%s", err.text);
	unlink(arena_printf(fixture.arena, "%s/" FILES_INPUTS, options.state));
	gather(&g, &options, GATHER_ALL);
	unchanged_keep(&g, &options, state, publication);
	const bool result = unchanged_recall(&inputs, &g, &options, state);

	g.now = inputs.made - 1;
	ck_assert_msg(
		!result || !unchanged_recall(&inputs, &g, &options, state),
		"by a clock that was set back");
	gathered_fini(&g);
	state_close(&state);
	return result;
}

static struct manifest_file dated[] = {
	{ .name = FILES_LEAVING_DATES, .records = 2 },
	{ .name = FILES_TRANSPORT_LEAVING, .records = 2 },
};
static struct manifest_file undated[] = {
	{ .name = FILES_TRANSPORT, .records = 2 },
	{ .name = FILES_LEAVING_DATES, .records = 2 },
	{ .name = FILES_TRANSPORT_LEAVING, .records = 1 },
};

static const struct {
	const char *name;
	struct publication publication;
	bool is_kept;
} ends[] = {
	{ "found what stands", { .published = PUBLISHED_NOTHING }, true },
	{ "published", { .published = PUBLISHED_ALL }, true },
	{ "recipients are due", { .published = PUBLISHED_ROUTES }, false },
	{ "each last route has its entry",
		{ .published = PUBLISHED_ALL,
			.manifest = { .files = dated, .n_files = 2 } },
		true },
	{ "one may need an entry next time",
		{ .published = PUBLISHED_ALL,
			.manifest = { .files = undated, .n_files = 3 } },
		false },
};

START_TEST(kept_is_what_comes_to_the_same_end)
{
	ck_assert_msg(is_kept(&ends[_i].publication) == ends[_i].is_kept, "%s",
		ends[_i].name);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("unchanged");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, what_changes_is_noticed, 0, COUNT(changes));
	tcase_add_test(tcase, name_of_the_configuration_counts);
	tcase_add_loop_test(
		tcase, kept_is_what_comes_to_the_same_end, 0, COUNT(ends));
	return unit_run(suite_create("unchanged"), tcase);
}
