/*
 * One observation against two generations, in the answers that a log can have.
 */
#include "changes/replay_compare.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define BOTH(host) \
	"accepted-domain \"#company.example\" { type = authoritative }\n" \
	"accepted-domain \"#free.example\" { type = internal-relay " \
	"recipient-filter = off }\n" \
	"connector \"exchange\" { address-spaces = { \"company.example\", " \
	"\"free.example\" } smart-hosts = { \"[10.8.0.25]:25\" } }\n" \
	"connector \"saas\" { address-spaces = { \"saas.example\" } " \
	"smart-hosts = { \"[192.0.2.25]:25\" } }\n" \
	"connector \"named\" { address-spaces = { \"verify.example\" } " \
	"smart-hosts = { \"[" host ".example]:25\" } " \
	"clients = { \"10.9.0.1\" } }\n" \
	"accepted-domain \"#verify.example\" { type = internal-relay " \
	"recipient-filter = verify }\n" \
	"accepted-domain \"#second.example\" { secondary-of = " \
	"\"company.example\" }\n" \
	"directory \"ad\" { type = file path = \"ad.txt\" connector = " \
	"\"exchange\" }\n" \
	"connector \"here\" { smart-hosts = { \"[127.0.0.1]:2525\" } }\n" \
	"directory \"beside\" { type = file path = \"b.txt\" connector = " \
	"\"here\" }\n" \
	"directory \"old\" { type = file path = \"old.txt\" connector = " \
	"\"named\" }\n"

#define CONTACT(name, target_name) \
	"contact \"" name "@company.example\" { target = \"" target_name \
	"@saas.example\" }\n"
#define DOMAIN(name) "accepted-domain \"#" name "\" { type = authoritative }\n"

static const char published_conf[] = BOTH("one") DOMAIN("gone.example")
	CONTACT("sales", "crm");
static const char after_conf[] = BOTH("two") DOMAIN("new.example")
	CONTACT("sales", "new") CONTACT("kept", "k");
static const char published_lists[] = "ad ann@company.example\n"
				      "ad leaver@company.example\n"
				      "old mover@company.example\n"
				      "old name@company.example\n"
				      "beside here@company.example\n"
				      "old ann@gone.example";
static const char after_lists[] = "ad ann@company.example\n"
				  "ad comer@company.example\n"
				  "ad mover@company.example\n"
				  "ad here@company.example\n"
				  "ad ann@new.example\n"
				  "old name@company.example";

struct compare_case {
	const char *name;
	struct observed observed; /* recipient's length is found */
	bool has_none; /* nothing is published */
	const char *expected; /* "CHANGE: FROM -> TO", or "not ours" */
};

#define EXCHANGE "smtp:[10.8.0.25]:25"
#define SAAS "smtp:[192.0.2.25]:25"
#define JUDGED(who, word, why, via, hop, ...) \
	{ \
		.source = OBSERVED_VERDICT, .recipient = who, \
		.verdict = VERDICT_##word, .reason = REASON_##why, \
		.connector = via, .nexthop = hop, __VA_ARGS__ \
	}
#define REFUSED(who, word, why) \
	{ \
		.source = OBSERVED_REFUSAL, .recipient = who, \
		.verdict = VERDICT_##word, .reason = REASON_##why \
	}
#define DELIVERED(who, by, as, ...) \
	{ \
		.source = OBSERVED_DELIVERY, .recipient = who, \
		.verdict = VERDICT_ACCEPT, .relay = by, .to = as, __VA_ARGS__ \
	}
#define ANN "ann@company.example"
#define SALES "sales@company.example"
#define HERE "10.8.0.25[10.8.0.25]:25"
#define PORT "127.0.0.1[127.0.0.1]:2525"
#define CRM "192.0.2.25[192.0.2.25]:25"

static const struct compare_case CASES[] = {
	{ "as before",
		JUDGED(ANN, ACCEPT, LISTED, "exchange", EXCHANGE, .to = NULL),
		false, "unchanged" },
	{ "a connector of another name",
		JUDGED(ANN, ACCEPT, LISTED, "before", EXCHANGE, .to = NULL),
		false, "unchanged" },
	{ "another hop",
		JUDGED(ANN, ACCEPT, LISTED, "before", "smtp:[10.8.0.9]:25",
			.to = NULL),
		false,
		"rerouted: before smtp:[10.8.0.9]:25 -> exchange " EXCHANGE },
	{ "a hop that was cut off",
		JUDGED(ANN, ACCEPT, LISTED, "exchange", NULL, .to = NULL),
		false, "unchanged" },
	{ "the system behind was asked and refused",
		JUDGED("x@verify.example", REJECT, VERIFY, "named", NULL,
			.to = NULL),
		false, "unchanged" },
	{ "who left",
		JUDGED("leaver@company.example", ACCEPT, LISTED, "exchange",
			EXCHANGE, .to = NULL),
		false, "refused: exchange " EXCHANGE " -> reject unknown" },
	{ "who came",
		JUDGED("comer@company.example", REJECT, UNKNOWN, NULL, NULL,
			.to = NULL),
		false, "accepted: reject unknown -> exchange " EXCHANGE },
	{ "was deferred",
		JUDGED(ANN, DEFER, DIRECTORY_STALE, NULL, NULL, .to = NULL),
		false,
		"accepted: defer directory-stale -> exchange " EXCHANGE },
	{ "a domain that goes",
		JUDGED("ann@gone.example", ACCEPT, LISTED, "named", "smtp:[x]",
			.to = NULL),
		false, "refused: named smtp:[x] -> not ours" },
	{ "a domain that comes",
		JUDGED("ann@new.example", PASS, NOT_OURS, NULL, NULL,
			.to = NULL),
		false, "accepted: not ours -> exchange " EXCHANGE },
	{ "outbound", JUDGED("x@y.example", PASS, NOT_OURS, NULL, NULL), false,
		"not ours" },
	{ "another target, by what is published",
		JUDGED(SALES, ACCEPT, CONTACT, "saas", SAAS, .to = NULL), false,
		"rerouted: saas " SAAS " as crm@saas.example -> saas " SAAS
		" as new@saas.example" },
	{ "another target, by its delivery",
		JUDGED(SALES, ACCEPT, CONTACT, "saas", SAAS,
			.to = "crm@saas.example"),
		true,
		"rerouted: saas " SAAS " as crm@saas.example -> saas " SAAS
		" as new@saas.example" },
	{ "a target of a contact that went elsewhere",
		JUDGED(SALES, ACCEPT, CONTACT, "before", "smtp:[10.8.0.9]:25",
			.to = NULL),
		false,
		"rerouted: before smtp:[10.8.0.9]:25 as new@saas.example -> "
		"saas " SAAS " as new@saas.example" },
	{ "a target that nothing tells",
		JUDGED(SALES, ACCEPT, CONTACT, "saas", SAAS, .to = NULL), true,
		"unchanged" },
	{ "listed becomes a contact",
		JUDGED("kept@company.example", ACCEPT, LISTED, "saas", SAAS,
			.to = NULL),
		true,
		"rerouted: saas " SAAS " -> saas " SAAS " as k@saas.example" },
	{ "refused by a table",
		REFUSED("comer@company.example", REJECT, UNKNOWN), false,
		"accepted: reject unknown -> exchange " EXCHANGE },
	{ "refused, still", REFUSED("no@company.example", REJECT, UNKNOWN),
		false, "unchanged" },
	{ "deferred by a table, now for good",
		REFUSED("no@company.example", DEFER, UNKNOWN), false,
		"refused: defer unknown -> reject unknown" },
	{ "relay denied", REFUSED("ann@new.example", PASS, NOT_OURS), false,
		"accepted: not ours -> exchange " EXCHANGE },
	{ "relay denied, still", REFUSED("x@y.example", PASS, NOT_OURS), false,
		"not ours" },
	{ "the system behind refused, and will be asked again",
		REFUSED("x@verify.example", REJECT, VERIFY), false,
		"unchanged" },
	{ "the system behind refused, and is asked no more",
		REFUSED("x@free.example", REJECT, VERIFY), false,
		"accepted: reject verify -> exchange " EXCHANGE },
	{ "delivered as before", DELIVERED(ANN, HERE, ANN), false,
		"unchanged" },
	{ "delivered to another address",
		DELIVERED(ANN, "10.8.0.9[10.8.0.9]:25", ANN), false,
		"rerouted: by 10.8.0.9[10.8.0.9]:25 -> exchange " EXCHANGE },
	{ "delivered to a name that may be the same",
		DELIVERED(ANN, "mx.example[10.8.0.9]:25", ANN), false,
		"unchanged" },
	{ "delivered to the name that is published",
		DELIVERED("mover@company.example", "one.example[10.8.0.9]:25",
			"mover@company.example"),
		false,
		"rerouted: by one.example[10.8.0.9]:25 -> exchange " EXCHANGE },
	{ "delivered to a name that may be the published one",
		DELIVERED("mover@company.example", "mx.example[10.8.0.9]:25",
			"mover@company.example"),
		false, "unchanged" },
	{ "where the name is not known",
		DELIVERED("mover@company.example", "one.example[10.8.0.9]:25",
			"mover@company.example"),
		true, "unchanged" },
	{ "by a hop that has another name now",
		DELIVERED("name@company.example", "one.example[10.8.0.9]:25",
			"name@company.example"),
		false,
		"rerouted: by one.example[10.8.0.9]:25 -> named "
		"smtp:[two.example]:25" },
	{ "delivered to a filter, and no word of what came after",
		DELIVERED(ANN, "127.0.0.1[127.0.0.1]:10024", ANN), false,
		"unchanged" },
	{ "to a filter by IPv6", DELIVERED(ANN, "::1[::1]:10024", ANN), false,
		"unchanged" },
	{ "delivered to the port that is published",
		DELIVERED("here@company.example", PORT, "here@company.example"),
		false, "rerouted: by " PORT " -> exchange " EXCHANGE },
	{ "to a port of this machine, and nothing is published",
		DELIVERED(ANN, PORT, ANN), true,
		"rerouted: by " PORT " -> exchange " EXCHANGE },
	{ "no host was reached", DELIVERED(ANN, NULL, ANN), false,
		"unchanged" },
	{ "delivered, and gone",
		DELIVERED("leaver@company.example", HERE,
			"leaver@company.example"),
		false, "refused: by " HERE " -> reject unknown" },
	{ "bounced behind, and refused now",
		DELIVERED("leaver@company.example", HERE,
			"leaver@company.example", .is_bounced = true),
		false,
		"refused: accepted, but unknown to " HERE
		" -> reject unknown" },
	{ "bounced behind, and still let in",
		DELIVERED("x@free.example", HERE, "x@free.example",
			.is_bounced = true),
		false, "unchanged" },
	{ "another target, delivered",
		DELIVERED(SALES, CRM, "crm@saas.example"), false,
		"rerouted: by " CRM " as crm@saas.example -> saas " SAAS
		" as new@saas.example" },
	{ "in a secondary domain",
		JUDGED("Mover@second.example", ACCEPT, SECONDARY, "named",
			"smtp:[one.example]:25"),
		false,
		"rerouted: named smtp:[one.example]:25 as @company.example -> "
		"exchange " EXCHANGE " as @company.example" },
	{ "in a secondary domain, delivered",
		DELIVERED("mover@second.example", "one.example[10.8.0.9]:25",
			"mover@company.example"),
		false,
		"rerouted: by one.example[10.8.0.9]:25 -> exchange " EXCHANGE
		" as @company.example" },
	{ "an alias of others",
		DELIVERED(ANN, HERE, "ann@inside.company.example"), false,
		"unchanged" },
	{ "an alias of others before the cut-over",
		DELIVERED(ANN, HERE, "ann@inside.company.example"), true,
		"unchanged" },
	{ "becomes a contact",
		DELIVERED("kept@company.example", CRM, "kept@company.example"),
		true,
		"rerouted: by " CRM " as asked -> saas " SAAS
		" as k@saas.example" },
	{ "several ways",
		DELIVERED(ANN, "10.8.0.9[10.8.0.9]:25", "x@inside.example",
			.is_several = true),
		false, "unchanged" },
	{ "several ways, of a contact",
		DELIVERED(SALES, CRM, "crm@saas.example", .is_several = true),
		false, "unchanged" },
	{ "a domain that goes, delivered",
		DELIVERED("ann@gone.example", "x[10.1.1.1]:25",
			"ann@gone.example"),
		false, "refused: by x[10.1.1.1]:25 -> not ours" },
	{ "a domain that nobody knows, delivered",
		DELIVERED("ann@gone.example", "x[10.1.1.1]:25",
			"ann@gone.example"),
		true, "not ours" },
	{ "outbound, delivered",
		DELIVERED("x@y.example", "x[10.1.1.1]:25", "x@y.example"),
		false, "not ours" },
	{ "from the system that it would go to",
		DELIVERED("x@verify.example", "one.example[10.9.0.1]:25",
			"x@verify.example", .client = { .is_known = true }),
		false, "refused: by one.example[10.9.0.1]:25 -> reject loop" },
};

static struct model_case published_case, after_case;
static struct generation *published, *after;

static struct generation *open_one(
	struct model_case *c, const char *conf, const char *lists)
{
	model_case_sound(c, conf, lists);
	ck_assert(model_case_is_proven(c));
	model_case_write(c, 1);
	return model_case_generation(c);
}

static void setup(void)
{
	published = open_one(&published_case, published_conf, published_lists);
	after = open_one(&after_case, after_conf, after_lists);
}

static void teardown(void)
{
	generation_close(&published);
	generation_close(&after);
	model_case_close(&published_case);
	model_case_close(&after_case);
}

static const char *compare(const struct compare_case *c, struct arena *arena)
{
	const struct replay_views views = {
		.against = generation_view(after),
		.published = c->has_none ? NULL : generation_view(published),
		.now = MODEL_NOW,
	};
	struct observed observed = c->observed;
	struct replay_difference difference;

	observed.len = strlen(observed.recipient);
	if (observed.client.is_known)
		ck_assert(network_of_client(
			&observed.client.network, "10.9.0.1"));
	replay_compare(&difference, &observed, &views, arena);
	if (!difference.is_ours)
		return "not ours";
	return difference.change == CHANGE_NONE
		? change_format(CHANGE_NONE)
		: arena_printf(arena, "%s: %s -> %s",
			  change_format(difference.change), difference.from,
			  difference.to);
}

START_TEST(an_answer_is_compared)
{
	const struct compare_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	const char *found = compare(c, arena);

	ck_assert_msg(strcmp(found, c->expected) == 0, "%s: %s, not %s",
		c->name, found, c->expected);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("replay_compare");

	tcase_add_unchecked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, an_answer_is_compared, 0, COUNT(CASES));
	return unit_run(suite_create("replay_compare"), tcase);
}
