/*
 * Threads, so many at a time: each probe waits for one server, most of the
 * time, and has nothing that another one has.  Whom to ask for comes from
 * the published generation, by the resolver, so that nobody is asked for at
 * a system where his mail would not go.
 */
#include "doctor/probes.h"

#include "base/arena.h"
#include "doctor/probe_settings.h"
#include "doctor/probe_recipients.h"

#include <pthread.h>
#include <signal.h>

enum { AT_ONCE = 16 };

struct crew {
	pthread_mutex_t lock;
	struct probes *probes;
	size_t next;
};

static struct probe *crew_next(struct crew *crew)
{
	struct probe *probe = NULL;

	pthread_mutex_lock(&crew->lock);
	if (crew->next < crew->probes->count)
		probe = &crew->probes->list[crew->next++];
	pthread_mutex_unlock(&crew->lock);
	return probe;
}

static void *work(void *context)
{
	struct probe *probe;
	sigset_t pipe;

	/* OpenSSL writes to servers that went away. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while ((probe = crew_next(context)) != NULL)
		smtp_probe_run(&probe->asked);
	return NULL;
}

static void run_all(struct probes *probes)
{
	struct crew crew = { PTHREAD_MUTEX_INITIALIZER, probes, 0 };
	pthread_t threads[AT_ONCE];
	size_t count = 0;

	while (count < AT_ONCE && count < probes->count &&
		pthread_create(&threads[count], NULL, work, &crew) == 0)
		count++;
	if (count == 0)
		work(&crew);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&crew.lock);
}

const struct probes *probes_run(
	const struct probes_input *input, struct arena *arena)
{
	struct probes *probes = arena_alloc(arena, sizeof *probes);
	const struct namespace *ns = input->ns;
	size_t room = 0;

	for (size_t i = 0; i < ns->n_connectors; i++)
		room += ns->connectors[i].n_hops;
	probes->list = arena_array(arena, room, sizeof *probes->list);
	for (size_t i = 0; i < ns->n_connectors; i++) {
		const struct connector *connector = &ns->connectors[i];

		for (size_t h = 0;
			connector->is_enabled && h < connector->n_hops; h++)
			if (probe_settings(&probes->list[probes->count],
				    connector, &connector->hops[h],
				    input->instance, arena))
				probes->count++;
	}
	if (input->published != NULL)
		probe_recipients(probes, input, arena);
	run_all(probes);
	return probes;
}
