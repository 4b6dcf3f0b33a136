// XXH3 (Debian's libxxhash-dev, header only) behind two plain functions.
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t lbx_xxh3_64(const void *data, size_t length, uint64_t seed);
