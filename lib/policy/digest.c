/* digest.c - the Digest scheme: what a server said, and how it is answered (RFC 7616).
 * policy. Knows challenges and hashes. Does not know where secrets come from, or chance.
 *
 * Theory: the answer is a hash over who asks (A1), what is asked for (A2), the server's
 * nonce and, with a qop, a nonce of our own and a count (3.4.1 to 3.4.3). Texts are hashed
 * as they are meant and sent as quoted-strings.
 * SPDX-License-Identifier: MIT */
#include "policy/digest.h"

#include "base/hex.h"
#include "proto/percent.h"

enum { DIGEST_TEXT_MAX = 1 << 20, DIGEST_HEX_MAX = FY_HASH_MAX * 2 };

void fy_digest_init(fy_digest *d, const ferry_platform *m)
{
    *d = (fy_digest){.hash = NULL};
    fy_buf_init(&d->text, m, DIGEST_TEXT_MAX);
}

void fy_digest_fini(fy_digest *d)
{
    fy_buf_fini(&d->text);
    d->hash = NULL;
}

/* --- the challenge --------------------------------------------------------------- */

/* MD5 if it does not say (RFC 7616 3.3). NULL if this build does not have it. */
static const fy_hash *digest_find_hash(
    const fy_challenge *c, const fy_hashes *hashes, bool *is_session)
{
    ferry_str raw, ending = FY_S("-sess");
    char sess[16];
    bool is_said = fy_challenge_param(c, FY_S("algorithm"), &raw);
    for (size_t i = 0; i < hashes->n; i++) {
        ferry_str name = fy_str(hashes->at[i].name);
        memcpy(sess, name.ptr, name.len);
        memcpy(sess + name.len, ending.ptr, ending.len);
        *is_session = is_said &&
                      fy_challenge_says(raw, (ferry_str){sess, name.len + ending.len});
        if (*is_session || (is_said && fy_challenge_says(raw, name)) ||
            (!is_said && fy_str_eq(name, FY_S("MD5"))))
            return &hashes->at[i];
    }
    return NULL;
}

typedef struct digest_offer {
    bool has_qop, auth, auth_int;
} digest_offer;

/* An empty list is taken for none, as others do. */
static digest_offer digest_read_qop(const fy_challenge *c)
{
    digest_offer o = {false, false, false};
    ferry_str raw, item;
    if (!fy_challenge_param(c, FY_S("qop"), &raw))
        return o;
    if (raw.len >= 2 && raw.ptr[0] == '"')
        raw = (ferry_str){raw.ptr + 1, raw.len - 2};
    while (fy_str_cut(&raw, ',', &item)) {
        item = fy_str_trim(item);
        o.has_qop |= item.len > 0;
        o.auth |= fy_str_eq_nocase(item, FY_S("auth"));
        o.auth_int |= fy_str_eq_nocase(item, FY_S("auth-int"));
    }
    return o;
}

int fy_digest_strength(
    const fy_challenge *c, const fy_hashes *hashes, bool can_hash_body)
{
    ferry_str raw;
    bool is_session;
    digest_offer o = digest_read_qop(c);
    const fy_hash *hash = digest_find_hash(c, hashes, &is_session);
    if (!hash || !fy_str_eq_nocase(c->scheme, FY_S("Digest")) ||
        !fy_challenge_param(c, FY_S("realm"), &raw) ||
        !fy_challenge_param(c, FY_S("nonce"), &raw) ||
        (o.has_qop && !o.auth && !(o.auth_int && can_hash_body)))
        return 0;
    return (int)(hashes->n - (size_t)(hash - hashes->at));
}

static ferry_str digest_keep(fy_digest *d, const fy_challenge *c, ferry_str name)
{
    ferry_str raw = FY_S("");
    size_t at = d->text.len;
    fy_challenge_param(c, name, &raw);
    fy_challenge_put_plain(&d->text, raw);
    ferry_str kept = {NULL, d->text.len - at};
    fy_buf_putc(&d->text, '\0');
    return kept;
}

/* The buffer has moved while it grew. */
static void digest_settle(fy_digest *d)
{
    ferry_str *kept[] = {&d->realm, &d->nonce, &d->opaque, &d->algorithm};
    const char *at = d->text.ptr;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        kept[i]->ptr = at;
        at += kept[i]->len + 1;
    }
}

/* The nonce that is known already goes on being counted. Without memory it is not known,
 * and not new either: a count that starts anew is an answer that was given before. */
static ferry_err digest_compare_nonce(
    fy_digest *d, const fy_challenge *c, bool *is_same, fy_error *x)
{
    size_t before = d->text.len;
    *is_same = false;
    if (!d->hash)
        return FERRY_OK;
    ferry_str kept = digest_keep(d, c, FY_S("nonce"));
    TRY(fy_fail_buf(x, &d->text, NULL));
    digest_settle(d); /* it may have moved */
    kept.ptr = d->text.ptr + before;
    *is_same = fy_str_eq(kept, d->nonce);
    return FERRY_OK;
}

static bool digest_says_true(const fy_challenge *c, ferry_str name)
{
    ferry_str raw;
    return fy_challenge_param(c, name, &raw) && fy_challenge_says(raw, FY_S("true"));
}

ferry_err fy_digest_read(
    fy_digest *d, const fy_challenge *c, const fy_hashes *hashes, fy_error *x)
{
    digest_offer o = digest_read_qop(c);
    ferry_str raw;
    bool is_same;
    ferry_err e = digest_compare_nonce(d, c, &is_same, x);
    d->hash = NULL;
    fy_buf_clear(&d->text);
    TRY(e);
    d->realm = digest_keep(d, c, FY_S("realm"));
    d->nonce = digest_keep(d, c, FY_S("nonce"));
    d->opaque = digest_keep(d, c, FY_S("opaque"));
    d->algorithm = digest_keep(d, c, FY_S("algorithm"));
    TRY(fy_fail_buf(x, &d->text, NULL));
    digest_settle(d);
    d->has_opaque = fy_challenge_param(c, FY_S("opaque"), &raw);
    d->has_qop = o.has_qop;
    d->offers_auth = o.auth;
    d->offers_auth_int = o.auth_int;
    d->wants_user_hashed = digest_says_true(c, FY_S("userhash"));
    d->is_stale = digest_says_true(c, FY_S("stale"));
    d->is_utf8 = fy_challenge_param(c, FY_S("charset"), &raw) &&
                 fy_challenge_says(raw, FY_S("UTF-8"));
    if (!is_same)
        d->count = 0;
    d->hash = digest_find_hash(c, hashes, &d->is_session);
    return FERRY_OK;
}

/* --- hashing --------------------------------------------------------------------- */

typedef struct digest_hex {
    char text[DIGEST_HEX_MAX];
    size_t len;
} digest_hex;

static ferry_str digest_view(const digest_hex *h)
{
    return (ferry_str){h->text, h->len};
}

/* LHEX(H(a ":" b ":" ...)) (RFC 7616 3.4). */
static bool digest_hash(
    digest_hex *out, const fy_hash *hash, const ferry_str *parts, size_t n)
{
    enum { DIGEST_PARTS = 6 };
    unsigned char raw[FY_HASH_MAX];
    ferry_str pieces[DIGEST_PARTS * 2];
    size_t n_pieces = 0;
    for (size_t i = 0; i < n; i++) {
        if (i)
            pieces[n_pieces++] = FY_S(":");
        pieces[n_pieces++] = parts[i];
    }
    if (!hash->make(raw, pieces, n_pieces))
        return false;
    out->len = hash->size * 2;
    fy_hex(out->text, raw, hash->size);
    return true;
}

#define DIGEST_HASH(out, hash, ...)                                                    \
    digest_hash(out, hash, (const ferry_str[]){__VA_ARGS__},                           \
        sizeof((const ferry_str[]){__VA_ARGS__}) / sizeof(ferry_str))

/* One answer, while it is made. */
typedef struct digest_answer {
    ferry_str qop, cnonce, count;
    char count_text[8];
    digest_hex a1, a2, response;
} digest_answer;

static void digest_write_count(char out[8], uint32_t n)
{
    const unsigned char bytes[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
        (unsigned char)(n >> 8), (unsigned char)n};
    fy_hex(out, bytes, sizeof bytes);
}

/* qop=auth wherever it is offered: the body is not always at hand, and what the network
 * may change is TLS's to protect. */
static bool digest_choose_qop(digest_answer *a, const fy_digest *d, bool has_body)
{
    if (d->has_qop && !d->offers_auth && !(d->offers_auth_int && has_body))
        return false;
    a->qop = !d->has_qop ? FY_S("") : d->offers_auth ? FY_S("auth") : FY_S("auth-int");
    return true;
}

/* RFC 7616 3.4.2: a session's key is made with the first cnonce, and the later answers
 * must give a server that makes it anew the same one. */
static void digest_choose_cnonce(
    digest_answer *a, fy_digest *d, const fy_digest_ask *ask)
{
    a->cnonce = ask->cnonce;
    if (!d->is_session || ask->cnonce.len != FY_CNONCE_LEN)
        return;
    if (d->count == 0)
        memcpy(d->cnonce, ask->cnonce.ptr, FY_CNONCE_LEN);
    a->cnonce = (ferry_str){d->cnonce, FY_CNONCE_LEN};
}

static bool digest_make_a1(
    digest_answer *a, const fy_digest *d, const fy_digest_ask *ask)
{
    return DIGEST_HASH(&a->a1, d->hash, ask->user, d->realm, ask->password) &&
           (!d->is_session ||
               DIGEST_HASH(&a->a1, d->hash, digest_view(&a->a1), d->nonce, a->cnonce));
}

static bool digest_make_a2(
    digest_answer *a, const fy_digest *d, const fy_digest_ask *ask)
{
    digest_hex body;
    if (!fy_str_eq(a->qop, FY_S("auth-int")))
        return DIGEST_HASH(&a->a2, d->hash, ask->method, ask->uri);
    return DIGEST_HASH(&body, d->hash, ask->body) &&
           DIGEST_HASH(&a->a2, d->hash, ask->method, ask->uri, digest_view(&body));
}

static bool digest_make_response(digest_answer *a, const fy_digest *d)
{
    ferry_str a1 = digest_view(&a->a1), a2 = digest_view(&a->a2);
    if (!a->qop.len) /* RFC 2069 */
        return DIGEST_HASH(&a->response, d->hash, a1, d->nonce, a2);
    return DIGEST_HASH(
        &a->response, d->hash, a1, d->nonce, a->count, a->cnonce, a->qop, a2);
}

/* --- the answer ------------------------------------------------------------------ */

static void digest_put_quoted(fy_buf *out, ferry_str name, ferry_str value)
{
    fy_buf_puts(out, name);
    fy_buf_puts(out, FY_S("=\""));
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\')
            fy_buf_putc(out, '\\');
        fy_buf_putc(out, value.ptr[i]);
    }
    fy_buf_putc(out, '"');
}

static void digest_put_bare(fy_buf *out, ferry_str name, ferry_str value)
{
    fy_buf_puts(out, name);
    fy_buf_putc(out, '=');
    fy_buf_puts(out, value);
}

static bool digest_is_ascii(ferry_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* RFC 8187 3.2.1: what is neither unreserved nor "~" and the like goes as a triplet. */
static void digest_put_extended(fy_buf *out, ferry_str value)
{
    fy_buf_puts(out, FY_S("username*=UTF-8''"));
    for (size_t i = 0; i < value.len; i++)
        if (fy_percent_run((ferry_str){value.ptr + i, 1}, FY_PERCENT_UNRESERVED))
            fy_buf_putc(out, value.ptr[i]);
        else
            fy_percent_put_byte(out, value.ptr[i]);
}

/* RFC 7616 3.4, 3.4.4: plain, as a hash, or beyond ASCII if the server knows how. */
static bool digest_put_user(fy_buf *out, const fy_digest *d, ferry_str user)
{
    digest_hex hashed;
    if (d->wants_user_hashed) {
        if (!DIGEST_HASH(&hashed, d->hash, user, d->realm))
            return false;
        digest_put_quoted(out, FY_S("username"), digest_view(&hashed));
    } else if (d->is_utf8 && !digest_is_ascii(user)) {
        digest_put_extended(out, user);
    } else {
        digest_put_quoted(out, FY_S("username"), user);
    }
    return true;
}

/* What is quoted and what is not: RFC 7616 3.4. */
static void digest_put_rest(
    fy_buf *out, const fy_digest *d, const digest_answer *a, ferry_str uri)
{
    digest_put_quoted(out, FY_S(", realm"), d->realm);
    digest_put_quoted(out, FY_S(", nonce"), d->nonce);
    digest_put_quoted(out, FY_S(", uri"), uri);
    digest_put_quoted(out, FY_S(", response"), digest_view(&a->response));
    if (d->has_opaque)
        digest_put_quoted(out, FY_S(", opaque"), d->opaque);
    if (d->algorithm.len)
        digest_put_bare(out, FY_S(", algorithm"), d->algorithm);
    if (a->qop.len) {
        digest_put_bare(out, FY_S(", qop"), a->qop);
        digest_put_bare(out, FY_S(", nc"), a->count);
    }
    if (a->qop.len || d->is_session)
        digest_put_quoted(out, FY_S(", cnonce"), a->cnonce);
    if (d->wants_user_hashed)
        fy_buf_puts(out, FY_S(", userhash=true"));
}

static ferry_err digest_put(
    fy_buf *out, fy_digest *d, const fy_digest_ask *ask, digest_answer *a, fy_error *x)
{
    if (!digest_choose_qop(a, d, ask->body.ptr != NULL))
        return fy_fail(x, FERRY_ERR_UNSUPPORTED,
            "Digest with qop=auth-int needs a body in memory", FY_NOWHERE);
    digest_choose_cnonce(a, d, ask);
    digest_write_count(a->count_text, ++d->count);
    a->count = (ferry_str){a->count_text, sizeof a->count_text};
    fy_buf_puts(out, FY_S("Digest "));
    if (!digest_make_a1(a, d, ask) || !digest_make_a2(a, d, ask) ||
        !digest_make_response(a, d) || !digest_put_user(out, d, ask->user))
        return fy_fail(x, FERRY_ERR_UNSUPPORTED, "the hash cannot be made", FY_NOWHERE);
    digest_put_rest(out, d, a, ask->uri);
    return fy_fail_buf(x, out, "request head too long");
}

ferry_err fy_digest_put(
    fy_buf *out, fy_digest *d, const fy_digest_ask *ask, fy_error *x)
{
    digest_answer a;
    ferry_err e = digest_put(out, d, ask, &a, x);
    fy_wipe(&a, sizeof a); /* A1 is as good as the password */
    return e;
}
