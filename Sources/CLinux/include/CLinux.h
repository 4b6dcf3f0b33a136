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
#include "lbx_net.h"

// Names the calling thread; at most 15 bytes count.
void lbx_name_thread(const char *name);

// Starts writing these bytes of a file to its disk without waiting.
int lbx_begin_writeback(int file, int64_t offset, int64_t count);
