/* test_options.c - options at three levels, read, filled and joined.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/memory.h"
#include "policy/lists.h"
#include "policy/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum {
    SESSION = FY_LEVEL_SESSION,
    MOUNT = FY_LEVEL_MOUNT,
    REQUEST = FY_LEVEL_REQUEST,
    ANYWHERE = SESSION | MOUNT | REQUEST
};

static memory m;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    x = (fy_error){.code = FERRY_OK, .at = 77};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return memory_is_clean(&m) ? 0 : -1;
}

static ferry_err read_at(const ferry_opts *given, int level)
{
    ferry_opts out;
    x = (fy_error){.code = FERRY_OK, .at = 77};
    ferry_err e = fy_options_read(&out, given, level, &x);
    assert_int_equal(x.code, e);
    if (!e)
        assert_memory_equal(&out, given, sizeof out);
    return e;
}

static int dial_nothing(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    (void)ctx, (void)host, (void)port, (void)addr, (void)out, (void)fault;
    return -1;
}

static const ferry_source no_source;
static const ferry_dialer dialer = {NULL, dial_nothing}, no_dialer = {NULL, NULL};
static const ferry_platform platform = {.size = sizeof platform};
static const ferry_pair pair_list[] = {{"a", "1"}, {NULL, NULL}};

/* --- reading --------------------------------------------------------------------- */

static void an_option_at_the_wrong_level_is_misuse_and_says_so(void **state)
{
    const struct {
        ferry_opts o;
        int levels;
        const char *what;
    } cases[] = {
        {{.headers = pair_list}, ANYWHERE, NULL},
        {{.params = pair_list}, ANYWHERE, NULL},
        {{.timeout = {.total_ms = 1}}, ANYWHERE, NULL},
        {{.timeout = {.connect_ms = FERRY_NONE}}, ANYWHERE, NULL},
        {{.limits = {.head = FERRY_UNLIMITED}}, ANYWHERE, NULL},
        {{.stream = FERRY_OFF}, ANYWHERE, NULL},
        {{.transport = &dialer}, SESSION | MOUNT,
            ".transport is an option of the session or a mount"},
        {{.platform = &platform}, SESSION,
            ".platform is given when the session is made"},
        {{.pool = {.idle = 1}}, SESSION, ".pool is an option of the session"},
        {{.pool = {.age_ms = FERRY_NONE}}, SESSION,
            ".pool is an option of the session"},
        {{.method = "GET"}, REQUEST, ".method is an option of a request"},
        {{.target = "*"}, REQUEST, ".target is an option of a request"},
        {{.body = {"x", 1}}, REQUEST, ".body is an option of a request"},
        {{.text = ""}, REQUEST, ".text is an option of a request"},
        {{.form = pair_list}, REQUEST, ".form is an option of a request"},
        {{.auth = {.kind = FERRY_AUTH_NONE}}, ANYWHERE, NULL},
        {{.netrc = ""}, SESSION, ".netrc is an option of the session"},
        {{.trust_env = FERRY_OFF}, SESSION, ".trust_env is an option of the session"},
        {{.verify = FERRY_OFF}, ANYWHERE, NULL},
        {{.ca_file = "a"}, ANYWHERE, NULL},
        {{.tls_resume = FERRY_ON}, ANYWHERE, NULL},
        {{.key_log = ""}, SESSION, ".key_log is an option of the session"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int level = SESSION; level <= REQUEST; level *= 2) {
            ferry_opts o = cases[i].o;
            o.size = sizeof o;
            if (cases[i].levels & level) {
                assert_int_equal(read_at(&o, level), FERRY_OK);
            } else {
                assert_int_equal(read_at(&o, level), FERRY_ERR_USAGE);
                assert_string_equal(x.what, cases[i].what);
            }
        }
}

#define NUMBER(member)                                                                 \
    {                                                                                  \
        offsetof(ferry_opts, member), offsetof(fy_settings, member)                    \
    }

/* Every number, by where it lies in what is given and in what is kept. */
static const struct {
    size_t given, kept;
} numbers[] = {
    NUMBER(timeout.connect_ms),
    NUMBER(timeout.read_ms),
    NUMBER(timeout.write_ms),
    NUMBER(timeout.pool_ms),
    NUMBER(timeout.total_ms),
    NUMBER(limits.head),
    NUMBER(limits.fields),
    NUMBER(limits.interim),
    NUMBER(limits.body),
    NUMBER(limits.buffer),
    NUMBER(limits.buffer_max),
    NUMBER(pool.idle),
    NUMBER(pool.idle_per_key),
    NUMBER(pool.open_per_key),
    NUMBER(pool.idle_ms),
    NUMBER(pool.age_ms),
};
static const int64_t fallbacks[] = {10000, 30000, 30000, 10000, FERRY_UNLIMITED, 65536,
    128, 32, 64 << 20, 16384, 262144, 100, 10, 64, 60000, 3600000};

static void set_number(ferry_opts *o, size_t i, int64_t n)
{
    memcpy((char *)o + numbers[i].given, &n, sizeof n);
}

static int64_t number(const ferry_opts *o, size_t i)
{
    int64_t n;
    memcpy(&n, (const char *)o + numbers[i].given, sizeof n);
    return n;
}

static void set_kept(fy_settings *s, size_t i, int64_t n)
{
    memcpy((char *)s + numbers[i].kept, &n, sizeof n);
}

static int64_t kept(const fy_settings *s, size_t i)
{
    int64_t n;
    memcpy(&n, (const char *)s + numbers[i].kept, sizeof n);
    return n;
}

static void a_number_below_unlimited_is_misuse_wherever_it_stands(void **state)
{
    static const int64_t bad[] = {-3, -1000, INT64_MIN};
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t j = 0; j < COUNT(bad); j++) {
            ferry_opts o = {.size = sizeof o};
            set_number(&o, i, bad[j]);
            assert_int_equal(read_at(&o, SESSION), FERRY_ERR_USAGE);
            assert_string_equal(x.what, "negative count, size or time");
            set_number(&o, i, INT64_MAX);
            assert_int_equal(read_at(&o, SESSION), FERRY_OK);
        }
}

static void a_switch_is_on_or_off(void **state)
{
    static const int bad[] = {3, -1, 100};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        ferry_opts o = {.size = sizeof o, .stream = (ferry_switch)bad[i]};
        assert_int_equal(read_at(&o, SESSION), FERRY_ERR_USAGE);
        assert_string_equal(x.what, "switch is neither FERRY_ON nor FERRY_OFF");
        o = (ferry_opts){.size = sizeof o, .secure = (ferry_switch)bad[i]};
        assert_int_equal(read_at(&o, MOUNT), FERRY_ERR_USAGE);
    }
}

static void following_has_one_kind_more(void **state)
{
    static const struct {
        int follow;
        ferry_err e;
    } cases[] = {{FERRY_ON, FERRY_OK}, {FERRY_OFF, FERRY_OK},
        {FERRY_SAFE_ONLY, FERRY_OK}, {FERRY_SAFE_ONLY + 1, FERRY_ERR_USAGE},
        {-1, FERRY_ERR_USAGE}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_opts o = {.size = sizeof o, .follow = (ferry_switch)cases[i].follow};
        assert_int_equal(read_at(&o, REQUEST), cases[i].e);
        if (cases[i].e)
            assert_string_equal(
                x.what, ".follow is none of FERRY_ON, FERRY_OFF and FERRY_SAFE_ONLY");
    }
}

static void options_that_contradict_each_other_are_misuse(void **state)
{
    const struct {
        ferry_opts o;
        int level;
        const char *what;
    } cases[] = {
        {{.limits = {.buffer = 255}}, SESSION,
            ".limits.buffer and .buffer_max are at least 256"},
        {{.limits = {.buffer = FERRY_NONE}}, REQUEST,
            ".limits.buffer and .buffer_max are at least 256"},
        {{.limits = {.buffer_max = 255}}, MOUNT,
            ".limits.buffer and .buffer_max are at least 256"},
        {{.body = {NULL, 1}}, REQUEST, ".body has a length and no bytes"},
        {{.body = {"x", 1}, .text = "y"}, REQUEST, "more than one body"},
        {{.text = "y", .form = pair_list}, REQUEST, "more than one body"},
        {{.body = {"", 0}, .form = pair_list}, REQUEST, "more than one body"},
        {{.json = "{}", .file = "x"}, REQUEST, "more than one body"},
        {{.source = &no_source, .text = ""}, REQUEST, "more than one body"},
        {{.transport = &no_dialer}, SESSION, ".transport without dial"},
        {{.retry = {.total = 1, .full_jitter = (ferry_switch)3}}, REQUEST,
            "switch in .retry is neither FERRY_ON nor FERRY_OFF"},
        {{.name_every_option = (const struct ferry_name_every_option *)pair_list},
            REQUEST, "an option without its name"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_opts o = cases[i].o;
        o.size = sizeof o;
        assert_int_equal(read_at(&o, cases[i].level), FERRY_ERR_USAGE);
        assert_string_equal(x.what, cases[i].what);
    }
    assert_int_equal(read_at(&(ferry_opts){.size = sizeof(ferry_opts),
                                 .limits = {.buffer = 256, .buffer_max = 256}},
                         SESSION),
        FERRY_OK);
}

/* A program compiled with an older header gives a shorter struct. */
static void a_shorter_struct_is_read_as_far_as_it_goes(void **state)
{
    ferry_opts given = {.headers = pair_list, .stream = FERRY_ON, .netrc = "x"}, out;
    (void)state;
    given.size = offsetof(ferry_opts, stream) + sizeof given.stream;
    assert_int_equal(fy_options_read(&out, &given, SESSION, &x), FERRY_OK);
    assert_ptr_equal(out.headers, pair_list);
    assert_int_equal(out.stream, FERRY_ON);
    assert_null(out.netrc);
    given.size = offsetof(ferry_opts, method);
    assert_int_equal(fy_options_read(&out, &given, SESSION, &x), FERRY_OK);
    assert_null(out.headers);
}

static void a_struct_of_an_impossible_size_is_misuse(void **state)
{
    static const size_t bad[] = {
        0, 1, offsetof(ferry_opts, method) - 1, sizeof(ferry_opts) + 1, SIZE_MAX};
    ferry_opts given = {.size = 0}, out;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        given.size = bad[i];
        assert_int_equal(fy_options_read(&out, &given, SESSION, &x), FERRY_ERR_USAGE);
        assert_string_equal(
            x.what, "ferry_opts.size is not that of this library's header");
    }
}

static void no_options_are_all_inherited(void **state)
{
    ferry_opts out;
    (void)state;
    memset(&out, 0xff, sizeof out);
    assert_int_equal(fy_options_read(&out, NULL, SESSION, &x), FERRY_OK);
    assert_true(fy_options_are_none(&out));
}

static void only_what_is_shorter_than_a_struct_of_today_is_copied(void **state)
{
    ferry_opts room, given = {.size = sizeof given, .text = "body", .json = "{}"};
    const ferry_opts *out;
    (void)state;
    assert_int_equal(fy_options_widen(&out, &room, &given, &x), FERRY_OK);
    assert_ptr_equal(out, &given);
    given.size = offsetof(ferry_opts, json);
    assert_int_equal(fy_options_widen(&out, &room, &given, &x), FERRY_OK);
    assert_ptr_equal(out, &room);
    assert_string_equal(out->text, "body");
    assert_null(out->json);
}

/* One call makes the session and the request: each gets what is an option of its own. */
static void options_of_one_call_are_split_into_two(void **state)
{
    const ferry_opts given = {.size = sizeof given,
        .method = "PUT",
        .text = "body",
        .into = {&x, sizeof x},
        .cookies = FERRY_PAIRS({"a", "b"}),
        .headers = FERRY_PAIRS({"c", "d"}),
        .stream = FERRY_OFF,
        .pool = {.idle = 3}};
    ferry_opts session, request, out;
    (void)state;
    fy_options_split(&given, &session, &request);
    assert_int_equal(fy_options_read(&out, &session, SESSION, &x), FERRY_OK);
    assert_int_equal(fy_options_read(&out, &request, REQUEST, &x), FERRY_OK);
    assert_ptr_equal(session.headers, given.headers);
    assert_int_equal(session.pool.idle, 3);
    assert_string_equal(request.method, "PUT");
    assert_string_equal(request.text, "body");
    assert_ptr_equal(request.into.ptr, &x);
    assert_ptr_equal(request.cookies, given.cookies);
    assert_null(request.headers);
    fy_options_split(NULL, &session, &request);
    assert_true(fy_options_are_none(&session) && fy_options_are_none(&request));
}

/* --- numbers and switches -------------------------------------------------------- */

static void what_is_not_given_gets_the_default_of_the_header(void **state)
{
    ferry_opts o = {.size = sizeof o, .secure = FERRY_ON};
    (void)state;
    set_number(&o, 2, 5);
    set_number(&o, 7, FERRY_NONE);
    fy_options_fill(&o);
    for (size_t i = 0; i < COUNT(numbers); i++)
        assert_int_equal(number(&o, i), i == 2   ? 5
                                        : i == 7 ? FERRY_NONE
                                                 : fallbacks[i]);
    assert_int_equal(o.stream, FERRY_OFF);
    assert_int_equal(o.secure, FERRY_ON);
}

/* Timeouts and limits cascade; the numbers of the pool are the session's alone. */
static void the_nearest_level_that_gives_a_number_wins(void **state)
{
    fy_layer session = {.dialer_id = 0}, mount = {.dialer_id = 0};
    (void)state;
    for (size_t i = 0; numbers[i].given < offsetof(ferry_opts, pool); i++) {
        ferry_opts request = {.size = sizeof request};
        fy_settings out;
        set_kept(&session.values, i, 1);
        set_kept(&session.resolved, i, 1);
        set_kept(&mount.values, i, 0);
        fy_options_resolve(&out, &session, NULL, &request);
        assert_int_equal(kept(&out, i), 1);
        fy_options_resolve(&out, &session, &mount, &request);
        assert_int_equal(kept(&out, i), 1);
        set_kept(&mount.values, i, FERRY_UNLIMITED);
        fy_options_resolve(&out, &session, &mount, &request);
        assert_int_equal(kept(&out, i), INT64_MAX);
        set_number(&request, i, FERRY_NONE);
        fy_options_resolve(&out, &session, &mount, &request);
        assert_int_equal(kept(&out, i), 0);
        assert_int_equal(number(&request, i), FERRY_NONE);
    }
}

static void the_nearest_level_that_gives_a_switch_wins(void **state)
{
    static const struct {
        ferry_switch session, mount, request, resolved;
    } cases[] = {
        {FERRY_OFF, FERRY_INHERIT, FERRY_INHERIT, FERRY_OFF},
        {FERRY_OFF, FERRY_ON, FERRY_INHERIT, FERRY_ON},
        {FERRY_ON, FERRY_OFF, FERRY_INHERIT, FERRY_OFF},
        {FERRY_ON, FERRY_INHERIT, FERRY_OFF, FERRY_OFF},
        {FERRY_OFF, FERRY_OFF, FERRY_ON, FERRY_ON},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_layer session = {.values = {.stream = cases[i].session}};
        fy_layer mount = {.values = {.stream = cases[i].mount}};
        ferry_opts request = {.stream = cases[i].request};
        fy_settings out;
        fy_options_resolve(&out, &session, &mount, &request);
        assert_int_equal(out.stream, cases[i].resolved);
    }
}

/* --- layers ---------------------------------------------------------------------- */

static void merge(fy_layer *out, const fy_layer *base, ferry_opts o, uint32_t id)
{
    o.size = sizeof o;
    assert_int_equal(fy_layer_merge(out, &m.platform, base, &o, id, &x), FERRY_OK);
}

static void a_layer_keeps_what_is_not_given_again(void **state)
{
    fy_layer first, second;
    (void)state;
    merge(&first, NULL,
        (ferry_opts){.timeout = {.read_ms = 5, .total_ms = 9},
            .limits = {.head = 1000},
            .pool = {.idle = 3, .age_ms = 4},
            .stream = FERRY_ON},
        0);
    merge(&second, &first,
        (ferry_opts){.timeout = {.read_ms = FERRY_NONE}, .pool = {.idle = 7}}, 0);
    assert_int_equal(second.values.timeout.read_ms, FERRY_NONE);
    assert_int_equal(second.values.timeout.total_ms, 9);
    assert_int_equal(second.values.limits.head, 1000);
    assert_int_equal(second.values.pool.idle, 7);
    assert_int_equal(second.values.pool.age_ms, 4);
    assert_int_equal(second.values.stream, FERRY_ON);
    assert_int_equal(first.values.timeout.read_ms, 5);
    fy_layer_fini(&first);
    fy_layer_fini(&second);
}

static void a_dialer_stays_until_another_one_is_given(void **state)
{
    static const ferry_dialer other = {&m, dial_nothing};
    fy_layer first, second, third;
    (void)state;
    merge(&first, NULL, (ferry_opts){.transport = &dialer}, 1);
    assert_int_equal(first.dialer_id, 1);
    merge(&second, &first, (ferry_opts){.stream = FERRY_ON}, 2);
    assert_int_equal(second.dialer_id, 1);
    assert_ptr_equal(second.dialer.dial, dial_nothing);
    merge(&third, &second, (ferry_opts){.transport = &other}, 2);
    assert_int_equal(third.dialer_id, 2);
    assert_ptr_equal(third.dialer.ctx, &m);
    fy_layer_fini(&first);
    fy_layer_fini(&second);
    fy_layer_fini(&third);
}

static void an_auth_is_replaced_whole_and_stays_until_then(void **state)
{
    fy_layer first, second, third;
    (void)state;
    merge(&first, NULL, (ferry_opts){.auth = ferry_basic("ada", "secret")}, 0);
    merge(&second, &first, (ferry_opts){.stream = FERRY_ON}, 0);
    assert_int_equal(second.auth.kind, FERRY_AUTH_BASIC);
    assert_string_equal(second.auth.password, "secret");
    assert_ptr_not_equal(second.auth.password, first.auth.password);
    merge(&third, &second, (ferry_opts){.auth = ferry_bearer("t")}, 0);
    assert_int_equal(third.auth.kind, FERRY_AUTH_BEARER);
    assert_string_equal(third.auth.user, "t");
    assert_null(third.auth.password);
    fy_layer_fini(&first);
    fy_layer_fini(&second);
    fy_layer_fini(&third);
}

static void nothing_in_a_layer_belongs_to_the_caller(void **state)
{
    char name[] = "Name", value[] = "value";
    ferry_pair pairs[] = {{name, value}, {NULL, NULL}};
    fy_layer layer;
    (void)state;
    merge(&layer, NULL, (ferry_opts){.headers = pairs, .params = pairs}, 0);
    memset(name, 'x', 4);
    memset(value, 'x', 5);
    assert_string_equal(layer.headers.at[0].name.ptr, "Name");
    assert_string_equal(layer.params.at[0].value.ptr, "value");
    fy_layer_fini(&layer);
}

static void a_list_is_replaced_whole_and_stays_until_then(void **state)
{
    fy_layer first, second, third;
    (void)state;
    merge(&first, NULL,
        (ferry_opts){.keep_post = FERRY_CODES(301, 302), .sensitive = FERRY_NAMES("A")},
        0);
    merge(&second, &first, (ferry_opts){.stream = FERRY_ON}, 0);
    assert_ptr_not_equal(second.keep_post, first.keep_post);
    fy_layer_fini(&first);
    assert_true(fy_codes_has(second.keep_post, 302));
    assert_true(fy_names_has(second.sensitive, FY_S("A")));
    merge(&third, &second,
        (ferry_opts){.keep_post = FERRY_CODES(303), .sensitive = FERRY_NAMES("B")}, 0);
    assert_true(fy_codes_has(third.keep_post, 303));
    assert_false(fy_codes_has(third.keep_post, 302));
    assert_false(fy_names_has(third.sensitive, FY_S("A")));
    fy_layer_fini(&second);
    fy_layer_fini(&third);
}

static void what_is_said_of_a_proxy_is_that_of_the_nearest_level(void **state)
{
    enum {
        ON = FERRY_ON,
        OFF = FERRY_OFF,
        B = FERRY_PROXY_BASIC,
        D = FERRY_PROXY_DIGEST
    };
    static const struct {
        int said[3][2]; /* proxy_auth and proxy_tls.verify of session, mount, request */
        bool has_mount, is_any;
        int auth, verify;
    } cases[] = {
        {{{0, 0}, {0, 0}, {0, 0}}, false, false, 0, 0},
        {{{0, 0}, {0, 0}, {0, 0}}, true, false, 0, 0},
        {{{B, ON}, {0, 0}, {0, 0}}, false, true, B, ON},
        {{{B, ON}, {0, 0}, {0, 0}}, true, true, B, ON},
        {{{B, ON}, {D, OFF}, {0, 0}}, true, true, D, OFF},
        {{{0, 0}, {D, OFF}, {0, 0}}, true, true, D, OFF},
        {{{B, ON}, {B, ON}, {D, OFF}}, true, true, D, OFF},
        {{{0, 0}, {0, 0}, {D, OFF}}, false, true, D, OFF},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_opts o[3];
        fy_layer layers[2];
        fy_ways ways;
        for (int k = 0; k < 3; k++)
            o[k] = (ferry_opts){.size = sizeof o[k],
                .proxy_auth = (ferry_proxy_auth)cases[i].said[k][0],
                .proxy_tls.verify = (ferry_switch)cases[i].said[k][1]};
        merge(&layers[0], NULL, o[0], 0);
        merge(&layers[1], NULL, o[1], 0);
        fy_ways_init(&ways, &m.platform);
        assert_int_equal(
            fy_ways_resolve(&ways, &layers[0].ways,
                cases[i].has_mount ? &layers[1].ways : NULL, &o[2], true, &x),
            FERRY_OK);
        assert_int_equal(ways.is_any, cases[i].is_any);
        assert_int_equal(ways.proxy_auth, cases[i].auth);
        assert_int_equal(ways.proxy_verify, cases[i].verify);
        fy_ways_drop(&ways);
        fy_layer_fini(&layers[0]);
        fy_layer_fini(&layers[1]);
    }
}

static void a_layer_keeps_what_was_said_of_a_proxy(void **state)
{
    fy_layer first, second, third;
    (void)state;
    merge(&first, NULL,
        (ferry_opts){.proxies = FERRY_PAIRS({"all", "http://p.test"}),
            .proxy_auth = FERRY_PROXY_DIGEST,
            .proxy_tls.verify = FERRY_OFF},
        0);
    merge(&second, &first, (ferry_opts){.stream = FERRY_ON}, 0);
    assert_int_equal(second.ways.proxy_auth, FERRY_PROXY_DIGEST);
    assert_int_equal(second.ways.proxy_verify, FERRY_OFF);
    assert_int_equal(second.ways.lists[FY_WAYS_PROXIES].n, 1);
    merge(&third, &second,
        (ferry_opts){.proxies = FERRY_NO_PAIRS, .proxy_tls.verify = FERRY_ON}, 0);
    assert_int_equal(third.ways.lists[FY_WAYS_PROXIES].n, 0);
    assert_int_equal(third.ways.proxy_verify, FERRY_ON);
    fy_layer_fini(&first);
    fy_layer_fini(&second);
    fy_layer_fini(&third);
}

/* --- lists over three levels ----------------------------------------------------- */

typedef ferry_err join_fn(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    fy_error *error);

static const char *text_of(ferry_fields list)
{
    static char text[300];
    text[0] = '\0';
    for (size_t i = 0; i < list.n; i++)
        sprintf(text + strlen(text), "%s%s ", list.at[i].name.ptr,
            list.at[i].value.ptr ? list.at[i].value.ptr : "-");
    return text;
}

static ferry_err join_headers(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    fy_error *error)
{
    return fy_options_headers(out, scratch, session, mount, request, NULL, error);
}

static void expect_list(join_fn *join, const fy_layer *session, const fy_layer *mount,
    const ferry_pair *request, const char *expected)
{
    ferry_fields out;
    fy_fields scratch;
    fy_fields_init(&scratch, &m.platform, FY_PAIRS_MAX);
    assert_int_equal(join(&out, &scratch, session, mount, request, &x), FERRY_OK);
    assert_string_equal(text_of(out), expected);
    fy_fields_fini(&scratch);
}

/* Or https would go over whatever transport another level has. */
static void secure_is_said_of_the_transport_beside_it_alone(void **state)
{
    ferry_opts alone = {.size = sizeof alone, .secure = FERRY_ON};
    ferry_opts beside = {
        .size = sizeof beside, .secure = FERRY_ON, .transport = &dialer};
    fy_layer below, above;
    (void)state;
    assert_int_equal(read_at(&alone, SESSION), FERRY_ERR_USAGE);
    assert_string_equal(x.what, ".secure without .transport");
    assert_int_equal(read_at(&alone, REQUEST), FERRY_ERR_USAGE);
    assert_int_equal(read_at(&beside, MOUNT), FERRY_OK);
    merge(&below, NULL, beside, 1);
    merge(&above, &below, (ferry_opts){.transport = &dialer}, 2);
    assert_true(below.is_secure);
    assert_false(above.is_secure);
    fy_layer_fini(&below);
    fy_layer_fini(&above);
}

static void lists_join_session_mount_request(void **state)
{
    fy_layer session, mount, forgets;
    (void)state;
    merge(&session, NULL,
        (ferry_opts){.headers = FERRY_PAIRS({"A", "1"}, {"B", "2"}),
            .params = FERRY_PAIRS({"p", "1"}, {"q", "2"})},
        0);
    merge(&mount, NULL,
        (ferry_opts){.headers = FERRY_PAIRS({"b", "3"}, {"C", "4"}),
            .params = FERRY_PAIRS({"q", "3"})},
        0);
    merge(&forgets, NULL,
        (ferry_opts){.headers = FERRY_NO_PAIRS, .params = FERRY_NO_PAIRS}, 0);
    const ferry_pair *request = FERRY_PAIRS({"a", "9"}, {"q", NULL});
    expect_list(join_headers, &session, NULL, NULL, "A1 B2 ");
    expect_list(join_headers, &session, &mount, NULL, "A1 b3 C4 ");
    expect_list(join_headers, &session, &mount, request, "a9 b3 C4 q- ");
    expect_list(join_headers, &session, NULL, request, "a9 B2 q- ");
    expect_list(join_headers, &session, &mount, FERRY_NO_PAIRS, "");
    expect_list(join_headers, &session, &forgets, request, "a9 q- ");
    expect_list(fy_options_params, &session, NULL, NULL, "p1 q2 ");
    expect_list(fy_options_params, &session, &mount, NULL, "p1 q3 ");
    expect_list(fy_options_params, &session, &mount, request, "p1 q- a9 ");
    expect_list(fy_options_params, &session, &forgets, NULL, "");
    fy_layer_fini(&session);
    fy_layer_fini(&mount);
    fy_layer_fini(&forgets);
}

static void a_mount_takes_a_parameter_of_the_session_away(void **state)
{
    fy_layer session, mount;
    (void)state;
    merge(
        &session, NULL, (ferry_opts){.params = FERRY_PAIRS({"p", "1"}, {"q", "2"})}, 0);
    merge(&mount, NULL, (ferry_opts){.params = FERRY_PAIRS({"q", NULL})}, 0);
    expect_list(fy_options_params, &session, &mount, NULL, "p1 q- ");
    fy_layer_fini(&session);
    fy_layer_fini(&mount);
}

static void an_update_forgets_the_lists_below_with_no_pairs(void **state)
{
    fy_layer first, second;
    (void)state;
    merge(&first, NULL, (ferry_opts){.headers = pair_list, .params = pair_list}, 0);
    merge(&second, &first,
        (ferry_opts){.headers = FERRY_NO_PAIRS, .params = FERRY_NO_PAIRS}, 0);
    assert_int_equal(second.headers.n, 0);
    assert_int_equal(second.params.n, 0);
    fy_layer_fini(&first);
    fy_layer_fini(&second);
}

static void a_bad_header_stops_a_merge_and_leaves_nothing_behind(void **state)
{
    ferry_opts o = {.size = sizeof o,
        .headers = FERRY_PAIRS({"ok", "1"}, {"not ok", "2"}),
        .params = pair_list};
    fy_layer layer;
    (void)state;
    assert_int_equal(
        fy_layer_merge(&layer, &m.platform, NULL, &o, 0, &x), FERRY_ERR_USAGE);
    assert_int_equal(m.live, 0);
}

static void merging_without_memory_leaves_nothing_behind_at_every_call(void **state)
{
    ferry_opts o = {.size = sizeof o,
        .headers = pair_list,
        .params = pair_list,
        .no_proxy = "a.test",
        .server_name = "b.test",
        .auth = ferry_basic("u", "p"),
        .keep_post = FERRY_CODES(302)};
    fy_layer base, layer;
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    merge(&base, NULL,
        (ferry_opts){.headers = pair_list,
            .params = pair_list,
            .proxy_headers = pair_list,
            .retry = {.statuses = FERRY_CODES(503)},
            .sensitive = FERRY_NAMES("X-Key")},
        0);
    int live = m.live;
    for (k = 1; e; k++) {
        m.fail_at = m.calls + k;
        e = fy_layer_merge(&layer, &m.platform, &base, &o, 0, &x);
        assert_true(e == FERRY_OK || (e == FERRY_ERR_NOMEM && m.live == live));
    }
    assert_true(k > 12);
    fy_layer_fini(&layer);
    fy_layer_fini(&base);
}

static void joining_without_memory_is_an_error_at_every_call(void **state)
{
    ferry_fields out;
    fy_fields scratch;
    fy_layer session, mount, none;
    (void)state;
    merge(&session, NULL, (ferry_opts){.headers = pair_list}, 0);
    merge(&mount, NULL, (ferry_opts){.headers = pair_list}, 0);
    merge(&none, NULL, (ferry_opts){.stream = FERRY_ON}, 0);
    const struct {
        const fy_layer *session, *mount;
        const ferry_pair *request;
    } cases[] = {
        {&session, NULL, pair_list}, {&none, &mount, NULL}, {&none, NULL, pair_list}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_fields_init(&scratch, &m.platform, FY_PAIRS_MAX);
        m.fail_at = m.calls + 1;
        assert_int_equal(fy_options_headers(&out, &scratch, cases[i].session,
                             cases[i].mount, cases[i].request, NULL, &x),
            FERRY_ERR_NOMEM);
        fy_fields_fini(&scratch);
    }
    fy_layer_fini(&session);
    fy_layer_fini(&mount);
    fy_layer_fini(&none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_option_at_the_wrong_level_is_misuse_and_says_so),
        TEST(secure_is_said_of_the_transport_beside_it_alone),
        TEST(a_number_below_unlimited_is_misuse_wherever_it_stands),
        TEST(a_switch_is_on_or_off),
        TEST(following_has_one_kind_more),
        TEST(options_that_contradict_each_other_are_misuse),
        TEST(a_shorter_struct_is_read_as_far_as_it_goes),
        TEST(a_struct_of_an_impossible_size_is_misuse),
        TEST(no_options_are_all_inherited),
        TEST(only_what_is_shorter_than_a_struct_of_today_is_copied),
        TEST(options_of_one_call_are_split_into_two),
        TEST(what_is_not_given_gets_the_default_of_the_header),
        TEST(the_nearest_level_that_gives_a_number_wins),
        TEST(the_nearest_level_that_gives_a_switch_wins),
        TEST(a_layer_keeps_what_is_not_given_again),
        TEST(a_dialer_stays_until_another_one_is_given),
        TEST(an_auth_is_replaced_whole_and_stays_until_then),
        TEST(nothing_in_a_layer_belongs_to_the_caller),
        TEST(a_list_is_replaced_whole_and_stays_until_then),
        TEST(what_is_said_of_a_proxy_is_that_of_the_nearest_level),
        TEST(a_layer_keeps_what_was_said_of_a_proxy),
        TEST(lists_join_session_mount_request),
        TEST(a_mount_takes_a_parameter_of_the_session_away),
        TEST(an_update_forgets_the_lists_below_with_no_pairs),
        TEST(a_bad_header_stops_a_merge_and_leaves_nothing_behind),
        TEST(merging_without_memory_leaves_nothing_behind_at_every_call),
        TEST(joining_without_memory_is_an_error_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
