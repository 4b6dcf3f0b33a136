// CRC-32C of bytes, going on from `seed` (0 at the beginning).
#pragma once
#include <stddef.h>
#include <stdint.h>

uint32_t lbx_crc32c(uint32_t seed, const void *bytes, size_t count);

// The same by a table, a byte at a time: for processors without the instruction, and to test against.
uint32_t lbx_crc32c_portable(uint32_t seed, const void *bytes, size_t count);
