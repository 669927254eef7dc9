/*
 * The first bytes tell what it is.  zlib's inflate() is asked without its
 * gzread(), so that all that could be unpacked is handed out before a damage
 * is reported.
 */
#include "verdicts/log_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
	PACKED_SIZE = 256 * 1024,
	MAGIC_MAX = 6,
	/* inflateInit2(): the largest window, and gzip alone. */
	GZIP_WINDOW = 15 + 16,
	GZIP_TIME_AT = 4,
	GZIP_HEADER_LEN = 10
};

enum form { FORM_UNKNOWN, FORM_PLAIN, FORM_GZIP };

struct log_file {
	const char *name;
	int fd;
	bool is_named; /* so that a command can name it too */
	struct stat stat;
	enum form form;
	/* As it stands in the file: all of a gzip, the beginning of others. */
	unsigned char *raw;
	size_t raw_at, raw_len;
	z_stream z;
	bool is_within; /* a member of the gzip has begun and not ended */
	bool has_ended;
	bool has_member; /* at least one was whole */
	struct err fault; /* told when what was read before is handed out */
};

static const struct {
	const char *bytes;
	size_t len;
	const char *name;
	const char *unpack;
} others[] = {
	{ "\xfd"
	  "7zXZ\0",
		6, "xz", "xzcat" },
	{ "BZh", 3, "bzip2", "bzcat" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", "zstdcat" },
	{ "\x04\x22\x4d\x18", 4, "lz4", "lz4cat" },
	{ "\x1f\x9d", 2, "compress", "zcat" },
};

static const char gzip_magic[] = "\x1f\x8b";

struct log_file *log_file_of(int fd, const char *name)
{
	struct log_file *file = memory_must(calloc(1, sizeof *file));

	file->name = name;
	file->fd = fd;
	if (fstat(fd, &file->stat) != 0)
		file->stat.st_mode = S_IFIFO;
	return file;
}

static ssize_t read_fd(int fd, void *into, size_t room)
{
	ssize_t n;

	do
		n = read(fd, into, room);
	while (n < 0 && errno == EINTR);
	return n;
}

static bool fault_is(const struct log_file *file)
{
	return file->fault.text[0] != '\0';
}

/* More raw bytes behind those that are there; false at the end or a fault. */
static bool read_raw(struct log_file *file)
{
	if (file->raw == NULL)
		file->raw = memory_must(malloc(PACKED_SIZE));
	if (file->raw_at == file->raw_len)
		file->raw_at = file->raw_len = 0;
	const ssize_t n = read_fd(file->fd, file->raw + file->raw_len,
		PACKED_SIZE - file->raw_len);

	if (n < 0)
		err_sys(&file->fault, "%s", file->name);
	if (n <= 0)
		return false;
	file->raw_len += (size_t)n;
	return true;
}

/* The bytes so far are those of magic, as many as there are of them. */
static bool may_be(const struct log_file *file, const char *magic, size_t len)
{
	return memcmp(file->raw, magic,
		       file->raw_len < len ? file->raw_len : len) == 0;
}

static bool is_any(const struct log_file *file)
{
	if (may_be(file, gzip_magic, 2))
		return file->raw_len < 2;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (may_be(file, others[i].bytes, others[i].len))
			return file->raw_len < others[i].len;
	return false;
}

static bool refuse_others(struct log_file *file)
{
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		const char *unpack = others[i].unpack;

		if (file->raw_len < others[i].len ||
			!may_be(file, others[i].bytes, others[i].len))
			continue;
		if (!file->is_named)
			return err_set(&file->fault,
				"%s is packed by %s: unpack it by %s first",
				file->name, others[i].name, unpack);
		return err_set(&file->fault,
			"%s is packed by %s: name - instead of it, behind "
			"%s %s |",
			file->name, others[i].name, unpack, file->name);
	}
	return true;
}

/* Reads on until the first bytes have told what it is; false: a fault. */
static bool find_form(struct log_file *file)
{
	while ((file->raw_len == 0 || is_any(file)) && read_raw(file))
		;
	if (fault_is(file) || !refuse_others(file))
		return false;
	if (file->raw_len < 2 || !may_be(file, gzip_magic, 2)) {
		file->form = FORM_PLAIN;
		return true;
	}
	file->form = FORM_GZIP;
	if (inflateInit2(&file->z, GZIP_WINDOW) != Z_OK)
		memory_must(NULL);
	file->is_within = true;
	return true;
}

struct log_file *log_file_open(const char *name, struct err *err)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		err_sys(err, "%s", name);
		return NULL;
	}
	struct log_file *file = log_file_of(fd, name);

	file->is_named = true;
	if (S_ISDIR(file->stat.st_mode))
		err_set(&file->fault, "%s is a folder, not a log", name);
	else if (log_file_is_regular(file))
		find_form(file);
	if (!fault_is(file))
		return file;
	err_set(err, "%s", file->fault.text);
	log_file_close(&file);
	return NULL;
}

void log_file_close(struct log_file **file)
{
	if (*file == NULL)
		return;
	if ((*file)->form == FORM_GZIP)
		inflateEnd(&(*file)->z);
	close((*file)->fd);
	free((*file)->raw);
	free(*file);
	*file = NULL;
}

const char *log_file_name(const struct log_file *file)
{
	return file->name;
}

int log_file_fd(const struct log_file *file)
{
	return file->fd;
}

bool log_file_is_regular(const struct log_file *file)
{
	return S_ISREG(file->stat.st_mode);
}

bool log_file_is_same(const struct log_file *a, const struct log_file *b)
{
	return log_file_is_regular(a) && log_file_is_regular(b) &&
		a->stat.st_dev == b->stat.st_dev &&
		a->stat.st_ino == b->stat.st_ino;
}

/* Some file systems keep any time that was set, and sums of it shall fit. */
time_t log_file_modified(const struct log_file *file)
{
	const time_t year_10000 = INT64_C(253402300800);
	const time_t modified = log_file_is_regular(file) ? file->stat.st_mtime
							  : time(NULL);

	if (modified < 0)
		return 0;
	return modified < year_10000 ? modified : year_10000 - 1;
}

time_t log_file_packed(const struct log_file *file)
{
	const time_t modified = log_file_modified(file);
	time_t packed = 0;

	if (file->form != FORM_GZIP || file->raw_len < GZIP_HEADER_LEN)
		return modified;
	for (int i = 3; i >= 0; i--)
		packed = packed << 8 | file->raw[GZIP_TIME_AT + i];
	return packed != 0 && packed < modified ? packed : modified;
}

/* Whoever looks into hundreds has no room for the buffers of each. */
void log_file_rewind(struct log_file *file)
{
	(void)lseek(file->fd, 0, SEEK_SET);
	if (file->form == FORM_GZIP)
		inflateEnd(&file->z);
	free(file->raw);
	*file = (struct log_file){ .name = file->name,
		.fd = file->fd,
		.is_named = file->is_named,
		.stat = file->stat };
}

/* Tapes and disks fill up with zeros behind the last member. */
static void skip_zeros(struct log_file *file)
{
	while (file->raw_at < file->raw_len && file->raw[file->raw_at] == 0)
		file->raw_at++;
}

static void inflate_fault(struct log_file *file)
{
	if (file->has_member && file->z.total_out == 0)
		err_set(&file->fault,
			"%s: what follows the gzip data is no log", file->name);
	else
		err_set(&file->fault, "%s: the gzip data are damaged (%s)",
			file->name, file->z.msg == NULL ? "?" : file->z.msg);
}

/* One step; false: this was the end, or a fault. */
static bool inflate_step(struct log_file *file)
{
	if (!file->is_within)
		skip_zeros(file);
	if (file->raw_at == file->raw_len && !read_raw(file)) {
		if (file->is_within && !fault_is(file))
			err_set(&file->fault, "%s: the gzip data end too early",
				file->name);
		return false;
	}
	if (!file->is_within) {
		skip_zeros(file);
		if (file->raw_at == file->raw_len)
			return true;
		inflateReset(&file->z);
		file->is_within = true;
	}
	file->z.next_in = file->raw + file->raw_at;
	file->z.avail_in = (unsigned)(file->raw_len - file->raw_at);
	const int code = inflate(&file->z, Z_NO_FLUSH);

	file->raw_at = file->raw_len - file->z.avail_in;
	if (code == Z_STREAM_END) {
		file->is_within = false;
		file->has_member = true;
	} else if (code != Z_OK && code != Z_BUF_ERROR) {
		inflate_fault(file);
		return false;
	}
	return true;
}

static size_t read_gzip(struct log_file *file, char *into, size_t room)
{
	file->z.next_out = (unsigned char *)into;
	file->z.avail_out = (unsigned)room;
	while (!file->has_ended && file->z.avail_out == room)
		file->has_ended = !inflate_step(file);
	return room - file->z.avail_out;
}

static size_t read_plain(struct log_file *file, char *into, size_t room)
{
	size_t len = file->raw_len - file->raw_at;

	if (len > 0) {
		len = len < room ? len : room;
		memcpy(into, file->raw + file->raw_at, len);
		file->raw_at += len;
		return len;
	}
	const ssize_t n = read_fd(file->fd, into, room);

	if (n < 0)
		err_sys(&file->fault, "%s", file->name);
	return n < 0 ? 0 : (size_t)n;
}

enum log_bytes log_file_read(struct log_file *file, char *into, size_t room,
	size_t *len, struct err *err)
{
	*len = 0;
	if (file->form == FORM_UNKNOWN && !file->has_ended && !find_form(file))
		file->has_ended = true;
	if (!fault_is(file) && file->form == FORM_GZIP)
		*len = read_gzip(file, into, room);
	else if (!fault_is(file) && file->form == FORM_PLAIN)
		*len = read_plain(file, into, room);
	if (*len > 0)
		return LOG_BYTES_SOME;
	if (!fault_is(file))
		return LOG_BYTES_END;
	err_set(err, "%s", file->fault.text);
	file->fault = (struct err){ 0 };
	file->has_ended = true;
	return LOG_BYTES_DAMAGED;
}
