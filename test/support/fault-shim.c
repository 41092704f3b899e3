/*
 * Loaded before the C library of a process under test (LD_PRELOAD): lets a chosen one of its writes fail, of whatever thread and
 * whoever makes it, SQLite included. What counts are calls that change the disk below FAULT_ROOT; the file FAULT_CONTROL, which
 * test/support/fault-shim.ts writes and reads, says which of them fails and how:
 *
 *   int64 failAt    the call that fails, from 1 on; 0 counts only
 *   int64 error     errno that it fails with
 *   int64 sticky    1: all that need room fail from there on, as on a full disk, and only those are counted; 0: that one alone
 *   int64 seen      calls so far
 *   int64 failed    calls that failed so far
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  volatile int64_t fail_at, error, sticky, seen, failed;
};

static struct control *control;
static const char *root;
static size_t root_length;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("FAULT_CONTROL");
  root = getenv("FAULT_ROOT");
  if (path == NULL || root == NULL) return;
  root_length = strlen(root);
  int file = REAL(open64)(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) control = mapped;
}

static int is_below(const char *path) {
  return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == '\0');
}

static int is_file_below(int file) {
  char name[64], path[PATH_MAX];
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = '\0';
  return is_below(path);
}

/* Whether this call is to fail; errno is set then. */
static int fails(int needs_room) {
  if (control->sticky && !needs_room) return 0;
  int64_t number = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
  int64_t at = control->fail_at;
  if (at == 0 || (control->sticky ? number < at : number != at)) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
  errno = (int)control->error;
  return 1;
}

static int path_fails(const char *path, int needs_room) {
  return control != NULL && path != NULL && is_below(path) && fails(needs_room);
}

static int file_fails(int file, int needs_room) {
  return control != NULL && is_file_below(file) && fails(needs_room);
}

/* A disk that is full takes the first half of what it is given, and says so only when it is given the rest. */
#define TORN(call_half, count)                                                \
  do {                                                                        \
    if (control->sticky && control->seen == control->fail_at && (count) > 1) { \
      ssize_t half = call_half;                                               \
      if (half > 0) return half;                                              \
      errno = (int)control->error;                                            \
    }                                                                         \
    return -1;                                                                \
  } while (0)

ssize_t write(int file, const void *bytes, size_t count) {
  if (file_fails(file, 1)) TORN(REAL(write)(file, bytes, count / 2), count);
  return REAL(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  if (file_fails(file, 1)) TORN(REAL(pwrite)(file, bytes, count / 2, at), count);
  return REAL(pwrite)(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  if (file_fails(file, 1)) TORN(REAL(pwrite64)(file, bytes, count / 2, at), count);
  return REAL(pwrite64)(file, bytes, count, at);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (file_fails(file, 1)) return -1;
  return REAL(writev)(file, parts, count);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  if (file_fails(file, 1)) return -1;
  return REAL(pwritev)(file, parts, count, at);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  if (file_fails(file, 1)) return -1;
  return REAL(pwritev64)(file, parts, count, at);
}

int fsync(int file) { return file_fails(file, 0) ? -1 : REAL(fsync)(file); }

int fdatasync(int file) { return file_fails(file, 0) ? -1 : REAL(fdatasync)(file); }

/* Growing needs no room for what is sparse; SQLite grows the index of its log by it and by posix_fallocate. */
int ftruncate(int file, off_t length) { return file_fails(file, 0) ? -1 : REAL(ftruncate)(file, length); }

int ftruncate64(int file, off64_t length) { return file_fails(file, 0) ? -1 : REAL(ftruncate64)(file, length); }

int posix_fallocate(int file, off_t at, off_t length) {
  return file_fails(file, 1) ? errno : REAL(posix_fallocate)(file, at, length);
}

int posix_fallocate64(int file, off64_t at, off64_t length) {
  return file_fails(file, 1) ? errno : REAL(posix_fallocate64)(file, at, length);
}

int rename(const char *from, const char *to) { return path_fails(to, 0) ? -1 : REAL(rename)(from, to); }

int link(const char *from, const char *to) { return path_fails(to, 1) ? -1 : REAL(link)(from, to); }

int mkdir(const char *path, mode_t mode) {
  struct stat found;
  if (stat(path, &found) != 0 && path_fails(path, 1)) return -1;
  return REAL(mkdir)(path, mode);
}

/* Only what makes a file. */
static int making_fails(const char *path, int flags) {
  struct stat found;
  return (flags & O_CREAT) != 0 && control != NULL && is_below(path) && stat(path, &found) != 0 && fails(1);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return making_fails(path, flags) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return making_fails(path, flags) ? -1 : REAL(open64)(path, flags, mode);
}
