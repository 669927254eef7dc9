/*
 * ICU (uspoof.h) costs more than all else that is asked of a recipient, so
 * what it makes of each ASCII character is asked once.  It takes "0" for "O"
 * and leaves "o" as it is, for it knows texts that are not folded: ours are,
 * so its capitals become small.  Letters of another width it leaves too; NFKC
 * has them in the usual one.
 */
#include "namespace/skeleton.h"

#include "base/arena.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

enum { ASCII = 128, PIECE_SIZE = 8, SKELETON_SIZE = 1024 };

struct skeleton {
	USpoofChecker *checker;
	const UNormalizer2 *width; /* NFKC: one width for all */
	char pieces[ASCII][PIECE_SIZE];
};

static void make_small(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

/* The length, or 0 where there is none of that size. */
static size_t ask(const struct skeleton *skeleton, const char *bytes,
	size_t len, char *out, size_t size)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar wide[SKELETON_SIZE], same_width[SKELETON_SIZE];
	int32_t n = 0;

	u_strFromUTF8(wide, SKELETON_SIZE, &n, bytes, (int32_t)len, &status);
	n = unorm2_normalize(
		skeleton->width, wide, n, same_width, SKELETON_SIZE, &status);
	n = uspoof_getSkeleton(skeleton->checker, 0, same_width, n, wide,
		SKELETON_SIZE, &status);
	u_strToUTF8(out, (int32_t)size - 1, &n, wide, n, &status);
	if (U_FAILURE(status) || n <= 0)
		return 0;
	out[n] = '\0';
	make_small(out);
	return (size_t)n;
}

struct skeleton *skeleton_open(void)
{
	UErrorCode status = U_ZERO_ERROR;
	struct skeleton *skeleton = memory_must(calloc(1, sizeof *skeleton));

	skeleton->width = unorm2_getNFKCInstance(&status);
	skeleton->checker = uspoof_open(&status);
	if (U_FAILURE(status)) {
		free(skeleton);
		return NULL;
	}
	for (int c = 1; c < ASCII; c++) {
		const char byte = (char)c;

		if (ask(skeleton, &byte, 1, skeleton->pieces[c], PIECE_SIZE) ==
			0)
			skeleton->pieces[c][0] = byte;
	}
	return skeleton;
}

void skeleton_close(struct skeleton **skeleton)
{
	if (*skeleton == NULL)
		return;
	uspoof_close((*skeleton)->checker);
	free(*skeleton);
	*skeleton = NULL;
}

static size_t join_pieces(const struct skeleton *skeleton, const char *bytes,
	size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *piece = skeleton->pieces[(unsigned char)bytes[i]];
		const size_t piece_len = strlen(piece);

		if (n + piece_len >= SKELETON_SIZE)
			return 0;
		memcpy(out + n, piece, piece_len);
		n += piece_len;
	}
	return n;
}

static bool is_plain(const char *bytes, size_t len)
{
	while (len > 0 && (unsigned char)bytes[len - 1] < ASCII)
		len--;
	return len == 0;
}

const char *skeleton_of(const struct skeleton *skeleton, const char *bytes,
	size_t len, struct arena *arena)
{
	char text[SKELETON_SIZE];
	const size_t n = is_plain(bytes, len)
		? join_pieces(skeleton, bytes, len, text)
		: ask(skeleton, bytes, len, text, sizeof text);

	return n == 0 ? NULL : arena_strndup(arena, text, n);
}
