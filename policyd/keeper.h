/*
 * Keeps the generation in force and judges by it.  What it has to say goes
 * to the journal, each problem once.
 */
#ifndef POLICYD_KEEPER_H
#define POLICYD_KEEPER_H

#include "policyd/judge.h"

struct journal;
struct keeper;
struct metrics;
struct view;

/*
 * Borrows all; verdicts are counted in metrics.  Never fails: without a
 * generation nothing is judged, all answers are DUNNO (the maps alone are
 * right), and the one that appears later is taken.
 */
struct keeper *keeper_open(
	const char *state, struct journal *journal, struct metrics *metrics);
void keeper_close(struct keeper **keeper);

/*
 * Takes a new generation and newer times of the directories, where there are
 * any; a readlink and a stat otherwise.  A generation that can not be opened
 * leaves the old one in force.
 *
 * What is damaged in the one in force is told once, at the first look after
 * somebody asked for it, and deferred; at each look it is tried again.  At
 * the start, damaged recipients are taken as such: all but they are known.
 * Where not even the domains are known, and the recipients are damaged,
 * everybody is deferred.
 */
void keeper_look(struct keeper *keeper);

/* What is in force, for those who watch. */
struct keeper_facts {
	unsigned long generation;
	time_t made; /* 0 = the manifest could not be read */
	const struct view *view; /* NULL: no generation is in force */
	/* Of each directory of the view, in what was published; NULL where
	   the manifest could not be read. */
	const unsigned long *entries;
	/* Why a new one can not be opened, or what is damaged; "" = none. */
	const char *problem;
};

/*
 * *out borrows from the keeper until its next look.  Nothing is read for it;
 * made and entries are known only where there are metrics.
 */
void keeper_find_facts(const struct keeper *keeper, struct keeper_facts *out);

struct keeper_manner {
	bool is_shadow; /* as in struct judge */
	/* Verdicts are counted and not logged: the reply alone is told. */
	bool is_silent;
};

/* *out borrows from the keeper, which is asked in one manner alone. */
void keeper_judge(
	struct judge *out, struct keeper *keeper, struct keeper_manner manner);

#endif
