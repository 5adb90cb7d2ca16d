/* posix.h - asks the system's headers for what POSIX and BSD have beyond C99. Stands
 * first in every *_posix.c, and in the amalgamation before any other header. net.
 * SPDX-License-Identifier: MIT */
#ifndef FY_POSIX_H
#define FY_POSIX_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE 1
#endif
/* Files of more than 2 GiB where a long has 32 bits. */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#endif
