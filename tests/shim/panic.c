/*
 * A preload shim that makes the server panic in the middle of a review (tests/rules/broken.rs), without a word of the server's own for that:
 * a thread that hands a file with SHIM_PANIC in it to a child, by a pipe, finds the clock broken the next time that it asks how late it
 * is, and Rust's `Instant::now` panics then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static ssize_t (*real_write)(int, const void *, size_t);
static const char *word;
static __thread int broken;

__attribute__((constructor)) static void begin(void) {
    real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    word = getenv("SHIM_PANIC");
}

ssize_t write(int file, const void *bytes, size_t size) {
    struct stat kind;
    if (word && memmem(bytes, size, word, strlen(word)) && fstat(file, &kind) == 0 && S_ISFIFO(kind.st_mode))
        broken = 1;
    return real_write(file, bytes, size);
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    if (broken && clock == CLOCK_MONOTONIC) {
        broken = 0;
        errno = EINVAL;
        return -1;
    }
    return real_clock_gettime(clock, at);
}
