/* pattern.c - prints so many bytes of the pattern, for nginx to serve.
 * SPDX-License-Identifier: MIT */
#include "bench/pattern.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    uint64_t n = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    for (uint64_t i = 0; i < n; i++)
        putchar(pattern_byte(i));
    return n == 0 || fflush(stdout) || ferror(stdout);
}
