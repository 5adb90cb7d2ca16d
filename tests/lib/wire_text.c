/* wire_text.c - text that grows, and the escapes and terms of wire scripts.
 * tests. Knows bytes. Does not know what a script says. SPDX-License-Identifier: MIT */
#include "lib/wire_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry.h"

static void *text_room(void *p, size_t size)
{
    p = realloc(p, size);
    if (!p)
        abort();
    return p;
}

void wire_put(wire_text *t, const void *p, size_t n)
{
    if (t->cap - t->len <= n) {
        t->cap = 2 * t->cap + n + 64;
        t->ptr = text_room(t->ptr, t->cap);
    }
    if (n)
        memcpy(t->ptr + t->len, p, n);
    t->len += n;
    t->ptr[t->len] = '\0';
}

void wire_puts(wire_text *t, const char *text)
{
    wire_put(t, text, strlen(text));
}

void wire_printf(wire_text *t, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    wire_puts(t, line);
}

void wire_put_shown(wire_text *t, ferry_str bytes)
{
    enum { MOST = 400 };
    for (size_t i = 0; i < bytes.len && i < MOST; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (c == '\r')
            wire_puts(t, "\\r");
        else if (c == '\n')
            wire_puts(t, "\\n");
        else if (c < ' ' || c >= 0x7f || c == '\\')
            wire_printf(t, "\\x%02x", c);
        else
            wire_put(t, &c, 1);
    }
    if (bytes.len > MOST)
        wire_printf(t, "... (%zu bytes)", bytes.len);
}

ferry_str wire_view(const wire_text *t)
{
    return (ferry_str){t->ptr ? t->ptr : "", t->len};
}

void wire_clear(wire_text *t)
{
    t->len = 0;
}

void wire_free(wire_text *t)
{
    free(t->ptr);
    *t = (wire_text){NULL, 0, 0};
}

void *wire_add(void **list, size_t *n, size_t size)
{
    *list = text_room(*list, (*n + 1) * size);
    return memset((char *)*list + size * (*n)++, 0, size);
}

ferry_str wire_str(const char *text)
{
    return (ferry_str){text, strlen(text)};
}

bool wire_same(ferry_str a, ferry_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool wire_cut(ferry_str *rest, const char *mark, ferry_str *piece)
{
    size_t n = strlen(mark), at = 0;
    if (rest->len == 0)
        return false;
    while (at + n <= rest->len && (n == 0 || memcmp(rest->ptr + at, mark, n) != 0))
        at++;
    bool is_found = n && at + n <= rest->len;
    *piece = (ferry_str){rest->ptr, is_found ? at : rest->len};
    size_t eaten = is_found ? at + n : rest->len;
    *rest = (ferry_str){rest->ptr + eaten, rest->len - eaten};
    return true;
}

bool wire_number(ferry_str s, int64_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 || *n > (INT64_MAX - digit) / 10)
            return false;
        *n = *n * 10 + digit;
    }
    return s.len > 0;
}

/* --- escapes --------------------------------------------------------------------- */

static int text_hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* `rest` begins behind the backslash. */
static bool text_escape(wire_text *out, ferry_str *rest)
{
    static const char names[] = "rnt0s\\{", bytes[] = "\r\n\t\0 \\{";
    if (rest->len == 0)
        return false;
    const char *at = memchr(names, *rest->ptr, sizeof names - 1);
    size_t used = 1;
    if (at) {
        wire_put(out, &bytes[at - names], 1);
    } else {
        if (*rest->ptr != 'x' || rest->len < 3)
            return false;
        int high = text_hex(rest->ptr[1]), low = text_hex(rest->ptr[2]);
        char byte = (char)(high * 16 + low);
        if (high < 0 || low < 0)
            return false;
        wire_put(out, &byte, 1);
        used = 3;
    }
    *rest = (ferry_str){rest->ptr + used, rest->len - used};
    return true;
}

/* --- terms ----------------------------------------------------------------------- */

static void text_put_host(wire_text *out, const char *name, const wire_terms *terms)
{
    wire_puts(out, name);
    wire_puts(out, terms->port);
}

/* What a session sends by itself, in its order. */
static void text_put_defaults(wire_text *out, const wire_terms *terms)
{
    wire_printf(out, "User-Agent: ferry/%s\r\n", ferry_version());
    wire_printf(out, "Accept-Encoding: %s\r\n", terms->codings);
    wire_puts(out, "Accept: */*\r\nConnection: keep-alive\r\n");
}

/* "POST /a 5 text/plain": a whole head for h.test, with the defaults. */
static bool text_put_head(wire_text *out, ferry_str words, const wire_terms *terms)
{
    ferry_str method, target, length;
    if (!wire_cut(&words, " ", &method) || !wire_cut(&words, " ", &target))
        return false;
    wire_put(out, method.ptr, method.len);
    wire_puts(out, " ");
    wire_put(out, target.ptr, target.len);
    wire_puts(out, " HTTP/1.1\r\nHost: ");
    text_put_host(out, "h.test", terms);
    wire_puts(out, "\r\n");
    text_put_defaults(out, terms);
    if (wire_cut(&words, " ", &length)) {
        if (words.len)
            wire_printf(out, "Content-Type: %.*s\r\n", (int)words.len, words.ptr);
        wire_printf(out, "Content-Length: %.*s\r\n", (int)length.len, length.ptr);
    }
    wire_puts(out, "\r\n");
    return true;
}

/* In blocks: some scripts send megabytes. */
static void text_put_times(wire_text *out, ferry_str unit, int64_t n)
{
    enum { BLOCK = 1 << 16 };
    wire_text block = {NULL, 0, 0};
    int64_t in_block = 0;
    for (; in_block < n && block.len < BLOCK; in_block++)
        wire_put(&block, unit.ptr, unit.len);
    for (; in_block && n >= in_block; n -= in_block)
        wire_put(out, block.ptr, block.len);
    wire_put(out, block.ptr, (size_t)n * unit.len);
    wire_free(&block);
}

/* "1000*ab" */
static bool text_put_repeated(wire_text *out, ferry_str s, const wire_terms *terms)
{
    ferry_str count;
    int64_t n;
    wire_text unit = {NULL, 0, 0};
    wire_cut(&s, "*", &count);
    bool is_good = wire_number(count, &n) && wire_expand(&unit, s, terms);
    if (is_good)
        text_put_times(out, wire_view(&unit), n);
    wire_free(&unit);
    return is_good;
}

static bool text_put_known_host(wire_text *out, ferry_str name, const wire_terms *terms)
{
    static const char *const rows[][2] = {{"host", "h.test"}, {"other", "other.test"},
        {"refused", "refused.test"}, {"silent", "silent.test"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(name, wire_str(rows[i][0]))) {
            text_put_host(out, rows[i][1], terms);
            return true;
        }
    return false;
}

static bool text_put_term(wire_text *out, ferry_str name, const wire_terms *terms)
{
    if (text_put_known_host(out, name, terms))
        return true;
    if (name.len && name.ptr[0] >= '0' && name.ptr[0] <= '9')
        return text_put_repeated(out, name, terms);
    if (wire_same(name, wire_str("version")))
        wire_puts(out, ferry_version());
    else if (wire_same(name, wire_str("codings")))
        wire_puts(out, terms->codings);
    else if (wire_same(name, wire_str("defaults")))
        text_put_defaults(out, terms);
    else
        return text_put_head(out, name, terms);
    return true;
}

bool wire_expand(wire_text *out, ferry_str text, const wire_terms *terms)
{
    wire_put(out, "", 0);
    while (text.len) {
        char c = *text.ptr;
        ferry_str term;
        text = (ferry_str){text.ptr + 1, text.len - 1};
        if (c == '\\') {
            if (!text_escape(out, &text))
                return false;
        } else if (c == '{') {
            if (!memchr(text.ptr, '}', text.len) || !wire_cut(&text, "}", &term) ||
                !text_put_term(out, term, terms))
                return false;
        } else {
            wire_put(out, &c, 1);
        }
    }
    return true;
}
