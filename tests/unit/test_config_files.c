/* Files that are no configuration, and broken ones. */
#include "tests/unit/config_case.h"

#include "tests/unit/unit_main.h"

START_TEST(digest_is_that_of_b2sum)
{
	struct fixture f;

	fixture_init(&f);
	write_text(&f, "two.conf", "accepted-domain d { }\n");
	const struct namespace *ns =
		read_text(&f, "include(\"two.conf\")\nlinger = 5d # behind\n");

	expect_faults(&f, "digest", "");
	ck_assert_str_eq(ns->digest,
		"d0fecdb9b9917002ba777cc718c44554c4bf48cc6ae753d7"
		"0d7edb068588dab414ae0a0de1c48f893cfd2a44db540eb8"
		"513853b9831c7278c76bb145301e3bf9");
	fixture_fini(&f);
}
END_TEST

struct file_case {
	const char *name;
	const char *text; /* of namespace.conf; NULL: there is none */
	const char *expect;
};

static const struct file_case files[] = {
	{ "empty", "",
		"namespace.conf: error: no accepted domain stands here; write "
		"one: accepted-domain \"DOMAIN\" { type = internal-relay }\n" },
	{ "all disabled", "accepted-domain d { enabled = no }\n",
		"namespace.conf: error: no accepted domain is enabled; write "
		"one: accepted-domain \"DOMAIN\" { type = internal-relay }\n" },
	{ "the only one at fault", "accepted-domain \"\" { }\n",
		"namespace.conf:1: error: the name is empty: a domain such as "
		"company.example is wanted\n" },
	{ "missing", NULL,
		"namespace.conf: error: open namespace.conf: No such file or "
		"directory\n" },
	{ "include is missing", "\ninclude(\"no/such.conf\")\n",
		"namespace.conf:2: error: open no/such.conf: No such file or "
		"directory\n" },
	{ "include is a folder", "include(\"/\")\n",
		"namespace.conf:1: error: read /: not a regular file\n" },
	{ "include of itself", "# 1\n\ninclude(\"./namespace.conf\")\n",
		"namespace.conf:3: error: ./namespace.conf is being read "
		"already and would include itself; take this line out\n" },
	{ "include in a circle", "include(\"circle.conf\")\n",
		"circle.conf:2: error: namespace.conf is being read already "
		"and would include itself; take this line out\n" },
	{ "included twice side by side",
		"include(\"linger.conf\")\ninclude(\"linger.conf\")\n"
		"accepted-domain d { }\n",
		"linger.conf:2: error: \"linger\" stands already at "
		"linger.conf:2; keep one of the two\n" },
	{ "block does not go on behind its file", "include(\"open.conf\")\n}\n",
		"open.conf:1: error: the block that begins here is never "
		"closed; write \"}\" after its last line\n" },
	{ "includes nested to the limit", "include(\"1.conf\")\n", "" },
	/* Eight deep, and ten each: a hundred million. */
	{ "includes that come again and again", "include(\"many7.conf\")\n",
		"many0.conf:7: error: more than 10000 files are included; "
		"take out what includes many-.conf again and again\n" },
	{ "includes nested too deep", "include(\"0.conf\")\n",
		"9.conf:2: error: includes are nested deeper than 10 files; "
		"include 10.conf from a file further up\n" },
};

/* Includes the one below it ten times. */
static void write_many(struct fixture *f, int number)
{
	char name[32], text[512];
	size_t len = 0;

	for (int i = 0; i < 10; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
			"include(\"many%c.conf\")\n", "-0123456"[number]);
	snprintf(name, sizeof name, "many%d.conf", number);
	write_text(f, name, text);
}

static void write_includes(struct fixture *f)
{
	char name[32], text[64];

	write_text(f, "circle.conf", "\ninclude(\"namespace.conf\")\n");
	write_text(f, "linger.conf", "\nlinger = 5d\n");
	write_text(f, "open.conf", "accepted-domain d {\n");
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "%d.conf", i);
		snprintf(text, sizeof text, "\ninclude(\"%d.conf\")\n", i + 1);
		write_text(f, name, text);
	}
	write_text(f, "10.conf", "accepted-domain d { }\n");
	write_text(f, "many-.conf", "");
	for (int i = 0; i < 8; i++)
		write_many(f, i);
}

START_TEST(fault_of_a_file_is_named)
{
	const struct file_case *c = &files[_i];
	struct fixture f;

	fixture_init(&f);
	write_includes(&f);
	if (c->text != NULL)
		write_text(&f, "namespace.conf", c->text);
	read_written(&f);
	expect_faults(&f, c->name, c->expect);
	fixture_fini(&f);
}
END_TEST

START_TEST(nul_byte_is_named)
{
	static const char bytes[] = "accepted-domain d { }\n\0linger = x\n";
	struct fixture f;

	fixture_init(&f);
	write_bytes(&f, "namespace.conf", bytes, sizeof bytes - 1);
	ck_assert_ptr_null(read_written(&f));
	expect_faults(&f, "NUL",
		"namespace.conf:2: error: a NUL byte; is this a text file?\n");
	fixture_fini(&f);
}
END_TEST

static bool is_second_net(const char *text)
{
	return strncmp(text, "syntax: ", 8) == 0;
}

/* The outline refuses all that libConfuse would, with a better sentence. */
static void read_bytes(struct fixture *f, const char *bytes, size_t len)
{
	write_bytes(f, "namespace.conf", bytes, len);
	read_written(f);
	for (size_t i = 0; i < faults_count(f->faults); i++)
		ck_assert_msg(!is_second_net(faults_get(f->faults, i)->text),
			"after %zu bytes: %s", len,
			faults_get(f->faults, i)->text);
}

/* The full example in one file. */
static char *read_example(size_t *len, struct arena *arena)
{
	char *text = arena_printf(arena, "%s%s%s", sample("full.conf", arena),
		sample("conf.d/connectors.conf", arena),
		sample("conf.d/directories.conf", arena));

	*len = strlen(text);
	return text;
}

START_TEST(every_truncation_is_survived)
{
	struct arena *arena = arena_open();
	struct fixture f;
	size_t whole;
	const char *example = read_example(&whole, arena);

	for (size_t len = 0; len <= whole; len++) {
		if (len % 256 == 0)
			fixture_init(&f);
		read_bytes(&f, example, len);
		if (len % 256 == 255 || len == whole)
			fixture_fini(&f);
	}
	arena_close(&arena);
}
END_TEST

/* One byte of the example becomes another, at every place. */
START_TEST(every_wrong_byte_is_survived)
{
	static const char wrong[] = "\"'{}=,$\\*+#\n";
	struct arena *arena = arena_open();
	struct fixture f;
	size_t len;
	char *example = read_example(&len, arena);

	for (size_t i = 0; i < len; i++) {
		const char right = example[i];

		if (i % 256 == 0)
			fixture_init(&f);
		example[i] = wrong[i * 7 % (sizeof wrong - 1)];
		read_bytes(&f, example, len);
		example[i] = right;
		if (i % 256 == 255 || i == len - 1)
			fixture_fini(&f);
	}
	arena_close(&arena);
}
END_TEST

/* After any of these libConfuse's scanner would be left within a quote. */
START_TEST(failure_leaves_nothing_behind)
{
	static const char *const broken[] = { "linger = \"5d", "linger = '5d",
		"linger = \"\\777\"", "linger = \"\\999\"", "linger = \"${X",
		"include(\"\\777\")", "linger = /* 5d" };
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		ck_assert_ptr_null(read_text(&f, broken[i]));
		ck_assert_uint_eq(faults_errors(f.faults), 1);
		read_text(&f, "accepted-domain \"d\" { }\n");
		expect_faults(&f, broken[i], "");
	}
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("config_files");

	tcase_set_timeout(tcase, 120); /* a sanitizer is slow */
	tcase_add_test(tcase, digest_is_that_of_b2sum);
	tcase_add_loop_test(tcase, fault_of_a_file_is_named, 0, COUNT(files));
	tcase_add_test(tcase, nul_byte_is_named);
	tcase_add_test(tcase, every_truncation_is_survived);
	tcase_add_test(tcase, every_wrong_byte_is_survived);
	tcase_add_test(tcase, failure_leaves_nothing_behind);
	return unit_run(suite_create("config_files"), tcase);
}
