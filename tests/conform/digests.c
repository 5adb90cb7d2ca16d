/* digests.c - Digest challenges and their answers (RFC 7616). Knows the functions that
 * read the one and write the other. SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "net/hash.h"
#include "peer.h"
#include "policy/auth.h"
#include "suites.h"

enum { DIGESTS_MAX = 1 << 16, DIGESTS_FIELDS = 8 };

/* The bytes of a row, each text behind the one before. */
typedef struct digest_row {
    fy_buf bytes;
    ferry_field fields[DIGESTS_FIELDS];
    size_t n_fields;
    fy_digest_ask ask;
    uint32_t count;
} digest_row;

static ferry_str digest_take(fy_buf *bytes, const cJSON *string)
{
    size_t at = bytes->len;
    json_put_bytes(bytes, string);
    fy_buf_putc(bytes, '\0');
    return (ferry_str){bytes->ptr + at, bytes->len - at - 1};
}

/* Room for all of it was made before, so that nothing moves. */
static void digest_read_row(digest_row *d, const cJSON *row)
{
    const cJSON *challenge;
    const char *nc = json_text(row, "nc");
    ferry_str name = json_is_true(row, "proxy") ? FY_S("Proxy-Authenticate")
                                                : FY_S("WWW-Authenticate");
    cJSON_ArrayForEach(
        challenge, json_get(row, "challenges")) if (d->n_fields < DIGESTS_FIELDS)
        d->fields[d->n_fields++] = (ferry_field){
        name, digest_take(&d->bytes, challenge)};
    d->ask = (fy_digest_ask){.user = digest_take(&d->bytes, json_get(row, "username")),
        .password = digest_take(&d->bytes, json_get(row, "password")),
        .method = digest_take(&d->bytes, json_get(row, "method")),
        .uri = digest_take(&d->bytes, json_get(row, "uri")),
        .body = digest_take(&d->bytes, json_get(row, "body")),
        .cnonce = digest_take(&d->bytes, json_get(row, "cnonce"))};
    for (; nc && *nc; nc++)
        d->count = d->count * 16 + (uint32_t)fy_hex_value(*nc);
}

/* What is expected may be left out only where RFC 7616 lets it be. */
static bool digest_has_expected(const fy_challenge *answer, const cJSON *expected)
{
    const cJSON *item;
    bool is_met = true;
    fy_buf got, want;
    fy_buf_init(&got, &peer_libc, DIGESTS_MAX);
    fy_buf_init(&want, &peer_libc, DIGESTS_MAX);
    cJSON_ArrayForEach(item, expected)
    {
        ferry_str raw = FY_S("");
        fy_buf_clear(&got);
        fy_buf_clear(&want);
        bool is_there = fy_challenge_param(answer, fy_str(item->string), &raw);
        fy_challenge_put_plain(&got, raw);
        json_put_bytes(&want, item);
        is_met = is_met && (is_there || strcmp(item->string, "algorithm") == 0) &&
                 (!is_there || fy_str_eq(fy_buf_view(&got), fy_buf_view(&want)));
    }
    fy_buf_fini(&got);
    fy_buf_fini(&want);
    return is_met;
}

/* Nothing of a qop that was not offered. */
static bool digest_has_no_more(const fy_challenge *answer, const cJSON *expected)
{
    static const char *const names[] = {"qop", "nc", "cnonce", "opaque", "userhash"};
    ferry_str raw;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (fy_challenge_param(answer, fy_str(names[i]), &raw) &&
            !json_get(expected, names[i]) && strcmp(names[i], "userhash") != 0)
            return false;
    return true;
}

static bool digest_is_met(ferry_str answer, const cJSON *expected)
{
    fy_challenge c;
    return expected && fy_challenge_next(&answer, &c) && answer.len == 0 &&
           fy_str_eq(c.scheme, FY_S("Digest")) && digest_has_expected(&c, expected) &&
           digest_has_no_more(&c, expected);
}

static void digest_judge(report *r, const cJSON *row, digest_row *d, fy_buf *answer)
{
    const cJSON *expected = json_get(row, "expected");
    const fy_hashes hashes = fy_hash_all();
    ferry_str name = d->n_fields ? d->fields[0].name : FY_S("");
    fy_challenge c;
    fy_digest digest;
    fy_error x;
    if (!fy_auth_choose(&c, (ferry_fields){d->fields, d->n_fields}, name,
            FY_AUTH_DIGEST, &hashes, true)) {
        report_judge(r, row, !expected, "an answer", FY_S("none"));
        return;
    }
    fy_digest_init(&digest, &peer_libc);
    if (!fy_digest_read(&digest, &c, &hashes, &x)) {
        digest.count = d->count ? d->count - 1 : 0;
        fy_digest_put(answer, &digest, &d->ask, &x);
    }
    report_judge(r, row, digest_is_met(fy_buf_view(answer), expected),
        expected ? "another answer" : "no answer", fy_buf_view(answer));
    fy_digest_fini(&digest);
}

void suite_digest(report *r, const cJSON *row)
{
    digest_row d = {.n_fields = 0};
    fy_buf answer;
    if (fy_hash_all().n == 0) {
        report_skip(r, "no hash functions in this build");
        return;
    }
    if (json_get(row, "skip_if")) {
        report_skip(r, "Mbed TLS has no SHA-512/256");
        return;
    }
    fy_buf_init(&d.bytes, &peer_libc, DIGESTS_MAX);
    fy_buf_init(&answer, &peer_libc, DIGESTS_MAX);
    fy_buf_reserve(&d.bytes, DIGESTS_MAX);
    digest_read_row(&d, row);
    digest_judge(r, row, &d, &answer);
    fy_buf_fini(&d.bytes);
    fy_buf_fini(&answer);
}
