/* Maps that could not be written whole are told, whichever call it was. */
#include "snapshot/maps.h"

#include "tests/unit/failing_file_calls.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

/* So many that no buffer holds their records. */
enum { PEOPLE = 9000 };

static const char config[] =
	"accepted-domain '#d.example' { }\n"
	"accepted-domain 'xn--bcher-kva.example' { }\n"
	"accepted-domain '#old.example' { secondary-of = 'd.example' }\n"
	"connector ex { address-spaces = '*' smart-hosts = 'h' tls = may }\n"
	"directory s { type = file path = 's' }\n"
	"contact 'c@d.example' { target = 'c@far.example' }\n";

static const struct failing {
	const char *name;
	int error;
	bool is_closing;
} calls[] = {
	{ .name = "open", .error = EMFILE },
	{ .name = "write", .error = ENOSPC },
	{ .name = "write", .error = EIO },
	{ .name = "fsync", .error = EIO },
	{ .name = "close", .error = EDQUOT, .is_closing = true },
	{ .name = "fchmod", .error = EROFS },
};

static char *entries_of(struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (int i = 0; i < PEOPLE; i++)
		text_addf(&text, "s user%d@d.example\n", i);
	char *entries = arena_strdup(arena, text.data);

	text_fini(&text);
	return entries;
}

/* Whether the call was made so often. */
static bool write_failing_at(const struct model_case *c,
	const struct maps_input *input, const struct failing *call, unsigned n)
{
	struct err err = { 0 };
	const char *folder = arena_printf(c->arena, "%s/%u", c->folder, n);

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	failing_call_begin(call->name, n, call->error);
	const bool is_written = maps_write(input, folder, &err);
	const bool has_failed = failing_call_end();

	/* Not all that is closed was written to. */
	ck_assert_msg(is_written != has_failed || call->is_closing, "%s %u: %s",
		call->name, n, err.text);
	if (!is_written)
		ck_assert_msg(strstr(err.text, strerror(call->error)) != NULL,
			"%s %u: %s", call->name, n, err.text);
	return has_failed;
}

START_TEST(failed_call_is_told)
{
	struct model_case c;
	struct arena *arena = arena_open();
	unsigned n = 1;

	model_case_sound(&c, config, entries_of(arena));
	const struct maps_input input = { c.ns, c.recipients, c.model,
		MODEL_NOW };

	while (write_failing_at(&c, &input, &calls[_i], n))
		n++;
	ck_assert_msg(n > 1, "%s was never called", calls[_i].name);
	arena_close(&arena);
	model_case_close(&c);
}
END_TEST

/* It is not the call that ends a write, but what is left to be written. */
START_TEST(interrupted_write_goes_on)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_sound(&c, config, "s ann@d.example\n");
	const struct maps_input input = { c.ns, c.recipients, c.model,
		MODEL_NOW };

	failing_call_begin("write", 1, EINTR);
	ck_assert_msg(maps_write(&input, c.folder, &err), "%s", err.text);
	ck_assert(failing_call_end());
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps_failing");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, failed_call_is_told, 0, COUNT(calls));
	tcase_add_test(tcase, interrupted_write_goes_on);
	return unit_run(suite_create("maps_failing"), tcase);
}
