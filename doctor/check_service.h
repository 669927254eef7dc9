/* The checks of who asks policyd, each in the file of its topic. */
#ifndef DOCTOR_CHECK_SERVICE_H
#define DOCTOR_CHECK_SERVICE_H

struct examination;

/* check_service_lists.c: where it stands in the lists of smtpd(8). */
void service_is_asked(struct examination *examination);
void service_is_behind_guard(struct examination *examination);
void service_is_before_permits(struct examination *examination);
void service_is_nowhere_else(struct examination *examination);
void service_access_is_asked(struct examination *examination);

/* check_service_options.c: what stands in its braces. */
void service_options_are_understood(struct examination *examination);
void service_default_is_safe(struct examination *examination);
void service_others_are_safe(struct examination *examination);
void service_timeout_is_short(struct examination *examination);
void service_is_tried_twice(struct examination *examination);

/* check_service_listeners.c: each smtpd(8) of master.cf. */
void service_relays_are_guarded(struct examination *examination);
void service_listeners_ask(struct examination *examination);
void service_unknowns_are_refused(struct examination *examination);

/* check_service_spawn.c: the line of master.cf that runs it. */
void service_spawn_is_unlimited(struct examination *examination);
void service_spawn_user_is_allowed(struct examination *examination);
void service_spawn_user_reads(struct examination *examination);
void service_spawn_user_owns_nothing(struct examination *examination);
void service_spawn_runs(struct examination *examination);
void service_spawn_state_is_ours(struct examination *examination);
void service_spawn_lives_long(struct examination *examination);

/* check_service_socket.c: asking it. */
void service_is_in_the_jail(struct examination *examination);
void service_is_reached(struct examination *examination);
void service_answers(struct examination *examination);

#endif
