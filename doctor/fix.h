/* Lines for a shell that mend what was found. */
#ifndef DOCTOR_FIX_H
#define DOCTOR_FIX_H

struct arena;
struct service;

/* One word for sh(1), whatever is in it. */
const char *fix_quote(const char *word, struct arena *arena);
/*
 * postconf -e of a parameter in main.cf, or, where a service is named, -Pe of
 * what its line in master.cf overrides, a list then; "" where postconf can
 * not write that.
 */
const char *fix_set(const struct service *service, const char *name,
	const char *value, struct arena *arena);
/* postconf -X or -PX: back to the default, or to main.cf's. */
const char *fix_unset(
	const struct service *service, const char *name, struct arena *arena);
/* "COMMAND 'PATH'" */
const char *fix_path(
	const char *command, const char *path, struct arena *arena);
/* transport-map-gen with this configuration and state folder. */
const char *fix_compiler(const char *config, const char *state,
	const char *command, struct arena *arena);

#endif
