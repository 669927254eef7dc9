/*
 * Pairs of namespaces, what differs between them, and what is told of it:
 * all but the counts, in the words of the report.
 */
#include "changes/diff.h"

#include "tests/unit/diff_case.h"
#include "tests/unit/unit_main.h"

#include <unistd.h>

#define D "accepted-domain '#d.example' { type = authoritative }\n"
#define EX \
	"connector ex { address-spaces = { 'd.example', 'l.example' }\n" \
	"smart-hosts = { '10.0.0.1' } }\n"
#define UNIX \
	"connector unix { address-spaces = 'u.example'\n" \
	"smart-hosts = { '10.0.0.2' } }\n"
#define DIRECTORIES \
	"directory one { path = one connector = ex }\n" \
	"directory two { path = two connector = unix }\n"
#define BASIC D EX UNIX DIRECTORIES

static const struct {
	const char *name;
	const char *config[2]; /* after NULL = as before */
	const char *entries[2];
	const char *told;
} cases[] = {
	{ "nothing", { BASIC, NULL }, { "one ann@d.example", NULL }, "" },
	{ "one has come, one has gone, one has moved", { BASIC, NULL },
		{ "one ann@d.example\none bob@d.example\none carl@d.example",
			"one bob@d.example\none dora@d.example\n"
			"two carl@d.example" },
		"rerouted, by way\n"
		"           1  ex smtp:[10.0.0.1] -> unix smtp:[10.0.0.2]\n"
		"newly accepted\n"
		"  dora@d.example: reject unknown -> ex smtp:[10.0.0.1]\n"
		"newly refused\n"
		"  ann@d.example: ex smtp:[10.0.0.1] -> reject unknown\n"
		"rerouted\n"
		"  carl@d.example: ex smtp:[10.0.0.1] -> unix "
		"smtp:[10.0.0.2]\n" },
	{ "one has moved, and so has his name in a secondary domain",
		{ BASIC "accepted-domain '#o.example' { secondary-of = "
			"'d.example' }\n",
			NULL },
		{ "one carl@d.example", "two carl@d.example" },
		"rerouted, by way\n"
		"           2  ex smtp:[10.0.0.1] -> unix smtp:[10.0.0.2]\n"
		"rerouted\n"
		"  carl@d.example: ex smtp:[10.0.0.1] -> unix "
		"smtp:[10.0.0.2]\n"
		"  carl@o.example: ex smtp:[10.0.0.1] as @d.example -> unix "
		"smtp:[10.0.0.2] as @d.example\n" },
	{ "a list that never loaded", { BASIC, NULL },
		{ "one ann@d.example\ntwo bob@d.example",
			"one ann@d.example\ntwo never" },
		"recipients that nobody lists\n"
		"  of d.example: reject unknown -> defer directory-stale\n"
		"newly deferred\n"
		"  bob@d.example: unix smtp:[10.0.0.2] -> defer "
		"directory-stale\n" },
	{ "a list that may list one subdomain never loaded",
		{ "accepted-domain 'd.example' { }\n" EX
		  "directory one { path = one domains = 's.d.example' }\n"
		  "directory two { path = two domains = '#d.example' }\n",
			NULL },
		{ "", "one never" },
		"recipients that nobody lists\n"
		"  of *.s.d.example: reject unknown -> defer "
		"directory-stale\n"
		"  of s.d.example: reject unknown -> defer directory-stale\n" },
	{ "a contact instead of a mailbox like others",
		{ BASIC,
			BASIC "contact 'bob@d.example' { target = "
			      "'crm@l.example' }\n" },
		{ "one ann@d.example\none bob@d.example\none carl@d.example",
			NULL },
		"rerouted, by way\n"
		"           1  ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] as "
		"crm@l.example\n"
		"rerouted\n"
		"  bob@d.example: ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] as "
		"crm@l.example\n" },
	{ "a contact whose extensions are listed like others",
		{ BASIC "extension = '+'\n",
			BASIC "extension = '+'\ncontact 'bob@d.example' { "
			      "target = 'crm@l.example' }\n" },
		{ "one ann@d.example\none bob+x@d.example", NULL },
		"rerouted, by way\n"
		"           1  ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] as "
		"crm+x@l.example\n"
		"newly accepted\n"
		"  bob@d.example: reject unknown -> ex smtp:[10.0.0.1] as "
		"crm@l.example\n"
		"rerouted\n"
		"  bob+x@d.example: ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] "
		"as crm+x@l.example\n" },
	{ "an extension that there was not before",
		{ BASIC "extension = ''\n",
			BASIC "extension = '+'\ncontact 'bob@d.example' { "
			      "target = 'crm@l.example' }\n" },
		{ "one ann@d.example\none bob+x@d.example", NULL },
		"rerouted, by way\n"
		"           1  ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] as "
		"crm+x@l.example\n"
		"settings\n"
		"  extension: none -> +\n"
		"newly accepted\n"
		"  bob@d.example: reject unknown -> ex smtp:[10.0.0.1] as "
		"crm@l.example\n"
		"rerouted\n"
		"  bob+x@d.example: ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] "
		"as crm+x@l.example\n" },
	{ "two domains of one list and connector, one with a new backup",
		{ "accepted-domain '#d.example' { }\n"
		  "accepted-domain '#l.example' { }\n" EX
		  "connector b { smart-hosts = '10.0.0.9' backup = yes }\n"
		  "directory one { path = one }\n",
			"accepted-domain '#d.example' { }\n"
			"accepted-domain '#l.example' { }\n" EX
			"connector b { smart-hosts = '10.0.0.9' backup = yes\n"
			"address-spaces = '#l.example;7' }\n"
			"directory one { path = one }\n" },
		{ "one ann@d.example\none ann@l.example", NULL },
		"rerouted, by way\n"
		"           2  ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1], "
		"[10.0.0.9]\n"
		"rerouted\n"
		"  ann@l.example: ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1], "
		"[10.0.0.9]\n"
		"  postmaster@l.example: ex smtp:[10.0.0.1] -> ex "
		"smtp:[10.0.0.1], [10.0.0.9]\n" },
	{ "nobody is refused any more",
		{ BASIC,
			"accepted-domain '#d.example' { type = internal-relay "
			"recipient-filter = off }\n" EX UNIX DIRECTORIES },
		{ "", NULL },
		"accepted domains\n"
		"  #d.example: type authoritative -> internal-relay, "
		"recipient-filter directories -> off\n"
		"recipients that nobody lists\n"
		"  of d.example: reject unknown -> relay unlisted by ex "
		"smtp:[10.0.0.1]\n" },
	{ "and somebody is called as strangers are",
		{ BASIC,
			"accepted-domain '#d.example' { type = internal-relay "
			"recipient-filter = off }\n" EX UNIX DIRECTORIES },
		{ "one unlisted@d.example\none unlisted0@d.example", NULL },
		"accepted domains\n"
		"  #d.example: type authoritative -> internal-relay, "
		"recipient-filter directories -> off\n"
		"recipients that nobody lists\n"
		"  of d.example: reject unknown -> relay unlisted by ex "
		"smtp:[10.0.0.1]\n" },
	{ "from whom a domain accepts",
		{ BASIC,
			"accepted-domain '#d.example' { type = authoritative "
			"accept-from = trusted }\n" EX UNIX DIRECTORIES },
		{ "", NULL },
		"accepted domains\n"
		"  #d.example: accept-from anyone -> trusted\n" },
	{ "the next hop is asked",
		{ "accepted-domain '#d.example' { type = internal-relay }\n" EX,
			"accepted-domain '#d.example' { type = internal-relay "
			"recipient-filter = verify }\n" EX },
		{ "", NULL },
		"accepted domains\n"
		"  #d.example: recipient-filter off -> verify\n"
		"recipients that nobody lists\n"
		"  of d.example: relay unlisted by ex smtp:[10.0.0.1] -> relay "
		"verify by ex smtp:[10.0.0.1]\n" },
	{ "another catch-all",
		{ "accepted-domain '#d.example' { catch-all = "
		  "'ann@d.example' }\n" EX UNIX DIRECTORIES,
			"accepted-domain '#d.example' { catch-all = "
			"'bob@d.example' }\n" EX UNIX DIRECTORIES },
		{ "one ann@d.example\none bob@d.example", NULL },
		"accepted domains\n"
		"  #d.example: catch-all ann@d.example -> bob@d.example\n"
		"recipients that nobody lists\n"
		"  of d.example: accept catch-all by ex smtp:[10.0.0.1] as "
		"ann@d.example -> accept catch-all by ex smtp:[10.0.0.1] as "
		"bob@d.example\n" },
	{ "a way of its own for a name within",
		{ "accepted-domain 'd.example' { type = internal-relay }\n" EX
				UNIX,
			"accepted-domain 'd.example' { type = internal-relay "
			"}\n" EX
			"connector unix { address-spaces = { 'u.example', "
			"'#s.d.example' } smart-hosts = '10.0.0.2' }\n" },
		{ "", NULL },
		"rerouted, by way\n"
		"           1  ex smtp:[10.0.0.1] -> unix smtp:[10.0.0.2]\n"
		"recipients that nobody lists\n"
		"  of s.d.example: relay unlisted by ex smtp:[10.0.0.1] -> "
		"relay unlisted by unix smtp:[10.0.0.2]\n"
		"rerouted\n"
		"  postmaster@s.d.example: ex smtp:[10.0.0.1] -> unix "
		"smtp:[10.0.0.2]\n" },
	{ "whom a secondary domain lets in",
		{ "accepted-domain '#d.example' { type = internal-relay\n"
		  "recipient-filter = directories }\n"
		  "accepted-domain '#o.example' { secondary-of = 'd.example' "
		  "}\n" EX,
			"accepted-domain '#d.example' { type = internal-relay "
			"}\n"
			"accepted-domain '#o.example' { secondary-of = "
			"'d.example' }\n" EX },
		{ "", NULL },
		"accepted domains\n"
		"  #d.example: recipient-filter directories -> off\n"
		"  #o.example: recipient-filter directories -> off\n"
		"recipients that nobody lists\n"
		"  of d.example: reject unknown -> relay unlisted by ex "
		"smtp:[10.0.0.1]\n"
		"  of o.example: reject unknown -> relay secondary by ex "
		"smtp:[10.0.0.1] as @d.example\n" },
	{ "a domain more, and its secondary",
		{ BASIC,
			"accepted-domain '#l.example' { accept-from = trusted "
			"}\n"
			"accepted-domain '#o.example' { secondary-of = "
			"'d.example' }\n" BASIC },
		{ "one ann@d.example", NULL },
		"accepted domains\n"
		"  #l.example: newly accepted: authoritative, "
		"recipient-filter directories, accept-from trusted\n"
		"  #o.example: newly accepted: secondary of d.example\n"
		"newly accepted\n"
		"  ann@o.example: not ours -> ex smtp:[10.0.0.1] as "
		"@d.example\n"
		"  postmaster@l.example: not ours -> ex smtp:[10.0.0.1]\n"
		"  postmaster@o.example: not ours -> ex smtp:[10.0.0.1] as "
		"@d.example\n" },
	{ "a domain less",
		{ "accepted-domain '#l.example' { catch-all = 'ann@d.example' "
		  "}\n" BASIC,
			BASIC },
		{ "one ann@d.example", NULL },
		"accepted domains\n"
		"  #l.example: no longer accepted: authoritative, "
		"recipient-filter directories, catch-all ann@d.example\n"
		"recipients that nobody lists\n"
		"  of l.example: accept catch-all by ex smtp:[10.0.0.1] as "
		"ann@d.example -> not ours\n"
		"newly refused\n"
		"  postmaster@l.example: ex smtp:[10.0.0.1] -> not ours\n" },
	{ "subdomains too",
		{ BASIC,
			"accepted-domain 'd.example' { }\n" EX UNIX
				DIRECTORIES },
		{ "", NULL },
		"accepted domains\n"
		"  d.example: name #d.example -> d.example\n" },
	{ "a name changes hands",
		{ "accepted-domain 'd.example' { }\n" EX,
			"accepted-domain 'd.example' { }\naccepted-domain "
			"'#s.d.example' { type = internal-relay }\n" EX },
		{ "", NULL },
		"accepted domains\n"
		"  #s.d.example: name d.example -> #s.d.example, type "
		"authoritative -> internal-relay, recipient-filter directories "
		"-> off\n"
		"recipients that nobody lists\n"
		"  of s.d.example: reject unknown -> relay unlisted by ex "
		"smtp:[10.0.0.1]\n" },
	{ "a name changes hands again",
		{ "accepted-domain 'd.example' { }\naccepted-domain "
		  "'#s.d.example' { type = internal-relay }\n" EX,
			"accepted-domain 'd.example' { }\n" EX },
		{ "", NULL },
		"accepted domains\n"
		"  #s.d.example: name #s.d.example -> d.example, type "
		"internal-relay -> authoritative, recipient-filter off -> "
		"directories\n"
		"recipients that nobody lists\n"
		"  of s.d.example: relay unlisted by ex smtp:[10.0.0.1] -> "
		"reject unknown\n" },
	{ "a name that begins as another ends",
		{ "accepted-domain '#d.example' { }\n"
		  "accepted-domain '#d.example.org' { }\n"
		  "connector ex { address-spaces = { 'd.example', "
		  "'d.example.org' } smart-hosts = '10.0.0.1' }\n"
		  "connector b { smart-hosts = '10.0.0.9' backup = yes }\n"
		  "directory one { path = one }\n",
			"accepted-domain '#d.example' { }\n"
			"accepted-domain '#d.example.org' { }\n"
			"connector ex { address-spaces = { 'd.example', "
			"'d.example.org' } smart-hosts = '10.0.0.1' }\n"
			"connector b { smart-hosts = '10.0.0.9' backup = yes\n"
			"address-spaces = '#d.example.org;7' }\n"
			"directory one { path = one }\n" },
		{ "one ann@d.example.org\none bob@d.example\n"
		  "one carl@d.example.org\none dora@d.example",
			NULL },
		"rerouted, by way\n"
		"           3  ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1], "
		"[10.0.0.9]\n"
		"rerouted\n"
		"  ann@d.example.org: ex smtp:[10.0.0.1] -> ex "
		"smtp:[10.0.0.1], [10.0.0.9]\n"
		"  carl@d.example.org: ex smtp:[10.0.0.1] -> ex "
		"smtp:[10.0.0.1], [10.0.0.9]\n"
		"  postmaster@d.example.org: ex smtp:[10.0.0.1] -> ex "
		"smtp:[10.0.0.1], [10.0.0.9]\n" },
	{ "a block beside another of its name",
		{ "accepted-domain 'd.example' { }\naccepted-domain "
		  "'#d.example' { type = internal-relay }\n" EX,
			"accepted-domain 'd.example' { type = internal-relay }"
			"\naccepted-domain '#d.example' { type = "
			"internal-relay }\n" EX },
		{ "", NULL },
		"accepted domains\n"
		"  d.example: type authoritative -> internal-relay, "
		"recipient-filter directories -> off\n"
		"recipients that nobody lists\n"
		"  of *.d.example: reject unknown -> relay unlisted by ex "
		"smtp:[10.0.0.1]\n" },
	{ "connectors",
		{ D EX "connector gone { smart-hosts = '10.0.0.7' }\n"
		       "connector kept { smart-hosts = '10.0.0.8' "
		       "tls = may }\n",
			D EX
			"connector kept { smart-hosts = '10.0.0.8' clients = "
			"'10.1.0.0/24' loop = off tls = encrypt }\n"
			"connector new { transport = 'lmtp:unix:private/l' "
			"}\n" },
		{ "", NULL },
		"connectors\n"
		"  gone: removed: hops smtp:[10.0.0.7]\n"
		"  kept: clients 10.0.0.8 -> 10.1.0.0/24, 10.0.0.8, loop "
		"reject -> off\n"
		"  new: added: hops lmtp:unix:private/l\n"
		"TLS levels, by hop\n"
		"  [10.0.0.8]: may -> encrypt\n" },
	{ "what a connector does with loops",
		{ D EX "connector kept { smart-hosts = '10.0.0.8' }\n",
			D EX "connector kept { smart-hosts = '10.0.0.8' "
			     "loop = off }\n" },
		{ "", NULL },
		"connectors\n"
		"  kept: loop reject -> off\n" },
	{ "what a connector does for others",
		{ D EX "connector kept { smart-hosts = '10.0.0.8' }\n",
			D EX "connector kept { smart-hosts = '10.0.0.8' "
			     "backup = yes }\n" },
		{ "", NULL },
		"connectors\n"
		"  kept: backup no -> yes\n" },
	{ "a TLS level as long as the one before",
		{ D EX "connector kept { smart-hosts = 'mx.k.example' "
		       "tls = verify }\n",
			D EX "connector kept { smart-hosts = 'mx.k.example' "
			     "tls = secure }\n" },
		{ "", NULL },
		"TLS levels, by hop\n"
		"  [mx.k.example]: verify -> secure\n" },
	{ "ways of others' mail",
		{ D EX UNIX,
			D EX
			"connector unix { address-spaces = { '*.u.example', "
			"'*' } smart-hosts = '10.0.0.2' }\n" },
		{ "", NULL },
		"ways of mail for other domains\n"
		"  *: as DNS says -> unix smtp:[10.0.0.2]\n" },
	{ "settings",
		{ BASIC "extension = '-'\n",
			BASIC
			"extension = ''\npostmaster = 'ann@d.example'\n" },
		{ "one ann@d.example", NULL },
		"rerouted, by way\n"
		"           1  ex smtp:[10.0.0.1] -> ex smtp:[10.0.0.1] as "
		"ann@d.example\n"
		"settings\n"
		"  extension: - -> none\n"
		"  postmaster: none -> ann@d.example\n"
		"rerouted\n"
		"  postmaster@d.example: ex smtp:[10.0.0.1] -> ex "
		"smtp:[10.0.0.1] as ann@d.example\n" },
};

static const char *or_before(const char *const pair[2], size_t side)
{
	return pair[side] == NULL ? pair[0] : pair[side];
}

START_TEST(what_changes_is_told)
{
	struct diff_case c;

	model_case_sound(&c.before, cases[_i].config[0], cases[_i].entries[0]);
	model_case_sound(&c.after, or_before(cases[_i].config, 1),
		or_before(cases[_i].entries, 1));
	diff_case_compare(&c);
	char *text = diff_case_report(&c, 0);
	const char *lists = diff_case_lists(text, c.after.arena);

	ck_assert_msg(strcmp(lists, cases[_i].told) == 0,
		"%s:\n%sbut expected:\n%s", cases[_i].name, lists,
		cases[_i].told);
	ck_assert_int_eq(diff_is_empty(c.diff), *lists == '\0');
	free(text);
	diff_case_close(&c);
}
END_TEST

START_TEST(what_comes_first_is_told_of_nothing_published)
{
	struct model_case after;
	struct err err = { 0 };

	model_case_sound(&after, D EX "directory one { path = one }\n",
		"one ann@d.example");
	model_case_write(&after, 1);
	struct generation *generation = model_case_generation(&after);
	struct diff *diff = diff_open(NULL, generation, MODEL_NOW, &err);

	ck_assert_msg(diff != NULL, "%s", err.text);
	ck_assert_uint_eq(diff->counts[CHANGE_ACCEPTED], 2);
	ck_assert_uint_eq(diff->n_domains, 1);
	ck_assert_ptr_null(diff->domains[0].from);
	ck_assert_str_eq(diff->recipients[0].way->from->text, "not ours");
	diff_close(&diff);
	generation_close(&generation);
	model_case_close(&after);
}
END_TEST

START_TEST(lists_end_at_the_limit_and_say_so)
{
	struct diff_case c;

	model_case_sound(&c.before, BASIC, "");
	model_case_sound(&c.after, BASIC,
		"one a@d.example\none b@d.example\none c@d.example");
	diff_case_compare(&c);
	char *text = diff_case_report(&c, 2);

	ck_assert_str_eq(diff_case_lists(text, c.after.arena),
		"newly accepted\n"
		"  a@d.example: reject unknown -> ex smtp:[10.0.0.1]\n"
		"  b@d.example: reject unknown -> ex smtp:[10.0.0.1]\n"
		"  ... and 1 more (--limit 0 shows all)\n");
	ck_assert(text_starts(text,
		"generation 1 -> generation 2\n"
		"  recipients newly accepted               3\n"
		"  recipients newly refused                0\n"));
	free(text);
	text = diff_case_report(&c, 3);
	ck_assert_ptr_null(strstr(text, "more"));
	free(text);
	diff_case_close(&c);
}
END_TEST

static void damage(const struct model_case *c, const char *name)
{
	const char *path =
		arena_printf(c->arena, "%s/generations/2/%s", c->folder, name);

	ck_assert_int_eq(truncate(path, 3), 0);
}

START_TEST(damaged_map_is_named)
{
	static const char *const names[] = { "relay_recipients.cdb",
		"virtual_alias.cdb", "recipient_access.cdb", "tls_policy.cdb",
		"policy.cdb" };
	struct diff_case c;
	struct err err = { 0 };

	model_case_sound(&c.before, BASIC, "one a@d.example");
	model_case_sound(&c.after, BASIC, "one a@d.example");
	diff_case_compare(&c);
	damage(&c.after, names[_i]);
	struct diff *diff = diff_open(c.from, c.to, MODEL_NOW, &err);

	ck_assert_ptr_null(diff);
	ck_assert_msg(strstr(err.text, names[_i]) != NULL, "%s", err.text);
	diff_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("diff");

	tcase_add_loop_test(tcase, what_changes_is_told, 0, COUNT(cases));
	tcase_add_test(tcase, what_comes_first_is_told_of_nothing_published);
	tcase_add_test(tcase, lists_end_at_the_limit_and_say_so);
	tcase_add_loop_test(tcase, damaged_map_is_named, 0, 5);
	return unit_run(suite_create("diff"), tcase);
}
