/*
 * doctor: the configuration must be sound, and directories are not asked:
 * what is examined is the set-up around it.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "doctor/checks.h"
#include "doctor/findings_json.h"
#include "doctor/findings_text.h"
#include "snapshot/generation.h"
#include "transport-map-gen/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void print_ids(enum check_kind kind)
{
	const struct check *check;

	for (size_t i = 0; (check = checks_get(kind, i)) != NULL; i++)
		fprintf(stderr, " %s", check->id);
}

static bool are_known(const struct options *options)
{
	for (size_t i = 0; i < options->n_skip; i++) {
		if (checks_find(options->skip[i]) != NULL)
			continue;
		fprintf(stderr,
			"transport-map-gen: error: --skip: there is no check "
			"\"%s\"; there are:",
			options->skip[i]);
		print_ids(CHECK_LOCAL);
		print_ids(CHECK_DNS);
		print_ids(CHECK_PROBE);
		putc('\n', stderr);
		return false;
	}
	return true;
}

static void select_checks(
	struct check_list *checks, const struct options *options)
{
	checks->count = 0;
	checks_select(checks, CHECK_LOCAL, options->skip, options->n_skip);
	if (options->with_dns)
		checks_select(
			checks, CHECK_DNS, options->skip, options->n_skip);
	if (options->with_probe)
		checks_select(
			checks, CHECK_PROBE, options->skip, options->n_skip);
}

/* As main.cf would name it: links stay, for it names those. */
static const char *absolute(const char *path, struct arena *arena)
{
	char *folder = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *whole = folder == NULL
		? arena_strdup(arena, path)
		: arena_printf(arena, "%s/%s", folder, path);

	for (size_t len = strlen(whole); len > 1 && whole[len - 1] == '/';)
		whole[--len] = '\0';
	free(folder);
	return whole;
}

static int status_of(const struct findings *findings)
{
	int status = EX_OK;

	for (size_t i = 0; i < findings_count(findings); i++) {
		if (findings_get(findings, i)->severity != SEVERITY_UNKNOWN)
			return EX_CONFIG;
		status = EX_TEMPFAIL;
	}
	return status;
}

static int examine(
	const struct options *options, struct examination *examination)
{
	struct check_list checks;

	select_checks(&checks, options);
	checks_run(examination, &checks);
	if (options->as_json)
		findings_json(examination, &checks, stdout);
	else
		findings_text(examination->findings, checks.count,
			options->is_quiet, stdout);
	return status_of(examination->findings);
}

static int examine_namespace(
	const struct options *options, const struct gathered *g)
{
	struct err err = { .text = "" };
	struct instance *instance = instance_read(INSTANCE_ALL, &err);
	int status = EX_UNAVAILABLE;

	if (instance == NULL) {
		fprintf(stderr, "transport-map-gen: error: %s\n", err.text);
		return status;
	}
	const char *state = absolute(options->state, g->arena);
	struct generation *published = generation_open(state, NULL);
	struct findings *findings = findings_open();

	if (published != NULL)
		generation_refresh(published, NULL);
	status = examine(options,
		&(struct examination){ .instance = instance,
			.ns = g->ns,
			.config = absolute(options->config, g->arena),
			.state = state,
			.published = published,
			.resolver = options->resolver,
			.now = g->now,
			.findings = findings,
			.arena = g->arena });
	findings_close(&findings);
	generation_close(&published);
	instance_close(&instance);
	return status;
}

int command_doctor(const struct options *options)
{
	struct gathered g;
	int status = EX_CONFIG;

	if (!are_known(options))
		return EX_USAGE;
	const bool is_sound = gather(&g, options, GATHER_NAMESPACE);

	if (is_sound)
		status = examine_namespace(options, &g);
	else
		gathered_report(&g, false);
	gathered_fini(&g);
	return status;
}
