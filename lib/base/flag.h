/* flag.h - a flag that a signal handler or another thread may raise.
 * base. Does not know what it means. SPDX-License-Identifier: MIT */
#ifndef FY_FLAG_H
#define FY_FLAG_H

#include <stdbool.h>

typedef struct fy_flag {
    volatile int raised;
} fy_flag;

#if defined(__GNUC__)
static inline void fy_flag_raise(fy_flag *f)
{
    __atomic_store_n(&f->raised, 1, __ATOMIC_RELEASE);
}

static inline bool fy_flag_is_raised(const fy_flag *f)
{
    return __atomic_load_n(&f->raised, __ATOMIC_ACQUIRE) != 0;
}

static inline void fy_flag_lower(fy_flag *f)
{
    __atomic_store_n(&f->raised, 0, __ATOMIC_RELEASE);
}
#else
static inline void fy_flag_raise(fy_flag *f)
{
    f->raised = 1;
}

static inline bool fy_flag_is_raised(const fy_flag *f)
{
    return f->raised != 0;
}

static inline void fy_flag_lower(fy_flag *f)
{
    f->raised = 0;
}
#endif

#endif
