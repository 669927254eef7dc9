/* What is asked of a directory once it is filled. */
#include "namespace/directory.h"

bool directory_may_own(const struct directory *directory, const char *domain)
{
	if (directory->n_domains == 0)
		return true;
	for (size_t i = 0; i < directory->n_domains; i++)
		if (domain_pattern_covers(&directory->domains[i], domain))
			return true;
	return false;
}
