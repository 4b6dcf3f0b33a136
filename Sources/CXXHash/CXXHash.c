#define XXH_INLINE_ALL
#include <xxhash.h>

#include "CXXHash.h"

uint64_t lbx_xxh3_64(const void *data, size_t length, uint64_t seed) {
    return XXH3_64bits_withSeed(data, length, seed);
}
