#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTOR_LIMIT = 16, MEMORY_CHECK_NANOSECONDS = 5 * 1000 * 1000, WATCH_STACK_BYTES = 64 * 1024 };

static timer_t cpu_timer;
static int statm = -1;
static uint64_t memory_limit_bytes;
static bool memory_watch_armed;
static pthread_mutex_t memory_watch_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t memory_watch_changed = PTHREAD_COND_INITIALIZER;

static int limit(__rlimit_resource_t resource, rlim_t value) {
    const struct rlimit both = {value, value};
    return setrlimit(resource, &both);
}

int fastn_sandbox_limit_resources(void) {
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_FSIZE, 0) != 0) return -1;
    return limit(RLIMIT_NOFILE, DESCRIPTOR_LIMIT) != 0 ? -1 : prctl(PR_SET_DUMPABLE, 0);
}

// The fields of statm: size, resident, shared ..., in pages.
static bool read_statm(int descriptor, uint64_t *size, uint64_t *private_bytes) {
    char text[128];
    const ssize_t count = pread(descriptor, text, sizeof text - 1, 0);
    if (count <= 0) return false;
    text[count] = 0;
    char *cursor = text;
    const uint64_t total = strtoull(cursor, &cursor, 10);
    const uint64_t resident = strtoull(cursor, &cursor, 10);
    const uint64_t shared = strtoull(cursor, &cursor, 10);
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    *size = total * page;
    *private_bytes = resident > shared ? (resident - shared) * page : 0;
    return true;
}

int fastn_sandbox_limit_address_space(uint64_t headroom_bytes) {
    uint64_t size = 0, private_bytes = 0;
    if (!read_statm(statm, &size, &private_bytes)) return -1;
    return limit(RLIMIT_AS, size + headroom_bytes);
}

uint64_t fastn_sandbox_private_memory(void) {
    uint64_t size = 0, private_bytes = 0;
    return read_statm(statm, &size, &private_bytes) ? private_bytes : 0;
}

static void end_for_cpu(int signal_number) {
    (void)signal_number;
    _exit(FASTN_SANDBOX_EXIT_CPU);
}

int fastn_sandbox_create_cpu_timer(void) {
    struct sigaction action = {.sa_handler = end_for_cpu};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 4};
    if (sigaction(event.sigev_signo, &action, NULL) != 0) return -1;
    return timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &cpu_timer);
}

int fastn_sandbox_arm_cpu_timer(int64_t milliseconds) {
    const struct itimerspec expiry = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = (milliseconds % 1000) * 1000 * 1000}};
    return timer_settime(cpu_timer, 0, &expiry, NULL);
}

static void *watch_memory(void *unused) {
    (void)unused;
    const struct timespec pause = {.tv_nsec = MEMORY_CHECK_NANOSECONDS};
    for (;;) {
        // An idle worker sleeps here: a hundred of them checking all the time would be 20,000 wake-ups a second.
        pthread_mutex_lock(&memory_watch_lock);
        while (!memory_watch_armed) pthread_cond_wait(&memory_watch_changed, &memory_watch_lock);
        pthread_mutex_unlock(&memory_watch_lock);
        if (fastn_sandbox_private_memory() > memory_limit_bytes) _exit(FASTN_SANDBOX_EXIT_MEMORY);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int fastn_sandbox_start_memory_watch(uint64_t limit_bytes) {
    memory_limit_bytes = limit_bytes;
    statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (statm < 0) return -1;
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WATCH_STACK_BYTES);
    const int status = pthread_create(&thread, &attributes, watch_memory, NULL);
    pthread_attr_destroy(&attributes);
    if (status == 0) return pthread_detach(thread);
    errno = status;
    return -1;
}

void fastn_sandbox_arm_memory_watch(bool armed) {
    pthread_mutex_lock(&memory_watch_lock);
    memory_watch_armed = armed;
    pthread_cond_signal(&memory_watch_changed);
    pthread_mutex_unlock(&memory_watch_lock);
}
