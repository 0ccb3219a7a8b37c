#pragma once

#include <spawn.h>

// What glibc declares only under _GNU_SOURCE and Swift's Glibc module therefore lacks.

/// Names the calling thread; the kernel keeps 15 bytes.
int linux_set_thread_name(const char *name);

/// Makes a child start its own session, so that signals of the terminal do not reach it. Source: posix_spawnattr_setflags(3).
int linux_spawn_new_session(posix_spawnattr_t *attributes);

/// Closes every descriptor from `lowest` on in the child. Source: posix_spawn_file_actions_addclosefrom_np(3).
int linux_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest);

/// Sets the child's working directory. Source: posix_spawn_file_actions_addchdir_np(3).
int linux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path);
