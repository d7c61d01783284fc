#define _GNU_SOURCE
#include "Rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's own numbers: headers of older systems lack the newer ones (Documentation/userspace-api/landlock.rst).
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_FOLDER = 1 << 3,
    MAKE_CHARACTER_DEVICE = 1 << 6,
    MAKE_BLOCK_DEVICE = 1 << 11,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    CONTROL_DEVICE = 1 << 15,
    SCOPE_ABSTRACT_SOCKETS = 1 << 0,
    SCOPE_SIGNALS = 1 << 1,
    ASK_FOR_VERSION = 1 << 0,
    RULE_PATH_BENEATH = 1,
};

struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int elblab_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_FOR_VERSION);
    return version < 0 ? 0 : (int)version;
}

/// Of a path that does not exist nothing is allowed. What a link leads to is allowed by its own path, or not at all.
static void allow(int ruleset, const char *path, uint64_t allowed) {
    int parent = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (parent < 0) return;
    struct stat status;
    if (fstat(parent, &status) != 0 || S_ISLNK(status.st_mode)) {
        close(parent);
        return;
    }
    // A file has no rights of a folder's entries.
    if (!S_ISDIR(status.st_mode)) {
        allowed &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | CONTROL_DEVICE;
    }
    struct path_rule rule = {.allowed = allowed, .parent = parent};
    if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) != 0) elblab_child_failed(path);
    close(parent);
}

void elblab_apply_landlock(const struct elblab_sandbox *sandbox) {
    int version = elblab_landlock_version();
    if (version == 0) return;
    uint64_t every = REFER - 1;
    if (version >= 2) every |= REFER;
    if (version >= 3) every |= TRUNCATE;
    if (version >= 5) every |= CONTROL_DEVICE;
    struct ruleset rules = {.files = every};
    if (version >= 6) rules.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (ruleset < 0) elblab_child_failed("landlock");
    for (const char *const *path = sandbox->readable; *path; path++) {
        allow(ruleset, *path, EXECUTE | READ_FILE | READ_FOLDER);
    }
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL};
    for (const char *const *path = devices; *path; path++) {
        allow(ruleset, *path, (READ_FILE | WRITE_FILE | TRUNCATE | CONTROL_DEVICE) & every);
    }
    allow(ruleset, "/proc", READ_FILE | READ_FOLDER);
    allow(ruleset, sandbox->scratch, every & ~(uint64_t)(MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE));
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) elblab_child_failed("landlock");
    close(ruleset);
}
