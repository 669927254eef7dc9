/* The picture of a namespace: what is drawn, and which of it is a ring. */
#include "transport-map-gen/graph_dot.h"

#include "tests/unit/graph_case.h"
#include "tests/unit/unit_main.h"

#define EX "connector ex { smart-hosts = { '10.0.0.1', '10.0.0.2' } "

/* "d.example -> ex: cost 1", a line each; a ring has "!" in front. */
static const char *edges_of(const struct graph *graph, bool loops_alone)
{
	struct text text;

	text_init(&text);
	text_adds(&text, "");
	for (size_t i = 0; i < graph->n_edges; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		if (edge->relation == GRAPH_HOP ||
			(loops_alone && !edge->is_loop))
			continue;
		text_addf(&text, "%s%s -> %s%s%s\n", edge->is_loop ? "!" : "",
			graph->nodes[edge->from].title,
			graph->nodes[edge->to].title,
			edge->label[0] == '\0' ? "" : ": ", edge->label);
	}
	const char *edges = arena_strndup(graph->arena, text.data, text.len);

	text_fini(&text);
	return edges;
}

static const struct {
	const char *name, *config, *entries, *edges;
} cases[] = {
	{ "a domain and its connector",
		"accepted-domain 'd.example' { }\n" EX
		"address-spaces = 'd.example;3' }\n",
		"", "d.example -> ex: cost 3\n" },
	{ "the name and those below it by two",
		"accepted-domain 'd.example' { }\n" EX
		"address-spaces = '#d.example' }\n"
		"connector ey { smart-hosts = h address-spaces = '*.d.example' "
		"}\n",
		"",
		"d.example -> ex: name alone, cost 1\n"
		"d.example -> ey: below it, cost 1\n" },
	{ "a part of a domain by another",
		"accepted-domain 'd.example' { }\n" EX
		"address-spaces = 'd.example' }\n"
		"connector ey { smart-hosts = h address-spaces = "
		"'#x.d.example;7' }\n",
		"",
		"d.example -> ex: cost 1\n"
		"d.example -> ey: by #x.d.example, cost 7\n" },
	{ "backups and those that are beaten",
		"accepted-domain '#d.example' { }\n" EX
		"address-spaces = 'd.example' }\n"
		"connector ey { smart-hosts = h address-spaces = 'd.example;9' "
		"backup = yes }\n"
		"connector ez { smart-hosts = i address-spaces = 'd.example;5' "
		"}\n",
		"",
		"#d.example -> ex: cost 1\n"
		"#d.example -> ez: not used, cost 5\n"
		"#d.example -> ey: backup, cost 9\n" },
	{ "outgoing mail",
		"accepted-domain '#d.example' { }\npostmaster = "
		"'pm@far.example'\n" EX "address-spaces = { '*;9', 'o.example' "
		"} }\n",
		"",
		"* -> ex: cost 9\no.example -> ex: cost 1\n"
		"#d.example -> ex: by *, cost 9\npostmaster -> ex\n" },
	{ "who lists recipients",
		"accepted-domain '#d.example' { }\n"
		"accepted-domain '#e.example' { }\n" EX
		"address-spaces = '*' }\n"
		"directory ad { path = p connector = ex }\n"
		"directory el { path = q domains = '#e.example' }\n",
		"ad a@d.example\nad b@d.example\nad x@far.example",
		"* -> ex: cost 1\n"
		"#d.example -> ex: by *, cost 1\n"
		"#e.example -> ex: by *, cost 1\n"
		"ad -> #d.example: 2\nad -> #e.example\nad -> ex\n"
		"el -> #e.example\n" },
	{ "contacts",
		"accepted-domain '#d.example' { catch-all = 'b@e.example' }\n"
		"accepted-domain '#e.example' { }\n" EX
		"address-spaces = 'd.example' }\n"
		"directory ad { path = p connector = ex }\n"
		"contact 'a@d.example' { target = 'a@far.example' }\n"
		"contact 'b@d.example' { target = 'a@d.example' }\n"
		"contact 'c@d.example' { target = 'b@e.example' }\n",
		"ad b@e.example",
		"#d.example -> ex: cost 1\n"
		"ad -> #e.example: 1\nad -> #d.example\nad -> ex\n"
		"a@d.example -> elsewhere\nb@d.example -> a@d.example\n"
		"c@d.example -> #e.example\n"
		"#d.example -> #e.example: catch-all\n" },
};

START_TEST(draws)
{
	struct model_case c;
	struct gathered g;
	struct graph graph;

	collect(&graph, &g, &c, cases[_i].config, cases[_i].entries);
	ck_assert_msg(strcmp(edges_of(&graph, false), cases[_i].edges) == 0,
		"%s: %s\nbut expected %s", cases[_i].name,
		edges_of(&graph, false), cases[_i].edges);
	model_case_close(&c);
}
END_TEST

#define OFF "accepted-domain '#d.example' { type = internal-relay }\n"
#define RETURNS \
	"connector ex { smart-hosts = h address-spaces = '*' unknowns = " \
	"return }\n"
#define TWO(first, second) \
	"connector ex { smart-hosts = h address-spaces = '*' " \
	"unknowns = " first " }\n" \
	"connector ey { smart-hosts = i address-spaces = 'y.example' " \
	"unknowns = " second " }\n"
#define SECOND(name, of) \
	"accepted-domain '" name "' { secondary-of = '" of "' }\n"
#define CONTACT(name, target) "contact '" name "' { target = '" target "' }\n"
#define PLAIN \
	"accepted-domain '#d.example' { }\n" \
	"connector ex { smart-hosts = h address-spaces = 'd.example' }\n"

static const struct {
	const char *name, *config, *loops;
	size_t n_errors; /* nodes with one */
} rings[] = {
	{ "sound", PLAIN, "", 0 },
	{ "one that nobody unknown enters",
		"accepted-domain '#d.example' { }\n" RETURNS, "", 0 },
	{ "with the other system", OFF RETURNS,
		"!#d.example -> ex: LOOP by *, cost 1\n"
		"!ex -> #d.example: LOOP unknowns come back\n",
		1 },
	{ "by way of a third", OFF TWO("ey", "return"),
		"!#d.example -> ex: LOOP by *, cost 1\n"
		"!ey -> #d.example: LOOP unknowns come back\n"
		"!ex -> ey: LOOP unknowns\n",
		1 },
	{ "past us", OFF TWO("ey", "ex"),
		"!#d.example -> ex: LOOP by *, cost 1\n"
		"!ex -> ey: LOOP unknowns\n!ey -> ex: LOOP unknowns\n",
		1 },
	{ "handed on to one that refuses", OFF TWO("ey", "reject"), "", 0 },
	{ "contacts",
		PLAIN CONTACT("a@d.example", "b@d.example")
			CONTACT("b@d.example", "a@d.example")
				CONTACT("c@d.example", "c@far.example"),
		"!a@d.example -> b@d.example: LOOP\n"
		"!b@d.example -> a@d.example: LOOP\n",
		2 },
	{ "the postmaster's",
		PLAIN "postmaster = 'a@d.example'\n" CONTACT(
			"a@d.example", "postmaster@d.example"),
		"!postmaster -> a@d.example: LOOP\n"
		"!a@d.example -> #d.example: LOOP\n",
		2 },
	{ "secondary domains",
		PLAIN SECOND("x.example", "y.example") SECOND("y.example",
			"x.example") SECOND("z.example", "x.example")
			SECOND("o.example", "d.example"),
		"!x.example -> y.example: LOOP secondary of\n"
		"!y.example -> x.example: LOOP secondary of\n",
		1 },
	{ "an error that is no ring",
		"accepted-domain '#d.example' { type = internal-relay }\n", "",
		1 },
};

static size_t nodes_with_errors(const struct graph *graph)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->n_nodes; i++)
		count += graph->nodes[i].error != NULL;
	return count;
}

START_TEST(marks_rings_and_nothing_else)
{
	struct model_case c;
	struct gathered g;
	struct graph graph;

	collect(&graph, &g, &c, rings[_i].config, "");
	ck_assert_msg(strcmp(edges_of(&graph, true), rings[_i].loops) == 0,
		"%s: %s\nbut expected %s", rings[_i].name,
		edges_of(&graph, true), rings[_i].loops);
	ck_assert_msg(nodes_with_errors(&graph) == rings[_i].n_errors,
		"%s: %zu nodes with errors", rings[_i].name,
		nodes_with_errors(&graph));
	ck_assert_int_eq(graph.errors[0] != '\0', faults_errors(c.faults) != 0);
	model_case_close(&c);
}
END_TEST

START_TEST(many_alike_are_one)
{
	struct model_case c;
	struct gathered g;
	struct graph graph;
	struct text config;
	const struct graph_node *node = NULL;

	text_init(&config);
	text_adds(&config, EX "address-spaces = '*' }\n");
	for (int i = 0; i < 50; i++)
		text_addf(&config,
			"accepted-domain '#d%02d.example' { }\n"
			"contact 'a@d%02d.example' { target = 'a@t%d.example' "
			"}\n",
			i, i, i % 2);
	collect(&graph, &g, &c, config.data, "");
	for (size_t i = 0; i < graph.n_nodes; i++)
		if (graph.nodes[i].kind == GRAPH_AUTHORITATIVE)
			node = &graph.nodes[i];
	ck_assert_ptr_nonnull(node);
	ck_assert_str_eq(node->title, "50 domains");
	ck_assert_ptr_nonnull(strstr(node->details, "#d07.example\nand 42 "));
	ck_assert_ptr_nonnull(strstr(node->names, "#d49.example"));
	ck_assert_str_eq(edges_of(&graph, false),
		"* -> ex: cost 1\n50 domains -> ex: by *, cost 1\n"
		"25 contacts -> ex\n25 contacts -> ex\n");
	text_fini(&config);
	model_case_close(&c);
}
END_TEST

static const struct {
	const char *text, *html, *string;
} escapes[] = {
	{ "plain", "plain", "plain" },
	{ "<b>&\"x\"", "&lt;b&gt;&amp;&quot;x&quot;",
		"&lt;b&gt;&amp;&quot;x&quot;" },
	{ "a\\N\\", "a<font>&#92;</font>N\\", "a\\\\\\\\N\\\\\\\\" },
	{ "one\ntwo", "one<br/>two", "one\\ntwo" },
	{ "b\xc3\xbc"
	  "cher",
		"b\xc3\xbc"
		"cher",
		"b\xc3\xbc"
		"cher" },
	{ "\xff\x01", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(escapes_what_dot_would_read)
{
	struct text text;

	text_init(&text);
	graph_dot_escape(&text, escapes[_i].text);
	ck_assert_str_eq(text.data, escapes[_i].html);
	text_clear(&text);
	graph_dot_quote(&text, escapes[_i].text);
	ck_assert_str_eq(text.data, escapes[_i].string);
	text_fini(&text);
}
END_TEST

START_TEST(equal_input_gives_equal_bytes)
{
	struct text first, second;

	text_init(&first);
	text_init(&second);
	for (int i = 0; i < 2; i++) {
		struct model_case c;
		struct gathered g;
		struct graph graph;

		collect(&graph, &g, &c, cases[6].config, cases[6].entries);
		graph_dot_format(i == 0 ? &first : &second, &graph);
		model_case_close(&c);
	}
	ck_assert_str_eq(first.data, second.data);
	text_fini(&first);
	text_fini(&second);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("graph");

	tcase_add_loop_test(tcase, draws, 0, COUNT(cases));
	tcase_add_loop_test(
		tcase, marks_rings_and_nothing_else, 0, COUNT(rings));
	tcase_add_test(tcase, many_alike_are_one);
	tcase_add_loop_test(
		tcase, escapes_what_dot_would_read, 0, COUNT(escapes));
	tcase_add_test(tcase, equal_input_gives_equal_bytes);
	return unit_run(suite_create("graph"), tcase);
}
