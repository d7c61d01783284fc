#define _GNU_SOURCE
#include "Rules.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#else
#define MACHINE 0
#endif

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE(number) RETURN(SECCOMP_RET_ERRNO | (number))
/// The next line for that value, else the one after it.
#define IF(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define IF_ANY(bits) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1)
#define IF_NOT(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 1, 0)
#define NEVER(call) IF(call), REFUSE(EPERM)

#define CALL offsetof(struct seccomp_data, nr)
#define ARGUMENT(index) (offsetof(struct seccomp_data, args) + 8 * (index))

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
};

void elblab_apply_call_filter(void) {
    static struct sock_filter rules[] = {
        LOAD(offsetof(struct seccomp_data, arch)),
        IF_NOT(MACHINE),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(CALL),
#if defined(__x86_64__)
        // Calls of the x32 machine have numbers of their own.
        IF_ANY(0x40000000),
        REFUSE(EPERM),
#endif
        // Other processes' memory.
        NEVER(SYS_ptrace), NEVER(SYS_process_vm_readv), NEVER(SYS_process_vm_writev),
        // The tree of files, and files without paths.
        NEVER(SYS_mount), NEVER(SYS_umount2), NEVER(SYS_pivot_root), NEVER(SYS_chroot), NEVER(SYS_open_by_handle_at),
        // The mount calls of Linux 5.2 and later have the same numbers on every machine.
        NEVER(428), NEVER(429), NEVER(430), NEVER(431), NEVER(432), NEVER(433), NEVER(442),
        // Namespaces, in which one is root again.
        NEVER(SYS_unshare), NEVER(SYS_setns),
        // What outlives its processes: shared memory, queues, semaphores, keys.
        NEVER(SYS_shmget), NEVER(SYS_msgget), NEVER(SYS_semget), NEVER(SYS_mq_open), NEVER(SYS_add_key),
        NEVER(SYS_request_key), NEVER(SYS_keyctl),
        // The machine itself, and parts of the kernel that have often been the way into it.
        NEVER(SYS_reboot), NEVER(SYS_swapon), NEVER(SYS_swapoff), NEVER(SYS_acct), NEVER(SYS_kexec_load),
        NEVER(SYS_init_module), NEVER(SYS_finit_module), NEVER(SYS_delete_module), NEVER(SYS_bpf),
        NEVER(SYS_perf_event_open), NEVER(SYS_userfaultfd), NEVER(SYS_syslog), NEVER(SYS_quotactl),
        NEVER(SYS_io_uring_setup), NEVER(SYS_io_uring_enter), NEVER(SYS_io_uring_register),
        // Its flags stand in memory, where nobody can look at them here; the C library then asks for the older call.
        IF(SYS_clone3), REFUSE(ENOSYS),
        // kill(-1): everybody's processes.
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 0, 4),
        LOAD(ARGUMENT(0)), IF(0xFFFFFFFF), REFUSE(EPERM), LOAD(CALL),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        LOAD(ARGUMENT(0)), IF_ANY(NAMESPACES), REFUSE(EPERM),
        RETURN(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof rules / sizeof rules[0], .filter = rules};
    if (MACHINE == 0) return;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) elblab_child_failed("seccomp");
}
