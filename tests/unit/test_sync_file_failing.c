/*
 * A store that can not be written leaves the old one; one that can not be
 * read is none; and what can not be appended is written anew.
 */
#include "directory/sync_file.h"

#include "tests/unit/descriptors.h"
#include "tests/unit/failing_file_calls.h"
#include "tests/unit/sync_store_case.h"
#include "tests/unit/unit_main.h"

#include <openssl/evp.h>

FAILING_CALL(
	int, -1, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
FAILING_CALL(FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
FAILING_CALL(int, -1, fseek, (FILE * file, long at, int from), (file, at, from))
FAILING_CALL(int, EOF, fflush, (FILE * file), (file))
FAILING_CALL(int, -1, truncate, (const char *path, off_t len), (path, len))
FAILING_CALL(int, 0, EVP_DigestInit_ex,
	(EVP_MD_CTX * context, const EVP_MD *kind, ENGINE *engine),
	(context, kind, engine))

/* Closed all the same. */
int fclose(FILE *file)
{
	int (*next)(FILE *);

	*(void **)&next = dlsym(RTLD_NEXT, "fclose");
	const int end = next(file);

	return failing_call_is_due("fclose") ? EOF : end;
}

static const struct failing {
	const char *name, *sentence; /* %s: the new file */
	int error;
} WRITES[] = {
	{ "open", "create %s: Too many open files", EMFILE },
	{ "fdopen", "create %s: Cannot allocate memory", ENOMEM },
	{ "stat", "write %s: Input/output error", EIO },
	{ "fchown", "write %s: Input/output error", EIO },
	{ "EVP_DigestInit_ex",
		"OpenSSL offers no BLAKE2b-512, by which contents are told "
		"apart; allow it in openssl.cnf",
		0 },
	{ "fflush", "write %s: No space left on device", ENOSPC },
	{ "fchmod", "write %s: Read-only file system", EROFS },
	{ "fclose", "write %s: Disk quota exceeded", EDQUOT },
	{ "rename", "rename %s to ", EIO },
};

START_TEST(failed_write_leaves_the_old_store)
{
	const struct failing *call = &WRITES[_i];
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 /");
	const char *temporary =
		arena_printf(f.arena, "%s/sync/.ad.tmp", f.state);
	const char *sentence = strstr(call->sentence, "%s") == NULL
		? call->sentence
		: arena_printf(f.arena, "%.*s%s%s",
			  (int)strcspn(call->sentence, "%"), call->sentence,
			  temporary, strstr(call->sentence, "%s") + 2);

	sync_store_close(&f.store);
	f.store = sync_store_open(); /* as a full read has it */
	sync_store_case_put(&f, 2);
	const size_t before = descriptors_count();

	failing_call_begin(call->name, 1, call->error);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_msg(failing_call_end(), "%s", call->name);
	ck_assert_msg(text_starts(f.err.text, sentence), "%s", f.err.text);
	ck_assert_uint_eq(descriptors_count(), before);
	ck_assert_int_ne(access(temporary, F_OK), 0);
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "cn=1 v1@d.example\n");
	sync_store_case_fini(&f);
}
END_TEST

static const struct failing APPENDS[] = {
	{ .name = "open", .error = EMFILE },
	{ .name = "fdopen", .error = ENOMEM },
	{ .name = "fstat", .error = EIO },
	{ .name = "fseek", .error = EIO },
	{ .name = "EVP_DigestInit_ex", .error = 0 },
	{ .name = "fflush", .error = ENOSPC },
	{ .name = "fclose", .error = EDQUOT },
};

START_TEST(failed_append_writes_all_anew)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 p2 / p3 r1");
	const size_t before = descriptors_count();

	failing_call_begin(APPENDS[_i].name, 1, APPENDS[_i].error);
	sync_store_case_write(&f);
	ck_assert_msg(failing_call_end(), "%s", APPENDS[_i].name);
	ck_assert_uint_eq(descriptors_count(), before);
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f),
		"cn=2 v2@d.example\ncn=3 v3@d.example\n");
	sync_store_case_fini(&f);
}
END_TEST

/* A file with half a section would be read as damaged: better none. */
START_TEST(append_that_can_not_be_taken_back_leaves_no_store)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 p2 / p3");
	const char *path = sync_store_path(f.state, "ad", f.arena);
	struct sync_contents contents = { .settings = "base" };
	struct sync_contents read = { 0 };
	struct sync_file file;

	ck_assert(sync_file_read(&read, &file, path, "base"));
	failing_call_begin("truncate", 1, EIO);
	test_limit_files(file.size + 10);
	ck_assert(!sync_file_append(&contents, &file, path));
	test_limit_files(RLIM_INFINITY);
	ck_assert(failing_call_end());
	ck_assert_int_ne(access(path, F_OK), 0);
	sync_file_fini(&file);
	free(read.records.list);
	free(read.changes.list);
	sync_store_case_fini(&f);
}
END_TEST

static const struct failing READS[] = {
	{ .name = "open", .error = EMFILE },
	{ .name = "fstat", .error = EIO },
	{ .name = "mmap", .error = ENOMEM },
	{ .name = "EVP_DigestInit_ex", .error = 0 },
};

START_TEST(store_that_can_not_be_read_is_none_for_now)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, "p1 /");
	const size_t before = descriptors_count();

	failing_call_begin(READS[_i].name, 1, READS[_i].error);
	ck_assert(!sync_store_case_read(&f, "base"));
	ck_assert_msg(failing_call_end(), "%s", READS[_i].name);
	ck_assert_uint_eq(descriptors_count(), before);
	ck_assert_str_eq(sync_store_case_found(&f), "");
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "cn=1 v1@d.example\n");
	sync_store_case_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sync_file_failing");

	tcase_add_loop_test(
		tcase, failed_write_leaves_the_old_store, 0, COUNT(WRITES));
	tcase_add_loop_test(
		tcase, failed_append_writes_all_anew, 0, COUNT(APPENDS));
	tcase_add_test(
		tcase, append_that_can_not_be_taken_back_leaves_no_store);
	tcase_add_loop_test(tcase, store_that_can_not_be_read_is_none_for_now,
		0, COUNT(READS));
	return unit_run(suite_create("sync_file_failing"), tcase);
}
