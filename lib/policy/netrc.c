/* netrc.c - the file with users and passwords by host name.
 * policy. Knows its text. Does not know where the file lies, or what the secrets open.
 *
 * Theory: words divided by white space; a word in quotes may hold blanks and escapes.
 *     machine HOST login USER account NAME password SECRET
 *     default login USER password SECRET
 *     macdef NAME, and all up to an empty line
 * A "#" where a keyword is due begins a comment, but a password may begin with one.
 * SPDX-License-Identifier: MIT */
#include "policy/netrc.h"

void fy_netrc_init(fy_netrc *n, const ferry_platform *m, size_t max)
{
    *n = (fy_netrc){.at = NULL};
    fy_buf_init(&n->text, m, max);
    n->text.is_secret = true;
}

void fy_netrc_fini(fy_netrc *n)
{
    const ferry_platform *m = n->text.platform;
    fy_resize(m, n->at, n->cap * sizeof *n->at, 0);
    fy_buf_fini(&n->text);
    fy_netrc_init(n, m, n->text.max);
}

/* --- words ----------------------------------------------------------------------- */

/* The text that is left, from the front. */
typedef struct netrc_reader {
    char *p, *end;
    bool is_broken; /* by a quote that is never closed, or that closes inside a word */
} netrc_reader;

static bool netrc_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void netrc_skip_line(netrc_reader *r)
{
    while (r->p < r->end && *r->p != '\n')
        r->p++;
}

static void netrc_skip_space(netrc_reader *r)
{
    while (r->p < r->end && netrc_is_space(*r->p))
        r->p++;
}

static char netrc_unescape(char c)
{
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* Behind the opening quote; the word moves to the front of its place. */
static bool netrc_cut_quoted(netrc_reader *r, ferry_str *word)
{
    char *to = r->p;
    *word = (ferry_str){to, 0};
    for (; r->p < r->end; r->p++) {
        if (*r->p == '"') {
            r->p++;
            word->len = (size_t)(to - word->ptr);
            r->is_broken = r->p < r->end && !netrc_is_space(*r->p);
            return !r->is_broken;
        }
        bool is_escaped = *r->p == '\\' && r->end - r->p > 1;
        if (is_escaped)
            r->p++;
        *to++ = is_escaped ? netrc_unescape(*r->p) : *r->p;
    }
    r->is_broken = true;
    return false;
}

/* False at the end, and where the text is broken. */
static bool netrc_cut_word(netrc_reader *r, ferry_str *word)
{
    netrc_skip_space(r);
    if (r->p == r->end)
        return false;
    if (*r->p == '"') {
        r->p++;
        return netrc_cut_quoted(r, word);
    }
    *word = (ferry_str){r->p, 0};
    while (r->p < r->end && !netrc_is_space(*r->p))
        r->p++;
    word->len = (size_t)(r->p - word->ptr);
    return true;
}

static bool netrc_cut_keyword(netrc_reader *r, ferry_str *word)
{
    netrc_skip_space(r);
    while (r->p < r->end && *r->p == '#') {
        netrc_skip_line(r);
        netrc_skip_space(r);
    }
    return netrc_cut_word(r, word);
}

/* A macro goes up to a line without a byte, or to the end. */
static void netrc_skip_macro(netrc_reader *r)
{
    netrc_skip_line(r);
    while (r->p < r->end) {
        char *line = ++r->p;
        netrc_skip_line(r);
        if (r->p == line || (r->p == line + 1 && *line == '\r'))
            return;
    }
}

/* --- entries --------------------------------------------------------------------- */

typedef struct netrc_draft {
    fy_netrc_entry entry;
    ferry_str account;
    bool is_begun;
} netrc_draft;

static ferry_err netrc_add(fy_netrc *n, netrc_draft *draft, fy_error *x)
{
    void *list = n->at;
    if (!draft->is_begun)
        return FERRY_OK;
    bool has_room = fy_list_grow(
        n->text.platform, &list, &n->cap, n->n + 1, sizeof *n->at);
    n->at = list;
    if (!has_room)
        return fy_fail_nomem(x);
    if (!draft->entry.login.len)
        draft->entry.login = draft->account;
    n->at[n->n++] = draft->entry;
    return FERRY_OK;
}

static void netrc_begin(netrc_draft *draft, ferry_str host)
{
    *draft = (netrc_draft){{host, FY_S(""), FY_S("")}, FY_S(""), true};
}

/* Where the word behind this keyword goes, or NULL. */
static ferry_str *netrc_find_value(netrc_draft *draft, ferry_str keyword)
{
    if (!draft->is_begun)
        return NULL;
    if (fy_str_eq(keyword, FY_S("login")) || fy_str_eq(keyword, FY_S("user")))
        return &draft->entry.login;
    if (fy_str_eq(keyword, FY_S("password")))
        return &draft->entry.password;
    return fy_str_eq(keyword, FY_S("account")) ? &draft->account : NULL;
}

/* One keyword and what belongs to it. False if that is not as it should be. */
static bool netrc_take(netrc_draft *draft, netrc_reader *r, ferry_str keyword)
{
    ferry_str word, *value = netrc_find_value(draft, keyword);
    if (value)
        return netrc_cut_word(r, value);
    if (fy_str_eq(keyword, FY_S("default"))) {
        netrc_begin(draft, (ferry_str){NULL, 0});
        return true;
    }
    if (!netrc_cut_word(r, &word))
        return false;
    if (fy_str_eq(keyword, FY_S("machine"))) {
        netrc_begin(draft, word);
    } else if (fy_str_eq(keyword, FY_S("macdef"))) {
        draft->is_begun = false;
        netrc_skip_macro(r);
    } else {
        return false;
    }
    return true;
}

ferry_err fy_netrc_parse(fy_netrc *n, fy_error *x)
{
    netrc_reader r = {
        n->text.ptr, n->text.ptr ? n->text.ptr + n->text.len : NULL, false};
    netrc_draft draft = {.is_begun = false};
    ferry_str keyword;
    n->n = 0;
    while (r.p && netrc_cut_keyword(&r, &keyword)) {
        netrc_draft before = draft;
        if (!netrc_take(&draft, &r, keyword))
            return FERRY_OK;
        if (!netrc_find_value(&before, keyword))
            TRY(netrc_add(n, &before, x));
    }
    return r.is_broken ? FERRY_OK : netrc_add(n, &draft, x);
}

static bool netrc_is_for(const fy_netrc_entry *e, ferry_str host, ferry_str login)
{
    bool is_host = host.ptr ? e->host.ptr && fy_str_eq_nocase(e->host, host)
                            : !e->host.ptr;
    return is_host && (!login.ptr || fy_str_eq(e->login, login));
}

static const fy_netrc_entry *netrc_search(
    const fy_netrc *n, ferry_str host, ferry_str login)
{
    for (size_t i = 0; i < n->n; i++)
        if (netrc_is_for(&n->at[i], host, login))
            return &n->at[i];
    return NULL;
}

const fy_netrc_entry *fy_netrc_find(const fy_netrc *n, ferry_str host, ferry_str login)
{
    static const ferry_str any = {NULL, 0};
    const fy_netrc_entry *found = netrc_search(n, host, login);
    if (!found && !netrc_search(n, host, any))
        found = netrc_search(n, any, login);
    return found && (found->login.len || found->password.len) ? found : NULL;
}
