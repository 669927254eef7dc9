/*
 * One column for each step of a recipient's way, each kind in a cluster of
 * its own.  What a colour says, a shape, a kind of line or a word says too:
 * it may be printed in black, or read by who sees no red.
 */
#include "transport-map-gen/graph_dot.h"

#include "base/printable.h"
#include "base/text.h"

#include <string.h>

enum { KINDS = GRAPH_WORLD + 1, COLUMNS = 4, WRAP_COLUMNS = 120 };
/* What a viewer shows beside the pointer. */
enum { TOOLTIP_MAX = 4000 };

#define RED "#b3261e"
#define GREY "#5f6368"

struct look {
	const char *cluster; /* NULL: with the kind before it */
	const char *attributes;
	unsigned column;
};

static const struct look looks[KINDS] = {
	[GRAPH_DIRECTORY] = { "Directories",
		"shape=cylinder, fillcolor=\"#e8f0f8\", color=\"#3f6e9a\"", 0 },
	[GRAPH_SECONDARY] = { "Secondary domains",
		"shape=box, style=\"filled,rounded,dashed\", "
		"fillcolor=\"#f6f8f4\", color=\"#5b8a5f\"",
		0 },
	[GRAPH_CONTACT] = { "Contacts",
		"shape=note, fillcolor=\"#fbf4e2\", color=\"#a67c2d\"", 0 },
	[GRAPH_AUTHORITATIVE] = { "Accepted domains",
		"shape=box, peripheries=2, fillcolor=\"#e6f2e6\", "
		"color=\"#3f7a46\"",
		1 },
	[GRAPH_INTERNAL_RELAY] = { NULL,
		"shape=box, style=\"filled,rounded\", fillcolor=\"#e6f2e6\", "
		"color=\"#3f7a46\"",
		1 },
	[GRAPH_EXTERNAL_RELAY] = { NULL,
		"shape=cds, fillcolor=\"#e6f2e6\", color=\"#3f7a46\", "
		"margin=\"0.3,0.14\"",
		1 },
	[GRAPH_NOT_OURS] = { "Outgoing",
		"shape=ellipse, style=\"filled,dotted\", "
		"fillcolor=\"#ffffff\", color=\"#5f6368\", margin=\"0.02\"",
		1 },
	[GRAPH_CONNECTOR] = { "Connectors",
		"shape=component, fillcolor=\"#efe9f6\", color=\"#6a4c93\"",
		2 },
	[GRAPH_HOST] = { "Mail systems",
		"shape=box3d, fillcolor=\"#f3f3f3\", color=\"#4d4d4d\"", 3 },
	[GRAPH_WORLD] = { NULL,
		"shape=ellipse, fillcolor=\"#ffffff\", color=\"#5f6368\"", 3 },
};

/* Edges that would turn the columns round have no say in them. */
static const char *const relations[] = {
	[GRAPH_LISTS] = "color=\"#3f6e9a\"",
	[GRAPH_MAY_LIST] = "color=\"#3f6e9a\", style=dotted",
	[GRAPH_AT] = "color=\"#8fa9c2\", style=dashed, weight=0",
	[GRAPH_SECOND_NAME] = "color=\"#5b8a5f\", arrowhead=onormal",
	[GRAPH_STANDS_FOR] = "color=\"#a67c2d\", arrowhead=vee",
	[GRAPH_ROUTE] = "color=\"#3f7a46\", penwidth=1.6",
	[GRAPH_BACKUP] = "color=\"#3f7a46\", style=dashed",
	[GRAPH_UNUSED] = "color=\"#9aa0a6\", style=dotted, arrowhead=tee",
	[GRAPH_UNKNOWNS] = "color=\"#5f6368\", style=dotted, constraint=false",
	[GRAPH_HOP] = "color=\"#6a4c93\"",
};

static const char *entity_of(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	default: return NULL;
	}
}

/*
 * "\\N" is a node's name, and there are others, in HTML-like labels too, but
 * not across elements.  A string is read for them twice.
 */
static const char *backslash(char next, bool is_string)
{
	if (is_string)
		return "\\\\\\\\";
	return next != '\0' && strchr("EGHLNT", next) != NULL
		? "<font>&#92;</font>"
		: "\\";
}

static void escape(struct text *out, const char *text, bool is_string)
{
	size_t left = strlen(text);

	while (left > 0) {
		const size_t len = printable_len(text, left);
		const char *entity = entity_of(*text);

		if (*text == '\n')
			text_adds(out, is_string ? "\\n" : "<br/>");
		else if (*text == '\\')
			text_adds(out, backslash(text[1], is_string));
		else if (len == 0)
			text_adds(out, "\xef\xbf\xbd");
		else if (entity != NULL)
			text_adds(out, entity);
		else
			text_add(out, text, len);
		text += len == 0 ? 1 : len;
		left -= len == 0 ? 1 : len;
	}
}

void graph_dot_escape(struct text *out, const char *text)
{
	escape(out, text, false);
}

void graph_dot_quote(struct text *out, const char *text)
{
	escape(out, text, true);
}

/* Breaks long lines at blanks. */
static void add_wrapped(struct text *out, const char *text, size_t columns)
{
	size_t column = 0;

	while (*text != '\0') {
		const size_t word = strcspn(text, " \n");
		struct text piece;

		if (column != 0 && column + 1 + word > columns) {
			text_adds(out, "<br align=\"left\"/>");
			column = 0;
		}
		text_init(&piece);
		text_add(&piece, text, word);
		if (column != 0)
			text_adds(out, " ");
		graph_dot_escape(out, piece.data == NULL ? "" : piece.data);
		text_fini(&piece);
		column += word + 1;
		text += word;
		if (*text == '\n') {
			text_adds(out, "<br align=\"left\"/>");
			column = 0;
		}
		text += *text != '\0';
	}
}

static void add_tooltip(struct text *out, const struct graph_node *node)
{
	struct text tooltip;

	text_init(&tooltip);
	text_addf(&tooltip, "%s\n%s", node->title,
		node->names != NULL ? node->names : node->details);
	if (node->error != NULL)
		text_addf(&tooltip, "\n%s", node->error);
	graph_dot_quote(out, tooltip.data);
	text_fini(&tooltip);
}

static void add_node(
	struct text *out, const struct graph_node *node, size_t index)
{
	text_addf(out, "\t\tn%zu [%s, label=<<b>", index,
		looks[node->kind].attributes);
	graph_dot_escape(out, node->title);
	text_adds(out, "</b>");
	if (node->details[0] != '\0') {
		text_adds(out,
			"<br/><font point-size=\"9.5\" color=\"#3c4043\">");
		graph_dot_escape(out, node->details);
		text_adds(out, "</font>");
	}
	if (node->error != NULL)
		text_adds(out,
			"<br/><font point-size=\"9.5\" color=\"" RED
			"\"><b>ERROR: check refuses this</b></font>");
	text_adds(out, ">, tooltip=\"");
	add_tooltip(out, node);
	text_addf(out, "\"%s];\n",
		node->error != NULL ? ", color=\"" RED "\", penwidth=2.4" : "");
}

/*
 * From column to column; within one down on the right side and up on the
 * left, so that there and back are two lines.
 */
static const char *ports_of(
	unsigned from, unsigned to, const struct graph_edge *edge)
{
	if (from < to)
		return ", tailport=e, headport=w";
	if (from > to || edge->from == edge->to)
		return "";
	return edge->from < edge->to ? ", tailport=e, headport=e"
				     : ", tailport=w, headport=w";
}

static void add_edge(struct text *out, const struct graph *graph,
	const struct graph_edge *edge)
{
	const unsigned from = looks[graph->nodes[edge->from].kind].column;
	const unsigned to = looks[graph->nodes[edge->to].kind].column;

	text_addf(out, "\tn%zu -> n%zu [%s", edge->from, edge->to,
		relations[edge->relation]);
	text_adds(out, ports_of(from, to, edge));
	if (from >= to && edge->relation != GRAPH_UNKNOWNS)
		text_adds(out, ", constraint=false");
	if (edge->label[0] != '\0') {
		text_adds(out, ", label=<");
		graph_dot_escape(out, edge->label);
		text_adds(out, ">");
	}
	if (edge->is_loop)
		text_adds(out,
			", color=\"" RED "\", fontcolor=\"" RED
			"\", penwidth=3, style=bold");
	text_adds(out, "];\n");
}

static bool has_kind(
	const struct graph *graph, enum graph_kind first, enum graph_kind last)
{
	for (size_t i = 0; i < graph->n_nodes; i++)
		if (graph->nodes[i].kind >= first &&
			graph->nodes[i].kind <= last)
			return true;
	return false;
}

/* A kind, and those after it that have no cluster of their own. */
static enum graph_kind last_of(enum graph_kind first)
{
	unsigned last = first;

	while (last + 1 < KINDS && looks[last + 1].cluster == NULL)
		last++;
	return (enum graph_kind)last;
}

static void add_cluster(
	struct text *out, const struct graph *graph, enum graph_kind first)
{
	const enum graph_kind last = last_of(first);

	if (!has_kind(graph, first, last))
		return;
	text_addf(out,
		"\tsubgraph cluster_%d {\n\t\tlabel=\"%s\";\n"
		"\t\tstyle=\"rounded\"; color=\"#dadce0\"; "
		"fontcolor=\"" GREY "\"; fontsize=11; margin=14;\n",
		(int)first, looks[first].cluster);
	for (size_t i = 0; i < graph->n_nodes; i++)
		if (graph->nodes[i].kind >= first &&
			graph->nodes[i].kind <= last)
			add_node(out, &graph->nodes[i], i);
	text_adds(out, "\t}\n");
}

/* A column stands even where nothing of it leads on. */
static void add_columns(struct text *out, const struct graph *graph)
{
	text_adds(out,
		"\tnode [style=invis, shape=point, label=\"\"];\n"
		"\tc0 -> c1 -> c2 -> c3 [style=invis];\n");
	for (unsigned column = 0; column < COLUMNS; column++) {
		text_addf(out, "\t{ rank=same; c%u;", column);
		for (size_t i = 0; i < graph->n_nodes; i++)
			if (looks[graph->nodes[i].kind].column == column)
				text_addf(out, " n%zu;", i);
		text_adds(out, " }\n");
	}
}

static const char legend[] =
	"Domains: double frame authoritative, round corners internal relay, "
	"arrow external relay, dashed frame secondary.\n"
	"Lines: thick = the way mail leaves, dashed = backup, or the system "
	"where a directory's recipients are,\n"
	"dotted = may be listed, or an address space that is not used; thick "
	"and red with the word LOOP = mail runs in a ring.\n";

static void add_heading(struct text *out, const struct graph *graph)
{
	text_adds(out,
		"\tlabelloc=t; labeljust=l;\n\tlabel=<<font "
		"point-size=\"15\"><b>");
	graph_dot_escape(out, graph->title);
	text_adds(out, "</b></font><br align=\"left\"/>");
	if (graph->errors[0] != '\0') {
		text_adds(out,
			"<font color=\"" RED "\"><b>ERROR: check refuses "
			"this configuration</b><br align=\"left\"/>");
		add_wrapped(out, graph->errors, WRAP_COLUMNS);
		text_adds(out, "</font>");
	}
	text_adds(out, "<font point-size=\"9\" color=\"" GREY "\">");
	add_wrapped(out, legend, WRAP_COLUMNS);
	text_adds(out, "</font><br/>>;\n");
}

void graph_dot_format(struct text *out, const struct graph *graph)
{
	text_adds(out,
		"digraph namespace {\n"
		"\tcharset=\"UTF-8\"; rankdir=LR; newrank=true;\n"
		"\tbgcolor=\"#ffffff\"; nodesep=0.28; ranksep=1.15; "
		"pad=0.3;\n"
		"\tfontname=\"Helvetica\"; fontcolor=\"#202124\"; "
		"fontsize=10;\n"
		"\tnode [fontname=\"Helvetica\", fontsize=11, "
		"fontcolor=\"#202124\", style=filled, "
		"margin=\"0.16,0.09\"];\n"
		"\tedge [fontname=\"Helvetica\", fontsize=9, fontcolor=\"" GREY
		"\", arrowsize=0.75];\n");
	add_heading(out, graph);
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (looks[kind].cluster != NULL)
			add_cluster(out, graph, (enum graph_kind)kind);
	add_columns(out, graph);
	for (size_t i = 0; i < graph->n_edges; i++)
		add_edge(out, graph, &graph->edges[i]);
	text_adds(out, "}\n");
}
