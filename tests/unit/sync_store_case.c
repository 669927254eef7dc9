/* What should be held is kept beside the store, by number. */
#include "tests/unit/sync_store_case.h"

#include "directory/sync_file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void sync_store_case_init(struct sync_store_case *f)
{
	*f = (struct sync_store_case){ .arena = arena_open(), .has_all = true };
	f->state = test_folder(f->arena);
	f->store = sync_store_open();
	text_init(&f->found);
}

void sync_store_case_fini(struct sync_store_case *f)
{
	sync_store_close(&f->store);
	ck_assert_ptr_null(f->store);
	test_folder_remove(f->state);
	text_fini(&f->found);
	arena_close(&f->arena);
}

void sync_store_case_id(unsigned char id[16], unsigned number)
{
	memset(id, 0, 16);
	id[0] = (unsigned char)(number * 7);
	id[15] = (unsigned char)number;
}

void sync_store_case_write(struct sync_store_case *f)
{
	ck_assert_msg(
		sync_store_write(f->store, f->state, "ad", "base", &f->err),
		"%s", f->err.text);
}

bool sync_store_case_read(struct sync_store_case *f, const char *settings)
{
	sync_store_close(&f->store);
	f->store = sync_store_open();
	return sync_store_read(f->store, f->state, "ad", settings);
}

void sync_store_case_reopen(struct sync_store_case *f)
{
	sync_store_case_write(f);
	ck_assert(sync_store_case_read(f, "base"));
	memset(f->is_seen, 0, sizeof f->is_seen);
	f->has_all = true;
}

void sync_store_case_put(struct sync_store_case *f, unsigned number)
{
	unsigned char id[16];

	sync_store_case_id(id, number);
	const struct sink sink = sync_store_begin(f->store, id);
	const struct entry entry = {
		.address =
			arena_printf(f->arena, "v%u@d.example", ++f->version),
		.origin = arena_printf(f->arena, "cn=%u", number),
	};

	memset(id, 0xff, sizeof id); /* it was copied */
	sink.entry(sink.context, &entry);
	f->held[number] = f->version;
	f->is_seen[number] = true;
}

void sync_store_case_remove_rest(struct sync_store_case *f)
{
	sync_store_remove_rest(f->store);
	for (unsigned i = 0; i < ID_MAX; i++)
		if (!f->is_seen[i])
			f->held[i] = 0;
}

void sync_store_case_act(struct sync_store_case *f, char what, unsigned number)
{
	unsigned char id[16];

	sync_store_case_id(id, number);
	if (what == 'p') {
		sync_store_case_put(f, number);
	} else if (what == 'r') {
		sync_store_remove(f->store, id);
		f->held[number] = 0;
	} else if (what == 'k') {
		sync_store_keep(f->store, id);
		f->is_seen[number] = true;
	} else if (what == 'R') {
		sync_store_case_remove_rest(f);
	} else if (what == '/') {
		sync_store_case_reopen(f);
	} else {
		f->has_all = sync_store_settle(f->store) && f->has_all;
	}
}

const char *sync_store_case_found(struct sync_store_case *f)
{
	const struct sink sink = { sink_text_entry, sink_text_bad,
		sink_text_object, &f->found };

	text_clear(&f->found);
	sync_store_put(f->store, &sink);
	return text_of(&f->found);
}

void sync_store_case_run(struct sync_store_case *f, const char *script)
{
	while (*script != '\0') {
		char *end;
		const char what = *script++;
		const unsigned long number = strtoul(script, &end, 10);

		ck_assert_uint_lt(number, ID_MAX);
		sync_store_case_act(f, what, (unsigned)number);
		script = end + strspn(end, " ");
	}
}

void sync_store_case_put_all_kinds(struct sync_store_case *f)
{
	unsigned char id[16] = { 1 };
	const struct sink sink = sync_store_begin(f->store, id);
	const struct entry mailbox = { "a@d.example", NULL, "cn=a" };
	const struct entry contact = { "b@d.example", "b@e.example", "cn=a" };
	const struct entry other = { "c@d.example", NULL, "cn=b" };
	const struct entry empty = { "", "", "" };

	sink.object(sink.context, "user");
	sink.entry(sink.context, &mailbox);
	sink.entry(sink.context, &contact);
	sink.bad(sink.context, "cn=a", "no \"@\"");
	sink.entry(sink.context, &other);
	sink.entry(sink.context, &empty);
	id[0] = 2;
	sync_store_begin(f->store, id); /* an object without any */
}
