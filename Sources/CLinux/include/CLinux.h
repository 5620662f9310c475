// Linux calls that Swift cannot import because they are variadic or have no glibc wrapper in its module map.
#ifndef HAUBAN_CLINUX_H
#define HAUBAN_CLINUX_H

#include <sys/types.h>

/// pidfd_open(2), Linux 5.3: a descriptor that becomes readable when the process ends. -1 and errno on failure.
int clinux_pidfd_open(pid_t pid);

/// memfd_create(2) with MFD_CLOEXEC, Linux 3.17: a file in memory without a path. -1 and errno on failure.
int clinux_memory_file(const char *name);

/// prctl(PR_SET_CHILD_SUBREAPER, 1), Linux 3.4: orphans below this process are re-parented to it, so it can reap them.
int clinux_become_subreaper(void);

/// fallocate(2) with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE: gives a read part of a file's blocks back to the disk.
int clinux_punch_hole(int descriptor, off_t offset, off_t length);

/// fallocate(2) with FALLOC_FL_KEEP_SIZE: claims disk space that later writes go into; the file's size stays.
int clinux_reserve(int descriptor, off_t offset, off_t length);

/// What a long-lived child starts with. Paths are absolute; `arguments` and `environment` end with NULL.
typedef struct {
    const char *program;
    char *const *arguments;
    char *const *environment;
    const char *working_directory;
    const char *standard_output;
    const char *standard_error;
    /// Descriptors that the child gets as 3, 4 and so on, in this order.
    const int *descriptors;
    int descriptor_count;
} clinux_spawn_request;

/// posix_spawn(3) into a session of its own: stdin /dev/null, both outputs appended to files, the descriptors that are named
/// and no other, every signal at its default and unblocked. 0, or the error number.
int clinux_spawn(const clinux_spawn_request *request, pid_t *pid);

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC: no child that is forked meanwhile gets the connection. -1 and errno on failure.
int clinux_accept(int descriptor);

/// SO_PEERCRED of unix(7): the user at the other end of a connected socket, or -1 and errno.
long clinux_peer_user(int descriptor);

/// SO_PEERCRED of unix(7): the process that connected, or -1 and errno.
pid_t clinux_peer_process(int descriptor);

/// socket(2) of the kind SOCK_SEQPACKET for Unix-domain addresses, closed on exec: messages keep their bounds. -1 and errno on failure.
int clinux_packet_socket(int nonblocking);

/// sendmsg(2) of one message, with a descriptor (SCM_RIGHTS of unix(7)) unless that is -1. Never raises SIGPIPE. -1 and errno on failure.
ssize_t clinux_send_descriptor(int socket, const void *bytes, size_t count, int descriptor);

/// recvmsg(2) of one message and the descriptor that came with it, closed on exec; -1 when none came. -1 and errno on failure.
ssize_t clinux_receive_descriptor(int socket, void *bytes, size_t count, int *descriptor);

/// A pipe of which `clinux_signal_catch` writes: its reading end, which blocks, or -1 and errno. Once per process.
int clinux_signal_pipe(void);

/// sigaction(2) with a handler that writes the signal's number as one byte into the pipe; calls that it interrupts go on.
int clinux_signal_catch(int number);

#endif
