// A wall clock that can be set, for a program that is started with this library in LD_PRELOAD.
// The first eight bytes of the file CLOCK_STEP are a number of milliseconds, which is added to the
// right time. CLOCK_MONOTONIC stays right, as it does when an operator or NTP sets a clock.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t right;
static volatile int64_t *wrong_by = &right;

__attribute__((constructor)) static void find_step(void) {
    const char *path = getenv("CLOCK_STEP");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *wrong_by, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) wrong_by = page;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (syscall(SYS_clock_gettime, clock, now)) return -1;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        int64_t ms = *wrong_by + now->tv_nsec / 1000000;
        int64_t seconds = ms / 1000 - (ms % 1000 < 0);
        now->tv_sec += seconds;
        now->tv_nsec = (ms - 1000 * seconds) * 1000000 + now->tv_nsec % 1000000;
    }
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now) *now = precise.tv_sec;
    return precise.tv_sec;
}
