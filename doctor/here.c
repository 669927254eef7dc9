/* What stands in proxy_interfaces is an address of the router before us. */
#include "doctor/here.h"

#include "base/memory.h"
#include "doctor/instance.h"
#include "doctor/listeners.h"
#include "namespace/hop.h"

#include <stdlib.h>
#include <string.h>

enum { PROXIES_MAX = 32 };

struct here {
	struct listeners *listeners;
	struct network proxies[PROXIES_MAX];
	size_t n_proxies;
};

static void proxies_read(struct here *here, char *words)
{
	while (words != NULL && here->n_proxies < PROXIES_MAX) {
		char *word = strsep(&words, ", []");

		if (network_of_client(&here->proxies[here->n_proxies], word))
			here->n_proxies++;
	}
}

struct here *here_open(const struct instance *instance)
{
	struct here *here = memory_must(calloc(1, sizeof *here));
	const char *proxies = instance_value(instance, "proxy_interfaces");

	here->listeners = listeners_open(instance);
	if (proxies != NULL) {
		char *words = memory_must(strdup(proxies));

		proxies_read(here, words);
		free(words);
	}
	return here;
}

void here_close(struct here **here)
{
	if (*here == NULL)
		return;
	listeners_close(&(*here)->listeners);
	free(*here);
	*here = NULL;
}

bool here_has(
	const struct here *here, const struct network *address, uint16_t port)
{
	for (size_t i = 0; port == HOP_DEFAULT_PORT && i < here->n_proxies; i++)
		if (network_contains(&here->proxies[i], address))
			return true;
	return listeners_has(here->listeners, address, port);
}
