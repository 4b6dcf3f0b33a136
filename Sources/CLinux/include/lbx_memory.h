// Memory in pieces of 2 MiB at addresses that are multiples of it, which the kernel may back by one page each.
#pragma once
#include <stdint.h>

#define LBX_HUGE_BYTES (2 << 20)

// A piece of zeros, or NULL when there is no memory.
void *lbx_huge_allocate(void);
void lbx_huge_release(void *piece);
