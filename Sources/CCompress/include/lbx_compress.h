// Streaming gzip and zstd: bytes in, compressed bytes out, a piece at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct lbx_compressor lbx_compressor;

enum lbx_compression { LBX_GZIP = 1, LBX_ZSTD = 2 };

// NULL when there is no memory.
lbx_compressor *lbx_compressor_new(int kind);
void lbx_compressor_free(lbx_compressor *compressor);

// Takes `size` bytes of `input` from `*taken` on and fills `output`. `mode`: 0 takes more input first, 1 flushes what was
// taken so far, 2 ends the stream. Returns the bytes written; `*done` is 1 when all input is taken and nothing waits. -1 on failure.
int64_t lbx_compressor_run(
    lbx_compressor *compressor, const uint8_t *input, size_t size, size_t *taken, uint8_t *output, size_t capacity, int mode,
    int *done);
