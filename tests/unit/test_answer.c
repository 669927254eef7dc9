/* What a change makes of one recipient. */
#include "changes/answer.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

static const struct answer listed = { .verdict = VERDICT_ACCEPT,
	.reason = REASON_LISTED,
	.connector = "ex",
	.nexthop = "smtp:[10.0.0.1]" };
static const struct answer renamed = { .verdict = VERDICT_RELAY,
	.reason = REASON_UNLISTED,
	.connector = "exchange",
	.nexthop = "smtp:[10.0.0.1]" };
static const struct answer moved = { .verdict = VERDICT_ACCEPT,
	.reason = REASON_LISTED,
	.connector = "ex",
	.nexthop = "smtp:[10.0.0.2]" };
static const struct answer contact = { .verdict = VERDICT_ACCEPT,
	.reason = REASON_CONTACT,
	.connector = "ex",
	.nexthop = "smtp:[10.0.0.1]",
	.to = "crm@saas.example" };
static const struct answer abroad = { .verdict = VERDICT_ACCEPT,
	.reason = REASON_CONTACT,
	.nexthop = "",
	.to = "crm@saas.example" };
static const struct answer rejected = {
	.verdict = VERDICT_REJECT, .reason = REASON_UNKNOWN, .nexthop = ""
};
static const struct answer deferred = { .verdict = VERDICT_DEFER,
	.reason = REASON_DIRECTORY_STALE,
	.nexthop = "" };
static const struct answer passed = {
	.verdict = VERDICT_PASS, .reason = REASON_NOT_OURS, .nexthop = ""
};

static const struct {
	const char *name;
	const struct answer *before, *after;
	const char *change;
} cases[] = {
	{ "the same", &listed, &listed, "unchanged" },
	{ "another name of the connector, another reason", &listed, &renamed,
		"unchanged" },
	{ "another hop", &listed, &moved, "rerouted" },
	{ "another address", &listed, &contact, "rerouted" },
	{ "its own address again", &contact, &listed, "rerouted" },
	{ "gone", &listed, &rejected, "refused" },
	{ "its domain is gone", &listed, &passed, "refused" },
	{ "new", &rejected, &listed, "accepted" },
	{ "of a new domain", &passed, &listed, "accepted" },
	{ "of a list that is there again", &deferred, &listed, "accepted" },
	{ "of a list that has gone stale", &listed, &deferred, "deferred" },
	{ "not known any more", &rejected, &deferred, "deferred" },
	{ "deferred by both", &deferred, &deferred, "unchanged" },
	{ "known to be nobody", &deferred, &rejected, "refused" },
	{ "nobody before and after", &rejected, &passed, "unchanged" },
	{ "nobody after and before", &passed, &rejected, "unchanged" },
};

START_TEST(change_is_what_somebody_could_tell)
{
	const enum change change = change_of(cases[_i].before, cases[_i].after);

	ck_assert_msg(strcmp(change_format(change), cases[_i].change) == 0,
		"%s: %s", cases[_i].name, change_format(change));
}
END_TEST

START_TEST(answer_is_told_by_its_way)
{
	static const struct {
		const struct answer *answer;
		const char *text;
	} texts[] = {
		{ &listed, "ex smtp:[10.0.0.1]" },
		{ &contact, "ex smtp:[10.0.0.1] as crm@saas.example" },
		{ &abroad, "as DNS says as crm@saas.example" },
		{ &rejected, "reject unknown" },
		{ &deferred, "defer directory-stale" },
		{ &passed, "not ours" },
	};
	struct arena *arena = arena_open();

	for (int i = 0; i < COUNT(texts); i++)
		ck_assert_str_eq(
			answer_format(texts[i].answer, arena), texts[i].text);
	arena_close(&arena);
}
END_TEST

START_TEST(answer_has_who_decided)
{
	struct arena *arena = arena_open();
	struct model_case c;
	struct answer answer;

	model_case_sound(&c,
		"accepted-domain '#d.example' { type = authoritative }\n"
		"accepted-domain 'old.example' { secondary-of = 'd.example' }\n"
		"connector ex { smart-hosts = '10.0.0.1'\n"
		"address-spaces = 'd.example' }\n"
		"directory staff { path = staff }\n",
		"staff ann@d.example");
	answer_of_key(&answer, model_view(c.model), "ann@d.example", MODEL_NOW,
		arena);
	ck_assert_str_eq(answer.domain, "#d.example");
	ck_assert_str_eq(answer.directory, "staff");
	ck_assert_str_eq(answer.connector, "ex");
	ck_assert_str_eq(answer.nexthop, "smtp:[10.0.0.1]");
	ck_assert_ptr_null(answer.to);
	answer_of_key(&answer, model_view(c.model), "ann@old.example",
		MODEL_NOW, arena);
	ck_assert_str_eq(answer.domain, "old.example");
	ck_assert_str_eq(answer.to, "ann@d.example");
	answer_of_key(&answer, model_view(c.model), "ann@else.test", MODEL_NOW,
		arena);
	ck_assert_ptr_null(answer.domain);
	ck_assert_ptr_null(answer.connector);
	model_case_close(&c);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("answer");

	tcase_add_loop_test(
		tcase, change_is_what_somebody_could_tell, 0, COUNT(cases));
	tcase_add_test(tcase, answer_is_told_by_its_way);
	tcase_add_test(tcase, answer_has_who_decided);
	return unit_run(suite_create("answer"), tcase);
}
