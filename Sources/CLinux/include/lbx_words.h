// Words of memory that one thread writes while others read, with the orderings named; and hints to the processor.
// Kept in C, inline, so that they cost one instruction in debug builds as well.
#pragma once
#include <stdint.h>

static inline uint64_t lbx_word_load(const void *word) { return __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED); }
static inline uint64_t lbx_word_load_acquire(const void *word) { return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE); }
static inline uint64_t lbx_word_load_ordered(const void *word) { return __atomic_load_n((const uint64_t *)word, __ATOMIC_SEQ_CST); }
static inline void lbx_word_store(void *word, uint64_t value) { __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELAXED); }
static inline void lbx_word_store_release(void *word, uint64_t value) { __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE); }
// Adds in the one order that all threads agree on.
static inline uint64_t lbx_word_add(void *word, uint64_t value) { return __atomic_fetch_add((uint64_t *)word, value, __ATOMIC_SEQ_CST); }
static inline int lbx_word_replace(void *word, uint64_t expected, uint64_t value) {
    return __atomic_compare_exchange_n((uint64_t *)word, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}
// Two words at a multiple of 16 bytes, read and written as one: processors with AVX (Intel's and AMD's manuals) and Arm's
// with LSE2 do so with one instruction.
typedef struct {
    uint64_t first;
    uint64_t second;
} lbx_pair;

#if defined(__x86_64__)
#include <emmintrin.h>
static inline lbx_pair lbx_pair_load(const void *pair) {
    __m128i both;
    __asm__ volatile("movdqa %1, %0" : "=x"(both) : "m"(*(const __m128i *)pair));
    lbx_pair words = {(uint64_t)_mm_cvtsi128_si64(both), (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(both, both))};
    return words;
}
static inline void lbx_pair_store(void *pair, uint64_t first, uint64_t second) {
    __m128i both = _mm_set_epi64x((long long)second, (long long)first);
    __asm__ volatile("movdqa %1, %0" : "=m"(*(__m128i *)pair) : "x"(both));
}
#elif defined(__aarch64__)
static inline lbx_pair lbx_pair_load(const void *pair) {
    lbx_pair words;
    __asm__ volatile("ldp %0, %1, [%2]" : "=r"(words.first), "=r"(words.second) : "r"(pair) : "memory");
    return words;
}
static inline void lbx_pair_store(void *pair, uint64_t first, uint64_t second) {
    __asm__ volatile("stp %0, %1, [%2]" : : "r"(first), "r"(second), "r"(pair) : "memory");
}
#endif

static inline void lbx_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
static inline void lbx_fence_release(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }
static inline void lbx_fence_ordered(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

static inline void lbx_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

static inline void lbx_spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
