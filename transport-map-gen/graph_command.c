/*
 * graph: the picture is wanted most where check refuses the configuration,
 * so it is drawn of all that can be understood; the status says the rest.
 */
#include "transport-map-gen/commands.h"

#include "base/child.h"
#include "base/file.h"
#include "base/text.h"
#include "transport-map-gen/graph_dot.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static bool as_svg(struct text *out, const struct text *dot, struct err *err)
{
	const char *const argv[] = { "dot", "-Tsvg", NULL };

	errno = 0;
	if (child_run(argv, dot->data, out, err))
		return true;
	if (errno != ENOENT)
		return false;
	return err_set(err,
		"there is no dot(1) to draw with: install the package "
		"graphviz, or take what graph writes without --svg to a "
		"machine that has it");
}

static bool draw(const struct gathered *g, const struct options *options,
	struct err *err)
{
	struct graph graph;
	struct text dot, svg;

	text_init(&dot);
	text_init(&svg);
	graph_collect(&graph, g, options->state);
	graph_dot_format(&dot, &graph);
	bool is_drawn = !options->as_svg || as_svg(&svg, &dot, err);
	const struct text *result = options->as_svg ? &svg : &dot;

	if (is_drawn && !file_write(STDOUT_FILENO, result->data, result->len))
		is_drawn = err_sys(err, "write the graph");
	text_fini(&dot);
	text_fini(&svg);
	return is_drawn;
}

int command_graph(const struct options *options)
{
	struct gathered g;
	struct err err = { 0 };
	int status = gather(&g, options, GATHER_PICTURE) ? EX_OK : EX_CONFIG;

	gathered_report(&g, false);
	if (g.model != NULL && !draw(&g, options, &err)) {
		fprintf(stderr, "transport-map-gen: error: %s\n", err.text);
		status = EX_IOERR;
	}
	gathered_fini(&g);
	return status;
}
