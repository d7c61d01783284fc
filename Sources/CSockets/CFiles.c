#define _GNU_SOURCE
#include "CFiles.h"

#include <errno.h>
#include <sys/stat.h>

static enum elblab_file_kind kind(mode_t mode) {
    if (S_ISREG(mode)) return ELBLAB_FILE_PLAIN;
    if (S_ISDIR(mode)) return ELBLAB_FILE_FOLDER;
    if (S_ISLNK(mode)) return ELBLAB_FILE_LINK;
    return ELBLAB_FILE_OTHER;
}

static int result(int code, const struct stat *from, struct elblab_file_status *status) {
    if (code < 0) return -errno;
    *status = (struct elblab_file_status){
        .kind = kind(from->st_mode),
        .permissions = from->st_mode & 0777,
        .owner = from->st_uid,
        .size = (uint64_t)from->st_size,
        .inode = from->st_ino,
        .names = from->st_nlink,
        .modified_seconds = from->st_mtim.tv_sec,
        .modified_nanoseconds = from->st_mtim.tv_nsec,
    };
    return 0;
}

int elblab_status_of_path(const char *path, bool follows_links, struct elblab_file_status *status) {
    struct stat found;
    return result(follows_links ? stat(path, &found) : lstat(path, &found), &found, status);
}

int elblab_status_of_open_file(int descriptor, struct elblab_file_status *status) {
    struct stat found;
    return result(fstat(descriptor, &found), &found, status);
}
