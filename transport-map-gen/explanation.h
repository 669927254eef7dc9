/* The answer to one address, with the way to it, for people and programs. */
#ifndef TRANSPORT_MAP_GEN_EXPLANATION_H
#define TRANSPORT_MAP_GEN_EXPLANATION_H

#include "namespace/recipients.h"
#include "namespace/resolver.h"
#include "transport-map-gen/map_walk.h"

enum { EXPLANATION_STEPS_MAX = 256 };

struct explained_step {
	const char *name;
	const char *text;
	const char *place; /* "namespace.conf:12"; NULL = none */
};

struct explanation {
	struct arena *arena;
	const char *state;
	const char *asked; /* as Postfix would hand it to policyd */
	const struct namespace *ns; /* for its lines; NULL = unreadable */
	const struct recipients *recipients; /* NULL: last-good copies */
	const struct view *view;
	bool is_published;
	unsigned long generation; /* where published */

	struct resolution resolution;
	struct explained_step steps[EXPLANATION_STEPS_MAX];
	size_t n_steps;
	/* Who else has the address that decided; chained by next. */
	const struct recipient *listed;
	struct map_hit hits[MAP_WALK_MAX];
	size_t n_hits;
};

/* For struct trace; context is the explanation. */
void explanation_step(void *context, const struct step *step);
void explanation_walk_maps(struct explanation *explanation);

void explanation_print(const struct explanation *explanation);
void explanation_print_json(const struct explanation *explanation);

#endif
