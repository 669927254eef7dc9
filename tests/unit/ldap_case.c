#include "tests/unit/ldap_case.h"

#include "tests/unit/ldap_script.h"

#include <sys/socket.h>
#include <sys/un.h>

/* Tells what was asked for; what no answer is left for fails. */
static const char *ldap_case_answer(struct ldap_case *c, BerElement *ber)
{
	char *base = NULL, **attributes = NULL;
	int ignored[5];

	ck_assert_int_ne((int)ber_scanf(ber, "{aeeiibx{v", &base, &ignored[0],
				 &ignored[1], &ignored[2], &ignored[3],
				 &ignored[4], &attributes),
		(int)LBER_ERROR);
	text_addf(&c->heard, "%s", base);
	for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i++)
		text_addf(&c->heard, " %s", attributes[i]);
	text_adds(&c->heard, "\n");
	ber_memfree(base);
	ber_memvfree((void **)attributes);
	return *c->answers == NULL ? "done 53 nothing left" : *c->answers++;
}

/* False: the connection ends. */
static bool ldap_case_serve(
	struct ldap_case *c, struct ldap_speaker *speaker, BerElement *ber)
{
	ber_tag_t operation = LBER_ERROR;
	const char *answer = c->bind;

	ber_scanf(ber, "it", &speaker->msgid, &operation);
	switch (operation) {
	case LDAP_REQ_ABANDON: return true;
	case LDAP_REQ_SEARCH:
		speaker->end = LDAP_RES_SEARCH_RESULT;
		answer = ldap_case_answer(c, ber);
		break;
	case LDAP_REQ_BIND:
		speaker->end = LDAP_RES_BIND;
		c->n_binds++;
		break;
	case LDAP_REQ_EXTENDED: speaker->end = LDAP_RES_EXTENDED; break;
	default: return false;
	}
	char *rest = arena_strdup(c->spoken, answer);

	for (char *line; (line = ldap_script_next(&rest, "\n")) != NULL;)
		if (!ldap_script_line(speaker, line))
			return false;
	return true;
}

static void *ldap_case_run(void *context)
{
	struct ldap_case *c = context;

	for (int fd; (fd = accept(c->listener, NULL, NULL)) >= 0;) {
		struct ldap_speaker speaker = { .arena = c->spoken,
			.socket = ber_sockbuf_alloc() };
		bool is_open = true;

		ber_sockbuf_add_io(speaker.socket, &ber_sockbuf_io_tcp,
			LBER_SBIOD_LEVEL_PROVIDER, &fd);
		while (is_open) {
			BerElement *ber = ber_alloc_t(LBER_USE_DER);
			ber_len_t len;

			is_open = ber_get_next(speaker.socket, &len, ber) ==
					LDAP_TAG_MESSAGE &&
				ldap_case_serve(c, &speaker, ber);
			ber_free(ber, 1);
		}
		ber_sockbuf_free(speaker.socket);
	}
	return NULL;
}

static void ldap_case_listen(struct ldap_case *c)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof address.sun_path, "%s/ldap",
		c->folder);
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(c->listener, 0);
	ck_assert_int_eq(bind(c->listener, (const struct sockaddr *)&address,
				 sizeof address),
		0);
	ck_assert_int_eq(listen(c->listener, 4), 0);
	/* Whoever asked may be gone before all is said. */
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pthread_create(&c->thread, NULL, ldap_case_run, c), 0);
}

void ldap_case_prepare(struct ldap_case *c, const char *const *answers)
{
	*c = (struct ldap_case){ .arena = arena_open(),
		.spoken = arena_open(),
		.answers = answers,
		.bind = "done",
		.settings = { .base = "dc=company,dc=example",
			.filter = "(mail=*)",
			.page_size = 100,
			.connect_timeout_s = 20 },
		.directory = { .name = "ad",
			.type = DIRECTORY_LDAP,
			.source = "ad",
			.timeout_s = 20,
			.n_fields = 1 },
		.fields = { "mail" } };
	text_init(&c->heard);
	c->folder = test_folder(c->arena);
	char *escaped = arena_printf(c->arena, "%s", "ldapi://");

	for (char *rest = arena_printf(c->arena, "%s/ldap", c->folder), *part;
		(part = ldap_script_next(&rest, "/")) != NULL;)
		escaped = arena_printf(c->arena, "%s%s%s", escaped, part,
			rest == NULL ? "" : "%2F");
	c->uris[0] = escaped;
	c->settings.uris = c->uris;
	c->directory.ldap = &c->settings;
	c->directory.fields = c->fields;
	ldap_case_listen(c);
}

void ldap_case_init(struct ldap_case *c, const char *const *answers)
{
	ldap_case_prepare(c, answers);
	c->connection = ldap_connection_open(&c->directory, &c->err);
	ck_assert_msg(c->connection != NULL, "%s", c->err.text);
}

const char *ldap_case_heard(struct ldap_case *c)
{
	ldap_connection_close(&c->connection);
	shutdown(c->listener, SHUT_RDWR);
	ck_assert_int_eq(pthread_join(c->thread, NULL), 0);
	close(c->listener);
	c->listener = -1;
	return text_of(&c->heard);
}

void ldap_case_fini(struct ldap_case *c)
{
	if (c->listener >= 0)
		ldap_case_heard(c);
	test_folder_remove(c->folder);
	text_fini(&c->heard);
	arena_close(&c->spoken);
	arena_close(&c->arena);
}

const char *ldap_case_why(const struct ldap_case *c)
{
	return text_starts(c->err.text, c->uris[0])
		? c->err.text + strlen(c->uris[0])
		: c->err.text;
}
