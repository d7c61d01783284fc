#ifndef ELBLAB_ALLOCATION_COUNT_H
#define ELBLAB_ALLOCATION_COUNT_H

/// How often this process has asked for memory so far, on all its threads.
unsigned long elblab_allocation_count(void);

#endif
