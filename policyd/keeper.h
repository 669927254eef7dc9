/*
 * Keeps the generation in force and judges by it.  What it has to say goes
 * to the journal, each problem once.
 */
#ifndef POLICYD_KEEPER_H
#define POLICYD_KEEPER_H

#include "policyd/judge.h"

struct journal;
struct keeper;

/*
 * Borrows both.  Never fails: without a generation nothing is judged, all
 * answers are DUNNO (the maps alone are right), and the one that appears
 * later is taken.
 */
struct keeper *keeper_open(const char *state, struct journal *journal);
void keeper_close(struct keeper **keeper);

/*
 * Takes a new generation and newer times of the directories, where there are
 * any; a readlink and a stat otherwise.  A generation that can not be opened
 * leaves the old one in force.
 */
void keeper_look(struct keeper *keeper);

/* *out borrows from the keeper. */
void keeper_judge(struct judge *out, struct keeper *keeper, bool is_shadow);

#endif
