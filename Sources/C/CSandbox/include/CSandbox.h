#ifndef FASTN_CSANDBOX_H
#define FASTN_CSANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Every function that returns int answers 0, or -1 with errno set.

// Exit statuses by which the supervisor tells a limit from a fault.
enum { FASTN_SANDBOX_EXIT_CPU = 124, FASTN_SANDBOX_EXIT_MEMORY = 125 };

// Gives up root for good: supplementary groups, group and user become `id`. Does nothing when the process is not root.
int fastn_sandbox_drop_privileges(uint32_t id);

// SIGKILL when the thread that spawned this process ends; fails if `parent` is gone already.
// Call it after dropping privileges: a change of credentials clears the setting.
int fastn_sandbox_die_with_parent(pid_t parent);

// No core dumps, no files, few descriptors, not traceable.
int fastn_sandbox_limit_resources(void);

// Bounds the address space to what is mapped now plus `headroom_bytes`. Call it once the engine has made its reservations.
int fastn_sandbox_limit_address_space(uint64_t headroom_bytes);

// 1 if anonymous memory is both writable or private and executable, 0 if none is, -1 if it cannot be told.
int fastn_sandbox_has_executable_anonymous_memory(void);

// Creates the timer that ends the process with FASTN_SANDBOX_EXIT_CPU.
int fastn_sandbox_create_cpu_timer(void);

// Lets the process use `milliseconds` of CPU time from now on; 0 disarms.
int fastn_sandbox_arm_cpu_timer(int64_t milliseconds);

// Starts the thread that ends the process with FASTN_SANDBOX_EXIT_MEMORY when private memory passes `limit_bytes`. It sleeps until armed.
int fastn_sandbox_start_memory_watch(uint64_t limit_bytes);
void fastn_sandbox_arm_memory_watch(bool armed);

// Private resident memory in bytes, 0 if it cannot be read. Needs the memory watch to have been started.
uint64_t fastn_sandbox_private_memory(void);

// From here on any system call but those of a running script kills the process with SIGSYS.
int fastn_sandbox_install_filter(void);

#endif
