/* postconf(1) and postmap(1) are scripts here. */
#include "tests/unit/maps_case.h"

#include "snapshot/cdb_writer.h"
#include "tests/unit/findings_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

char *maps_case_with_folder(const struct model_case *c, const char *text)
{
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == 'S' && (at[1] == '/' || at[1] == ','))
			text_adds(&out, c->folder);
		else
			text_add(&out, at, 1);
	}
	char *result = arena_strdup(c->arena, out.data == NULL ? "" : out.data);

	text_fini(&out);
	return result;
}

const char *maps_case_lines(const struct model_case *c, const char *line)
{
	const size_t len = line == NULL ? 0 : strcspn(line, " ") + 1;
	char *rest = arena_strdup(c->arena, MAPS_CASE_SOUND);
	const char *lines = line == NULL ? "" : line;

	while (rest != NULL) {
		const char *one = strsep(&rest, "\n");

		if (line == NULL || strncmp(one, line, len) != 0)
			lines = arena_printf(c->arena, "%s\n%s", one, lines);
	}
	return maps_case_with_folder(c, arena_printf(c->arena, "%s\n", lines));
}

const char *maps_case_check(const struct model_case *c,
	const struct instance *instance, struct generation *published)
{
	return findings_case_run(&(struct examination){ .instance = instance,
					 .ns = c->ns,
					 .config = "namespace.conf",
					 .state = c->folder,
					 .published = published,
					 .now = MODEL_NOW,
					 .arena = c->arena },
		check_maps);
}

void maps_case_open(struct model_case *c, struct postconf_case *p)
{
	model_case_sound(
		c, MAPS_CASE_CONFIG, "s ann@d.example\nl lee@d.example");
	model_case_write(c, 1);
	const char *leaving = arena_printf(
		c->arena, "%s/routes/transport_leaving.cdb", c->folder);
	struct cdb_writer *writer = cdb_writer_open(leaving, NULL);

	ck_assert_ptr_nonnull(writer);
	ck_assert(cdb_writer_close(&writer, NULL));
	postconf_case_open(p);
}

void maps_case_run(const struct maps_case *one)
{
	struct model_case c;
	struct postconf_case p;
	const char *says = one->says;

	maps_case_open(&c, &p);
	postconf_case_program(&p, "postmap",
		one->keys == NULL
			? "exit 1\n"
			: arena_printf(c.arena,
				  "/bin/grep -E '%s' | /bin/sed 's/$/\\tx/'\n",
				  one->keys));
	const char *lines = maps_case_lines(&c, one->line);
	struct instance *instance = postconf_case_read(&p, lines, lines,
		"smtp inet n - n - - smtpd\n" MAPS_CASE_TRANSPORTS);
	struct generation *published = model_case_generation(&c);
	const char *printed = maps_case_check(&c, instance, published);

	if (says == NULL)
		ck_assert_msg(text_starts(printed, "nothing is wrong: "),
			"%s:\n%s", one->name, printed);
	else
		ck_assert_msg(
			text_starts(printed, maps_case_with_folder(&c, says)),
			"%s:\n%sbut expected:\n%s", one->name, printed, says);
	if (says != NULL)
		ck_assert_msg(
			strstr(printed,
				says[0] == 'e'
					? "\n1 error, 0 warnings\n"
					: "\n0 errors, 1 warning\n") != NULL,
			"%s:\n%s", one->name, printed);
	generation_close(&published);
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}

void services_case_run(const struct services_case *one)
{
	struct model_case c;
	struct postconf_case p;

	maps_case_open(&c, &p);
	const char *lines = maps_case_lines(&c, NULL);

	postconf_case_write(&p, lines, lines, one->services);
	setenv("OVERRIDES", one->overrides, 1);
	setenv("MAP_TYPES", one->types == NULL ? "cdb" : one->types, 1);
	struct instance *instance = instance_read(INSTANCE_ALL, NULL);
	const char *printed = maps_case_check(&c, instance, NULL);

	if (one->says == NULL)
		ck_assert_msg(text_starts(printed, "nothing is wrong: "),
			"%s:\n%s", one->name, printed);
	else
		ck_assert_msg(
			strcmp(printed,
				arena_printf(c.arena, "%s1 error, 0 warnings\n",
					one->says)) == 0,
			"%s:\n%sbut expected:\n%s", one->name, printed,
			one->says);
	unsetenv("OVERRIDES");
	unsetenv("MAP_TYPES");
	instance_close(&instance);
	postconf_case_close(&p);
	model_case_close(&c);
}
