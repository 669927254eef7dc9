/* A graph as Graphviz reads it (the DOT language), left to right. */
#ifndef TRANSPORT_MAP_GEN_GRAPH_DOT_H
#define TRANSPORT_MAP_GEN_GRAPH_DOT_H

#include "transport-map-gen/graph.h"

struct text;

/* Appends the whole of it.  Equal graphs give equal bytes. */
void graph_dot_format(struct text *out, const struct graph *graph);

/*
 * Appends foreign text as it has to stand in an HTML-like label: each byte
 * that is not UTF-8 or may not be shown as U+FFFD, a newline as <br/>.
 */
void graph_dot_escape(struct text *out, const char *text);
/* The same for what stands in double quotes; a newline as \n. */
void graph_dot_quote(struct text *out, const char *text);

#endif
