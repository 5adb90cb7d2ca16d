/* curl.c - libcurl as its users call it: an easy handle that is used again.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "bench/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CURL_BODY = 1024, CURL_IDLE_MOST = 4096 };

static CURL *curl_easy;
static char curl_body[CURL_BODY];

/* --- where a body goes ---------------------------------------------------------------
 */

static size_t curl_take(char *p, size_t size, size_t n, void *user)
{
    (void)size, (void)user;
    body_take(p, n);
    return n;
}

/* A block that grows by doubling, as the documentation's own example has it. */
typedef struct curl_block {
    char *ptr;
    size_t len, cap;
} curl_block;

static size_t curl_gather(char *p, size_t size, size_t n, void *user)
{
    (void)size;
    curl_block *b = user;
    while (b->len + n > b->cap) {
        b->cap = b->cap ? 2 * b->cap : 16384;
        b->ptr = realloc(b->ptr, b->cap);
    }
    memcpy(b->ptr + b->len, p, n);
    b->len += n;
    return n;
}

/* --- requests ------------------------------------------------------------------------
 */

static bool curl_ask(void)
{
    body_begin();
    CURLcode e = curl_easy_perform(curl_easy);
    return e ? client_fail(curl_easy_strerror(e)) : true;
}

static bool curl_ask_gathered(void)
{
    curl_block block = {NULL, 0, 0};
    curl_easy_setopt(curl_easy, CURLOPT_WRITEDATA, &block);
    bool ok = curl_ask();
    body_take(block.ptr, block.len);
    free(block.ptr);
    return ok;
}

/* https as the others speak it: TLS 1.2, nobody trusted but one CA. */
static void curl_set_tls(const char *ca)
{
    curl_easy_setopt(curl_easy, CURLOPT_CAINFO, ca);
    curl_easy_setopt(curl_easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl_easy, CURLOPT_SSLVERSION,
        (long)CURL_SSLVERSION_TLSv1_2 | (long)CURL_SSLVERSION_MAX_TLSv1_2);
}

static bool curl_begin(const char *url, int number)
{
    const char *ca = getenv("SSL_CERT_FILE");
    (void)number;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    curl_easy = curl_easy_init();
    curl_easy_setopt(curl_easy, CURLOPT_URL, url);
    curl_easy_setopt(curl_easy, CURLOPT_USERAGENT, "curl");
    curl_easy_setopt(curl_easy, CURLOPT_NOSIGNAL, 1L); /* saves it system calls */
    curl_easy_setopt(curl_easy, CURLOPT_WRITEFUNCTION, curl_take);
    if (ca)
        curl_set_tls(ca);
    return true;
}

static bool curl_begin_coded(const char *url, int number)
{
    curl_begin(url, number);
    return !curl_easy_setopt(curl_easy, CURLOPT_ACCEPT_ENCODING, "gzip");
}

static bool curl_begin_gathered(const char *url, int number)
{
    curl_begin(url, number);
    return !curl_easy_setopt(curl_easy, CURLOPT_WRITEFUNCTION, curl_gather);
}

static bool curl_begin_wide(const char *url, int number)
{
    curl_begin(url, 0);
    return !curl_easy_setopt(curl_easy, CURLOPT_BUFFERSIZE, (long)number);
}

static bool curl_begin_fresh(const char *url, int number)
{
    curl_begin(url, number);
    return !curl_easy_setopt(curl_easy, CURLOPT_FORBID_REUSE, 1L);
}

static bool curl_begin_full(const char *url, int number)
{
    curl_begin_fresh(url, number);
    return !curl_easy_setopt(curl_easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static bool curl_begin_headers(const char *url, int number)
{
    static const char *const lines[] = {"X-Request-Id: 7f3c2a90", "Accept-Language: en",
        "Cache-Control: no-cache", "X-Client-Name: bench",
        "Referer: http://127.0.0.1/from"};
    struct curl_slist *list = NULL;
    curl_begin(url, number);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        list = curl_slist_append(list, lines[i]);
    return !curl_easy_setopt(curl_easy, CURLOPT_HTTPHEADER, list);
}

static bool curl_begin_post(const char *url, int number)
{
    curl_begin(url, number);
    for (size_t i = 0; i < sizeof curl_body; i++)
        curl_body[i] = pattern_byte(i);
    curl_easy_setopt(curl_easy, CURLOPT_POSTFIELDSIZE, (long)sizeof curl_body);
    curl_easy_setopt(curl_easy, CURLOPT_POSTFIELDS, curl_body);
    /* Else it says Expect: 100-continue and waits. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    return !curl_easy_setopt(curl_easy, CURLOPT_HTTPHEADER, list);
}

/* $BENCH_FILE, read by libcurl itself. */
static bool curl_begin_upload(const char *url, int number)
{
    curl_begin(url, number);
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    curl_easy_setopt(curl_easy, CURLOPT_UPLOAD, 1L);
    return !curl_easy_setopt(curl_easy, CURLOPT_HTTPHEADER, list);
}

static bool curl_upload(void)
{
    FILE *file = fopen(getenv("BENCH_FILE"), "rb");
    struct stat about;
    if (!file || fstat(fileno(file), &about))
        return client_fail("curl: no BENCH_FILE");
    curl_easy_setopt(curl_easy, CURLOPT_READDATA, file);
    curl_easy_setopt(curl_easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)about.st_size);
    bool ok = curl_ask();
    fclose(file);
    return ok;
}

/* --- among idle connections: only a multi handle can have several to one peer ---------
 */

static CURLM *curl_multi;

static bool curl_perform(void)
{
    for (int running = 1; running;)
        if (curl_multi_perform(curl_multi, &running) ||
            curl_multi_poll(curl_multi, NULL, 0, running ? 1000 : 0, NULL))
            return client_fail("curl: multi");
    return true;
}

static bool curl_ask_multi(void)
{
    body_begin();
    curl_multi_add_handle(curl_multi, curl_easy);
    bool ok = curl_perform();
    curl_multi_remove_handle(curl_multi, curl_easy);
    return ok;
}

static bool curl_begin_idle(const char *url, int number)
{
    static CURL *others[CURL_IDLE_MOST];
    curl_begin(url, 0);
    curl_multi = curl_multi_init();
    curl_multi_setopt(curl_multi, CURLMOPT_MAXCONNECTS, (long)CURL_IDLE_MOST);
    for (int i = 0; i < number; i++) {
        others[i] = curl_easy_duphandle(curl_easy);
        curl_multi_add_handle(curl_multi, others[i]);
    }
    body_begin();
    bool ok = curl_perform();
    for (int i = 0; i < number; i++)
        curl_multi_remove_handle(curl_multi, others[i]);
    return ok;
}

const client_mode client_modes[] = {
    {"get", curl_begin, curl_ask, 0},
    {"headers", curl_begin_headers, curl_ask, 0},
    {"post", curl_begin_post, curl_ask, 0},
    {"upload", curl_begin_upload, curl_upload, 0},
    {"connect", curl_begin_fresh, curl_ask, 0},
    {"full", curl_begin_full, curl_ask, 0},
    {"gather", curl_begin_gathered, curl_ask_gathered, 0},
    {"pieces", curl_begin, curl_ask, 0},
    {"coded", curl_begin_coded, curl_ask, 0},
    {"wide", curl_begin_wide, curl_ask, 512 * 1024},
    {"idle-1", curl_begin_idle, curl_ask_multi, 1},
    {"idle-2000", curl_begin_idle, curl_ask_multi, 2000},
    {NULL, NULL, NULL, 0},
};
