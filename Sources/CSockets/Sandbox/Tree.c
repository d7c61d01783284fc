#define _GNU_SOURCE
#include "CSandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 32, MOST_ENTRIES = 200000 };

static bool is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/// Moves everything in a folder below `top` to `top` itself, under names that are free. So no tree is too deep to be removed.
static int lift(int top, const char *name, uint64_t *names) {
    fchmodat(top, name, 0700, 0);
    int folder = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return -errno;
    DIR *entries = fdopendir(folder);
    if (!entries) {
        close(folder);
        return -ENOMEM;
    }
    int result = 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (is_dots(entry->d_name)) continue;
        if (unlinkat(folder, entry->d_name, 0) == 0) continue;
        if (unlinkat(folder, entry->d_name, AT_REMOVEDIR) == 0) continue;
        // A folder that is moved needs to be writable itself, since its ".." changes.
        fchmodat(folder, entry->d_name, 0700, 0);
        char free_name[32];
        snprintf(free_name, sizeof free_name, ".lifted-%llu", (unsigned long long)(*names)++);
        if (renameat(folder, entry->d_name, top, free_name) != 0) result = -errno;
    }
    closedir(entries);
    return result;
}

int elblab_remove_tree(const char *path) {
    chmod(path, 0700);
    int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0) return errno == ENOENT ? 0 : -errno;
    uint64_t names = 0;
    int result = 0;
    for (bool again = true; again && result == 0;) {
        again = false;
        DIR *entries = fdopendir(openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!entries) {
            result = -errno;
            break;
        }
        for (struct dirent *entry; (entry = readdir(entries)) && result == 0;) {
            if (is_dots(entry->d_name)) continue;
            if (unlinkat(top, entry->d_name, 0) == 0 || unlinkat(top, entry->d_name, AT_REMOVEDIR) == 0) continue;
            if (errno == ENOENT) continue;
            result = lift(top, entry->d_name, &names);
            if (result == 0 && unlinkat(top, entry->d_name, AT_REMOVEDIR) != 0) result = -errno;
            again = true;
        }
        closedir(entries);
    }
    close(top);
    return result != 0 ? result : rmdir(path) == 0 ? 0 : -errno;
}

static bool add(int folder, int depth, struct elblab_tree_size *size) {
    DIR *entries = fdopendir(folder);
    if (!entries) {
        close(folder);
        return true;
    }
    bool is_small = true;
    for (struct dirent *entry; is_small && (entry = readdir(entries));) {
        if (is_dots(entry->d_name)) continue;
        struct stat status;
        // What goes away while one looks takes no room.
        if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        size->bytes += (int64_t)status.st_blocks * 512;
        size->entries += 1;
        is_small = size->entries < MOST_ENTRIES && depth < DEEPEST;
        if (!is_small || !S_ISDIR(status.st_mode)) continue;
        int below = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0) is_small = add(below, depth + 1, size);
    }
    closedir(entries);
    return is_small;
}

struct elblab_tree_size elblab_tree_size(const char *path) {
    struct elblab_tree_size size = {0};
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder >= 0 && !add(folder, 0, &size)) size.entries = -1;
    return size;
}
