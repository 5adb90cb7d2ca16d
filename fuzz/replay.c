/* replay.c - a main for fuzz targets without libFuzzer: every file of the folders given
 * goes through the target once, and so does the empty input.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input in a block of exactly its size, so that a sanitizer sees the first byte
 * read behind it. */
static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return -1;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    uint8_t *data = size < 0 ? NULL : malloc(size > 0 ? (size_t)size : 1);
    size_t n = data ? fread(data, 1, (size_t)size, f) : 0;
    int ok = data && n == (size_t)size;
    fclose(f);
    puts(path); /* the last one printed is the one that crashed */
    fflush(stdout);
    if (ok)
        LLVMFuzzerTestOneInput(data, n);
    free(data);
    return ok ? 0 : -1;
}

/* How many files were replayed, or -1. */
static int replay_folder(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return -1;
    for (struct dirent *d; count >= 0 && (d = readdir(dir));) {
        char path[1024];
        int n = snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        if (d->d_name[0] == '.')
            continue;
        if (n < 0 || (size_t)n >= sizeof path || replay_file(path))
            count = -1;
        else
            count++;
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    int total = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);
        if (count <= 0) {
            fprintf(stderr, "replay: nothing to read in %s\n", argv[i]);
            return 1;
        }
        total += count;
    }
    printf("%d inputs\n", total);
    return total == 0;
}
