#include "lbx_compress.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

struct lbx_compressor {
    int kind;
    z_stream gzip;
    ZSTD_CCtx *zstd;
};

// 15 bits of window, and 16 for gzip's header instead of zlib's.
enum { GZIP_WINDOW = 15 + 16, GZIP_LEVEL = 5, ZSTD_LEVEL = 3 };

lbx_compressor *lbx_compressor_new(int kind) {
    lbx_compressor *compressor = calloc(1, sizeof *compressor);
    if (!compressor) return NULL;
    compressor->kind = kind;
    if (kind == LBX_GZIP) {
        if (deflateInit2(&compressor->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK) return compressor;
    } else {
        compressor->zstd = ZSTD_createCCtx();
        if (compressor->zstd) {
            ZSTD_CCtx_setParameter(compressor->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
            return compressor;
        }
    }
    free(compressor);
    return NULL;
}

void lbx_compressor_free(lbx_compressor *compressor) {
    if (!compressor) return;
    if (compressor->kind == LBX_GZIP) deflateEnd(&compressor->gzip);
    ZSTD_freeCCtx(compressor->zstd);
    free(compressor);
}

static int64_t gzip_run(
    z_stream *stream, const uint8_t *input, size_t size, size_t *taken, uint8_t *output, size_t capacity, int mode, int *done) {
    static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    stream->next_in = (Bytef *)(input + *taken);
    stream->avail_in = (uInt)(size - *taken);
    stream->next_out = output;
    stream->avail_out = (uInt)capacity;
    int outcome = deflate(stream, flushes[mode]);
    if (outcome == Z_STREAM_ERROR) return -1;
    *taken = size - stream->avail_in;
    *done = mode == 2 ? outcome == Z_STREAM_END : stream->avail_in == 0 && stream->avail_out > 0;
    return (int64_t)(capacity - stream->avail_out);
}

static int64_t zstd_run(
    ZSTD_CCtx *context, const uint8_t *input, size_t size, size_t *taken, uint8_t *output, size_t capacity, int mode, int *done) {
    static const ZSTD_EndDirective directives[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
    ZSTD_inBuffer in = {input, size, *taken};
    ZSTD_outBuffer out = {output, capacity, 0};
    size_t left = ZSTD_compressStream2(context, &out, &in, directives[mode]);
    if (ZSTD_isError(left)) return -1;
    *taken = in.pos;
    *done = in.pos == in.size && (mode == 0 || left == 0);
    return (int64_t)out.pos;
}

int64_t lbx_compressor_run(
    lbx_compressor *compressor, const uint8_t *input, size_t size, size_t *taken, uint8_t *output, size_t capacity, int mode,
    int *done) {
    return compressor->kind == LBX_GZIP ? gzip_run(&compressor->gzip, input, size, taken, output, capacity, mode, done)
                                        : zstd_run(compressor->zstd, input, size, taken, output, capacity, mode, done);
}
