/* An old generation is copied as it was published, or not at all. */
#include "transport-map-gen/old_content.h"

#include "base/arena.h"
#include "base/file.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base;
static struct arena *arena;
static struct manifest manifest;

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", base, name);
}

/* No map has to be read here, so each is a text. */
static void add_file(const char *name, const char *text)
{
	ck_assert(file_replace(in(arena_printf(arena, "old/%s", name)), text,
		strlen(text), 0640, NULL));
}

static void digest_files(void)
{
	const char *name;

	manifest = (struct manifest){ .files = arena_array(arena, 20,
					      sizeof *manifest.files) };
	for (size_t i = 0; (name = files_required(i)) != NULL; i++) {
		struct manifest all = { 0 };
		const char *alone = in("alone");
		const char *text = arena_printf(arena, "%s's text\n", name);

		/* By a name for which a text is no damaged map. */
		ck_assert_int_eq(mkdir(alone, 0700), 0);
		ck_assert(file_replace(
			in("alone/text"), text, strlen(text), 0640, NULL));
		ck_assert(manifest_measure(&all, alone, arena, NULL));
		unlink(in("alone/text"));
		rmdir(alone);
		add_file(name, text);
		manifest.files[manifest.n_files++] =
			(struct manifest_file){ name, 1, all.files[0].digest };
	}
}

static void make_base(void)
{
	arena = arena_open();
	base = test_folder(arena);
	ck_assert_int_eq(mkdir(in("old"), 0700), 0);
	ck_assert_int_eq(mkdir(in("new"), 0700), 0);
	digest_files();
}

static void remove_base(void)
{
	test_folder_remove(base);
	arena_close(&arena);
}

static enum old_content copy(struct err *err)
{
	return old_content_copy(&manifest, in("old"), in("new"), err);
}

START_TEST(what_is_sound_is_copied)
{
	struct err err = { 0 };
	struct stat status;
	const char *name;

	ck_assert(old_content_is_sound(&manifest, in("old")));
	ck_assert_msg(copy(&err) == OLD_CONTENT_SOUND, "%s", err.text);
	for (size_t i = 0; (name = files_required(i)) != NULL; i++) {
		const char *path = in(arena_printf(arena, "new/%s", name));
		const bool is_there = stat(path, &status) == 0;
		size_t len;

		/* Made anew by whoever copies. */
		if (strcmp(name, FILES_TRANSPORT_LEAVING) == 0) {
			ck_assert(!is_there);
			continue;
		}
		ck_assert_msg(is_there, "%s", path);
		ck_assert_uint_eq(status.st_nlink, 1);
		ck_assert_uint_eq(status.st_mode & 07777, 0640);
		ck_assert_str_eq(file_read(path, &len, arena, NULL),
			arena_printf(arena, "%s's text\n", name));
	}
}
END_TEST

/* What stands in place of a map, NULL: nothing. */
static const struct {
	const char *name, *file, *text, *sentence;
} damages[] = {
	{ "changed", FILES_POLICY, "policy.cdb's Text\n",
		"/old/policy.cdb is not what its manifest says" },
	{ "longer", FILES_TRANSPORT, "transport.cdb's text\n\n",
		"/old/transport.cdb is not what its manifest says" },
	{ "cut", FILES_RELAY_RECIPIENTS, "",
		"/old/relay_recipients.cdb is not what its manifest says" },
	{ "gone", FILES_VIRTUAL_ALIAS, NULL, "open " },
};

START_TEST(damage_is_named)
{
	struct err err = { 0 };

	if (damages[_i].text != NULL)
		add_file(damages[_i].file, damages[_i].text);
	else
		unlink(in(arena_printf(arena, "old/%s", damages[_i].file)));
	ck_assert(!old_content_is_sound(&manifest, in("old")));
	ck_assert_msg(
		copy(&err) == OLD_CONTENT_DAMAGED, "%s", damages[_i].name);
	ck_assert_msg(strstr(err.text, damages[_i].sentence) != NULL, "%s: %s",
		damages[_i].name, err.text);
}
END_TEST

START_TEST(last_routes_of_then_do_not_matter)
{
	add_file(FILES_TRANSPORT_LEAVING, "damaged");
	ck_assert_int_eq(copy(NULL), OLD_CONTENT_SOUND);
	/* Where they are in force they do. */
	ck_assert(!old_content_is_sound(&manifest, in("old")));
}
END_TEST

static void remove_new(void)
{
	char command[300];

	snprintf(command, sizeof command, "rm -f '%s'/new/*", base);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(file_that_can_not_be_read_is_damage)
{
	struct err err = { 0 };

	unlink(in("old/policy.cdb"));
	ck_assert_int_eq(mkdir(in("old/policy.cdb"), 0700), 0);
	ck_assert_int_eq(copy(&err), OLD_CONTENT_DAMAGED);
	ck_assert_ptr_nonnull(strstr(err.text, "read "));
	ck_assert_int_eq(rmdir(in("old/policy.cdb")), 0);
	ck_assert_int_eq(mkfifo(in("old/policy.cdb"), 0600), 0);
	ck_assert(!old_content_is_sound(&manifest, in("old")));
	ck_assert_int_eq(unlink(in("old/policy.cdb")), 0);
	ck_assert_int_eq(symlink("/dev/zero", in("old/policy.cdb")), 0);
	remove_new();
	ck_assert_int_eq(copy(&err), OLD_CONTENT_DAMAGED);
	ck_assert_ptr_nonnull(strstr(err.text, "not a regular file"));
}
END_TEST

START_TEST(manifest_must_name_what_postfix_reads)
{
	struct err err = { 0 };

	manifest.n_files--;
	ck_assert_int_eq(copy(&err), OLD_CONTENT_DAMAGED);
	ck_assert_ptr_nonnull(
		strstr(err.text, "/old/manifest.json names no policy.cdb"));
	manifest.n_files++;
	manifest.files[0].name = "../old/transport.cdb";
	ck_assert_int_eq(copy(&err), OLD_CONTENT_DAMAGED);
	ck_assert_ptr_nonnull(strstr(err.text,
		"/old/manifest.json names ../old/transport.cdb, no file of "
		"it"));
}
END_TEST

START_TEST(copy_that_can_not_be_made_is_no_damage)
{
	struct err err = { 0 };

	ck_assert_int_eq(
		old_content_copy(&manifest, in("old"), in("absent"), &err),
		OLD_CONTENT_NOT_WRITTEN);
	ck_assert_ptr_nonnull(strstr(err.text, "create "));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("old_content");

	tcase_add_checked_fixture(tcase, make_base, remove_base);
	tcase_add_test(tcase, what_is_sound_is_copied);
	tcase_add_loop_test(tcase, damage_is_named, 0, COUNT(damages));
	tcase_add_test(tcase, last_routes_of_then_do_not_matter);
	tcase_add_test(tcase, file_that_can_not_be_read_is_damage);
	tcase_add_test(tcase, manifest_must_name_what_postfix_reads);
	tcase_add_test(tcase, copy_that_can_not_be_made_is_no_damage);
	return unit_run(suite_create("old_content"), tcase);
}
