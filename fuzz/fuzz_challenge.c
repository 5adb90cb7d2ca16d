/* fuzz_challenge.c - any bytes as the value of WWW-Authenticate. What is read lies in the
 * field and in its order, well-formed; what is chosen of it can be answered, and the
 * answer is one challenge's worth of parameters that say back what was said.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "policy/auth.h"

#include <stdlib.h>
#include <string.h>

static bool challenge_make(unsigned char *digest, const ferry_str *pieces, size_t n)
{
    *digest = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < pieces[i].len; j++)
            *digest = (unsigned char)(*digest * 31 + pieces[i].ptr[j]);
    return true;
}

static const fy_hash toys[] = {
    {"SHA-256", 1, challenge_make}, {"MD5", 1, challenge_make}};
static const fy_hashes hashes = {toys, sizeof toys / sizeof *toys};

/* `s` lies in what is left of the field; what stands before its end is done with. */
static void challenge_check_in(ferry_str s, ferry_str *left)
{
    if (s.len == 0)
        return;
    FUZZ_CHECK(s.ptr >= left->ptr && s.len <= left->len);
    FUZZ_CHECK((size_t)(s.ptr - left->ptr) <= left->len - s.len);
    size_t past = (size_t)(s.ptr - left->ptr) + s.len;
    *left = fy_str_from(*left, past);
}

static void challenge_check_list(ferry_str field)
{
    ferry_str rest = field, left = field;
    fy_challenge c;
    while (fy_challenge_next(&rest, &c)) {
        FUZZ_CHECK(fy_str_is_token(c.scheme));
        FUZZ_CHECK(!c.token68.len || !c.params.len);
        FUZZ_CHECK(fy_str_value_end(c.params) == c.params.len);
        challenge_check_in(c.scheme, &left);
        challenge_check_in(c.token68, &left);
        challenge_check_in(c.params, &left);
        FUZZ_CHECK(rest.ptr >= left.ptr);
    }
    FUZZ_CHECK(rest.len == 0);
}

/* A parameter of the answer means the same as this text. */
static void challenge_check_echo(
    const fy_challenge *answer, ferry_str name, ferry_str text, const ferry_platform *m)
{
    ferry_str raw;
    fy_buf plain;
    fy_buf_init(&plain, m, 1 << 20);
    FUZZ_CHECK(fy_challenge_param(answer, name, &raw));
    fy_challenge_put_plain(&plain, raw);
    FUZZ_CHECK(fuzz_is_same(fy_buf_view(&plain), text));
    fy_buf_fini(&plain);
}

static void challenge_check_answer(const fy_challenge *c, const ferry_platform *m)
{
    const fy_digest_ask ask = {FY_S("us\"er"), FY_S("pass"), FY_S("GET"), FY_S("/a\\b"),
        FY_S("body"), FY_S("0123456789abcdef0123456789abcdef")};
    fy_digest d;
    fy_buf out;
    fy_error x;
    fy_challenge answer;
    fy_digest_init(&d, m);
    fy_buf_init(&out, m, 1 << 20);
    FUZZ_CHECK(!fy_digest_read(&d, c, &hashes, &x) && d.hash);
    FUZZ_CHECK(!fy_digest_put(&out, &d, &ask, &x) && d.count == 1);
    ferry_str text = fy_buf_view(&out);
    FUZZ_CHECK(fy_str_value_end(text) == text.len);
    FUZZ_CHECK(fy_challenge_next(&text, &answer) && text.len == 0);
    challenge_check_echo(&answer, FY_S("realm"), d.realm, m);
    challenge_check_echo(&answer, FY_S("nonce"), d.nonce, m);
    challenge_check_echo(&answer, FY_S("uri"), ask.uri, m);
    if (d.has_opaque)
        challenge_check_echo(&answer, FY_S("opaque"), d.opaque, m);
    fy_buf_fini(&out);
    fy_digest_fini(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory m;
    fuzz_memory_init(&m);
    char *exact = memory_exact((const char *)data, size);
    FUZZ_CHECK(exact);
    const ferry_field field = {FY_S("WWW-Authenticate"), {exact, size}};
    fy_challenge c;
    challenge_check_list(field.value);
    if (fy_auth_choose(
            &c, (ferry_fields){&field, 1}, field.name, FY_AUTH_DIGEST, &hashes, true))
        challenge_check_answer(&c, &m.memory.platform);
    free(exact);
    FUZZ_CHECK(memory_is_clean(&m.memory));
    return 0;
}
