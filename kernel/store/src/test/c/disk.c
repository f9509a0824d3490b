/*
 * Stands between a process of the tests and its disk (LD_PRELOAD). What LMDB's native code and the JDK do to files below
 * one directory is written to a trace, in the order in which the process may rely on it: a write when it has returned, a
 * sync when it begins and when it has returned. It can also refuse syncs silently, and fail on demand.
 *
 * DISK_ROOT     the directory, absolute; nothing else is looked at
 * DISK_TRACE    where the trace goes; none is written without
 * DISK_NOSYNC   if set, syncs do nothing and say that they did
 * DISK_FAULTS   a file: while its first letter is S, files cannot be made or grow, with ENOSPC; F: as S, but a write that
 *               would make a file grow takes half of its first part, and no space is left; W: writes fail with EIO; I: syncs
 *               fail with EIO
 *
 * An entry of the trace: type, thread, inode, offset and length, each eight bytes, then the bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, WRITE_THROUGH, SYNC_BEGIN, SYNC_END, TRUNCATE, RENAME, UNLINK };

#define MAX_FD 65536

static struct {
    uint64_t inode; /* 0: not looked at */
    int through;    /* opened with O_DSYNC or O_SYNC */
} files[MAX_FD];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static size_t root_length;
static int trace = -1;
static int no_sync;
static const char *faults;

static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_statvfs64)(const char *, struct statvfs64 *);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);

static void *next(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void start(void) {
    real_openat = next("openat");
    real_close = next("close");
    real_write = next("write");
    real_pwrite = next("pwrite");
    real_writev = next("writev");
    real_pwritev = next("pwritev");
    real_fsync = next("fsync");
    real_fdatasync = next("fdatasync");
    real_ftruncate = next("ftruncate");
    real_statvfs64 = next("statvfs64");
    real_rename = next("rename");
    real_unlink = next("unlink");
    no_sync = getenv("DISK_NOSYNC") != NULL;
    faults = getenv("DISK_FAULTS");
    const char *to = getenv("DISK_TRACE");
    if (to != NULL) {
        trace = real_openat(AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    const char *below = getenv("DISK_ROOT");
    if (below != NULL) {
        root_length = strlen(below);
        root = below;
    }
}

static int is_below(const char *path) {
    return root != NULL && path != NULL && strncmp(path, root, root_length) == 0;
}

static int is_watched(int fd) {
    return fd >= 0 && fd < MAX_FD && files[fd].inode != 0;
}

static void put(const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t n = syscall(SYS_write, trace, at, length);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            dprintf(2, "the trace cannot be written: %s\n", strerror(errno));
            abort();
        }
        at += n;
        length -= (size_t) n;
    }
}

static void note(uint64_t type, uint64_t inode, uint64_t offset, const void *bytes, size_t length) {
    if (trace < 0) {
        return;
    }
    int kept = errno;
    uint64_t head[5] = {type, (uint64_t) syscall(SYS_gettid), inode, offset, length};
    pthread_mutex_lock(&lock);
    put(head, sizeof head);
    put(bytes, length);
    pthread_mutex_unlock(&lock);
    errno = kept;
}

/* Whether an operation has to fail now, by the first letter of the file of faults. */
static int is_faulty(char letter) {
    if (faults == NULL) {
        return 0;
    }
    int kept = errno;
    char first = 0;
    int fd = real_openat(AT_FDCWD, faults, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, &first, 1) != 1) {
            first = 0;
        }
        real_close(fd);
    }
    errno = kept;
    return first == letter;
}

/* The errno with which a write up to a place has to fail, or 0. */
static int write_fault(int fd, off_t end) {
    struct stat status;
    if (!is_watched(fd) || faults == NULL) {
        return 0;
    }
    if (is_faulty('S') && fstat(fd, &status) == 0 && end > status.st_size) {
        return ENOSPC;
    }
    return is_faulty('W') ? EIO : 0;
}

/* How much of a write that would make a file grow a disk still takes that fills up with it; -1: all. */
static ssize_t taken(int fd, size_t first, off_t end) {
    struct stat status;
    if (!is_watched(fd) || faults == NULL || !is_faulty('F') || fstat(fd, &status) != 0 || end <= status.st_size) {
        return -1;
    }
    return (ssize_t) (first / 2);
}

static off_t size_of(const struct iovec *parts, int count) {
    off_t size = 0;
    for (int i = 0; i < count; i++) {
        size += (off_t) parts[i].iov_len;
    }
    return size;
}

static int opened(int fd, const char *path, int flags, int existed) {
    struct stat status;
    if (fd >= 0 && fd < MAX_FD) {
        files[fd].inode = 0;
        if (is_below(path) && fstat(fd, &status) == 0) {
            if (!existed && (flags & O_CREAT)) {
                note(CREATE, status.st_ino, 0, path, strlen(path));
            } else if (S_ISDIR(status.st_mode)) {
                note(CREATE, status.st_ino, 1, path, strlen(path));
            }
            files[fd].through = (flags & (O_DSYNC | O_SYNC)) != 0;
            files[fd].inode = status.st_ino;
        }
    }
    return fd;
}

static int open_any(int at, const char *path, int flags, mode_t mode) {
    int existed = 1;
    if (is_below(path) && (flags & O_CREAT)) {
        existed = faccessat(AT_FDCWD, path, F_OK, 0) == 0;
        if (!existed && (is_faulty('S') || is_faulty('F'))) {
            errno = ENOSPC;
            return -1;
        }
    }
    int used = no_sync && is_below(path) ? flags & ~(O_DSYNC | O_SYNC) : flags;
    int fd = real_openat(at, path, used, mode);
    return opened(fd, path, used, existed);
}

static mode_t mode_of(int flags, va_list rest) {
    return (flags & (O_CREAT | O_TMPFILE)) ? (mode_t) va_arg(rest, int) : 0;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...) {         \
        va_list rest;                                    \
        va_start(rest, flags);                           \
        mode_t mode = mode_of(flags, rest);              \
        va_end(rest);                                    \
        return open_any(AT_FDCWD, path, flags, mode);    \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                     \
    int name(int at, const char *path, int flags, ...) { \
        va_list rest;                                    \
        va_start(rest, flags);                           \
        mode_t mode = mode_of(flags, rest);              \
        va_end(rest);                                    \
        return open_any(at, path, flags, mode);          \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    if (fd >= 0 && fd < MAX_FD) {
        files[fd].inode = 0;
    }
    return real_close(fd);
}

static void wrote(int fd, const void *bytes, ssize_t length, off_t offset) {
    if (length > 0 && is_watched(fd)) {
        note(files[fd].through ? WRITE_THROUGH : WRITE, files[fd].inode, (uint64_t) offset, bytes, (size_t) length);
    }
}

static void wrote_parts(int fd, const struct iovec *parts, int count, ssize_t length, off_t offset) {
    for (int i = 0; i < count && length > 0; i++) {
        ssize_t n = (ssize_t) parts[i].iov_len < length ? (ssize_t) parts[i].iov_len : length;
        wrote(fd, parts[i].iov_base, n, offset);
        offset += n;
        length -= n;
    }
}

static ssize_t write_half(int fd, const void *bytes, ssize_t half, off_t offset) {
    if (half == 0) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t n = real_pwrite(fd, bytes, (size_t) half, offset);
    wrote(fd, bytes, n, offset);
    return n;
}

#define REFUSE_IF_FAULTY(fd, end)         \
    do {                                  \
        int fault = write_fault(fd, end); \
        if (fault != 0) {                 \
            errno = fault;                \
            return -1;                    \
        }                                 \
    } while (0)

/* Makes a write at the file's position come back short, or fail where there is nothing left to take. */
#define FILL_UP_IF_FAULTY(fd, bytes, first, length)                                   \
    do {                                                                              \
        off_t at = lseek(fd, 0, SEEK_CUR);                                            \
        ssize_t half = taken(fd, first, at + (off_t) (length));                       \
        if (half >= 0) {                                                              \
            ssize_t n = write_half(fd, bytes, half, at);                              \
            if (n > 0) {                                                              \
                lseek(fd, n, SEEK_CUR);                                               \
            }                                                                         \
            return n;                                                                 \
        }                                                                             \
    } while (0)

ssize_t write(int fd, const void *bytes, size_t length) {
    REFUSE_IF_FAULTY(fd, lseek(fd, 0, SEEK_CUR) + (off_t) length);
    FILL_UP_IF_FAULTY(fd, bytes, length, length);
    ssize_t n = real_write(fd, bytes, length);
    if (n > 0 && is_watched(fd)) {
        wrote(fd, bytes, n, lseek(fd, 0, SEEK_CUR) - n);
    }
    return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REFUSE_IF_FAULTY(fd, lseek(fd, 0, SEEK_CUR) + size_of(parts, count));
    FILL_UP_IF_FAULTY(fd, parts[0].iov_base, parts[0].iov_len, size_of(parts, count));
    ssize_t n = real_writev(fd, parts, count);
    if (n > 0 && is_watched(fd)) {
        wrote_parts(fd, parts, count, n, lseek(fd, 0, SEEK_CUR) - n);
    }
    return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REFUSE_IF_FAULTY(fd, offset + (off_t) length);
    ssize_t half = taken(fd, length, offset + (off_t) length);
    if (half >= 0) {
        return write_half(fd, bytes, half, offset);
    }
    ssize_t n = real_pwrite(fd, bytes, length, offset);
    wrote(fd, bytes, n, offset);
    return n;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite(fd, bytes, length, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    REFUSE_IF_FAULTY(fd, offset + size_of(parts, count));
    ssize_t half = taken(fd, parts[0].iov_len, offset + size_of(parts, count));
    if (half >= 0) {
        return write_half(fd, parts[0].iov_base, half, offset);
    }
    ssize_t n = real_pwritev(fd, parts, count, offset);
    if (n > 0 && is_watched(fd)) {
        wrote_parts(fd, parts, count, n, offset);
    }
    return n;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
    return pwritev(fd, parts, count, offset);
}

static int sync_any(int fd, int (*real)(int)) {
    if (!is_watched(fd)) {
        return real(fd);
    }
    if (is_faulty('I')) {
        errno = EIO;
        return -1;
    }
    if (no_sync) {
        return 0;
    }
    uint64_t inode = files[fd].inode;
    note(SYNC_BEGIN, inode, 0, NULL, 0);
    int result = real(fd);
    if (result == 0) {
        note(SYNC_END, inode, 0, NULL, 0);
    }
    return result;
}

int fsync(int fd) {
    return sync_any(fd, real_fsync);
}

int fdatasync(int fd) {
    return sync_any(fd, real_fdatasync);
}

int ftruncate(int fd, off_t length) {
    REFUSE_IF_FAULTY(fd, length);
    int result = real_ftruncate(fd, length);
    if (result == 0 && is_watched(fd)) {
        note(TRUNCATE, files[fd].inode, (uint64_t) length, NULL, 0);
    }
    return result;
}

int ftruncate64(int fd, off_t length) {
    return ftruncate(fd, length);
}

int statvfs64(const char *path, struct statvfs64 *status) {
    int result = real_statvfs64(path, status);
    if (result == 0 && is_below(path) && is_faulty('F')) {
        status->f_bfree = 0;
        status->f_bavail = 0;
    }
    return result;
}

int statvfs(const char *path, struct statvfs *status) {
    return statvfs64(path, (struct statvfs64 *) status);
}

int rename(const char *from, const char *to) {
    int result = real_rename(from, to);
    if (result == 0 && is_below(from)) {
        char both[2 * 4096 + 2];
        int length = snprintf(both, sizeof both, "%s\n%s", from, to);
        note(RENAME, 0, 0, both, (size_t) length);
    }
    return result;
}

int unlink(const char *path) {
    int result = real_unlink(path);
    if (result == 0 && is_below(path)) {
        note(UNLINK, 0, 0, path, strlen(path));
    }
    return result;
}
