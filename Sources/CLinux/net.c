#define _GNU_SOURCE
#include "CLinux.h"
#include "lbx_net.h"
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static int listen_on(const struct addrinfo *address, int backlog, uint16_t *local_port) {
    int one = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, backlog) || getsockname(fd, (struct sockaddr *)&bound, &size)) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    *local_port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port : ((struct sockaddr_in *)&bound)->sin_port);
    return fd;
}

int lbx_listen(const char *host, uint16_t port, int backlog, uint16_t *local_port, char *error, int error_bytes) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int failed = getaddrinfo(host, service, &hints, &found);
    if (failed) {
        snprintf(error, (size_t)error_bytes, "%s", gai_strerror(failed));
        return -1;
    }
    int fd = listen_on(found, backlog, local_port);
    if (fd < 0) snprintf(error, (size_t)error_bytes, "%s", strerror(errno));
    freeaddrinfo(found);
    return fd;
}

static void describe(const struct sockaddr_storage *address, lbx_peer *peer) {
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
        inet_ntop(AF_INET6, &six->sin6_addr, peer->host, LBX_HOST_BYTES);
        peer->port = ntohs(six->sin6_port);
        int mapped = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_addr.s6_addr[12] == 127;
        peer->is_loopback = mapped || IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &four->sin_addr, peer->host, LBX_HOST_BYTES);
        peer->port = ntohs(four->sin_port);
        peer->is_loopback = (ntohl(four->sin_addr.s_addr) >> 24) == 127;
    }
}

int lbx_accept(int listener, lbx_peer *peer) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    int fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -1;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    memset(peer, 0, sizeof *peer);
    describe(&address, peer);
    return fd;
}

int lbx_socket_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair); }
