#include "tests/fuzz/world.h"

#include "base/file.h"
#include "config/config.h"
#include "namespace/address.h"
#include "namespace/model.h"
#include "snapshot/files.h"
#include "snapshot/freshness.h"
#include "snapshot/leaving.h"
#include "snapshot/maps.h"
#include "snapshot/publish.h"
#include "tests/unit/recipient_case.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char CONFIG[] =
	"accepted-domain 'company.example' {\n"
	" type = internal-relay recipient-filter = directories\n}\n"
	"accepted-domain '#exact.example' { type = authoritative\n"
	" catch-all = 'bob@company.example' }\n"
	"accepted-domain 'open.example' { type = internal-relay }\n"
	"accepted-domain '#check.example' {\n"
	" type = external-relay recipient-filter = verify }\n"
	"accepted-domain 'late.example' { type = authoritative }\n"
	"accepted-domain 'd\xc3\xbcrr.example' { type = authoritative }\n"
	"accepted-domain 'old.example' { secondary-of = 'company.example' }\n"
	"connector exchange {\n smart-hosts = '10.8.0.25'\n"
	" clients = { '10.8.0.25', '10.8.1.0/24' }\n"
	" address-spaces = { 'company.example', 'exact.example',"
	" 'open.example', 'check.example', 'late.example',"
	" 'd\xc3\xbcrr.example', '*' } }\n"
	"connector unix { transport = 'lmtp:unix:private/lmtp' }\n"
	"directory ad { path = 'ad' connector = 'exchange'\n"
	" domains = { 'company.example', 'exact.example', 'old.example',"
	" 'd\xc3\xbcrr.example' } }\n"
	"directory staff { path = 'staff' connector = 'unix'\n"
	" domains = 'company.example' }\n"
	"directory late { path = 'late' domains = 'late.example'"
	" max-age = 1d }\n"
	"contact 'sales@company.example' { target = 'crm@saas.example' }\n"
	"postmaster = 'bob@company.example'\n"
	"extension = '+'\n";

/* Directories in the order of the configuration. */
static const struct {
	size_t directory;
	const char *address, *target;
} listed[] = {
	{ 0, "bob@company.example", NULL },
	{ 0, "ann@exact.example", NULL },
	{ 0, "old@old.example", NULL },
	{ 0, "j\xc3\xbcrgen@d\xc3\xbcrr.example", NULL },
	{ 0, "away@company.example", "away@far.example" },
	{ 1, "eve@company.example", NULL },
	{ 1, "\"two words\"@company.example", NULL },
	{ 1, "dan@sub.company.example", NULL },
	{ 2, "known@late.example", NULL },
};

enum { DIRECTORIES = 3 };

static const time_t loaded[DIRECTORIES] = { WORLD_NOW, WORLD_NOW,
	WORLD_NOW - 10 * 86400 };

static void must(bool claim, const struct err *err)
{
	if (claim)
		return;
	fprintf(stderr, "no world: %s\n", err->text);
	abort();
}

static const char *key_of(const char *text, struct arena *arena)
{
	struct address address;
	struct err err = { 0 };

	must(address_parse(&address, text, "+", arena, &err), &err);
	return address.key;
}

static void add_recipients(struct recipients *recipients,
	const struct namespace *ns, struct arena *arena)
{
	for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
		recipient_case_add(recipients,
			&(struct recipient){
				.key = key_of(listed[i].address, arena),
				.target = listed[i].target == NULL
					? NULL
					: key_of(listed[i].target, arena),
				.directory =
					&ns->directories[listed[i].directory],
				.origin = "1" });
}

static struct namespace *read_config(const struct world *world)
{
	const char *path =
		arena_printf(world->arena, "%s/namespace.conf", world->state);
	struct faults *faults = faults_open();
	struct err err = { 0 };

	must(file_replace(path, CONFIG, strlen(CONFIG), 0600, &err), &err);
	struct namespace *ns = config_read(path, world->arena, faults);

	if (faults_errors(faults) > 0)
		err_at(&err, faults_get(faults, 0)->place, "%s",
			faults_get(faults, 0)->text);
	must(ns != NULL && err.text[0] == '\0', &err);
	faults_close(&faults);
	return ns;
}

static long long now_ms(void *context)
{
	return *(const long long *)context;
}

static void pass_ms(void *context, unsigned ms)
{
	*(long long *)context += ms;
}

static void publish_maps(struct world *world, const struct maps_input *input)
{
	long long ms = WORLD_NOW * 1000LL;
	const struct publish_clock clock = { now_ms, now_ms, pass_ms, &ms };
	const struct publish_options options = { .keep = 1, .clock = &clock };
	const struct leaving_options leaving = { .now = WORLD_NOW };
	struct err err = { 0 };
	struct state *state = state_open(world->state, &err);

	must(state != NULL, &err);
	struct publication publication = {
		.folder = state_new_folder(state, &err),
		.manifest = { .time = WORLD_NOW,
			.configuration = input->ns->digest },
	};

	must(publication.folder != NULL &&
			maps_write(input, publication.folder, &err) &&
			leaving_write(&leaving, publication.folder, &err) &&
			publish(state, &publication, &options, &err),
		&err);
	state_close(&state);
	world->generation = arena_printf(
		world->arena, "%s/" FILES_GENERATIONS "/1", world->state);
}

static void write_freshness(
	const struct world *world, const struct namespace *ns)
{
	struct freshness list[DIRECTORIES];
	struct err err = { 0 };

	for (size_t i = 0; i < DIRECTORIES; i++)
		list[i] = (struct freshness){ ns->directories[i].name,
			loaded[i] };
	must(freshness_write(world->state, list, DIRECTORIES, &err), &err);
}

static char *new_folder(struct arena *arena)
{
	const char *tmp = getenv("TMPDIR");
	char *path = arena_printf(arena, "%s/postshare-XXXXXX",
		tmp != NULL                             ? tmp
			: access("/dev/shm", W_OK) == 0 ? "/dev/shm"
							: "/tmp");
	struct err err = { 0 };

	must(mkdtemp(path) != NULL || err_sys(&err, "create %s", path), &err);
	return path;
}

void world_open(struct world *world)
{
	*world = (struct world){ .arena = arena_open() };
	world->state = new_folder(world->arena);
	const struct namespace *ns = read_config(world);
	struct recipients *recipients = recipients_open();

	add_recipients(recipients, ns, world->arena);
	struct model *model = model_open(ns, recipients, loaded);

	publish_maps(world,
		&(struct maps_input){ ns, recipients, model, WORLD_NOW });
	write_freshness(world, ns);
	model_close(&model);
	recipients_close(&recipients);
}

static int remove_one(
	const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void world_close(struct world *world)
{
	nftw(world->state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	arena_close(&world->arena);
}
