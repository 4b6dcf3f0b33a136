// Linux calls and constants that Swift's Glibc overlay does not carry.
#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include "lbx_crc32c.h"
#include "lbx_net.h"
#include "lbx_words.h"
#include "lbx_memory.h"

// Names the calling thread; at most 15 bytes count.
void lbx_name_thread(const char *name);

// From now on these signals are written as bytes, one each, to a pipe whose read end is returned; -1 when there is none.
// Later calls add signals to the same pipe.
int lbx_signal_pipe(const int32_t *signals, int32_t count);

// Starts writing these bytes of a file to its disk without waiting.
int lbx_begin_writeback(int file, int64_t offset, int64_t count);

// The first place of some bytes among others; NULL without one.
const void *lbx_find(const void *bytes, size_t count, const void *what, size_t what_count);

// Processors the calling thread may run on; 1 where that cannot be told.
int lbx_processors(void);

// Asks for turns of so many nanoseconds on the processor for the calling thread: the shorter they are, the sooner it gets one when it
// wakes beside others that want it. 0 when it worked; kernels before 6.12 know no such wish.
int lbx_shorten_turns(uint64_t nanos);

// Keeps the calling thread on one of the processors it may run on, counted from 0 and wrapping; 0 when it worked.
int lbx_pin_thread(int number);
