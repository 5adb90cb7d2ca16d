/* fuzz_options.c - ferry_opts of every size, with any numbers, switches and lists, at
 * every level: a usage error or not, never worse; an option struct is never read behind
 * its size, and what failed has changed nothing.
 *
 * The input is a list of deeds: a byte says which, then come the bytes that fill its
 * options. The first deed makes the session. SPDX-License-Identifier: MIT */
#include "lib/hostile.h"
#include "lib/model_request.h"

#include <stdlib.h>
#include <string.h>

enum { OPTIONS_DEEDS = 12, OPTIONS_PATIENCE_MS = 300000 };

static int64_t options_number(uint8_t byte)
{
    static const int64_t special[] = {0, FERRY_NONE, FERRY_UNLIMITED, -3, 1, 2, 100,
        255, 256, 65536, 1 << 20, INT32_MAX, (int64_t)UINT32_MAX + 1, INT64_MAX - 1,
        INT64_MAX, INT64_MIN};
    return byte & 128 ? special[byte & 15] : byte & 64 ? byte & 63 : 0;
}

static void options_fill_numbers(int64_t *numbers, size_t n, fuzz_input *in)
{
    if (fuzz_byte(in) & 1) /* most deeds leave most alone */
        for (size_t i = 0; i < n; i++)
            numbers[i] = options_number(fuzz_byte(in));
}

static const ferry_pair *options_list(uint8_t byte)
{
    static const ferry_pair lists[][4] = {{{"A", "1"}, {"b", "2"}, {NULL, NULL}},
        {{"a", NULL}, {"Accept", NULL}, {NULL, NULL}},
        {{"A", "x"}, {"a", "y"}, {"User-Agent", "z"}, {NULL, NULL}},
        {{"bad name", "v"}, {NULL, NULL}}, {{"n", "bad\r\nvalue"}, {NULL, NULL}},
        {{"", ""}, {NULL, NULL}}, {{NULL, NULL}}};
    if (!(byte & 8))
        return NULL;
    return (byte & 7) == 7 ? ferry_no_pairs() : lists[byte & 7];
}

static ferry_switch options_switch(uint8_t byte)
{
    static const int values[] = {FERRY_INHERIT, FERRY_INHERIT, FERRY_INHERIT, FERRY_ON,
        FERRY_ON, FERRY_OFF, FERRY_OFF, 3};
    return (ferry_switch)values[byte & 7];
}

static void options_fill_request(ferry_opts *o, fuzz_input *in)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "BAD METHOD"};
    static const char *const targets[] = {"*", "/x", "bad", ""};
    uint8_t byte = fuzz_byte(in);
    if (byte & 1)
        o->method = methods[byte >> 6];
    if (byte & 2)
        o->target = targets[byte >> 6];
    if (byte & 4)
        o->text = "text";
    if (byte & 8)
        o->form = options_list(fuzz_byte(in));
    if (byte & 16)
        o->body = (ferry_bytes){"bytes", 5};
    if (byte & 32)
        o->body.len = 1; /* of nothing, perhaps */
}

/* Options in a block of exactly their size, which the caller frees. */
static ferry_opts *options_read(fuzz_input *in, hostile *h, const ferry_dialer *dialer)
{
    ferry_opts o = {.size = sizeof o};
    uint8_t what = fuzz_byte(in), size = fuzz_byte(in);
    o.headers = options_list(fuzz_byte(in));
    o.params = options_list(fuzz_byte(in));
    options_fill_numbers(&o.timeout.connect_ms, sizeof o.timeout / sizeof(int64_t), in);
    options_fill_numbers(&o.limits.head, sizeof o.limits / sizeof(int64_t), in);
    if (what & 1)
        options_fill_numbers(&o.pool.idle, sizeof o.pool / sizeof(int64_t), in);
    if (what & 2)
        options_fill_request(&o, in);
    o.stream = options_switch(what >> 2);
    o.secure = options_switch(what >> 5);
    o.transport = what & 4 ? dialer : NULL;
    o.platform = h ? &h->platform : NULL;
    if (size & 128) /* an older header, or a wrong size */
        o.size = (size & 63) * sizeof(int64_t);
    size_t room = o.size < sizeof o ? o.size : sizeof o;
    ferry_opts *exact = (ferry_opts *)(void *)memory_exact(
        (const char *)&o, room < sizeof o.size ? sizeof o.size : room);
    FUZZ_CHECK(exact);
    return exact;
}

static void options_finish(hostile *h, ferry_response *r, ferry_err e)
{
    ferry_wait w;
    ferry_str piece = {NULL, 0};
    int steps = 0;
    while (e == FERRY_AGAIN || (e == FERRY_OK && piece.len)) {
        FUZZ_CHECK(++steps < 10000);
        if (e == FERRY_AGAIN && (ferry_waiting(r, &w) || hostile_wait(h, &w)))
            break; /* for ever, if there are no limits */
        e = r->status ? ferry_next(r, &piece) : ferry_step(r, &w);
    }
}

static ferry_err options_do(
    ferry_session *s, hostile *h, uint8_t deed, const ferry_opts *o)
{
    static const char *const prefixes[] = {
        "http://", "http://a.test", "http://a.test/p/q", "ftp://"};
    ferry_response *r = NULL;
    const char *url = deed & 16 ? "http://a.test/p/q" : "https://b.test/";
    ferry_err e;
    switch (deed & 7) {
    case 0: return ferry_update_with(s, o);
    case 1: return ferry_mount_with(s, prefixes[deed >> 6], o);
    case 2: e = ferry_send(s, NULL, url, &r, o); break;
    case 3: e = ferry_send(s, "PUT", url, deed & 8 ? NULL : &r, o); break;
    case 4: ferry_close_idle(s); return FERRY_OK;
    default:
        e = ferry_begin_with(s, url, &r, o);
        if (!e)
            options_finish(h, r, FERRY_AGAIN);
    }
    ferry_response_free(r);
    return e;
}

/* What the session sends for a plain request; "" if it cannot. */
static void options_look(ferry_session *s, fuzz_bytes *sent)
{
    ferry_response *r = NULL;
    const ferry_opts o = {.size = sizeof o};
    if (!ferry_begin_with(s, "http://a.test/p/q/r", &r, &o))
        fuzz_bytes_put(sent, r->request.ptr, r->request.len);
    ferry_response_free(r);
}

static void options_check_unchanged(ferry_session *s, hostile *h, fuzz_input *in,
    const ferry_dialer *dialer, uint8_t deed)
{
    fuzz_bytes before = {NULL, 0, 0}, after = {NULL, 0, 0};
    options_look(s, &before);
    ferry_opts *o = options_read(in, NULL, dialer);
    h->end_ms = h->now_ms + OPTIONS_PATIENCE_MS;
    ferry_err e = options_do(s, h, deed, o);
    if (e && e != FERRY_AGAIN)
        fuzz_check_explain(s, e);
    options_look(s, &after);
    bool is_lasting = (deed & 7) < 2 && !e;
    if (!is_lasting) {
        FUZZ_CHECK(before.n == after.n);
        FUZZ_CHECK(!after.n || memcmp(before.p, after.p, after.n) == 0);
    }
    if (after.n) {
        model_request r;
        FUZZ_CHECK(model_read_request(&r, after.p, after.n) == MODEL_FULL);
        FUZZ_CHECK(r.end == after.n);
        model_request_free(&r);
    }
    fuzz_bytes_free(&before);
    fuzz_bytes_free(&after);
    free(o);
}

/* A struct too short to name its platform means the system's, and then nothing may be
 * sent; but it can be made and freed. */
static bool options_has_platform(const ferry_opts *o)
{
    return o->size >= offsetof(ferry_opts, platform) + sizeof o->platform &&
           o->size <= sizeof *o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    hostile h;
    hostile_init(&h, (fuzz_input){data, 0});
    h.is_kind = true;
    const ferry_dialer dialer = {&h, h.platform.dial};
    ferry_opts *o = options_read(&in, &h, &dialer);
    ferry_session *s = ferry_session_new_with(o);
    h.session = s;
    FUZZ_CHECK(s);
    if (options_has_platform(o))
        for (int i = 0; i < OPTIONS_DEEDS && in.n; i++)
            options_check_unchanged(s, &h, &in, &dialer, fuzz_byte(&in));
    ferry_session_free(s);
    free(o);
    hostile_fini(&h);
    return 0;
}
