#include "doctor/probe_recipients.h"

#include "doctor/probes.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

static const char CONFIG[] =
	"accepted-domain 'off.example' {\n type = internal-relay\n"
	" enabled = no\n}\n"
	"accepted-domain 'old.example' { secondary-of = 'a.example' }\n"
	"accepted-domain '*.below.example' { type = internal-relay }\n"
	"accepted-domain 'a.example' { type = internal-relay }\n"
	"accepted-domain '#b.example' {\n type = internal-relay\n"
	" recipient-filter = directories\n}\n"
	"accepted-domain 'c.example' { type = internal-relay }\n"
	"accepted-domain 'd.example' { type = internal-relay }\n"
	"accepted-domain 'e.example' { type = internal-relay }\n"
	"accepted-domain 'f.example' { type = internal-relay }\n"
	"connector ex {\n address-spaces = { 'off.example', 'a.example',"
	" '*.below.example', 'b.example', 'c.example', 'd.example',"
	" 'e.example', 'f.example' }\n smart-hosts = '10.8.0.25'\n}\n"
	"connector lists { smart-hosts = '10.8.0.26' }\n"
	"connector out {\n address-spaces = { '*' }\n"
	" smart-hosts = '10.8.0.27'\n}\n"
	"directory s { type = file path = 's' connector = 'ex' }\n"
	"directory l { type = file path = 'l' connector = 'lists' }\n"
	"contact 'crm@a.example' { target = 'crm@saas.example' }\n";

/* What is asked of that connector's system, digits left out. */
static const char *asked_of(const struct probe *probe, struct arena *arena)
{
	const struct smtp_probe *asked = &probe->asked;
	const char *text = arena_printf(arena, "%s %s",
		asked->known == NULL ? "-" : asked->known,
		probe->beyond_ascii == NULL ? "-" : probe->beyond_ascii);

	for (size_t i = 0; i < asked->n_unknown; i++) {
		const char *at = strchr(asked->unknown[i], '@');

		ck_assert_ptr_nonnull(at);
		ck_assert(text_starts(asked->unknown[i], "postshare-probe-"));
		ck_assert_int_eq(at - asked->unknown[i], 32);
		ck_assert_str_eq(at + 1, probe->domains[i]->pattern.name.ascii);
		text = arena_printf(arena, "%s %s", text, at);
	}
	return text;
}

START_TEST(only_those_whose_mail_goes_there_are_asked_for)
{
	static const char *const expected[] = {
		("ann@a.example j\xc3\xb6rg@a.example @a.example @b.example "
		 "@c.example @d.example @e.example"),
		"lee@a.example -",
		"- -",
	};
	struct model_case c;
	struct probe list[3] = { { .hop = NULL } };
	struct probes probes = { list, 3 };

	model_case_sound(&c, CONFIG,
		"s j\xc3\xb6rg@a.example\ns ann@a.example\nl lee@a.example");
	model_case_write(&c, 1);
	struct generation *published = model_case_generation(&c);

	for (size_t i = 0; i < 3; i++)
		list[i].connector = &c.ns->connectors[i];
	probe_recipients(&probes,
		&(struct probes_input){
			.ns = c.ns, .published = published, .now = MODEL_NOW },
		c.arena);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(asked_of(&list[i], c.arena), expected[i]);
	ck_assert_str_ne(list[0].asked.unknown[0], list[0].asked.unknown[1]);
	generation_close(&published);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, only_those_whose_mail_goes_there_are_asked_for);
	return unit_run(suite_create("probe_recipients"), tcase);
}
