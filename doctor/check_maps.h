/* What the checks of main.cf's maps run; each is one line of check_maps(). */
#ifndef DOCTOR_CHECK_MAPS_H
#define DOCTOR_CHECK_MAPS_H

#include "doctor/checks.h"

#include <stdbool.h>

/* check_maps_named.c: our maps are named, and rightly. */
void check_cdb(struct examination *examination);
void check_maps_missing(struct examination *examination);
void check_map_proxy(struct examination *examination);
void check_map_suffix(struct examination *examination);
void check_map_link(struct examination *examination);
void check_map_folder(struct examination *examination);
void check_transport_order(struct examination *examination);
void check_maps_open(struct examination *examination);

/* check_maps_shadow.c: nothing else answers in their place. */
bool transport_is_shadowed(const struct examination *examination);
void check_transport_shadowed(struct examination *examination);
void check_wildcard(struct examination *examination);

/* check_maps_opened.c: nothing else lets in what our map keeps out. */
void check_relay_domains_opened(struct examination *examination);

/* check_maps_domains.c: lists of domains and styles of matching. */
void check_address_class(struct examination *examination);
void check_parent_domains(struct examination *examination);
void check_virtual_alias_domains(struct examination *examination);
void check_fast_flush(struct examination *examination);

/* check_maps_services.c: what master.cf makes of them. */
void check_transport_service(struct examination *examination);
void check_transport_chroot(struct examination *examination);
void check_map_override(struct examination *examination);
void check_fallback_relay(struct examination *examination);

/* check_maps_others.c: what is not of this namespace and meets them. */
void check_relay_others(struct examination *examination);
void check_tls_shadowed(struct examination *examination);
void check_mynetworks(struct examination *examination);

/* check_maps_settings.c: single values. */
void check_delimiter(struct examination *examination);
void check_smtputf8(struct examination *examination);
void check_unlisted(struct examination *examination);
void check_unknown_code(struct examination *examination);
void check_soft_bounce(struct examination *examination);
void check_address_mappings(struct examination *examination);

/* check_maps_routes.c: what else decides over routes. */
/* One of which verify(8) is asked; NULL = none. */
const struct domain *domain_with_verify(const struct namespace *ns);
void check_route_override(struct examination *examination);
void check_verify_route(struct examination *examination);
void check_verify_code(struct examination *examination);
void check_verify_reason(struct examination *examination);
void check_smart_host(struct examination *examination);

#endif
