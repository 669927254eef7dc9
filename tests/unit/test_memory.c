/* Memory that is there, or an end that is said. */
#include "base/memory.h"

#include "tests/unit/unit_main.h"

#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

START_TEST(what_is_there_is_handed_on)
{
	char byte;

	ck_assert_ptr_eq(memory_must(&byte), &byte);
}
END_TEST

START_TEST(nothing_ends_the_process_with_a_word)
{
	char said[64] = "";
	int ends[2];
	int status;

	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		dup2(ends[1], STDERR_FILENO);
		memory_must(NULL);
		_exit(0);
	}
	ck_assert_int_gt(wait(&status), 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EX_OSERR);
	ck_assert_int_gt(read(ends[0], said, sizeof said - 1), 0);
	ck_assert_str_eq(said, "out of memory\n");
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(large_memory_grows_and_keeps_its_bytes)
{
	static const size_t SIZES[] = { 0, 1, 5000, 9 * 1024 * 1024 };

	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
		const size_t size = SIZES[i];
		char *memory = memory_map(size);

		for (size_t at = 0; at < size; at += 4000)
			ck_assert_int_eq(memory[at], 0);
		if (size > 0)
			memset(memory, 'x', size);
		memory = memory_remap(memory, size, 2 * size + 1);
		for (size_t at = 0; at < size; at += 4000)
			ck_assert_int_eq(memory[at], 'x');
		ck_assert_int_eq(memory[2 * size], 0);
		memory_unmap(memory, 2 * size + 1);
	}
	memory_unmap(NULL, 5000);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("memory");

	tcase_add_test(tc, what_is_there_is_handed_on);
	tcase_add_test(tc, nothing_ends_the_process_with_a_word);
	tcase_add_test(tc, large_memory_grows_and_keeps_its_bytes);
	return unit_run(suite_create("memory"), tc);
}
