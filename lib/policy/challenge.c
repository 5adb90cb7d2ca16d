/* challenge.c - how a server or a proxy wants to be told who asks (RFC 9110 11.3,
 * 11.6.1, 11.7.1).
 * policy. Knows schemes and parameters as text. Does not know any scheme.
 *
 * Theory: challenges and their parameters stand in one list, divided by the same commas:
 *     Basic realm="a", Digest realm="b", nonce=c, Negotiate YWJj==
 * An element with a "=" behind its first word goes on with the challenge before it; any
 * other one begins a new one, and may bring a first parameter or one token68.
 * SPDX-License-Identifier: MIT */
#include "policy/challenge.h"

static ferry_str challenge_skip_blanks(ferry_str s)
{
    while (s.len && fy_is_blank(s.ptr[0]))
        s = fy_str_from(s, 1);
    return s;
}

/* Empty elements are allowed (RFC 9110 5.6.1.2). */
static ferry_str challenge_skip_commas(ferry_str s)
{
    while (s.len && (fy_is_blank(s.ptr[0]) || s.ptr[0] == ','))
        s = fy_str_from(s, 1);
    return s;
}

/* Nothing of this element is left. */
static bool challenge_is_at_end(ferry_str s)
{
    s = challenge_skip_blanks(s);
    return s.len == 0 || s.ptr[0] == ',';
}

/* The length of the quoted-string at the front, or 0. */
static size_t challenge_quoted(ferry_str s)
{
    if (s.len == 0 || s.ptr[0] != '"')
        return 0;
    for (size_t i = 1; i < s.len; i++)
        if (s.ptr[i] == '"')
            return i + 1;
        else if (s.ptr[i] == '\\')
            i++;
    return 0;
}

/* The length of the bare value at the front, or 0. Servers leave the quotes away where
 * more than a token stands, too; a comma or a quote never belongs to it. */
static size_t challenge_bare(ferry_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] > ' ' && s.ptr[n] < 0x7f && s.ptr[n] != ',' &&
           s.ptr[n] != '"')
        n++;
    return n && s.ptr[0] != '=' ? n : 0;
}

typedef struct challenge_pair {
    ferry_str name, raw;
} challenge_pair;

/* Eat one parameter up to its comma; false and nothing eaten if there is none. */
static bool challenge_cut_pair(ferry_str *rest, challenge_pair *out)
{
    size_t name = fy_str_token_end(*rest);
    ferry_str s = challenge_skip_blanks(fy_str_from(*rest, name));
    if (name == 0 || s.len == 0 || s.ptr[0] != '=')
        return false;
    s = challenge_skip_blanks(fy_str_from(s, 1));
    size_t value = challenge_quoted(s);
    if (!value)
        value = challenge_bare(s);
    if (!value || !challenge_is_at_end(fy_str_from(s, value)))
        return false;
    *out = (challenge_pair){fy_str_upto(*rest, name), fy_str_upto(s, value)};
    *rest = fy_str_from(s, value);
    return true;
}

/* The length of the token68 that is all of this element, or 0 (RFC 9110 11.2). */
static size_t challenge_token68(ferry_str s)
{
    size_t n = 0;
    while (n < s.len && (s.ptr[n] == '/' || fy_str_token_end(fy_str_from(s, n)) > 0))
        n += s.ptr[n] == '/' ? 1 : fy_str_token_end(fy_str_from(s, n));
    size_t body = n;
    while (n < s.len && s.ptr[n] == '=')
        n++;
    return body && challenge_is_at_end(fy_str_from(s, n)) ? n : 0;
}

/* No control byte but HT: what is said here will be said back. */
static bool challenge_is_clean(const char *begin, const char *end)
{
    ferry_str s = {begin, (size_t)(end - begin)};
    return fy_str_value_end(s) == s.len;
}

/* All parameters at the front of `s` are the challenge's. */
static ferry_str challenge_take_params(ferry_str s, fy_challenge *out)
{
    challenge_pair pair;
    ferry_str rest = challenge_skip_commas(s);
    out->params = fy_str_upto(rest, 0);
    while (challenge_cut_pair(&rest, &pair)) {
        out->params.len = (size_t)(rest.ptr - out->params.ptr);
        s = rest;
        rest = challenge_skip_commas(rest);
    }
    return s;
}

bool fy_challenge_next(ferry_str *value, fy_challenge *out)
{
    ferry_str s = challenge_skip_commas(*value);
    size_t scheme = fy_str_token_end(s);
    *value = fy_str_from(s, s.len);
    if (scheme == 0)
        return false;
    *out = (fy_challenge){.scheme = fy_str_upto(s, scheme), .token68 = FY_S("")};
    s = fy_str_from(s, scheme);
    if (s.len && fy_is_blank(s.ptr[0])) {
        ferry_str word = challenge_skip_blanks(s);
        size_t n = challenge_token68(word);
        out->token68 = fy_str_upto(word, n);
        s = fy_str_from(word, n);
    }
    if (!out->token68.len)
        s = challenge_take_params(s, out);
    else
        out->params = FY_S("");
    if (!challenge_is_at_end(s) || !challenge_is_clean(out->scheme.ptr, s.ptr))
        return false;
    *value = s;
    return true;
}

bool fy_challenge_param(const fy_challenge *c, ferry_str name, ferry_str *raw)
{
    bool is_there = false;
    challenge_pair pair;
    for (ferry_str rest = c->params; challenge_cut_pair(&rest, &pair);
         rest = challenge_skip_commas(rest))
        if (fy_str_eq_nocase(pair.name, name)) {
            *raw = pair.raw;
            is_there = true;
        }
    return is_there;
}

/* The next byte of what a raw value means; false at its end. */
static bool challenge_cut_byte(ferry_str *inner, bool is_quoted, char *c)
{
    if (inner->len > 1 && is_quoted && inner->ptr[0] == '\\')
        *inner = fy_str_from(*inner, 1);
    if (inner->len == 0)
        return false;
    *c = inner->ptr[0];
    *inner = fy_str_from(*inner, 1);
    return true;
}

static ferry_str challenge_inner(ferry_str raw, bool *is_quoted)
{
    *is_quoted = raw.len >= 2 && raw.ptr[0] == '"';
    return *is_quoted ? (ferry_str){raw.ptr + 1, raw.len - 2} : raw;
}

void fy_challenge_put_plain(fy_buf *out, ferry_str raw)
{
    bool is_quoted;
    ferry_str inner = challenge_inner(raw, &is_quoted);
    for (char c; challenge_cut_byte(&inner, is_quoted, &c);)
        fy_buf_putc(out, c);
}

bool fy_challenge_says(ferry_str raw, ferry_str word)
{
    bool is_quoted;
    ferry_str inner = challenge_inner(raw, &is_quoted);
    size_t n = 0;
    for (char c; challenge_cut_byte(&inner, is_quoted, &c); n++)
        if (n >= word.len || fy_lower(c) != fy_lower(word.ptr[n]))
            return false;
    return n == word.len;
}
