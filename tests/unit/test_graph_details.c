/* What stands in the nodes of a picture, below their names. */
#include "transport-map-gen/graph.h"

#include "snapshot/manifest.h"

#include "tests/unit/graph_case.h"
#include "tests/unit/unit_main.h"

#define PLAIN \
	"accepted-domain '#d.example' { }\n" \
	"connector ex { smart-hosts = h address-spaces = 'd.example' }\n"
#define EY "connector ey { address-spaces = 'y.example' "
#define AD "directory ad { type = file path = '/lists/ad' "
#define NINE \
	"accepted-domain 'a.example' { }\naccepted-domain 'b.example' { }\n" \
	"accepted-domain 'c.example' { }\naccepted-domain 'e.example' { }\n" \
	"accepted-domain 'f.example' { }\naccepted-domain 'g.example' { }\n" \
	"accepted-domain 'h.example' { }\naccepted-domain 'i.example' { }\n"

static const struct {
	const char *name, *config, *entries;
	const char *title, *details; /* of one node; NULL = it is not there */
} cases[] = {
	{ "a connector", PLAIN, "", "ex", "refuses unknowns" },
	{ "with TLS, a backup",
		PLAIN EY "smart-hosts = i tls = encrypt backup = yes }\n", "",
		"ey", "TLS encrypt\nrefuses unknowns\nbackup for others" },
	{ "without guard against loops",
		PLAIN EY "smart-hosts = i loop = off }\n", "", "ey",
		"refuses unknowns\nloops are let through" },
	{ "unknowns come back",
		PLAIN EY "smart-hosts = i unknowns = return }\n", "", "ey",
		"hands unknowns back to us" },
	{ "unknowns go on", PLAIN EY "smart-hosts = i unknowns = ex }\n", "",
		"ey", "hands unknowns to ex" },
	{ "a smart host", PLAIN, "", "[h]", "smtp" },
	{ "a socket", PLAIN EY "transport = 'lmtp:unix:private/l' }\n", "",
		"unix:private/l", "lmtp on this machine" },
	{ "a transport", PLAIN EY "transport = 'virtual:' }\n", "", "virtual",
		"transport of this Postfix" },
	{ "a domain", PLAIN, "", "#d.example",
		"authoritative\nrefuses whom nobody lists" },
	{ "one of each type",
		PLAIN
		"accepted-domain 'r.example' { type = internal-relay }\n" EY
		"smart-hosts = i }\n",
		"", "r.example", "internal-relay\nrelays whom nobody lists" },
	{ "one that asks",
		PLAIN "accepted-domain 'y.example' { type = external-relay "
		      "recipient-filter = verify }\n" EY "smart-hosts = i }\n",
		"", "y.example",
		"external-relay\nasks the next hop for the rest" },
	{ "one for some clients",
		PLAIN
		"accepted-domain 'y.example' { accept-from = trusted }\n" EY
		"smart-hosts = i }\n",
		"", "y.example",
		"authoritative\nrefuses whom nobody lists\nfrom trusted "
		"clients alone" },
	{ "a directory that is not read yet", PLAIN AD "}\n", "ad never", "ad",
		"file ad\nnot read yet" },
	{ "one that is read", PLAIN AD "}\n", "", "ad",
		"file ad\n0 recipients\nread 2023-11-14 22:13" },
	{ "one that is stale", PLAIN AD "max-age = '2d' }\n", "ad stale", "ad",
		"file ad\n0 recipients\nread 2023-11-04 22:13\nstale" },
	{ "behind one that is taken out",
		PLAIN
		"directory off { type = file path = 'o' enabled = no }\n" AD
		"max-age = '2d' }\n",
		"ad stale", "ad",
		"file ad\n0 recipients\nread 2023-11-04 22:13\nstale" },
	{ "one that is taken out", PLAIN AD "enabled = no }\n", "", "ad",
		NULL },
	{ "one that may list anywhere", PLAIN NINE AD "}\n", "", "ad",
		"file ad\n0 recipients\nread 2023-11-14 22:13\nmay list in "
		"every domain" },
	{ "one of many that names its own",
		PLAIN NINE AD "domains = 'd.example' }\n", "", "ad",
		"file ad\n0 recipients\nread 2023-11-14 22:13" },
	{ "a command has no path",
		PLAIN "directory ad { type = command command = '/bin/list' "
		      "}\n",
		"", "ad",
		"command /bin/list\n0 recipients\nread 2023-11-14 22:13" },
};

static const struct graph_node *node_of(
	const struct graph *graph, const char *title)
{
	for (size_t i = 0; i < graph->n_nodes; i++)
		if (strcmp(graph->nodes[i].title, title) == 0)
			return &graph->nodes[i];
	return NULL;
}

static void expect(const struct graph *graph, const char *name,
	const char *title, const char *details)
{
	const struct graph_node *node = node_of(graph, title);

	if (details == NULL)
		ck_assert_msg(node == NULL, "%s: %s is there", name, title);
	else
		ck_assert_msg(
			node != NULL && strcmp(node->details, details) == 0,
			"%s: %s\nbut expected %s", name,
			node == NULL ? "none" : node->details, details);
}

START_TEST(details_tell)
{
	struct model_case c;
	struct gathered g;
	struct graph graph;

	setenv("TZ", "UTC", 1);
	collect(&graph, &g, &c, cases[_i].config, cases[_i].entries);
	expect(&graph, cases[_i].name, cases[_i].title, cases[_i].details);
	model_case_close(&c);
}
END_TEST

static struct manifest_directory published[] = {
	{ .name = "other", .entries = 3, .loaded = 1 },
	{ .name = "ad", .entries = 1234, .loaded = 1 },
};
static struct manifest_directory never[] = { { .name = "ad" } };

static const struct {
	const char *name;
	struct manifest_directory *list;
	size_t count;
	const char *details;
} manifests[] = {
	{ "it listed so many", published, 2,
		"file ad\n1,234 recipients\nstale" },
	{ "another is published", published, 1, "file ad\nnot read yet" },
	{ "it had never loaded", never, 1, "file ad\nnot read yet" },
};

/* Where its copy is gone, what is published says how many it listed. */
START_TEST(published_list_counts)
{
	struct model_case c;
	struct gathered g;
	struct graph graph;
	struct err err = { 0 };
	struct manifest manifest = { .generation = 1,
		.configuration = "c0ffee",
		.directories = manifests[_i].list,
		.n_directories = manifests[_i].count };

	collect(&graph, &g, &c, PLAIN AD "}\n", "ad never");
	const char *current = arena_printf(c.arena, "%s/current", c.folder);

	ck_assert_int_eq(mkdir(current, 0700), 0);
	ck_assert_msg(manifest_write(&manifest, current, &err), "%s", err.text);
	graph_collect(&graph, &g, c.folder);
	expect(&graph, manifests[_i].name, "ad", manifests[_i].details);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("graph_details");

	tcase_add_loop_test(tcase, details_tell, 0, COUNT(cases));
	tcase_add_loop_test(tcase, published_list_counts, 0, COUNT(manifests));
	return unit_run(suite_create("graph_details"), tcase);
}
