/* test_idn.c - host names beyond ASCII, with whichever idn_*.c is in this build.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/idn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

typedef struct fixture {
    memory m;
    fy_buf out;
    fy_error x;
} fixture;

static ferry_err ask(fixture *f, ferry_str host)
{
    char *exact = memory_exact(host.ptr, host.len);
    f->x = (fy_error){.code = FERRY_OK, .at = 77};
    ferry_err e = fy_idn_to_ascii(&f->out, (ferry_str){exact, host.len}, &f->x);
    free(exact);
    assert_int_equal(f->x.code, e);
    return e;
}

static int set_up(void **state)
{
    static fixture f;
    memory_init(&f.m);
    fy_buf_init(&f.out, &f.m.platform, 300);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    fy_buf_fini(&f->out);
    return memory_is_clean(&f->m) ? 0 : -1;
}

static bool has_idn(fixture *f)
{
    return ask(f, FY_S("\u00e9.de")) != FERRY_ERR_UNSUPPORTED;
}

static void a_build_without_idn_says_which_one_is_needed(void **state)
{
    fixture *f = *state;
    if (has_idn(f))
        skip();
    assert_string_equal(
        f->x.what, "non-ASCII host names need a build with IDN=libidn2");
    assert_int_equal(f->x.at, FY_NOWHERE);
    assert_int_equal(f->out.len, 0);
}

static void a_name_becomes_a_labels_behind_what_stands_there(void **state)
{
    static const struct {
        const char *name, *ascii;
    } cases[] = {
        {"stra\u00dfe.de", "xn--strae-oqa.de"},
        {"B\u00fccher.DE", "xn--bcher-kva.de"},
        {"\u00c9.fr", "xn--9ca.fr"},        /* upper case is mapped */
        {"e\u0301.fr", "xn--9ca.fr"},       /* NFC */
        {"a\u3002b.\u00e9", "a.b.xn--9ca"}, /* an ideographic full stop */
        {"\u4f60\u597d", "xn--6qq79v"},
        {"a\u1e9eb\u1e9e.de", "xn--ab-giab.de"}, /* capital sharp s, not "ss" */
        {"xn--9ca.\u00e9", "xn--9ca.xn--9ca"},
        {"\u00e9.", "xn--9ca."},
    };
    fixture *f = *state;
    if (!has_idn(f))
        skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fy_buf_clear(&f->out);
        fy_buf_puts(&f->out, FY_S("http://"));
        assert_int_equal(ask(f, fy_str(cases[i].name)), FERRY_OK);
        assert_memory_equal(fy_buf_text(&f->out), "http://", 7);
        assert_string_equal(fy_buf_text(&f->out) + 7, cases[i].ascii);
    }
}

/* Asked for STD3's rules, libidn2 2.3.3 makes the host "xn--b-9fa" of the third. */
static void a_forbidden_character_is_refused_and_not_dropped(void **state)
{
    static const char *const bad[] = {"a_b.\u00e9", "\u00e9 .de", "\u00e9/b",
        "\u00e9:80", "a*\u00e9.de", "\u00e9\uff0fb", /* full-width solidus */
        "\u00e9\uff20b.de",                          /* full-width @ */
        "\uff05\uff14\uff11.com",                    /* full-width %41 */
        "\u2100.de",                                 /* account of, "a/c" */
        "\u2260.de"}; /* not equal to, "=" and a stroke */
    fixture *f = *state;
    if (!has_idn(f))
        skip();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fy_buf_clear(&f->out);
        if (ask(f, fy_str(bad[i])) != FERRY_ERR_URL)
            fail_msg("\"%s\" became \"%s\"", bad[i], fy_buf_text(&f->out));
        assert_int_equal(f->out.len, 0);
    }
}

static void what_idna2008_forbids_is_refused(void **state)
{
    static const char *const bad[] = {"\u2603.net", /* snowman */
        "\U0001f4a9.la",                            /* emoji */
        "\xff\xfe.de",                              /* not UTF-8 */
        "\xc3.de",                                  /* cut off */
        "\u05d9a",                                  /* both directions */
        "a\u200db.de",                              /* a joiner that joins nothing */
        "\u0661.com",                               /* a digit right to left */
        "\u0301.de",                                /* begins with a mark */
        "\u0378.net",                               /* unassigned */
        "-\u00e9.de", "\u00e9-.de", "ab--\u00e9.de", "xn--a.\u00e9"};
    fixture *f = *state;
    if (!has_idn(f))
        skip();
    fy_buf_clear(&f->out);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ask(f, fy_str(bad[i])), FERRY_ERR_URL);
        assert_string_equal(f->x.what, "not an IDNA2008 host name");
        assert_int_equal(f->out.len, 0);
    }
}

static void a_nul_does_not_end_a_name(void **state)
{
    fixture *f = *state;
    if (!has_idn(f))
        skip();
    fy_buf_clear(&f->out);
    assert_int_equal(ask(f, FY_S("\u00e9.de\0.evil.test")), FERRY_ERR_URL);
    assert_int_equal(f->out.len, 0);
}

static void a_label_or_a_name_that_is_too_long_is_refused(void **state)
{
    char name[400] = "\u00e9";
    fixture *f = *state;
    if (!has_idn(f))
        skip();
    fy_buf_clear(&f->out);
    memset(name + 2, 'a', 64);
    assert_int_equal(ask(f, fy_str(name)), FERRY_ERR_URL);
    memset(name + 2, 'a', sizeof name - 3);
    for (size_t i = 50; i < sizeof name - 1; i += 50)
        name[i] = '.';
    fy_buf_clear(&f->out);
    assert_int_equal(ask(f, fy_str(name)), FERRY_ERR_LIMIT); /* 300 is the ceiling */
    name[280] = '\0';
    fy_buf_clear(&f->out);
    assert_int_equal(ask(f, fy_str(name)), FERRY_ERR_URL);
}

static void without_memory_it_says_so(void **state)
{
    fixture *f = *state;
    if (!has_idn(f))
        skip();
    fy_buf_fini(&f->out);
    f->m.fail_at = f->m.calls + 1;
    assert_int_equal(ask(f, FY_S("\u00e9.de")), FERRY_ERR_NOMEM);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(a_build_without_idn_says_which_one_is_needed),
        CASE(a_name_becomes_a_labels_behind_what_stands_there),
        CASE(a_forbidden_character_is_refused_and_not_dropped),
        CASE(what_idna2008_forbids_is_refused),
        CASE(a_nul_does_not_end_a_name),
        CASE(a_label_or_a_name_that_is_too_long_is_refused),
        CASE(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
