#ifndef ELBLAB_SANDBOX_H
#define ELBLAB_SANDBOX_H

// What Swift's module of the C library leaves out, further: fork, and what a child must do before it becomes another program. Between
// the two nothing may allocate or take a lock, so all of it stands in C.

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// A program that is not trusted, and what it may have. Lists end with a null pointer; 0 stands for no limit.
struct elblab_sandbox {
    char *const *arguments;
    char *const *environment;
    const char *folder;
    /// The one folder that may be written to, with all below it.
    const char *scratch;
    /// Files and folders that may be read, with all below them. Those that do not exist are passed over.
    const char *const *readable;
    /// An empty folder that becomes the root of what is seen, where namespaces are made.
    const char *root;
    bool makes_namespaces;
    /// Whose the processes are; 0 leaves them the caller's. Only root can choose.
    uint32_t account;
    uint64_t processes;
    uint64_t descriptors;
    uint64_t file_bytes;
    /// Private memory that each process may ask for, used or not.
    uint64_t data_bytes;
    uint64_t cpu_seconds;
    /// Of the scratch folder, where namespaces are made.
    uint64_t scratch_bytes;
    uint64_t scratch_files;
};

/// Starts the program in a session of its own; the process, or an error as in errno, negated. What goes wrong later is told on standard
/// error, and the process ends with 125.
pid_t elblab_sandbox_start(const struct elblab_sandbox *sandbox);

/// The version of Landlock that the kernel offers, 0 for none. From 6 on it also keeps signals in.
int elblab_landlock_version(void);

/// Makes this process the parent of all descendants that lose theirs.
int elblab_adopt_orphans(void);
/// From now on, signals that tell a program to end or to read its configuration go to that process. One for the end is remembered.
void elblab_forward_signals(pid_t process);
bool elblab_was_told_to_end(void);

/// Waits so many milliseconds, or until a signal comes; whether standard input, if it is a pipe, has lost its other end.
bool elblab_wait_for_input_end(int milliseconds);

/// Ends every process of an account that has no others; 0 when there is none left.
int elblab_end_account(uint32_t account);

/// Removes a folder with all below it, however deep, whatever its rights; an error as in errno, negated.
int elblab_remove_tree(const char *path);

/// What a tree holds, deleted files aside; negative when it is deeper or has more entries than anybody needs.
struct elblab_tree_size {
    int64_t bytes;
    int64_t entries;
};
struct elblab_tree_size elblab_tree_size(const char *path);

/// Runs a program where there is no network but a loopback of its own, and waits for it: its exit code, or an error negated. What goes
/// wrong in the child is told on standard error, and gives 125.
int elblab_run_alone(char *const *arguments);
/// Whether no network interface but loopbacks is up.
bool elblab_is_alone(void);

#endif
