/*
 * Whatever is in findings is UTF-8: findings_add() sees to it.  The path of
 * main.cf's folder may have any byte.
 */
#include "doctor/findings_json.h"

#include "base/arena.h"
#include "base/printable.h"

#include <jansson.h>

static json_t *ids_of(const struct check_list *checks)
{
	json_t *array = json_array();

	for (size_t i = 0; i < checks->count; i++)
		json_array_append_new(array, json_string(checks->list[i]->id));
	return array;
}

static json_t *as_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "check", finding->check,
		"severity", severity_format(finding->severity), "subject",
		finding->subject, "text", finding->text, "fix", finding->fix);
}

static json_t *list_of(const struct findings *findings)
{
	json_t *array = json_array();

	for (size_t i = 0; i < findings_count(findings); i++)
		json_array_append_new(
			array, as_json(findings_get(findings, i)));
	return array;
}

static json_t *value_of(const struct examination *examination, const char *name)
{
	const char *value = instance_value(examination->instance, name);

	if (value == NULL)
		return json_null();
	char *shown = arena_strdup(examination->arena, value);

	printable_mask(shown);
	return json_string(shown);
}

void findings_json(const struct examination *examination,
	const struct check_list *checks, FILE *out)
{
	json_t *answer = json_pack("{s:{s:o, s:o}, s:o, s:o}", "postfix",
		"config_directory", value_of(examination, "config_directory"),
		"mail_version", value_of(examination, "mail_version"), "checks",
		ids_of(checks), "findings", list_of(examination->findings));

	json_dumpf(answer, out, JSON_INDENT(2));
	putc('\n', out);
	json_decref(answer);
}
