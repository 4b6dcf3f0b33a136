#define _GNU_SOURCE
#include "CAllocations.h"
#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static __thread int counting __attribute__((tls_model("initial-exec")));
static __thread int64_t counted __attribute__((tls_model("initial-exec")));

#define EXPORT __attribute__((visibility("default")))

EXPORT void *malloc(size_t size) {
  if (counting) counted++;
  return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
  if (counting) counted++;
  return __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size) {
  if (counting) counted++;
  return __libc_realloc(old, size);
}

EXPORT void *memalign(size_t alignment, size_t size) {
  if (counting) counted++;
  return __libc_memalign(alignment, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

EXPORT int posix_memalign(void **out, size_t alignment, size_t size) {
  void *made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *out = made;
  return 0;
}

EXPORT void free(void *old) { __libc_free(old); }

void lbx_count_allocations(void) {
  counted = 0;
  counting = 1;
}

int64_t lbx_counted_allocations(void) {
  counting = 0;
  return counted;
}
