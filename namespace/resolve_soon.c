/*
 * The key is guessed, not made: what is guessed wrong is looked up as it
 * would have been, and a whole key is made for each answer anyway.
 */
#include "namespace/resolve_soon.h"

#include "namespace/view.h"

#include <assert.h>

enum { GUESSED_MAX = 64 }; /* bytes of a key; longer ones are rare */

/* Nearly all keys are what was asked, in small letters. */
static void guess_key(char *out, struct slice recipient)
{
	for (size_t i = 0; i < recipient.len; i++) {
		const char c = recipient.bytes[i];

		out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
}

void resolve_soon(
	const struct view *view, const struct slice *recipients, size_t count)
{
	char guessed[VIEW_EXPECTED_MAX][GUESSED_MAX];
	struct slice keys[VIEW_EXPECTED_MAX];
	size_t n_keys = 0;

	assert(count <= VIEW_EXPECTED_MAX);
	if (view->ops->expect_listings == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		if (recipients[i].len > GUESSED_MAX)
			continue;
		guess_key(guessed[n_keys], recipients[i]);
		keys[n_keys] =
			(struct slice){ guessed[n_keys], recipients[i].len };
		n_keys++;
	}
	view->ops->expect_listings(view, keys, n_keys);
}
