#define _GNU_SOURCE
#include "CLinux.h"

void lbx_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
