#define _GNU_SOURCE
#include "Rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/// As struct mount_attr of newer headers.
struct mount_attributes {
    uint64_t set, clear, propagation, user_namespace;
};
enum { READ_ONLY = 1, NO_SETUID = 2, NO_DEVICES = 4, WHOLE_TREE = 0x8000 };

static void join(char *result, const char *root, const char *path) {
    if (snprintf(result, PATH_MAX, "%s%s", root, path) >= PATH_MAX) elblab_child_failed("a path is too long");
}

/// Makes the folders above the path.
static void make_parents(char *path, const char *root) {
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        if (mkdir(path, 0755) != 0 && errno != EEXIST) elblab_child_failed(path);
        *slash = '/';
    }
}

/// Puts the file, the folder or the link at the same place under the root.
static void show(const char *root, const char *path, uint64_t attributes) {
    struct stat status;
    if (lstat(path, &status) != 0) return;
    char place[PATH_MAX];
    join(place, root, path);
    make_parents(place, root);
    if (S_ISLNK(status.st_mode)) {
        char target[PATH_MAX];
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) return;
        target[length] = 0;
        if (symlink(target, place) != 0 && errno != EEXIST) elblab_child_failed(place);
        return;
    }
    if (S_ISDIR(status.st_mode)) {
        if (mkdir(place, 0755) != 0 && errno != EEXIST) elblab_child_failed(place);
    } else {
        int file = open(place, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
        if (file < 0 && errno != EEXIST && errno != EROFS) elblab_child_failed(place);
        if (file >= 0) close(file);
    }
    if (mount(path, place, NULL, MS_BIND | MS_REC, NULL) != 0) elblab_child_failed(path);
    struct mount_attributes change = {.set = attributes};
    if (syscall(SYS_mount_setattr, AT_FDCWD, place, WHOLE_TREE, &change, sizeof change) != 0) elblab_child_failed(place);
}

/// Copies what lies in a folder: files, folders, links. Whoever made the folder has seen to it that it is small and shallow.
static void copy(int from, int to, uint32_t account) {
    DIR *entries = fdopendir(from);
    if (!entries) elblab_child_failed("scratch");
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        struct stat status;
        if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) != 0) elblab_child_failed(name);
        if (S_ISDIR(status.st_mode)) {
            if (mkdirat(to, name, 0755) != 0) elblab_child_failed(name);
            int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            int target = openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (source < 0 || target < 0) elblab_child_failed(name);
            copy(source, target, account);
            close(target);
        } else if (S_ISLNK(status.st_mode)) {
            char target[PATH_MAX];
            ssize_t length = readlinkat(from, name, target, sizeof target - 1);
            if (length < 0) elblab_child_failed(name);
            target[length] = 0;
            if (symlinkat(target, to, name) != 0) elblab_child_failed(name);
        } else if (S_ISREG(status.st_mode)) {
            int source = openat(from, name, O_RDONLY | O_CLOEXEC);
            int target = openat(to, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, status.st_mode & 0777);
            if (source < 0 || target < 0) elblab_child_failed(name);
            char buffer[1 << 16];
            for (ssize_t count; (count = read(source, buffer, sizeof buffer)) != 0;) {
                if (count < 0 || write(target, buffer, (size_t)count) != count) elblab_child_failed(name);
            }
            close(source);
            close(target);
        }
        if (account != 0 && fchownat(to, name, account, account, AT_SYMLINK_NOFOLLOW) != 0) elblab_child_failed(name);
    }
    closedir(entries);
}

static void make_scratch(const struct elblab_sandbox *sandbox, const char *root) {
    char place[PATH_MAX], options[128];
    join(place, root, sandbox->scratch);
    make_parents(place, root);
    int from = open(sandbox->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0 || (mkdir(place, 0755) != 0 && errno != EEXIST)) elblab_child_failed(place);
    snprintf(options, sizeof options, "mode=0755,size=%llu,nr_inodes=%llu", (unsigned long long)sandbox->scratch_bytes,
             (unsigned long long)sandbox->scratch_files);
    if (mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) elblab_child_failed("tmpfs");
    int to = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to < 0) elblab_child_failed(place);
    copy(from, to, sandbox->account);
    if (sandbox->account != 0 && fchown(to, sandbox->account, sandbox->account) != 0) elblab_child_failed(place);
    close(to);
}

static void make_devices(const char *root) {
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL};
    for (const char *const *path = devices; *path; path++) show(root, *path, NO_SETUID);
    static const char *const links[][2] = {
        {"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"}, {"/proc/self/fd/1", "/dev/stdout"},
        {"/proc/self/fd/2", "/dev/stderr"},
    };
    char place[PATH_MAX];
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        join(place, root, links[i][1]);
        if (symlink(links[i][0], place) != 0) elblab_child_failed(place);
    }
    join(place, root, "/dev/shm");
    if (mkdir(place, 0755) != 0) elblab_child_failed(place);
    if (mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=16m,nr_inodes=1k") != 0) {
        elblab_child_failed(place);
    }
}

void elblab_enter_root(const struct elblab_sandbox *sandbox) {
    const char *root = sandbox->root;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) elblab_child_failed("the mounts cannot be made private");
    if (mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m,nr_inodes=4k") != 0) {
        elblab_child_failed("tmpfs");
    }
    for (const char *const *path = sandbox->readable; *path; path++) {
        show(root, *path, READ_ONLY | NO_SETUID | NO_DEVICES);
    }
    make_devices(root);
    make_scratch(sandbox, root);
    char place[PATH_MAX];
    join(place, root, "/proc");
    if (mkdir(place, 0555) != 0) elblab_child_failed(place);
    if (mount("proc", place, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) elblab_child_failed("proc");
    // The old root is put upon the new one, and taken away.
    if (chdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) elblab_child_failed("pivot_root");
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) elblab_child_failed("the old root");
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0) {
        elblab_child_failed("the root cannot be made read-only");
    }
}
