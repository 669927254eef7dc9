#include "base/file_mark.h"

#include "base/text.h"

#include <stdint.h>
#include <sys/stat.h>

bool file_mark_add(struct text *out, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	text_addf(out, "%ju %ju %jd.%09ld %jd.%09ld\n",
		(uintmax_t)status.st_ino, (uintmax_t)status.st_size,
		(intmax_t)status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
		(intmax_t)status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
	return true;
}
