/* Each writes a configuration that has no other fault. */
#include "tests/unit/limits_config.h"

#include "tests/unit/model_case.h"

char *fill(struct arena *arena, const char *head, size_t n, char c,
	const char *tail)
{
	char *middle = arena_alloc(arena, n + 1);

	memset(middle, c, n);
	middle[n] = '\0';
	return (char *)arena_printf(arena, "%s%s%s", head, middle, tail);
}

static bool takes_config(const char *config)
{
	struct model_case c;

	model_case_open(&c, config, "");
	const bool is_taken = c.model != NULL;

	model_case_close(&c);
	return is_taken;
}

#define DOMAIN "accepted-domain 'd.example' { type = internal-relay }\n"
#define CONNECTOR \
	"connector ex { smart-hosts = '10.0.0.1' " \
	"address-spaces = 'd.example' }\n"

bool takes_cost(struct arena *arena, size_t n)
{
	return takes_config(arena_printf(arena,
		DOMAIN "connector ex { smart-hosts = '10.0.0.1'\n"
		       " address-spaces = 'd.example;%zu' }\n",
		n));
}

bool takes_keep(struct arena *arena, size_t n)
{
	return takes_config(
		arena_printf(arena, "keep = %zu\n" DOMAIN CONNECTOR, n));
}

#define LDAP \
	DOMAIN CONNECTOR \
		"directory a { type = ldap uri = 'ldaps://a' base = 'dc=a'\n" \
		" connector = ex preset = openldap "

bool takes_page(struct arena *arena, size_t n)
{
	return takes_config(arena_printf(arena, LDAP "page-size = %zu }\n", n));
}

bool takes_time(struct arena *arena, size_t n)
{
	return takes_config(
		arena_printf(arena, LDAP "connect-timeout = %zus }\n", n));
}

bool takes_block_name(struct arena *arena, size_t n)
{
	return takes_config(fill(arena, DOMAIN "connector '", n, 'a',
		"' { smart-hosts = '10.0.0.1' address-spaces = 'd.example' "
		"}\n"));
}

/* Without quotes, in single ones and in double ones alike. */
bool takes_token(struct arena *arena, size_t n)
{
	static const char head[] = DOMAIN CONNECTOR
		"directory a { type = file connector = ex path = ";
	const bool is_taken = takes_config(fill(arena, head, n, 'a', " }\n"));
	const bool is_single = takes_config(fill(
		arena, arena_printf(arena, "%s'", head), n - 2, 'a', "' }\n"));
	const bool is_double = takes_config(fill(arena,
		arena_printf(arena, "%s\"", head), n - 2, 'a', "\" }\n"));

	ck_assert(is_single == is_taken && is_double == is_taken);
	return is_taken;
}

/* Contact after contact; the last one is somebody elsewhere. */
bool takes_contacts(struct arena *arena, size_t n)
{
	struct model_case c;
	struct resolution found;
	struct text config;

	text_init(&config);
	text_adds(&config, DOMAIN CONNECTOR);
	for (size_t i = 1; i < n; i++)
		text_addf(&config,
			"contact 'c%zu@d.example' { target = "
			"'c%zu@d.example' }\n",
			i, i + 1);
	text_addf(&config,
		"contact 'c%zu@d.example' { target = 'x@saas.example' }\n", n);
	model_case_sound(&c, config.data, "");
	text_fini(&config);
	const struct question question = {
		.recipient = "c1@d.example", .len = 12, .now = MODEL_NOW
	};

	resolve(&found, model_view(c.model), &question, NULL, arena);
	model_case_close(&c);
	return found.verdict == VERDICT_ACCEPT;
}

bool takes_secondaries(struct arena *arena, size_t n)
{
	struct text config;

	text_init(&config);
	text_adds(&config,
		DOMAIN CONNECTOR
		"accepted-domain s0 { type = internal-relay }\n");
	for (size_t i = 1; i <= n; i++)
		text_addf(&config,
			"accepted-domain s%zu { secondary-of = s%zu }\n", i,
			i - 1);
	const bool is_taken = takes_config(arena_strdup(arena, config.data));

	text_fini(&config);
	return is_taken;
}

/* One and the same, which has nothing in it. */
bool takes_includes(struct arena *arena, size_t n)
{
	char path[] = "/tmp/limits.XXXXXX";
	const int fd = mkstemp(path);
	struct text config;

	ck_assert_int_ge(fd, 0);
	close(fd);
	text_init(&config);
	for (size_t i = 0; i < n; i++)
		text_addf(&config, "include(\"%s\")\n", path);
	text_adds(&config, DOMAIN CONNECTOR);
	const bool is_taken = takes_config(arena_strdup(arena, config.data));

	unlink(path);
	text_fini(&config);
	return is_taken;
}

/* namespace.conf includes 1.conf, which includes 2.conf, ... */
bool takes_nested_includes(struct arena *arena, size_t n)
{
	char *folder = arena_strdup(arena, "/tmp/limitsXXXXXX");

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 1; i <= n; i++) {
		FILE *file = fopen(
			arena_printf(arena, "%s/%zu.conf", folder, i), "w");

		ck_assert_ptr_nonnull(file);
		if (i < n)
			fprintf(file, "include(\"%s/%zu.conf\")\n", folder,
				i + 1);
		ck_assert_int_eq(fclose(file), 0);
	}
	const bool is_taken = takes_config(arena_printf(
		arena, "include(\"%s/1.conf\")\n" DOMAIN CONNECTOR, folder));

	for (size_t i = 1; i <= n; i++)
		unlink(arena_printf(arena, "%s/%zu.conf", folder, i));
	rmdir(folder);
	return is_taken;
}
