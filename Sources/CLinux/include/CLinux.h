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

#endif
