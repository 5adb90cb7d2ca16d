/* wire_auth.c - who asks, as a line of a wire script.
 * tests. Knows ferry_auth. Does not know the rest of a script.
 * SPDX-License-Identifier: MIT */
#include "lib/wire_script.h"

#include "net/hash.h"

#include <string.h>

bool wire_script_is_for_here(const wire_script *s)
{
    return !s->needs_digest || fy_hash_all().n > 0;
}

/* A word that may hold escapes; "-" is NULL. */
static bool auth_read_word(
    wire_text *out, ferry_str *rest, const wire_terms *terms, const char **text)
{
    ferry_str word;
    *text = NULL;
    if (!wire_cut(rest, " ", &word) || wire_same(word, wire_str("-")))
        return true;
    bool is_good = wire_expand(out, word, terms);
    wire_put(out, "", 0);
    *text = out->ptr;
    return is_good;
}

/* A function of a caller's own: it says its name, and to a challenge another one. */
static int auth_call(void *ctx, ferry_draft *draft, const ferry_response *challenge)
{
    const char *wants = challenge ? ferry_header(challenge, "WWW-Authenticate") : NULL;
    ferry_str head = ferry_draft_head(draft);
    (void)ctx;
    if (!challenge && (head.len < 4 || memcmp(head.ptr + head.len - 4, "\r\n\r\n", 4)))
        return 1;
    if (challenge && (!wants || strcmp(wants, "Own")))
        return challenge->status == 401 ? 0 : 1;
    return ferry_draft_set(draft, "Authorization", challenge ? "Own answer" : "Own") !=
           FERRY_OK;
}

bool wire_auth_option(wire_command *c, ferry_str value, const wire_terms *terms)
{
    ferry_str kind;
    const char *user, *password;
    if (!wire_cut(&value, " ", &kind) ||
        !auth_read_word(&c->auth[0], &value, terms, &user) ||
        !auth_read_word(&c->auth[1], &value, terms, &password))
        return false;
    if (wire_same(kind, wire_str("basic")))
        c->opts.auth = ferry_basic(user, password);
    else if (wire_same(kind, wire_str("digest")))
        c->opts.auth = ferry_digest(user, password);
    else if (wire_same(kind, wire_str("any")))
        c->opts.auth = ferry_any_auth(user, password);
    else if (wire_same(kind, wire_str("bearer")))
        c->opts.auth = ferry_bearer(user);
    else if (wire_same(kind, wire_str("custom")))
        c->opts.auth = ferry_auth_custom(auth_call, NULL);
    else if (wire_same(kind, wire_str("none")))
        c->opts.auth = ferry_no_auth();
    return c->opts.auth.kind && value.len == 0;
}
