/* The checks of the state folder and of what the compiler reads. */
#ifndef DOCTOR_CHECK_FILES_H
#define DOCTOR_CHECK_FILES_H

struct examination;

/* check_files_modes.c: who may read and write what. */
void files_are_not_writable(struct examination *examination);
void files_are_not_public(struct examination *examination);
void files_are_of_the_group(struct examination *examination);
void files_are_of_the_owner(struct examination *examination);
void files_config_is_not_writable(struct examination *examination);
void files_passwords_are_secret(struct examination *examination);

/* check_files_age.c: what is published, and how old it is. */
void files_something_is_published(struct examination *examination);
void files_publish_is_finished(struct examination *examination);
void files_nothing_is_held(struct examination *examination);
void files_configuration_is_published(struct examination *examination);
void files_directories_are_fresh(struct examination *examination);
void files_builds_are_recent(struct examination *examination);
void files_copies_are_kept(struct examination *examination);

#endif
