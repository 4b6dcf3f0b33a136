// Sockets: addresses in and out as text, so that no Swift code casts a sockaddr.
#pragma once
#include <stdint.h>

#define LBX_HOST_BYTES 64

// Where the other end is.
typedef struct {
    char host[LBX_HOST_BYTES];
    uint16_t port;
    int is_loopback;
} lbx_peer;

// A non-blocking listening TCP socket on the first address of `host`; port 0 picks one, written to `local_port`.
// Returns the descriptor, or -1 with a message in `error` (at most `error_bytes` with its end).
int lbx_listen(const char *host, uint16_t port, int backlog, uint16_t *local_port, char *error, int error_bytes);

// The next connection, non-blocking, close-on-exec, TCP_NODELAY and keep-alive on; -1 with errno set when there is none.
int lbx_accept(int listener, lbx_peer *peer);

// A connected non-blocking pair, for tests and wake-ups.
int lbx_socket_pair(int pair[2]);
