#define _GNU_SOURCE
#include "CLinux.h"

void lbx_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int lbx_begin_writeback(int file, int64_t offset, int64_t count) {
    return sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}
