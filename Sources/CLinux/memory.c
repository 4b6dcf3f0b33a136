#define _GNU_SOURCE
#include "lbx_memory.h"
#include <stddef.h>
#include <sys/mman.h>

void *lbx_huge_allocate(void) {
    const uintptr_t bytes = LBX_HUGE_BYTES;
    char *start = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return NULL;
    char *piece = (char *)(((uintptr_t)start + bytes - 1) & ~(bytes - 1));
    if (piece > start) munmap(start, (size_t)(piece - start));
    char *end = start + 2 * bytes;
    if (piece + bytes < end) munmap(piece + bytes, (size_t)(end - piece - bytes));
    // A hint: where the kernel has no large pages to give, small ones do.
    madvise(piece, bytes, MADV_HUGEPAGE);
    return piece;
}

void lbx_huge_release(void *piece) { munmap(piece, LBX_HUGE_BYTES); }
