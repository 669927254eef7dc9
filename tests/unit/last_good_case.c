#include "tests/unit/last_good_case.h"

#include "base/arena.h"
#include "directory/last_good.h"
#include "directory/listing.h"

#include "tests/unit/listing_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

void last_good_case_init(struct last_good_case *c)
{
	*c = (struct last_good_case){ .arena = arena_open() };
	class_counts_init(&c->classes, c->arena);
	c->state = test_folder(c->arena);
	c->copy = last_good_path(c->state, "ad", c->arena);
}

void last_good_case_fini(struct last_good_case *c)
{
	test_folder_remove(c->state);
	text_fini(&c->found);
	arena_close(&c->arena);
}

static const char *const LINES[] = {
	"ann@d.example\trow 2\n",
	"\"a b\"@d.example\tcn=a b c\n",
	"crm@d.example\t3\tc@e.example\n",
};

struct slice last_good_case_listing(
	const struct last_good_case *c, size_t count)
{
	struct text text;

	ck_assert_uint_le(count, COUNT(LINES));
	text_init(&text);
	listing_put_head(&text);
	for (size_t i = 0; i < count; i++)
		text_adds(&text, LINES[i]);
	listing_put_tail(&text, &c->classes, count);
	const struct slice listing = {
		arena_strndup(c->arena, text.data, text.len), text.len
	};

	text_fini(&text);
	return listing;
}

bool last_good_case_write(struct last_good_case *c, size_t count)
{
	return listing_keep(
		last_good_case_listing(c, count), c->state, "ad", &c->err);
}

enum lookup last_good_case_read(struct last_good_case *c)
{
	text_clear(&c->found);
	c->err.text[0] = '\0';
	return last_good_read(c->copy, sink_text_entry, &c->found, &c->err);
}
