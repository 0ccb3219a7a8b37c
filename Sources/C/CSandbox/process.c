#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int fastn_sandbox_drop_privileges(uint32_t id) {
    if (geteuid() != 0) return 0;
    if (setgroups(0, NULL) != 0 || setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0) return -1;
    if (setuid(0) == 0) {
        errno = EPERM;
        return -1;
    }
    return 0;
}

int fastn_sandbox_die_with_parent(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    // A parent that died before the line above would never be noticed.
    if (getppid() == parent) return 0;
    errno = ESRCH;
    return -1;
}

int fastn_sandbox_has_executable_anonymous_memory(void) {
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) return -1;
    char line[512];
    int found = 0;
    while (found == 0 && fgets(line, sizeof line, maps) != NULL) {
        char permissions[5] = "", path[256] = "";
        if (sscanf(line, "%*s %4s %*s %*s %*s %255s", permissions, path) < 1) continue;
        if (permissions[2] == 'x' && path[0] != '/' && strcmp(path, "[vdso]") != 0 && strcmp(path, "[vsyscall]") != 0) found = 1;
    }
    fclose(maps);
    return found;
}
