/* resume_mbedtls.c - TLS sessions that a later connection may take up (RFC 5077).
 * net. Knows keys and ages. Does not know who the peers are.
 * SPDX-License-Identifier: MIT */
#include "net/resume.h"

#include <string.h>

enum {
    RESUME_MOST = 64,            /* peers remembered */
    RESUME_AGE_MS = 24 * 3600000 /* after that it is verified again */
};

static void resume_free(fy_resume *r, fy_resume_entry *e)
{
    mbedtls_ssl_session_free(&e->session);
    fy_resize(r->platform, e, sizeof *e, 0);
}

void fy_resume_fini(fy_resume *r)
{
    for (fy_resume_entry *e = r->newest, *next; e; e = next) {
        next = e->next;
        resume_free(r, e);
    }
    r->newest = NULL;
}

/* Where the pointer to it stands; the pointer is NULL if there is none. */
static fy_resume_entry **resume_find(
    fy_resume *r, const unsigned char key[FY_MBED_SHA256])
{
    fy_resume_entry **at = &r->newest;
    while (*at && memcmp((*at)->key, key, FY_MBED_SHA256) != 0)
        at = &(*at)->next;
    return at;
}

static void resume_drop_at(fy_resume *r, fy_resume_entry **at)
{
    fy_resume_entry *e = *at;
    if (!e)
        return;
    *at = e->next;
    resume_free(r, e);
}

void fy_resume_drop(fy_resume *r, const unsigned char key[FY_MBED_SHA256])
{
    resume_drop_at(r, resume_find(r, key));
}

int64_t fy_resume_now(const fy_resume *r)
{
    return r->platform->now_ms(r->platform->ctx);
}

bool fy_resume_offer(fy_resume *r, const unsigned char key[FY_MBED_SHA256],
    mbedtls_ssl_context *ssl, const char *name, int64_t *verified_ms)
{
    fy_resume_entry **at = resume_find(r, key);
    if (*at && fy_resume_now(r) - (*at)->born_ms >= RESUME_AGE_MS)
        resume_drop_at(r, at);
    if (!*at || mbedtls_ssl_set_session(ssl, &(*at)->session) ||
        fy_mbed_name_session(ssl, name))
        return false;
    *verified_ms = (*at)->born_ms;
    return true;
}

static void resume_drop_beyond(fy_resume *r, int most)
{
    fy_resume_entry **at = &r->newest;
    for (; *at && most; at = &(*at)->next)
        most--;
    while (*at)
        resume_drop_at(r, at);
}

void fy_resume_keep(fy_resume *r, const unsigned char key[FY_MBED_SHA256],
    const mbedtls_ssl_context *ssl, int64_t verified_ms)
{
    fy_resume_drop(r, key);
    fy_resume_entry *e = fy_alloc_zero(r->platform, sizeof *e);
    if (!e)
        return; /* the next connection begins anew */
    mbedtls_ssl_session_init(&e->session);
    if (mbedtls_ssl_get_session(ssl, &e->session)) {
        resume_free(r, e);
        return;
    }
    fy_mbed_slim(&e->session);
    fy_mbed_unname(&e->session);
    memcpy(e->key, key, sizeof e->key);
    e->born_ms = verified_ms;
    e->next = r->newest;
    r->newest = e;
    resume_drop_beyond(r, RESUME_MOST);
}

/* --- as bytes -------------------------------------------------------------------- */

/* A mark; then for each its key, its age in ms, the length of what mbedTLS makes of it,
 * and that; the oldest first; and a hash of it all. Numbers have 8 bytes, low first. */
static const char resume_mark[8] = {'f', 'e', 'r', 'r', 'y', 't', 'l', '1'};

enum { RESUME_HEAD = FY_MBED_SHA256 + 16 };

static void resume_put_number(unsigned char *to, int64_t n)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)((uint64_t)n >> 8 * i);
}

static int64_t resume_get_number(const char *from)
{
    uint64_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | (unsigned char)from[i];
    return n > INT64_MAX ? -1 : (int64_t)n;
}

/* What there is room for; `out` may be NULL. */
static int resume_put(const fy_resume *r, const fy_resume_entry *e, unsigned char *out,
    size_t room, size_t *len)
{
    size_t head = room < RESUME_HEAD ? room : RESUME_HEAD, n = 0;
    int answer = mbedtls_ssl_session_save(
        &e->session, out ? out + head : NULL, room - head, &n);
    *len = RESUME_HEAD + n;
    if (answer && answer != MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL)
        return answer;
    if (!out || *len > room)
        return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    memcpy(out, e->key, FY_MBED_SHA256);
    resume_put_number(out + FY_MBED_SHA256, fy_resume_now(r) - e->born_ms);
    resume_put_number(out + FY_MBED_SHA256 + 8, (int64_t)n);
    return 0;
}

/* The newest last, so that reading them in turn leaves the same order. */
static const fy_resume_entry *resume_before(
    const fy_resume *r, const fy_resume_entry *last)
{
    const fy_resume_entry *e = r->newest;
    while (e && e->next != last)
        e = e->next;
    return e;
}

int fy_resume_export(fy_resume *r, unsigned char *out, size_t room, size_t *len)
{
    bool fits = out && room >= sizeof resume_mark;
    *len = sizeof resume_mark;
    if (fits)
        memcpy(out, resume_mark, sizeof resume_mark);
    for (const fy_resume_entry *e = NULL; (e = resume_before(r, e));) {
        size_t n;
        int answer = resume_put(
            r, e, fits ? out + *len : NULL, fits ? room - *len : 0, &n);
        if (answer && answer != MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL)
            return answer;
        fits = fits && answer == 0;
        *len += n;
    }
    size_t before = *len;
    *len += FY_MBED_SHA256;
    if (!fits || *len > room)
        return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    return fy_mbed_sha256((ferry_str){(const char *)out, before}, out + before);
}

/* Take one from the front. */
static int resume_get(fy_resume *r, ferry_str *rest)
{
    if (rest->len < RESUME_HEAD)
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    const char *key = rest->ptr;
    int64_t age = resume_get_number(key + FY_MBED_SHA256);
    int64_t n = resume_get_number(key + FY_MBED_SHA256 + 8);
    *rest = fy_str_from(*rest, RESUME_HEAD);
    if (age < 0 || n < 0 || (uint64_t)n > rest->len)
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    fy_resume_entry *e = fy_alloc_zero(r->platform, sizeof *e);
    if (!e)
        return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    mbedtls_ssl_session_init(&e->session);
    memcpy(e->key, key, sizeof e->key);
    /* Too old is too old; any older, and the clock would run over. */
    e->born_ms = fy_resume_now(r) - (age < RESUME_AGE_MS ? age : RESUME_AGE_MS);
    e->next = r->newest;
    r->newest = e;
    int answer = mbedtls_ssl_session_load(
        &e->session, (const unsigned char *)rest->ptr, (size_t)n);
    *rest = fy_str_from(*rest, (size_t)n);
    fy_mbed_slim(&e->session);
    fy_mbed_unname(&e->session);
    return answer;
}

/* The hash is there to find damage, not malice: who can write this can do worse. */
static bool resume_is_whole(ferry_str *blob)
{
    unsigned char hash[FY_MBED_SHA256];
    if (blob->len < sizeof resume_mark + sizeof hash ||
        memcmp(blob->ptr, resume_mark, sizeof resume_mark) != 0)
        return false;
    blob->len -= sizeof hash;
    if (fy_mbed_sha256(*blob, hash) ||
        memcmp(blob->ptr + blob->len, hash, sizeof hash) != 0)
        return false;
    *blob = fy_str_from(*blob, sizeof resume_mark);
    return true;
}

int fy_resume_import(fy_resume *r, ferry_str blob)
{
    fy_resume read = {r->platform, NULL};
    int answer = resume_is_whole(&blob) ? 0 : MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    while (!answer && blob.len)
        answer = resume_get(&read, &blob);
    if (answer) {
        fy_resume_fini(&read);
        return answer;
    }
    for (const fy_resume_entry *e = read.newest; e; e = e->next)
        fy_resume_drop(r, e->key);
    fy_resume_entry **end = &read.newest;
    while (*end)
        end = &(*end)->next;
    *end = r->newest;
    r->newest = read.newest;
    resume_drop_beyond(r, RESUME_MOST);
    return 0;
}
