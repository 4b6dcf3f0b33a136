// Counts allocations of the calling thread, for tests: linked into a test program, it stands before libc's allocator.
#pragma once
#include <stdint.h>

// From now on allocations of this thread are counted, from zero.
void lbx_count_allocations(void);

// Stops counting; returns how many there were.
int64_t lbx_counted_allocations(void);
