#define _GNU_SOURCE
#include "Rules.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125 };

_Noreturn void elblab_child_failed(const char *what) {
    char line[512];
    int length = snprintf(line, sizeof line, "elblab: the sandbox cannot be made: %s: %s\n", what, strerror(errno));
    if (length > 0) (void)!write(2, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    _exit(FAILED);
}

static void write_file(const char *path, const char *text, bool must) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : write(file, text, strlen(text));
    if (count < 0 && must) elblab_child_failed(path);
    if (file >= 0) close(file);
}

static void limit(int resource, uint64_t most) {
    if (most == 0) return;
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < most) most = now.rlim_max;
    struct rlimit limit = {.rlim_cur = most, .rlim_max = most};
    if (setrlimit(resource, &limit) != 0) elblab_child_failed("setrlimit");
}

static void reset_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/// Becomes somebody whom nobody knows. Where paths are restricted by rule, folders on the way to what may be read need not be open to
/// everybody.
static void change_account(uint32_t account, bool passes_folders) {
    if (prctl(PR_SET_KEEPCAPS, passes_folders) != 0) elblab_child_failed("prctl");
    if (setgroups(0, NULL) != 0 || setresgid(account, account, account) != 0 || setresuid(account, account, account) != 0) {
        elblab_child_failed("this root may not change its user");
    }
    if (!passes_folders) return;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    uint32_t bit = 1u << CAP_DAC_READ_SEARCH;
    struct __user_cap_data_struct data[2] = {{.effective = bit, .permitted = bit, .inheritable = bit}};
    if (syscall(SYS_capset, &header, data) != 0) return;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0);
}

/// The program itself: limited, without rights, in its folder.
static _Noreturn void become_program(const struct elblab_sandbox *sandbox, pid_t parent) {
    reset_signals();
    setsid();
    limit(RLIMIT_CORE, 1);
    limit(RLIMIT_NOFILE, sandbox->descriptors);
    limit(RLIMIT_FSIZE, sandbox->file_bytes);
    limit(RLIMIT_DATA, sandbox->data_bytes);
    limit(RLIMIT_CPU, sandbox->cpu_seconds);
    limit(RLIMIT_NPROC, sandbox->processes);
    bool is_ruled = !sandbox->makes_namespaces && elblab_landlock_version() > 0;
    if (sandbox->account != 0) change_account(sandbox->account, is_ruled);
    // After the change of user, which forgets it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (parent != 0 && getppid() != parent) _exit(FAILED);
    if (chdir(sandbox->folder) != 0) elblab_child_failed(sandbox->folder);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) elblab_child_failed("no_new_privs");
    if (is_ruled) elblab_apply_landlock(sandbox);
    elblab_apply_call_filter();
    // The search for the program is by its own PATH, not by ours.
    environ = (char **)sandbox->environment;
    execvp(sandbox->arguments[0], sandbox->arguments);
    elblab_child_failed(sandbox->arguments[0]);
}

static volatile sig_atomic_t receiver;
static volatile sig_atomic_t told_to_end;

static void forward(int number) {
    int error = errno;
    if (number == SIGTERM || number == SIGINT) told_to_end = 1;
    if (receiver > 0) kill(receiver, number == SIGINT ? SIGTERM : number);
    errno = error;
}

static void notice(int number) {
    (void)number;
}

void elblab_forward_signals(pid_t process) {
    receiver = process;
    static const int forwarded[] = {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
    struct sigaction action = {.sa_handler = forward};
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++) sigaction(forwarded[i], &action, NULL);
    // Only so that waiting ends.
    struct sigaction other = {.sa_handler = notice};
    sigaction(SIGCHLD, &other, NULL);
}

bool elblab_was_told_to_end(void) {
    return told_to_end != 0;
}

/// The first process of the namespace: it takes in orphans, passes signals on, and ends with the program. Then the kernel ends the rest.
static _Noreturn void be_first_process(const struct elblab_sandbox *sandbox) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    elblab_enter_root(sandbox);
    pid_t program = fork();
    if (program < 0) elblab_child_failed("fork");
    if (program == 0) become_program(sandbox, 0);
    elblab_forward_signals(program);
    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, 0);
        if (ended == program) _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        if (ended < 0 && errno != EINTR) _exit(FAILED);
    }
}

/// Inside, one is who one was.
static void map_account(uid_t user, gid_t group) {
    char text[64];
    write_file("/proc/self/setgroups", "deny", false);
    snprintf(text, sizeof text, "%u %u 1", group, group);
    write_file("/proc/self/gid_map", text, true);
    snprintf(text, sizeof text, "%u %u 1", user, user);
    write_file("/proc/self/uid_map", text, true);
}

/// As fork, into new namespaces. The C library's fork cannot do that.
static pid_t fork_into(unsigned long namespaces) {
    return (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
}

pid_t elblab_sandbox_start(const struct elblab_sandbox *sandbox) {
    pid_t parent = getpid();
    uid_t user = geteuid();
    gid_t group = getegid();
    unsigned long namespaces = 0;
    if (sandbox->makes_namespaces) {
        namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | (user == 0 ? 0 : CLONE_NEWUSER);
    }
    pid_t child = fork_into(namespaces);
    if (child < 0) return -errno;
    if (child > 0) return child;
    syscall(SYS_close_range, 3u, ~0u, 0);
    // Should memory run out in spite of all, this goes first.
    write_file("/proc/self/oom_score_adj", "1000", false);
    if (!sandbox->makes_namespaces) become_program(sandbox, parent);
    if (user != 0) map_account(user, group);
    (void)!sethostname("submission", 10);
    be_first_process(sandbox);
}

int elblab_adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : -errno;
}

bool elblab_wait_for_input_end(int milliseconds) {
    struct pollfd input = {.fd = 0};
    return poll(&input, 1, milliseconds) > 0 && (input.revents & (POLLHUP | POLLERR)) != 0;
}

int elblab_end_account(uint32_t account) {
    if (account == 0) return -EINVAL;
    pid_t child = fork();
    if (child < 0) return -errno;
    if (child == 0) {
        // From now on -1 means: everybody of that account. The kernel does it in one go, so nobody can fork away.
        if (setgroups(0, NULL) != 0 || setresgid(account, account, account) != 0) _exit(2);
        if (setresuid(account, account, account) != 0) _exit(2);
        _exit(kill(-1, SIGKILL) != 0 ? 0 : 1);
    }
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

/// A network namespace begins with a loopback that is down.
static void start_loopback(void) {
    struct ifreq request = {.ifr_name = "lo"};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0 || ioctl(any, SIOCGIFFLAGS, &request) != 0) elblab_child_failed("loopback");
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (ioctl(any, SIOCSIFFLAGS, &request) != 0) elblab_child_failed("loopback");
    close(any);
}

int elblab_run_alone(char *const *arguments) {
    uid_t user = geteuid();
    gid_t group = getegid();
    pid_t child = fork_into(CLONE_NEWNET | (user == 0 ? 0 : CLONE_NEWUSER));
    if (child < 0) return -errno;
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (user != 0) map_account(user, group);
        start_loopback();
        reset_signals();
        execv(arguments[0], arguments);
        elblab_child_failed(arguments[0]);
    }
    elblab_forward_signals(child);
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool elblab_is_alone(void) {
    struct ifaddrs *first;
    if (getifaddrs(&first) != 0) return false;
    bool is_alone = true;
    // Tunnels that some kernels put into every namespace are there, and down.
    for (struct ifaddrs *entry = first; entry; entry = entry->ifa_next) {
        if ((entry->ifa_flags & IFF_UP) && !(entry->ifa_flags & IFF_LOOPBACK)) is_alone = false;
    }
    freeifaddrs(first);
    return is_alone;
}
