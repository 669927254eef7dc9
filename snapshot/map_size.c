/*
 * libcdb itself would go past 32 bits and report success, so nobody else
 * tells.
 */
#include "snapshot/map_size.h"

#include "base/text.h"
#include "snapshot/cdb_layout.h"

#define GIB ((double)(1U << 30))

void map_size_add(struct map_size *size, uint64_t key_len, uint64_t value_len)
{
	size->count++;
	size->bytes += CDB_RECORD_SIZE + key_len + value_len + CDB_SLOTS_SIZE;
}

/* Two digits and zeros: it is no more exact than that. */
static unsigned long rounded_down(double number)
{
	unsigned long unit = 1;

	while (number / (double)unit >= 100)
		unit *= 10;
	return (unsigned long)(number / (double)unit) * unit;
}

bool map_size_check(const struct map_size *size, uint64_t max, const char *file,
	struct err *err)
{
	const uint64_t whole = CDB_HEADER_SIZE + size->bytes;
	char count[TEXT_NUMBER_SIZE], fitting[TEXT_NUMBER_SIZE];

	if (whole <= max)
		return true;
	const double fits = (double)size->count *
		(double)(max - CDB_HEADER_SIZE) / (double)size->bytes;

	text_number(count, size->count);
	text_number(fitting, rounded_down(fits));
	return err_set(err,
		"%s would need %.1f GiB for %s entries; a CDB map holds %.0f "
		"GiB, some %s of these",
		file, (double)whole / GIB, count, (double)max / GIB, fitting);
}
