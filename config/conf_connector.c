/*
 * connector "NAME": the way out to one mail system.  What a smart host
 * implies is filled in here: its own address is a client, unless it is
 * loopback, which is us as well.
 */
#include "config/conf_blocks.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"

#include <limits.h>
#include <string.h>

static const char *const tls_words[] = { "none", "may", "encrypt", "verify",
	"secure", NULL };

static const char *const loop_words[] = { "reject", "off", NULL };

/* "PATTERN;COST" */
static bool space_parse(struct address_space *out, const char *text,
	struct arena *arena, struct err *err)
{
	const char *semicolon = strchr(text, ';');
	const char *pattern = text;
	unsigned long cost = COST_MIN;

	if (semicolon != NULL) {
		pattern =
			arena_strndup(arena, text, (size_t)(semicolon - text));
		if (!text_to_ulong(&cost, semicolon + 1) || cost < COST_MIN ||
			cost > COST_MAX)
			return err_set(err,
				"the cost in \"%s\" must be %d to %d, right "
				"after the semicolon",
				text, (int)COST_MIN, (int)COST_MAX);
	}
	out->cost = (unsigned)cost;
	out->is_any = strcmp(pattern, "*") == 0;
	return out->is_any ||
		domain_pattern_parse(&out->pattern, pattern, arena, err);
}

static const char *space_key(
	const struct address_space *space, struct arena *arena)
{
	return space->is_any ? "*"
			     : domain_pattern_format(&space->pattern, arena);
}

static void add_space(const struct conf *conf, struct connector *connector,
	const struct conf_value *value, struct table *taken)
{
	struct address_space space = { 0 };
	struct err err = { 0 };

	if (!space_parse(&space, value->text, conf->config, &err)) {
		faults_error(conf->faults, value->place, "address-spaces: %s",
			err.text);
		return;
	}
	const char *key = space_key(&space, conf->config);
	const struct conf_value *first = table_find(taken, key);

	if (first != NULL) {
		faults_error(conf->faults, value->place,
			"address space \"%s\" stands already at %s:%u; keep "
			"one of the two",
			value->text, first->place.file, first->place.line);
		return;
	}
	table_put(taken, key, (void *)value);
	connector->spaces[connector->n_spaces++] = space;
}

static void read_spaces(const struct conf *conf, struct connector *connector,
	const struct conf_key *key)
{
	struct table *taken = table_open();

	connector->spaces = arena_array(
		conf->config, key->n_values, sizeof *connector->spaces);
	for (size_t i = 0; i < key->n_values; i++)
		add_space(conf, connector, &key->values[i], taken);
	table_close(&taken);
}

static void read_hosts(const struct conf *conf, struct connector *connector,
	const struct conf_key *key)
{
	connector->kind = "smtp";
	connector->hops = arena_array(
		conf->config, key->n_values, sizeof *connector->hops);
	for (size_t i = 0; i < key->n_values; i++) {
		const struct conf_value *value = &key->values[i];
		struct hop *hop = &connector->hops[connector->n_hops];
		struct err err = { 0 };

		if (hop_parse(hop, value->text, conf->config, &err))
			connector->n_hops++;
		else
			faults_error(conf->faults, value->place,
				"smart-hosts: %s", err.text);
	}
	if (key->n_values == 0)
		faults_error(conf->faults, key->place,
			"\"smart-hosts\" is empty; write one host at least");
}

static void read_transport(const struct conf *conf, struct connector *connector,
	const struct conf_block *block)
{
	const struct conf_value *value = conf_value(conf, block, "transport");
	struct transport transport = { 0 };
	struct err err = { 0 };

	if (value == NULL)
		return;
	if (!transport_parse(&transport, value->text, conf->config, &err)) {
		faults_error(
			conf->faults, value->place, "transport: %s", err.text);
		return;
	}
	connector->kind = transport.kind;
	connector->is_socket = transport.is_socket;
	connector->hops = arena_alloc(conf->config, sizeof *connector->hops);
	connector->hops[0] = transport.hop;
	connector->n_hops = 1;
}

static void read_way(const struct conf *conf, struct connector *connector,
	const struct conf_block *block)
{
	const struct conf_key *hosts = conf_block_find(block, "smart-hosts");
	const struct conf_key *transport = conf_block_find(block, "transport");

	connector->kind = "";
	if (hosts != NULL && transport != NULL)
		faults_error(conf->faults, transport->place,
			"a connector leaves by smart-hosts (line %u) or by a "
			"transport; keep one of the two",
			hosts->place.line);
	else if (hosts != NULL)
		read_hosts(conf, connector, hosts);
	else if (transport != NULL)
		read_transport(conf, connector, block);
	else
		faults_error(conf->faults, block->place,
			"this connector leads nowhere; give it smart-hosts = { "
			"\"HOST\" } or, for delivery on this machine, a "
			"transport");
}

static bool is_client(
	const struct connector *connector, const struct network *network)
{
	for (size_t i = 0; i < connector->n_clients; i++) {
		if (connector->clients[i].prefix <= network->prefix &&
			network_contains(&connector->clients[i], network))
			return true;
	}
	return false;
}

/* Who hands us mail over SMTP may be the host that we hand it to. */
static bool implies_client(
	const struct connector *connector, const struct hop *hop)
{
	return hop->is_literal && strcmp(connector->kind, "lmtp") != 0 &&
		!network_is_loopback(&hop->network);
}

static void read_clients(const struct conf *conf, struct connector *connector,
	const struct conf_key *key)
{
	const size_t n = key == NULL ? 0 : key->n_values;

	connector->clients = arena_array(conf->config, n + connector->n_hops,
		sizeof *connector->clients);
	for (size_t i = 0; i < n; i++) {
		struct network *client =
			&connector->clients[connector->n_clients];
		struct err err = { 0 };

		if (network_parse(client, key->values[i].text, &err))
			connector->n_clients++;
		else
			faults_error(conf->faults, key->values[i].place,
				"clients: %s", err.text);
	}
	for (size_t i = 0; i < connector->n_hops; i++) {
		const struct hop *hop = &connector->hops[i];

		if (implies_client(connector, hop) &&
			!is_client(connector, &hop->network))
			connector->clients[connector->n_clients++] =
				hop->network;
	}
}

static const struct hop *literal_hop(const struct connector *connector)
{
	for (size_t i = 0; i < connector->n_hops; i++) {
		if (connector->hops[i].is_literal)
			return &connector->hops[i];
	}
	return NULL;
}

static void read_tls(const struct conf *conf, struct connector *connector,
	const struct conf_block *block)
{
	const struct conf_key *key = conf_block_find(block, "tls");
	unsigned level = UINT_MAX;

	conf_choice(&level, conf, block, "tls", tls_words);
	if (level == UINT_MAX)
		return;
	connector->tls = (enum tls)(TLS_NONE + level);
	const struct hop *literal = literal_hop(connector);

	if (connector->n_hops > 0 && connector->hops[0].host == NULL)
		faults_error(conf->faults, key->place,
			"\"tls\" is for SMTP and LMTP over the network, and "
			"the transport at line %u is not; take \"tls\" out",
			conf_block_find(block, "transport")->place.line);
	else if (connector->tls >= TLS_VERIFY && literal != NULL)
		faults_error(conf->faults, key->place,
			"no certificate names the address %s, so tls = %s "
			"would stop all mail; write the host's name, or tls = "
			"encrypt",
			literal->text, tls_words[level]);
}

static void read_block(const struct conf *conf, struct connector *connector,
	const struct conf_block *block)
{
	const struct conf_key *spaces =
		conf_block_find(block, "address-spaces");
	unsigned loop = 0;

	connector->name = block->title.text;
	connector->place = block->place;
	connector->is_enabled = conf_bool(conf, block, "enabled", true);
	connector->is_backup = conf_bool(conf, block, "backup", false);
	conf_choice(&loop, conf, block, "loop", loop_words);
	connector->has_loop_guard = loop == 0;
	read_way(conf, connector, block);
	if (spaces != NULL)
		read_spaces(conf, connector, spaces);
	read_clients(conf, connector, conf_block_find(block, "clients"));
	read_tls(conf, connector, block);
}

/* When all names are known. */
static void read_unknowns(const struct conf *conf, struct connector *connector,
	const struct conf_block *block)
{
	const struct conf_value *value = conf_value(conf, block, "unknowns");

	if (value == NULL || strcmp(value->text, "reject") == 0)
		return;
	if (strcmp(value->text, "return") == 0) {
		connector->unknowns = UNKNOWNS_RETURN;
		return;
	}
	if (strcmp(value->text, connector->name) == 0) {
		faults_error(conf->faults, value->place,
			"connector \"%s\" can not hand its unknowns to itself; "
			"write reject, return or another connector",
			value->text);
		return;
	}
	if (connector->is_enabled && conf_connector(conf, value) == NULL)
		return;
	connector->unknowns = UNKNOWNS_FORWARD;
	connector->forwards_to = value->text;
}

static bool add_connector(const struct conf *conf,
	const struct conf_block *block, struct table *taken)
{
	struct namespace *ns = conf->ns;
	struct connector connector = { .index = (unsigned)ns->n_connectors };
	const bool is_sound = conf_name_take_title(conf, block, taken);

	read_block(conf, &connector, block);
	if (is_sound)
		ns->connectors[ns->n_connectors++] = connector;
	return is_sound;
}

void conf_connectors(const struct conf *conf)
{
	const struct conf_tree *tree = conf->tree;
	struct namespace *ns = conf->ns;
	struct table *taken = table_open();
	const struct conf_block **blocks =
		arena_array(conf->config, tree->n_blocks, sizeof *blocks);

	ns->connectors = arena_array(
		conf->config, tree->n_blocks, sizeof *ns->connectors);
	for (size_t i = 0; i < tree->n_blocks; i++) {
		const struct conf_block *block = &tree->blocks[i];
		const size_t at = ns->n_connectors;

		if (block->kind == CONF_CONNECTOR &&
			add_connector(conf, block, taken))
			blocks[at] = block;
	}
	for (size_t i = 0; i < ns->n_connectors; i++)
		table_put(conf->connectors, ns->connectors[i].name,
			&ns->connectors[i]);
	for (size_t i = 0; i < ns->n_connectors; i++)
		read_unknowns(conf, &ns->connectors[i], blocks[i]);
	table_close(&taken);
}
