/* Fails the n-th read, write, sync or cut of a file below one folder, for whatever library asks the system. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { READ = 1, WRITE = 2, SYNC = 4, CUT = 8 };
enum { NO, ERROR, FULL, SHORT };
static const int counted[] = {0, READ | WRITE | SYNC | CUT, WRITE, READ | WRITE};

static char root[4096], hit[4200];
static size_t root_size;
static int flavour, full;
static long count, wanted;

void failing_arm(const char *folder, int how, long n) {
    snprintf(root, sizeof root, "%s", folder);
    root_size = strlen(root);
    flavour = how, full = 0, count = 0, wanted = n, hit[0] = 0;
}

/* What was hit; empty where n is beyond the last. */
const char *failing_disarm(void) {
    flavour = NO;
    return hit;
}

static int step(int file, int kind) {
    char link[64], path[4096];
    if (flavour == NO) return NO;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < (ssize_t)root_size || memcmp(path, root, root_size)) return NO;
    path[size] = 0;
    if (full && (kind & WRITE)) return FULL;
    if (!(counted[flavour] & kind) || ++count != wanted) return NO;
    full = flavour == FULL;
    snprintf(hit, sizeof hit, "%s %s", kind == READ ? "read" : kind == WRITE ? "write" : "sync", path + root_size);
    return flavour;
}

#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name); real; })
#define FAILED(how) ((how) == ERROR || (how) == FULL)
#define TOLD(how) (errno = (how) == FULL ? ENOSPC : EIO, -1)
#define HALF(how, size) ((how) == SHORT && (size) > 1 ? (size) / 2 : (size))

ssize_t read(int f, void *to, size_t n) {
    int how = step(f, READ);
    return FAILED(how) ? TOLD(how) : REAL(read)(f, to, HALF(how, n));
}
ssize_t write(int f, const void *from, size_t n) {
    int how = step(f, WRITE);
    return FAILED(how) ? TOLD(how) : REAL(write)(f, from, HALF(how, n));
}
ssize_t pread(int f, void *to, size_t n, off_t at) {
    int how = step(f, READ);
    return FAILED(how) ? TOLD(how) : REAL(pread)(f, to, HALF(how, n), at);
}
ssize_t pread64(int f, void *to, size_t n, off64_t at) {
    int how = step(f, READ);
    return FAILED(how) ? TOLD(how) : REAL(pread64)(f, to, HALF(how, n), at);
}
ssize_t pwrite(int f, const void *from, size_t n, off_t at) {
    int how = step(f, WRITE);
    return FAILED(how) ? TOLD(how) : REAL(pwrite)(f, from, HALF(how, n), at);
}
ssize_t pwrite64(int f, const void *from, size_t n, off64_t at) {
    int how = step(f, WRITE);
    return FAILED(how) ? TOLD(how) : REAL(pwrite64)(f, from, HALF(how, n), at);
}
int fsync(int f) {
    int how = step(f, SYNC);
    return FAILED(how) ? TOLD(how) : REAL(fsync)(f);
}
int fdatasync(int f) {
    int how = step(f, SYNC);
    return FAILED(how) ? TOLD(how) : REAL(fdatasync)(f);
}
int ftruncate(int f, off_t to) {
    int how = step(f, CUT);
    return FAILED(how) ? TOLD(how) : REAL(ftruncate)(f, to);
}
int ftruncate64(int f, off64_t to) {
    int how = step(f, CUT);
    return FAILED(how) ? TOLD(how) : REAL(ftruncate64)(f, to);
}
