// CRC-32C (Castagnoli, 1993; RFC 3720, appendix B.4), by the processor's instruction where it has one.
#include "lbx_crc32c.h"
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define POLYNOMIAL 0x82f63b78u

static uint32_t table[256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void fill_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (value & 1 ? POLYNOMIAL : 0);
    table[i] = value;
  }
}

uint32_t lbx_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
  pthread_once(&table_once, fill_table);
  const unsigned char *at = bytes;
  uint32_t crc = ~seed;
  while (count--) crc = table[(crc ^ *at++) & 255] ^ (crc >> 8);
  return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t seed, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  uint64_t crc = ~seed;
  for (; count >= 8; count -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  uint32_t rest = (uint32_t)crc;
  while (count--) rest = _mm_crc32_u8(rest, *at++);
  return ~rest;
}

uint32_t lbx_crc32c(uint32_t seed, const void *bytes, size_t count) {
  if (__builtin_cpu_supports("sse4.2")) return by_instruction(seed, bytes, count);
  return lbx_crc32c_portable(seed, bytes, count);
}
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

uint32_t lbx_crc32c(uint32_t seed, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  uint32_t crc = ~seed;
  for (; count >= 8; count -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    crc = __crc32cd(crc, word);
  }
  while (count--) crc = __crc32cb(crc, *at++);
  return ~crc;
}
#else
uint32_t lbx_crc32c(uint32_t seed, const void *bytes, size_t count) { return lbx_crc32c_portable(seed, bytes, count); }
#endif
