// Linux calls that Swift cannot import because they are variadic or have no glibc wrapper in its module map.
#ifndef HAUBAN_CLINUX_H
#define HAUBAN_CLINUX_H

#include <sys/types.h>

/// pidfd_open(2), Linux 5.3: a descriptor that becomes readable when the process ends. -1 and errno on failure.
int clinux_pidfd_open(pid_t pid);

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
} clinux_spawn_request;

/// posix_spawn(3) into a session of its own: stdin /dev/null, both outputs appended to files, no other descriptor, every
/// signal at its default and unblocked. 0, or the error number.
int clinux_spawn(const clinux_spawn_request *request, pid_t *pid);

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC: no child that is forked meanwhile gets the connection. -1 and errno on failure.
int clinux_accept(int descriptor);

/// SO_PEERCRED of unix(7): the user at the other end of a connected socket, or -1 and errno.
long clinux_peer_user(int descriptor);

#endif
