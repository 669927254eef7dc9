/* For whom a smart host is asked. */
#ifndef DOCTOR_PROBE_RECIPIENTS_H
#define DOCTOR_PROBE_RECIPIENTS_H

struct arena;
struct probes;
struct probes_input;

/*
 * Fills in known and unknown addresses, from the published generation:
 * somebody listed whose mail goes there, and "postshare-probe-" with random
 * digits in some domains whose unlisted mail goes there.
 */
void probe_recipients(struct probes *probes, const struct probes_input *input,
	struct arena *arena);

#endif
