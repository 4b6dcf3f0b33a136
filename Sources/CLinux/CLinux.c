#define _GNU_SOURCE
#include "CLinux.h"
#include <string.h>
#include <sys/syscall.h>

void lbx_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static int signal_pipe[2] = {-1, -1};

static void pass_on(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe drops the signal: one like it is already waiting there.
  ssize_t written = write(signal_pipe[1], &byte, 1);
  (void)written;
  errno = saved;
}

int lbx_signal_pipe(const int32_t *signals, int32_t count) {
  if (signal_pipe[0] < 0 && pipe2(signal_pipe, O_CLOEXEC) != 0) return -1;
  fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
  struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (int32_t i = 0; i < count; i++) sigaction(signals[i], &action, NULL);
  return signal_pipe[0];
}

int lbx_begin_writeback(int file, int64_t offset, int64_t count) {
  return sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}

const void *lbx_find(const void *bytes, size_t count, const void *what, size_t what_count) {
  return memmem(bytes, count, what, what_count);
}

int lbx_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

// The kernel's struct sched_attr in its first version.
struct turns {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

int lbx_shorten_turns(uint64_t nanos) {
  struct turns turns;
  memset(&turns, 0, sizeof turns);
  turns.size = sizeof turns;
  if (syscall(SYS_sched_getattr, 0, &turns, sizeof turns, 0)) return -1;
  if (turns.policy != SCHED_OTHER) return -1;
  turns.size = sizeof turns;
  turns.flags = 0;
  turns.runtime = nanos;
  return syscall(SYS_sched_setattr, 0, &turns, 0) ? -1 : 0;
}

int lbx_pin_thread(int number) {
  cpu_set_t allowed, wanted;
  if (sched_getaffinity(0, sizeof allowed, &allowed)) return -1;
  int place = number % CPU_COUNT(&allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed) || place-- > 0) continue;
    CPU_ZERO(&wanted);
    CPU_SET(cpu, &wanted);
    return sched_setaffinity(0, sizeof wanted, &wanted);
  }
  return -1;
}
