/*
 * A preload shim between the server and the disk (tests/images, tests/faults). It knows nothing of mail.
 *
 * SHIM_DIR   the folder that is watched
 * SHIM_LOG   where every write and flush below that folder is recorded, in order and with its bytes
 * SHIM_FAULT a file; while it is there, its lines "flush|write ERRNO TEXT [COUNT]" make flushes or writes of files whose path
 *            holds TEXT fail with that number, without being done; from the COUNT-th on that its line is meant for, counted in each
 *            process since it saw the file in this form. In place of a number, -9 kills the process
 *
 * A record is a header and then `extra` bytes. A write is recorded after it was made and before its caller goes on, a
 * flush at its beginning and at its end: what was recorded before the beginning is safe from the end on. Appending is
 * one system call, which the kernel does whole.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MADE = 1, WROTE, CUT, FLUSHING, FLUSHED, RENAMED, UNLINKED, MADE_DIR };

struct header {
    uint64_t kind, inode, at, extra;
};

static const char *dir, *fault;
static size_t dir_len;
static int log_fd = -1;
static dev_t device;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fsync)(int), (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_mkdir)(const char *, mode_t);

__attribute__((constructor)) static void begin(void) {
    real_open = REAL(open);
    real_openat = REAL(openat);
    real_write = REAL(write);
    real_pwrite = REAL(pwrite);
    real_writev = REAL(writev);
    real_pwritev = REAL(pwritev);
    real_fsync = REAL(fsync);
    real_fdatasync = REAL(fdatasync);
    real_ftruncate = REAL(ftruncate);
    real_rename = REAL(rename);
    real_unlink = REAL(unlink);
    real_mkdir = REAL(mkdir);
    dir = getenv("SHIM_DIR");
    fault = getenv("SHIM_FAULT");
    const char *log = getenv("SHIM_LOG");
    if (!dir) return;
    dir_len = strlen(dir);
    struct stat s;
    char above[4096];
    snprintf(above, sizeof above, "%s/..", dir);
    /* the folder may not be there yet; the one above it lies on the same disk */
    if (stat(dir, &s) == 0 || stat(above, &s) == 0) device = s.st_dev;
    else {
        snprintf(above, sizeof above, "%s", dir);
        char *slash = strrchr(above, '/');
        if (slash) *slash = 0;
        if (stat(above, &s) == 0) device = s.st_dev;
    }
    if (log) log_fd = real_open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void record(uint64_t kind, uint64_t inode, uint64_t at, const void *extra, size_t len) {
    if (log_fd < 0) return;
    int kept = errno;
    struct header header = {kind, inode, at, len};
    struct iovec parts[2] = {{&header, sizeof header}, {(void *)extra, len}};
    if (syscall(SYS_writev, log_fd, parts, 2) != (long)(sizeof header + len)) abort();
    errno = kept;
}

static int below(const char *path) {
    return dir && path && strncmp(path, dir, dir_len) == 0 && (path[dir_len] == '/' || path[dir_len] == 0);
}

/* The inode of an open file or folder on the watched disk, else 0. */
static uint64_t watched(int fd) {
    struct stat s;
    if (!dir || fd == log_fd || fstat(fd, &s) != 0 || s.st_dev != device) return 0;
    return S_ISREG(s.st_mode) || S_ISDIR(s.st_mode) ? s.st_ino : 0;
}

/* So many operations were seen that this line of the orders is meant for, the one now included. */
static int seen(int file, int line) {
    enum { LINES = 32 };
    static int counts[LINES];
    static struct stat form;
    static int lock;
    struct stat now;
    if (fstat(file, &now) != 0 || line >= LINES) abort();
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) sched_yield();
    if (now.st_ino != form.st_ino || now.st_mtim.tv_sec != form.st_mtim.tv_sec || now.st_mtim.tv_nsec != form.st_mtim.tv_nsec) {
        memset(counts, 0, sizeof counts);
        form = now;
    }
    int count = ++counts[line];
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    return count;
}

/* The error number that this operation shall fail with, else 0. */
static int ill(const char *what, int fd) {
    if (!fault || access(fault, F_OK) != 0 || !watched(fd)) return 0;
    char lines[1024] = {0}, link[64], path[4096] = {0};
    int file = real_open(fault, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t got = read(file, lines, sizeof lines - 1);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int meant = got > 0 && readlink(link, path, sizeof path - 1) > 0 && below(path), found = 0;
    char *rest = lines, *line;
    for (int at = 0; meant && !found && (line = strsep(&rest, "\n")); at++) {
        char op[16], text[256];
        int number, count = 1;
        if (sscanf(line, "%15s %d %255s %d", op, &number, text, &count) < 3 || strcmp(op, what) || !strstr(path, text))
            continue;
        if (seen(file, at) >= count) found = number;
    }
    close(file);
    if (found == -SIGKILL) raise(SIGKILL);
    return found;
}

static int opened(int fd, const char *path, int flags, int existed) {
    if (fd >= 0 && below(path)) {
        uint64_t inode = watched(fd);
        if (inode && (flags & O_CREAT) && !existed) record(MADE, inode, 0, path, strlen(path));
        else if (inode && (flags & O_TRUNC)) record(CUT, inode, 0, NULL, 0);
    }
    return fd;
}

static int exists(const char *path) {
    struct stat s;
    int kept = errno, found = below(path) && lstat(path, &s) == 0;
    errno = kept;
    return found;
}

#define MODE(flags)                                  \
    mode_t mode = 0;                                 \
    if (flags & (O_CREAT | O_TMPFILE)) {             \
        va_list list;                                \
        va_start(list, flags);                       \
        mode = va_arg(list, mode_t);                 \
        va_end(list);                                \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    int existed = exists(path);
    return opened(real_open(path, flags, mode), path, flags, existed);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    int existed = exists(path);
    return opened(real_open(path, flags | O_LARGEFILE, mode), path, flags, existed);
}
int openat(int at, const char *path, int flags, ...) {
    MODE(flags)
    int existed = exists(path);
    return opened(real_openat(at, path, flags, mode), path, flags, existed);
}
int openat64(int at, const char *path, int flags, ...) {
    MODE(flags)
    int existed = exists(path);
    return opened(real_openat(at, path, flags | O_LARGEFILE, mode), path, flags, existed);
}

static ssize_t wrote(int fd, const void *bytes, ssize_t done, off_t at) {
    uint64_t inode = done > 0 ? watched(fd) : 0;
    if (inode) record(WROTE, inode, at, bytes, done);
    return done;
}

#define FAIL(what, fd)                               \
    int number = ill(what, fd);                      \
    if (number) {                                    \
        errno = number;                              \
        return -1;                                   \
    }

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) {
    FAIL("write", fd)
    return wrote(fd, bytes, real_pwrite(fd, bytes, len, at), at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at) { return pwrite(fd, bytes, len, at); }

/* Where write(2) will write. */
static off_t place(int fd) {
    int flags = fcntl(fd, F_GETFL);
    struct stat s;
    if (flags >= 0 && (flags & O_APPEND) && fstat(fd, &s) == 0) return s.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t len) {
    if (!watched(fd)) return real_write(fd, bytes, len);
    FAIL("write", fd)
    off_t at = place(fd);
    return wrote(fd, bytes, real_write(fd, bytes, len), at);
}

static void *joined(const struct iovec *parts, int count, size_t *len) {
    *len = 0;
    for (int i = 0; i < count; i++) *len += parts[i].iov_len;
    char *all = malloc(*len ? *len : 1), *to = all;
    for (int i = 0; i < count; i++) to = (char *)mempcpy(to, parts[i].iov_base, parts[i].iov_len);
    return all;
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!watched(fd)) return real_writev(fd, parts, count);
    size_t len;
    void *all = joined(parts, count, &len);
    ssize_t done = write(fd, all, len);
    free(all);
    return done;
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    if (!watched(fd)) return real_pwritev(fd, parts, count, at);
    size_t len;
    void *all = joined(parts, count, &len);
    ssize_t done = pwrite(fd, all, len, at);
    free(all);
    return done;
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }

static int flush(int fd, int (*how)(int)) {
    uint64_t inode = watched(fd), thread = syscall(SYS_gettid);
    if (!inode) return how(fd);
    FAIL("flush", fd)
    record(FLUSHING, inode, thread, NULL, 0);
    int done = how(fd);
    if (done == 0) record(FLUSHED, inode, thread, NULL, 0);
    return done;
}
int fsync(int fd) { return flush(fd, real_fsync); }
int fdatasync(int fd) { return flush(fd, real_fdatasync); }

int ftruncate(int fd, off_t len) {
    FAIL("write", fd)
    int done = real_ftruncate(fd, len);
    uint64_t inode = done == 0 ? watched(fd) : 0;
    if (inode) record(CUT, inode, len, NULL, 0);
    return done;
}
int ftruncate64(int fd, off64_t len) { return ftruncate(fd, len); }

int rename(const char *from, const char *to) {
    int done = real_rename(from, to);
    if (done == 0 && below(to)) {
        char both[8192];
        int len = snprintf(both, sizeof both, "%s\n%s", from, to);
        record(RENAMED, 0, 0, both, len);
    }
    return done;
}
int unlink(const char *path) {
    int done = real_unlink(path);
    if (done == 0 && below(path)) record(UNLINKED, 0, 0, path, strlen(path));
    return done;
}
int mkdir(const char *path, mode_t mode) {
    int done = real_mkdir(path, mode);
    struct stat s;
    if (done == 0 && below(path) && stat(path, &s) == 0) record(MADE_DIR, s.st_ino, 0, path, strlen(path));
    return done;
}
