/*
 * Preloaded into a program: the allocation whose number is FAULTS_ALLOCATION,
 * from 1, gives NULL, once or, with FAULTS_LASTING, from then on.  Counted
 * are those of all its processes, also those that libraries make, but not
 * those that are made before main() or after it: gcov writes its counts then,
 * and takes any memory for granted.  How many there were stands in the file
 * FAULTS_COUNT, as 8 bytes.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { EARLY_SIZE = 65536, ALIGNMENT = 16 };

static struct kin {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
} next;
static int (*main_of_program)(int, char **, char **);
static atomic_ulong *count;
static unsigned long fails_at;
static int is_lasting;
static int is_in_main;

/* For dlsym(), which allocates before it has told whom to ask. */
static _Alignas(ALIGNMENT) char early[EARLY_SIZE];
static size_t early_used;

static void *early_calloc(size_t size)
{
	void *memory = early + early_used;

	early_used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (early_used > sizeof early)
		abort();
	return memory;
}

static int is_early(const void *memory)
{
	return (const char *)memory >= early &&
		(const char *)memory < early + sizeof early;
}

static void find(void)
{
	static int is_finding;

	if (next.free != NULL || is_finding)
		return;
	is_finding = 1;
	*(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&next.free = dlsym(RTLD_NEXT, "free");
	is_finding = 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("FAULTS_ALLOCATION");
	const char *file = getenv("FAULTS_COUNT");
	int fd;

	find();
	unsetenv("LD_PRELOAD");
	if (file == NULL || (fd = open(file, O_RDWR | O_CLOEXEC)) < 0)
		return;
	void *page = mmap(
		NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	if (page == MAP_FAILED)
		abort();
	fails_at = at == NULL ? 0 : strtoul(at, NULL, 10);
	is_lasting = getenv("FAULTS_LASTING") != NULL;
	count = page;
}

static int fails(void)
{
	if (count == NULL || !is_in_main)
		return 0;
	const unsigned long number = atomic_fetch_add(count, 1) + 1;

	if (fails_at == 0 || number < fails_at ||
		(number > fails_at && !is_lasting))
		return 0;
	errno = ENOMEM;
	return 1;
}

/* Of this process; also called by one that counts and ends by _exit(2). */
void memory_is_back(void);

void memory_is_back(void)
{
	is_in_main = 0;
}

/*
 * Registered here, memory_is_back() comes before all destructors.  Somebody is
 * looked up first, for glibc (2.36) falls over where it can not allocate the
 * list of its name services, at the first look-up of all.
 */
static int run_main(int argc, char **argv, char **environment)
{
	getpwuid(0);
	is_in_main = atexit(memory_is_back) == 0;
	return main_of_program(argc, argv, environment);
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
 *	readability-function-size) */
/* What calls main(); its last four arguments are libc's own affair. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
	void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
	void *stack);

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
	void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
	void *stack)
{
	__typeof__(__libc_start_main) *start = NULL;

	*(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main");
	main_of_program = main;
	return start(run_main, argc, argv, init, fini, rtld_fini, stack);
}

void *malloc(size_t size)
{
	find();
	if (next.malloc == NULL)
		return early_calloc(size);
	return fails() ? NULL : next.malloc(size);
}

void *calloc(size_t n, size_t size)
{
	find();
	if (next.calloc == NULL)
		return early_calloc(n * size);
	return fails() ? NULL : next.calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	find();
	if (is_early(memory)) {
		void *copy = malloc(size);
		const size_t room =
			(size_t)(early + sizeof early - (char *)memory);

		return copy == NULL
			? NULL
			: memcpy(copy, memory, size < room ? size : room);
	}
	return fails() ? NULL : next.realloc(memory, size);
}

void *reallocarray(void *memory, size_t n, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(n, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(memory, whole);
}

void free(void *memory)
{
	if (memory == NULL || is_early(memory))
		return;
	find();
	if (next.free != NULL)
		next.free(memory);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
 *	readability-function-size) */
