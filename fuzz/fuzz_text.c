/* fuzz_text.c - any bytes as a body in any charset: what comes out is UTF-8, and what was
 * UTF-8 stays as it is. The input is a Content-Type up to its first LF, then the body.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "proto/text.h"

#include <stdlib.h>
#include <string.h>

/* UTF-8 by the table of RFC 3629 4, form by form. */
static size_t text_model_character(const uint8_t *p, size_t n)
{
    static const uint8_t forms[][8] = {
        {0x00, 0x7f, 0, 0, 0, 0, 0, 0},
        {0xc2, 0xdf, 0x80, 0xbf, 0, 0, 0, 0},
        {0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf, 0, 0},
        {0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf, 0, 0},
        {0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf, 0, 0},
        {0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf, 0, 0},
        {0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf},
        {0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf},
        {0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf},
    };
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        size_t len = 1;
        while (len < 4 && forms[f][2 * len])
            len++;
        bool fits = len <= n;
        for (size_t i = 0; fits && i < len; i++)
            fits = p[i] >= forms[f][2 * i] && p[i] <= forms[f][2 * i + 1];
        if (fits)
            return len;
    }
    return 0;
}

static bool text_model_is_utf8(ferry_str s)
{
    const uint8_t *p = (const uint8_t *)s.ptr;
    for (size_t at = 0, len; at < s.len; at += len)
        if ((len = text_model_character(p + at, s.len - at)) == 0)
            return false;
    return true;
}

static void text_check(const fy_text *t, const ferry_platform *m)
{
    fy_buf out;
    fy_buf_init(&out, m, SIZE_MAX / 4);
    fy_text_put(&out, t);
    ferry_str text = fy_buf_view(&out);
    FUZZ_CHECK(!out.failed);
    FUZZ_CHECK(text_model_is_utf8(text) && fy_text_is_utf8(text));
    FUZZ_CHECK(text.len <= 3 * t->bytes.len);
    if (t->charset == FY_CHARSET_UTF8) {
        bool is_good = text_model_is_utf8(t->bytes);
        FUZZ_CHECK(is_good == fy_text_is_utf8(t->bytes));
        FUZZ_CHECK(is_good == fuzz_is_same(text, t->bytes));
    }
    fy_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory m;
    fy_text t;
    const uint8_t *lf = size ? memchr(data, '\n', size) : NULL;
    size_t head = lf ? (size_t)(lf - data) : 0, from = lf ? head + 1 : 0;
    char *type = memory_exact((const char *)data, head);
    char *body = memory_exact((const char *)data + from, size - from);
    ferry_str bytes = {body, size - from};
    memory_init(&m);
    fy_text_find(&t, FY_S(""), (ferry_str){type, head}, bytes);
    FUZZ_CHECK(t.bytes.ptr + t.bytes.len == body + bytes.len);
    FUZZ_CHECK(t.bytes.len + 4 >= bytes.len && t.bytes.len <= bytes.len);
    if (t.charset != FY_CHARSET_OTHER)
        text_check(&t, &m.platform);
    fy_text_find(&t, FY_S("json"), (ferry_str){type, head}, bytes);
    if (t.charset != FY_CHARSET_OTHER)
        text_check(&t, &m.platform);
    for (int c = FY_CHARSET_UTF8; c < FY_CHARSET_OTHER; c++)
        text_check(&(fy_text){.charset = (fy_charset)c, .bytes = bytes}, &m.platform);
    free(type);
    free(body);
    FUZZ_CHECK(memory_is_clean(&m));
    return 0;
}
