#ifndef ELBLAB_SOCKETS_H
#define ELBLAB_SOCKETS_H

// What Swift's module of the C library leaves out: epoll, eventfd, and the calls that Linux added to those of POSIX. See the manual
// page of each function's namesake; errors come back as in errno, negated.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/// What a socket is ready for. The numbers are the system's own.
enum elblab_ready {
    ELBLAB_READY_INPUT = 0x001,
    ELBLAB_READY_OUTPUT = 0x004,
    ELBLAB_READY_ERROR = 0x008,
    ELBLAB_READY_HANGUP = 0x010,
    ELBLAB_READY_INPUT_END = 0x2000,
};

struct elblab_event {
    uint64_t token;
    uint32_t ready;
};

/// An epoll, or an error.
int elblab_epoll_create(void);
/// Adds a socket. `edge` asks to be told of changes only.
int elblab_epoll_add(int epoll, int socket, uint32_t interest, int edge, uint64_t token);
int elblab_epoll_change(int epoll, int socket, uint32_t interest, int edge, uint64_t token);
/// Waits for at most `count` events, `timeout` milliseconds or for ever (-1); the number of events, or an error.
int elblab_epoll_wait(int epoll, struct elblab_event *events, int count, int timeout);

/// An eventfd that does not block, or an error.
int elblab_wakeup_create(void);

/// The next connection of a listener, not blocking and closed on exec, or an error.
int elblab_accept(int listener, struct sockaddr *address, socklen_t *length);

/// The two ends of a pipe that does not block and is closed on exec, and holds `capacity` bytes if this user may still have that much.
int elblab_pipe(int *output, int *input, int capacity);
/// Moves bytes between a pipe and a socket, waiting for neither; how many, or -1 with `errno` set.
ssize_t elblab_splice(int from, int to, size_t most);

/// One of several datagrams that are received or sent by one call. A null address is that which the socket is connected to.
struct elblab_datagram {
    void *bytes;
    /// Of the room before, of the datagram after it has been received.
    size_t length;
    struct sockaddr_storage *address;
    socklen_t address_length;
};

/// Most datagrams that are taken by one call.
enum { ELBLAB_MOST_DATAGRAMS = 32 };

/// How many datagrams have been received, not waiting for any, or an error. One that did not fit was cut off.
int elblab_receive_datagrams(int socket, struct elblab_datagram *datagrams, int count);
/// How many datagrams have been sent, not waiting for room, or an error of the first.
int elblab_send_datagrams(int socket, const struct elblab_datagram *datagrams, int count);

/// Addresses, whose types have several owners in Swift: which one it takes depends on the order of files. Numbers are the machine's own.
struct sockaddr_storage elblab_ipv4(uint32_t number, uint16_t port);
struct sockaddr_storage elblab_ipv6(uint64_t high, uint64_t low, uint16_t port);
/// Whether it was one.
bool elblab_read_ipv6(struct sockaddr_storage storage, uint64_t *high, uint64_t *low, uint16_t *port);

/// Names the calling thread, for whoever looks at the process.
void elblab_name_thread(const char *name);

#endif
