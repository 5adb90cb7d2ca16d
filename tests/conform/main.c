/* main.c - run the conformance vectors of one folder or several.
 * usage: conform DIR...
 * Each *.jsonl file below DIR is a suite; its folder's name says of what. One line for
 * each row that fails; the last line is "N passed, N failed, N skipped".
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "json.h"
#include "suites.h"

enum { MAIN_PATH = 1024 };

/* Rows of `folder` that have a member of this name go to `run`; the first that fits. */
static const struct {
    const char *folder, *member;
    void (*run)(report *, const cJSON *);
} main_suites[] = {
    {"smuggling", "allowed", suite_smuggling},
    {"response-parser", "request_method", suite_response},
    {"response-parser", "expected", suite_chunked},
    {"urls", "agreement", suite_url},
    {"urls", "reference", suite_resolve},
    {"urls", "url", suite_target},
    {"urls", "output", suite_to_ascii},
    {"http-date", "input", suite_date},
    {"decode", "content_encoding", suite_decode},
    {"proxy-bypass", "no_proxy", suite_bypass},
    {"digest", "challenges", suite_digest},
    {"cookies-parser", "expected_rfc6265bis", suite_cookies},
    {"cookies-parser", "expected_unix", suite_cookie_date},
    {"wpt-cookies", "expected_rfc6265bis", suite_cookies},
    {"public-suffix", "registrable_domain", suite_public_suffix},
    {"redirects", "kind", suite_redirects},
    {"retry", "id", suite_retry},
};

enum { MAIN_SUITES = sizeof main_suites / sizeof *main_suites };

static bool main_is_suite(const char *folder)
{
    for (size_t i = 0; i < MAIN_SUITES; i++)
        if (strcmp(main_suites[i].folder, folder) == 0)
            return true;
    return false;
}

static void main_run_row(report *r, const char *folder, const cJSON *row)
{
    for (size_t i = 0; i < MAIN_SUITES; i++)
        if (strcmp(main_suites[i].folder, folder) == 0 &&
            cJSON_HasObjectItem(row, main_suites[i].member)) {
            main_suites[i].run(r, row);
            return;
        }
    report_fail(r, row, "a row of this suite", FY_S("something else"));
}

static void main_run_lines(report *r, const char *folder, FILE *f)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, f) >= 0) {
        if (line[strspn(line, " \t\r\n")] == '\0')
            continue;
        cJSON *row = json_read(line);
        if (row)
            main_run_row(r, folder, row);
        else
            report_fail(r, NULL, "a JSON object", FY_S("a line that is none"));
        cJSON_Delete(row);
    }
    free(line);
}

/* `path` is DIR/.../folder/file.jsonl. */
static void main_run_file(report *r, const char *path, const char *folder)
{
    const char *name = strrchr(path, '/') + 1;
    if (!main_is_suite(folder)) {
        report_absent(r, folder);
        return;
    }
    FILE *f = fopen(path, "r");
    if (!f) {
        report_fail(r, NULL, path, FY_S("a file that cannot be read"));
        return;
    }
    report before = *r;
    main_run_lines(r, folder, f);
    fclose(f);
    printf("%s/%s: %d passed, %d failed, %d skipped\n", folder, name,
        r->passed - before.passed, r->failed - before.failed,
        r->skipped - before.skipped);
    fflush(stdout);
}

static bool main_is_vectors(const char *name)
{
    size_t n = strlen(name);
    return n > 6 && strcmp(name + n - 6, ".jsonl") == 0;
}

/* All that lies below `path`, in the order of the names. False if it is no folder. */
static bool main_run_folder(report *r, const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    const char *folder = strrchr(path, '/');
    for (int i = 0; i < n; i++) {
        char below[MAIN_PATH];
        struct stat st;
        const char *name = entries[i]->d_name;
        snprintf(below, sizeof below, "%s/%s", path, name);
        if (name[0] != '.' && stat(below, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                main_run_folder(r, below);
            else if (main_is_vectors(name))
                main_run_file(r, below, folder ? folder + 1 : path);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return n >= 0;
}

int main(int argc, char **argv)
{
    report r = {.passed = 0};
    for (int i = 1; i < argc; i++) {
        size_t n = strlen(argv[i]);
        while (n > 1 && argv[i][n - 1] == '/')
            argv[i][--n] = '\0';
        if (!main_run_folder(&r, argv[i])) {
            fprintf(stderr, "conform: %s: no such folder\n", argv[i]);
            return 2;
        }
    }
    if (argc < 2)
        fprintf(stderr, "usage: conform DIR...\n");
    return report_end(&r) ? 0 : 1;
}
