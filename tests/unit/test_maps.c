/* The maps, key by key; the same bytes wherever they are written. */
#include "snapshot/maps.h"

#include "base/file.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <locale.h>
#include <time.h>

#define EX "connector ex { smart-hosts = h address-spaces = '*' }\n"
#define DEFERRED \
	"DEFER_IF_REJECT 4.3.0 A directory that may list the address can not " \
	"be asked now, try again later"

/* expect: "key=value" a line, all there is, in file order; "!" = no key. */
static const struct {
	const char *name, *config, *entries, *map, *expect;
} cases[] = {
	{ "relay_domains: scopes and label forms",
		EX "accepted-domain 'a.example' { type = internal-relay }\n"
		   "accepted-domain '#b\xc3\xbc"
		   "cher.example' { }\n"
		   "accepted-domain '*.c.example' { type = external-relay }\n"
		   "accepted-domain '#t.example' { accept-from = trusted }\n"
		   "accepted-domain '#o.example' { secondary-of = 'a.example' "
		   "}\n",
		"", FILES_RELAY_DOMAINS,
		"a.example=internal-relay\n"
		".a.example=internal-relay\n"
		"xn--bcher-kva.example=authoritative\n"
		"b\xc3\xbc"
		"cher.example=authoritative\n"
		".c.example=external-relay\n"
		"o.example=internal-relay\n" },
	{ "transport: domains, secondaries, spaces, addresses",
		"accepted-domain 'a.example' { }\n"
		"accepted-domain '#o.example' { secondary-of = 'a.example' }\n"
		"connector a { smart-hosts = h address-spaces = { 'a.example'\n"
		",'#b.a.example', '*.f\xc3\xbcr.example', '*' } }\n"
		"connector u { transport = 'lmtp:unix:p' }\n"
		"directory ad { path = p connector = u }\n",
		"ad bob@a.example", FILES_TRANSPORT,
		"a.example=smtp:[h]\n"
		".a.example=smtp:[h]\n"
		"o.example=smtp:[h]\n"
		"b.a.example=smtp:[h]\n"
		".xn--fr-xka.example=smtp:[h]\n"
		".f\xc3\xbcr.example=smtp:[h]\n"
		"*=smtp:[h]\n"
		"bob@a.example=lmtp:unix:p\n" },
	{ "transport: trusted and filtered is shut but for the listed",
		EX "accepted-domain '#t.example' { accept-from = trusted }\n"
		   "directory ad { path = p }\n",
		"ad bob@t.example", FILES_TRANSPORT,
		"t.example=error:5.1.1 User unknown\n"
		"*=smtp:[h]\n"
		"bob@t.example=smtp:[h]\n"
		"postmaster@t.example=smtp:[h]\n" },
	{ "relay_recipients: who vouches",
		EX "accepted-domain '#a.example' { }\n"
		   "connector u { smart-hosts = i }\n"
		   "directory ad { path = p connector = u }\n"
		   "directory own { path = q }\n",
		"ad bob@a.example\nown ann@a.example\nown bob@a.example",
		FILES_RELAY_RECIPIENTS,
		"bob@a.example=u ad\nann@a.example=ex own\n" },
	{ "relay_recipients: nothing is filtered",
		EX "accepted-domain 'a.example' { type = internal-relay }\n"
		   "directory ad { path = p }\n",
		"ad bob@b.a.example", FILES_RELAY_RECIPIENTS,
		"@a.example=- -\n@b.a.example=- -\nbob@b.a.example=ex ad\n" },
	{ "virtual_alias: contacts, secondaries, self entries",
		EX
		"accepted-domain 'a.example' { catch-all = 'all@far.example' "
		"}\naccepted-domain '#o.example' { secondary-of = "
		"'a.example' }\ndirectory ad { path = p }\n"
		"contact 'c@a.example' { target = 'x@far.example' }\n",
		"ad bob@a.example\nad ann@o.example", FILES_VIRTUAL_ALIAS,
		"@a.example=all@far.example\n"
		"@o.example=all@far.example\n"
		"c@a.example=x@far.example\n"
		"c@o.example=c@a.example\n"
		"bob@a.example=bob@a.example\n"
		"bob@o.example=bob@a.example\n"
		"ann@o.example=ann@o.example\n"
		"postmaster@a.example=postmaster@a.example\n"
		"postmaster@o.example=postmaster@a.example\n" },
	{ "virtual_alias: no wildcard over a validated domain",
		EX "accepted-domain 'a.example' { }\n"
		   "accepted-domain 'o.example' { secondary-of = 'a.example' "
		   "}\ndirectory ad { path = p }\n",
		"ad bob@b.a.example", FILES_VIRTUAL_ALIAS,
		"bob@b.o.example=bob@b.a.example\n"
		"postmaster@o.example=postmaster@a.example\n" },
	{ "virtual_alias: never a target that is not accepted",
		EX "accepted-domain '#a.example' { }\n"
		   "directory ad { path = p }\n",
		"ad a@a.example > no@a.example\n"
		"ad b@a.example > c@a.example\nad c@a.example > b@a.example",
		FILES_VIRTUAL_ALIAS, "" },
	{ "virtual_alias: what stands for bob is not for bob+x",
		EX "accepted-domain '#a.example' { }\n"
		   "directory ad { path = p }\n",
		"ad bob@a.example > bob@far.example\nad bob+x@a.example",
		FILES_VIRTUAL_ALIAS,
		"bob@a.example=bob@far.example\n"
		"bob+x@a.example=bob+x@a.example\n" },
	{ "recipient_access: what can not be judged",
		EX "accepted-domain '#a.example' { }\n"
		   "accepted-domain '#o.example' { secondary-of = 'a.example' "
		   "}\naccepted-domain '#f.example' { }\n"
		   "directory ad { path = p domains = { 'a.example' } }\n",
		"ad never", FILES_RECIPIENT_ACCESS,
		"a.example=" DEFERRED "\no.example=" DEFERRED "\n" },
	{ "recipient_access: verified",
		EX "accepted-domain 'a.example' { recipient-filter = verify }\n"
		   "accepted-domain '#b.a.example' { }\n"
		   "directory ad { path = p }\n",
		"ad bob@a.example\nad bob@b.a.example", FILES_RECIPIENT_ACCESS,
		"a.example=reject_unverified_recipient\n"
		"b.a.example=reject_unverified_recipient\n"
		"bob@a.example=DUNNO\n"
		"bob@b.a.example=DUNNO\n"
		"postmaster@a.example=DUNNO\n"
		"postmaster@b.a.example=DUNNO\n" },
	{ "recipient_access: a more specific one below",
		EX "accepted-domain 'a.example' { recipient-filter = verify }\n"
		   "accepted-domain 'b.a.example' { }\n",
		"", FILES_RECIPIENT_ACCESS,
		"a.example=reject_unverified_recipient\n"
		"b.a.example=DUNNO\n"
		"postmaster@a.example=DUNNO\n" },
	{ "virtual_alias: a contact left out where anybody is asked for",
		EX
		"accepted-domain 'a.example' { catch-all = 'all@v.example' "
		"}\n"
		"accepted-domain '#v.example' { recipient-filter = verify }\n"
		"accepted-domain '#n.example' { }\n"
		"directory ad { path = p }\n",
		"ad ann@a.example > no@n.example", FILES_VIRTUAL_ALIAS,
		"@a.example=all@v.example\n"
		"postmaster@a.example=postmaster@a.example\n" },
	{ "recipient_access: a contact that can not be judged",
		EX "accepted-domain '#a.example' { type = internal-relay }\n"
		   "accepted-domain '#b.example' { }\n"
		   "directory ad { path = p }\n"
		   "directory late { path = l domains = { 'b.example' } }\n",
		"ad c@a.example > no@b.example\nlate never",
		FILES_RECIPIENT_ACCESS,
		"b.example=" DEFERRED "\n"
		"c@a.example=450 4.3.0 A directory that may list the address "
		"can not be asked now, try again later\n" },
	{ "tls_policy",
		"accepted-domain '#a.example' { }\n"
		"connector a { smart-hosts = { '10.0.0.1', 'h:587' }\n"
		"tls = may\n"
		"address-spaces = '*' }\n"
		"connector b { smart-hosts = 'h:587' tls = may }\n"
		"connector c { smart-hosts = 'plain' }\n"
		"connector d { transport = 'lmtp:[10.0.0.2]:24' tls = encrypt "
		"}\nconnector e { transport = 'lmtp:unix:p' }\n",
		"", FILES_TLS_POLICY,
		"[10.0.0.1]=may\n[h]:587=may\n[10.0.0.2]:24=encrypt\n" },
};

static bool add_record(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	ck_assert_uint_gt(value_len, 0);
	text_add(context, key, key_len);
	text_adds(context, "=");
	text_add(context, value, value_len);
	text_adds(context, "\n");
	return true;
}

static const char *records(
	const char *folder, const char *map, struct arena *arena)
{
	struct text out;
	struct err err = { 0 };
	struct cdb_reader *reader = cdb_reader_open(
		arena_printf(arena, "%s/%s", folder, map), &err);

	ck_assert_msg(reader != NULL, "%s", err.text);
	text_init(&out);
	text_adds(&out, "");
	ck_assert(cdb_reader_walk(reader, add_record, &out));
	cdb_reader_close(&reader);
	const char *all = arena_strdup(arena, out.data);

	text_fini(&out);
	return all;
}

START_TEST(maps_hold)
{
	struct model_case c;

	model_case_sound(&c, cases[_i].config, cases[_i].entries);
	const char *said =
		records(model_case_write(&c, 1), cases[_i].map, c.arena);

	ck_assert_msg(strcmp(said, cases[_i].expect) == 0,
		"%s:\n%sbut expected:\n%s", cases[_i].name, said,
		cases[_i].expect);
	model_case_close(&c);
}
END_TEST

#define RICH \
	EX "accepted-domain 'b\xc3\xbc" \
	   "cher.example' { type = internal-relay }\n" \
	   "accepted-domain '#x.b\xc3\xbc" \
	   "cher.example' { catch-all = 'all@far.example' }\n" \
	   "accepted-domain 'o.example' { secondary-of = 'b\xc3\xbc" \
	   "cher.example' }\n" \
	   "accepted-domain 'v.example' { recipient-filter = verify }\n" \
	   "connector u { transport = 'lmtp:[10.0.0.1]:24' tls = may }\n" \
	   "directory ad { path = p connector = u max-age = 1d }\n" \
	   "contact 'c@v.example' { target = 'x@far.example' }\n"
#define RICH_ENTRIES \
	"ad stale\nad i@b\xc3\xbc" \
	"cher.example\nad \"two words\"@sub.b\xc3\xbc" \
	"cher.example\nad j\xc3\xbcrgen@x.b\xc3\xbc" \
	"cher.example\nad bob+x@v.example"

static const char *const files[] = { FILES_RELAY_DOMAINS, FILES_TRANSPORT,
	FILES_RELAY_RECIPIENTS, FILES_RELAY_RECIPIENTS_REGEXP,
	FILES_VIRTUAL_ALIAS, FILES_RECIPIENT_ACCESS, FILES_TLS_POLICY,
	FILES_POLICY };

START_TEST(equal_input_gives_equal_bytes)
{
	struct model_case a, b;

	model_case_sound(&a, RICH, RICH_ENTRIES);
	const char *first = model_case_write(&a, 1);

	setenv("TZ", "Pacific/Chatham", 1);
	tzset();
	/* Where i and I are no pair, if the locale is installed. */
	setlocale(LC_ALL, "tr_TR.UTF-8");
	model_case_sound(&b, RICH, RICH_ENTRIES);
	const char *second = model_case_write(&b, 2);

	setlocale(LC_ALL, "C");
	for (int i = 0; i < COUNT(files); i++) {
		size_t first_len, second_len;
		const char *first_bytes = file_read(
			arena_printf(a.arena, "%s/%s", first, files[i]),
			&first_len, a.arena, NULL);
		const char *second_bytes = file_read(
			arena_printf(a.arena, "%s/%s", second, files[i]),
			&second_len, a.arena, NULL);

		ck_assert_uint_eq(first_len, second_len);
		ck_assert_msg(memcmp(first_bytes, second_bytes, first_len) == 0,
			"%s", files[i]);
	}
	model_case_close(&a);
	model_case_close(&b);
}
END_TEST

/* Postfix's own reader, where it is installed. */
START_TEST(postmap_finds_what_is_written)
{
	static const char *const maps[] = { "relay_domains", "transport",
		"relay_recipients", "virtual_alias", "recipient_access",
		"tls_policy" };
	struct model_case c;

	if (access("/usr/sbin/postmap", X_OK) != 0 ||
		access("/etc/postfix/main.cf", R_OK) != 0)
		return;
	model_case_sound(&c, RICH, RICH_ENTRIES);
	const char *folder = model_case_write(&c, 1);

	for (int i = 0; i < COUNT(maps); i++) {
		const char *wanted = records(folder,
			arena_printf(c.arena, "%s.cdb", maps[i]), c.arena);
		const char *keys =
			arena_printf(c.arena, "%s/%s.keys", folder, maps[i]);
		FILE *file = fopen(keys, "w");
		char line[1024];

		ck_assert_ptr_nonnull(file);
		for (const char *at = wanted; *at != '\0';
			at = strchr(at, '\n') + 1)
			fprintf(file, "%.*s\n", (int)strcspn(at, "="), at);
		ck_assert_int_eq(fclose(file), 0);
		FILE *postmap = popen(
			arena_printf(c.arena,
				"/usr/sbin/postmap -q - cdb:%s/%s < %s 2>&1",
				folder, maps[i], keys),
			"r");

		ck_assert_ptr_nonnull(postmap);
		for (const char *at = wanted; *at != '\0';
			at = strchr(at, '\n') + 1) {
			ck_assert_msg(fgets(line, sizeof line, postmap) != NULL,
				"%s: no answer to %s", maps[i], at);
			line[strcspn(line, "\t")] = '=';
			ck_assert_msg(strncmp(line, at, strlen(line)) == 0,
				"%s: %s, not %s", maps[i], line, at);
		}
		pclose(postmap);
	}
	model_case_close(&c);
}
END_TEST

START_TEST(what_can_not_be_written_is_told)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_sound(&c, RICH, RICH_ENTRIES);
	const struct maps_input input = { c.ns, c.recipients, c.model,
		MODEL_NOW };

	ck_assert(!maps_write(&input, "/nonexistent", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/"));
	/* One that stands there already may be mapped by somebody. */
	const char *folder = model_case_write(&c, 1);

	ck_assert(!maps_write(&input, folder, &err));
	model_case_close(&c);
}
END_TEST

/* The largest map of a folder: its size, and its name to *name. */
static uint64_t largest_map(
	struct model_case *c, const char *folder, const char **name)
{
	static const char *const all[] = { FILES_RELAY_DOMAINS, FILES_TRANSPORT,
		FILES_RELAY_RECIPIENTS, FILES_VIRTUAL_ALIAS,
		FILES_RECIPIENT_ACCESS, FILES_TLS_POLICY, FILES_POLICY };
	uint64_t most = 0;
	struct stat status;

	for (int i = 0; i < COUNT(all); i++) {
		ck_assert_int_eq(
			stat(arena_printf(c->arena, "%s/%s", folder, all[i]),
				&status),
			0);
		if ((uint64_t)status.st_size > most) {
			most = (uint64_t)status.st_size;
			*name = all[i];
		}
	}
	return most;
}

/* Reckoned to the byte. */
START_TEST(too_large_a_map_is_told_before_one_is_written)
{
	struct model_case c;
	struct err err = { 0 };
	const char *name = NULL;

	model_case_sound(&c, RICH, RICH_ENTRIES);
	const struct maps_input input = { c.ns, c.recipients, c.model,
		MODEL_NOW };
	const uint64_t most = largest_map(&c, model_case_write(&c, 1), &name);
	const struct maps_options less = { .size_max = most - 1 };
	const struct maps_options enough = { .size_max = most };
	const char *folder = arena_printf(c.arena, "%s/sized", c.folder);

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(!maps_write_with(&input, &less, folder, &err));
	ck_assert_ptr_eq(strstr(err.text, name), err.text);
	ck_assert_ptr_nonnull(strstr(err.text, " would need 0.0 GiB for "));
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(maps_write_with(&input, &enough, folder, &err));
	model_case_close(&c);
}
END_TEST

START_TEST(who_has_no_way_is_not_published)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_sound(&c, "accepted-domain '#d.example' { }\n", "");
	const struct maps_input input = { c.ns, c.recipients, c.model,
		MODEL_NOW };

	ck_assert(!maps_write(&input, c.folder, &err));
	ck_assert_str_eq(err.text,
		"postmaster@d.example is accepted, but no connector takes it");
	ck_assert_int_ne(access(arena_printf(c.arena, "%s/%s", c.folder,
					FILES_TRANSPORT),
				 F_OK),
		0);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps");

	tcase_add_loop_test(tcase, maps_hold, 0, COUNT(cases));
	tcase_add_test(tcase, equal_input_gives_equal_bytes);
	tcase_add_test(tcase, postmap_finds_what_is_written);
	tcase_add_test(tcase, what_can_not_be_written_is_told);
	tcase_add_test(tcase, too_large_a_map_is_told_before_one_is_written);
	tcase_add_test(tcase, who_has_no_way_is_not_published);
	return unit_run(suite_create("maps"), tcase);
}
