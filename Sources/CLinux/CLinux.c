#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int clinux_punch_hole(int descriptor, off_t offset, off_t length) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int clinux_reserve(int descriptor, off_t offset, off_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}

static int spawn_with(const clinux_spawn_request *request, pid_t *pid, posix_spawn_file_actions_t *actions,
                      posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    const int append = O_WRONLY | O_CREAT | O_APPEND;
    int error = 0;
    if ((error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0))) return error;
    if ((error = posix_spawn_file_actions_addopen(actions, 1, request->standard_output, append, 0600))) return error;
    if ((error = posix_spawn_file_actions_addopen(actions, 2, request->standard_error, append, 0600))) return error;
    for (int index = 0; index < request->descriptor_count; index++) {
        if ((error = posix_spawn_file_actions_adddup2(actions, request->descriptors[index], 3 + index))) return error;
    }
    if ((error = posix_spawn_file_actions_addclosefrom_np(actions, 3 + request->descriptor_count))) return error;
    if ((error = posix_spawn_file_actions_addchdir_np(actions, request->working_directory))) return error;
    if ((error = posix_spawnattr_setsigmask(attributes, &none))) return error;
    if ((error = posix_spawnattr_setsigdefault(attributes, &all))) return error;
    const short flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if ((error = posix_spawnattr_setflags(attributes, flags))) return error;
    return posix_spawn(pid, request->program, actions, attributes, request->arguments, request->environment);
}

static int spawn_once(const clinux_spawn_request *request, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = spawn_with(request, pid, &actions, &attributes);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int clinux_spawn(const clinux_spawn_request *request, pid_t *pid) {
    const int count = request->descriptor_count;
    if (count == 0) return spawn_once(request, pid);
    // Copies above the numbers that the child gets, so that none is overwritten before it is copied.
    int *copies = malloc(sizeof(int) * (size_t)count);
    if (!copies) return ENOMEM;
    int made = 0, error = 0;
    for (; made < count; made++) {
        copies[made] = fcntl(request->descriptors[made], F_DUPFD_CLOEXEC, 3 + count);
        if (copies[made] < 0) {
            error = errno;
            break;
        }
    }
    if (!error) {
        clinux_spawn_request moved = *request;
        moved.descriptors = copies;
        error = spawn_once(&moved, pid);
    }
    while (made > 0) close(copies[--made]);
    free(copies);
    return error;
}

int clinux_accept(int descriptor) { return accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

long clinux_peer_user(int descriptor) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    return (long)peer.uid;
}

pid_t clinux_peer_process(int descriptor) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    return peer.pid;
}

int clinux_packet_socket(int nonblocking) {
    return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
}

// As long as one descriptor needs, and aligned as a header must be.
typedef union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
} descriptor_message;

ssize_t clinux_send_descriptor(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec part = {(void *)bytes, count};
    descriptor_message control;
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t clinux_receive_descriptor(int socket, void *bytes, size_t count, int *descriptor) {
    *descriptor = -1;
    struct iovec part = {bytes, count};
    descriptor_message control;
    memset(&control, 0, sizeof control);
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    // Not CMSG_SPACE, whose padding has room for a second descriptor: the kernel closes what finds none.
    message.msg_controllen = CMSG_LEN(sizeof(int));
    const ssize_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len >= CMSG_LEN(sizeof(int))) {
        memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    }
    return received;
}

static int signal_writer = -1;

static void write_signal(int number) {
    const int before = errno;
    const unsigned char byte = (unsigned char)number;
    // A full pipe holds thousands of signals that nobody has read yet; one more tells nothing new.
    const ssize_t written = write(signal_writer, &byte, 1);
    (void)written;
    errno = before;
}

int clinux_signal_pipe(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return -1;
    if (fcntl(ends[1], F_SETFL, O_NONBLOCK)) return -1;
    signal_writer = ends[1];
    return ends[0];
}

int clinux_signal_catch(int number) {
    struct sigaction action = {.sa_handler = write_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL);
}
