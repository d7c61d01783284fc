#ifndef ELBLAB_FILES_H
#define ELBLAB_FILES_H

// stat(2). Swift knows the system's structure from several modules at once, and which of them owns its members depends on the order
// of files; this one has one owner.

#include <stdbool.h>
#include <stdint.h>

enum elblab_file_kind {
    ELBLAB_FILE_OTHER = 0,
    ELBLAB_FILE_PLAIN = 1,
    ELBLAB_FILE_FOLDER = 2,
    ELBLAB_FILE_LINK = 3,
};

struct elblab_file_status {
    enum elblab_file_kind kind;
    /// The lowest nine bits of the mode.
    uint32_t permissions;
    uint32_t owner;
    uint64_t size;
    uint64_t inode;
    /// Names that the file has.
    uint64_t names;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
};

/// 0, or an error as in errno, negated.
int elblab_status_of_path(const char *path, bool follows_links, struct elblab_file_status *status);
int elblab_status_of_open_file(int descriptor, struct elblab_file_status *status);

#endif
