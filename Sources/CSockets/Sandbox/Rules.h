#ifndef ELBLAB_SANDBOX_RULES_H
#define ELBLAB_SANDBOX_RULES_H

#include "CSandbox.h"

// Steps of a child on its way to the program. Each says what went wrong and ends the process; none returns an error.

/// Ends the child.
_Noreturn void elblab_child_failed(const char *what);
/// Only what is readable may be read, only the scratch folder written, and no process outside be signalled, as far as the kernel can.
void elblab_apply_landlock(const struct elblab_sandbox *sandbox);
/// No system call that a balancer has no use for and that reaches beyond the process.
void elblab_apply_call_filter(void);
/// A root of its own: what is readable, a scratch folder of limited size with a copy of what lay in it, and little else.
void elblab_enter_root(const struct elblab_sandbox *sandbox);

#endif
