#define _GNU_SOURCE
#include "CSockets.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

_Static_assert((int)ELBLAB_READY_INPUT == (int)EPOLLIN, "the system's number");
_Static_assert((int)ELBLAB_READY_OUTPUT == (int)EPOLLOUT, "the system's number");
_Static_assert((int)ELBLAB_READY_ERROR == (int)EPOLLERR, "the system's number");
_Static_assert((int)ELBLAB_READY_HANGUP == (int)EPOLLHUP, "the system's number");
_Static_assert((int)ELBLAB_READY_INPUT_END == (int)EPOLLRDHUP, "the system's number");

static int result(int value) {
    return value < 0 ? -errno : value;
}

int elblab_epoll_create(void) {
    return result(epoll_create1(EPOLL_CLOEXEC));
}

static int control(int epoll, int operation, int socket, uint32_t interest, int edge, uint64_t token) {
    struct epoll_event event = {.events = interest | (edge ? EPOLLET : 0), .data.u64 = token};
    return result(epoll_ctl(epoll, operation, socket, &event));
}

int elblab_epoll_add(int epoll, int socket, uint32_t interest, int edge, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, socket, interest, edge, token);
}

int elblab_epoll_change(int epoll, int socket, uint32_t interest, int edge, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, socket, interest, edge, token);
}

int elblab_epoll_wait(int epoll, struct elblab_event *events, int count, int timeout) {
    struct epoll_event ready[256];
    if (count > 256) count = 256;
    int number = epoll_wait(epoll, ready, count, timeout);
    for (int i = 0; i < number; i++) {
        events[i].token = ready[i].data.u64;
        events[i].ready = ready[i].events;
    }
    return result(number);
}

int elblab_wakeup_create(void) {
    return result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

int elblab_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return result(accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int elblab_pipe(int *output, int *input, int capacity) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
    // One that stays smaller works, too.
    (void)fcntl(ends[1], F_SETPIPE_SZ, capacity);
    *output = ends[0];
    *input = ends[1];
    return 0;
}

ssize_t elblab_splice(int from, int to, size_t most) {
    return splice(from, NULL, to, NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int elblab_receive_datagrams(int socket, struct elblab_datagram *datagrams, int count) {
    struct mmsghdr messages[ELBLAB_MOST_DATAGRAMS];
    struct iovec parts[ELBLAB_MOST_DATAGRAMS];
    if (count > ELBLAB_MOST_DATAGRAMS) count = ELBLAB_MOST_DATAGRAMS;
    for (int i = 0; i < count; i++) {
        parts[i] = (struct iovec){.iov_base = datagrams[i].bytes, .iov_len = datagrams[i].length};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = datagrams[i].address,
            .msg_namelen = datagrams[i].address ? sizeof *datagrams[i].address : 0,
            .msg_iov = &parts[i],
            .msg_iovlen = 1,
        };
    }
    int number = recvmmsg(socket, messages, count, MSG_DONTWAIT, NULL);
    for (int i = 0; i < number; i++) {
        datagrams[i].length = messages[i].msg_len;
        datagrams[i].address_length = messages[i].msg_hdr.msg_namelen;
    }
    return result(number);
}

int elblab_send_datagrams(int socket, const struct elblab_datagram *datagrams, int count) {
    struct mmsghdr messages[ELBLAB_MOST_DATAGRAMS];
    struct iovec parts[ELBLAB_MOST_DATAGRAMS];
    if (count > ELBLAB_MOST_DATAGRAMS) count = ELBLAB_MOST_DATAGRAMS;
    for (int i = 0; i < count; i++) {
        parts[i] = (struct iovec){.iov_base = datagrams[i].bytes, .iov_len = datagrams[i].length};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = datagrams[i].address,
            .msg_namelen = datagrams[i].address ? datagrams[i].address_length : 0,
            .msg_iov = &parts[i],
            .msg_iovlen = 1,
        };
    }
    return result(sendmmsg(socket, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL));
}

struct sockaddr_storage elblab_ipv4(uint32_t number, uint16_t port) {
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *address = (struct sockaddr_in *)&storage;
    address->sin_family = AF_INET;
    address->sin_port = htobe16(port);
    address->sin_addr.s_addr = htobe32(number);
    return storage;
}

struct sockaddr_storage elblab_ipv6(uint64_t high, uint64_t low, uint16_t port) {
    struct sockaddr_storage storage = {0};
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)&storage;
    uint64_t halves[2] = {htobe64(high), htobe64(low)};
    address->sin6_family = AF_INET6;
    address->sin6_port = htobe16(port);
    memcpy(&address->sin6_addr, halves, sizeof halves);
    return storage;
}

bool elblab_read_ipv6(struct sockaddr_storage storage, uint64_t *high, uint64_t *low, uint16_t *port) {
    if (storage.ss_family != AF_INET6) return false;
    const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)&storage;
    uint64_t halves[2];
    memcpy(halves, &address->sin6_addr, sizeof halves);
    *high = be64toh(halves[0]);
    *low = be64toh(halves[1]);
    *port = be16toh(address->sin6_port);
    return true;
}

void elblab_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}
