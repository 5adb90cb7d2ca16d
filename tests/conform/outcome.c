/* outcome.c - what came of one response, as the user of the library sees it: compared,
 * judged, printed. Knows the vectors' way to write outcomes. Does not know how they
 * come about. SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <string.h>

#include "json.h"
#include "peer.h"

enum { OUTCOME_SHOWN = 160 };

static const char *const outcome_names[] = {
    "ok", "error", "truncated", "incomplete", "other"};
static const char *const outcome_text_names[] = {
    "reason", "headers", "body", "trailers", "leftover", "said"};

void outcome_init(outcome *o)
{
    memset(o, 0, sizeof *o);
    o->framing = "";
    for (int i = 0; i < OUTCOME_TEXTS; i++)
        fy_buf_init(&o->text[i], &peer_libc, SIZE_MAX / 4);
}

void outcome_fini(outcome *o)
{
    for (int i = 0; i < OUTCOME_TEXTS; i++)
        fy_buf_fini(&o->text[i]);
}

void outcome_clear(outcome *o)
{
    for (int i = 0; i < OUTCOME_TEXTS; i++)
        fy_buf_clear(&o->text[i]);
    o->status = o->minor = o->interim = 0;
    o->framing = "";
    o->is_reused = o->is_poisoned = false;
    o->given = o->used = 0;
}

outcome_result outcome_of(ferry_err e)
{
    switch (e) {
    case FERRY_OK: return OUTCOME_OK;
    case FERRY_ERR_PROTOCOL:
    case FERRY_ERR_LIMIT: return OUTCOME_ERROR;
    case FERRY_ERR_TRUNCATED:
    case FERRY_ERR_CLOSED: return OUTCOME_TRUNCATED;
    case FERRY_ERR_READ_TIMEOUT: return OUTCOME_INCOMPLETE;
    default: return OUTCOME_OTHER;
    }
}

static bool outcome_same_text(const outcome *a, const outcome *b, int i)
{
    return fy_str_eq(fy_buf_view(&a->text[i]), fy_buf_view(&b->text[i]));
}

bool outcome_same(const outcome *a, const outcome *b, bool is_gathered)
{
    bool is_same = a->err == b->err && a->is_reused == b->is_reused &&
                   a->is_poisoned == b->is_poisoned &&
                   outcome_same_text(a, b, OUTCOME_SAID);
    if (is_gathered && a->err)
        return is_same;
    is_same = is_same && a->status == b->status && a->minor == b->minor &&
              a->interim == b->interim && strcmp(a->framing, b->framing) == 0;
    for (int i = 0; i < OUTCOME_TEXTS; i++)
        is_same = is_same && outcome_same_text(a, b, i);
    return is_same;
}

/* --- judging --------------------------------------------------------------------- */

/* True if `wanted` does not say, or says what there is. */
static bool outcome_meets_text(const outcome *o, int which, const cJSON *wanted,
    bool (*put)(fy_buf *, const cJSON *))
{
    const cJSON *member = json_get(wanted, outcome_text_names[which]);
    if (!member)
        return true;
    fy_buf text;
    fy_buf_init(&text, &peer_libc, SIZE_MAX / 4);
    bool is_met = put(&text, member) &&
                  fy_str_eq(fy_buf_view(&text), fy_buf_view(&o->text[which]));
    fy_buf_fini(&text);
    return is_met;
}

static bool outcome_meets_result(const outcome *o, const char *wanted, bool is_close)
{
    if (strcmp(wanted, "ok") == 0)
        return o->result == OUTCOME_OK ||
               (o->result == OUTCOME_INCOMPLETE && o->status && is_close);
    if (strcmp(wanted, "truncated") == 0 || strcmp(wanted, "incomplete") == 0)
        return o->result == OUTCOME_TRUNCATED || o->result == OUTCOME_INCOMPLETE;
    return strcmp(wanted, "error") == 0 && o->result == OUTCOME_ERROR;
}

bool outcome_meets_members(const outcome *o, const cJSON *wanted)
{
    const char *framing = json_text(wanted, "framing");
    const cJSON *status = json_get(wanted, "status");
    return (!framing || strcmp(framing, o->framing) == 0) &&
           (!status || status->valueint == o->status) &&
           outcome_meets_text(o, OUTCOME_REASON, wanted, json_put_bytes) &&
           outcome_meets_text(o, OUTCOME_HEADERS, wanted, json_put_fields) &&
           outcome_meets_text(o, OUTCOME_BODY, wanted, json_put_bytes) &&
           outcome_meets_text(o, OUTCOME_TRAILERS, wanted, json_put_fields);
}

bool outcome_meets(const outcome *o, const cJSON *wanted)
{
    const char *result = json_text(wanted, "result");
    const char *framing = json_text(wanted, "framing");
    bool is_close = framing && strcmp(framing, "close") == 0;
    return result && outcome_meets_result(o, result, is_close) &&
           outcome_meets_members(o, wanted);
}

bool outcome_meets_any(const outcome *o, const cJSON *list)
{
    const cJSON *wanted;
    cJSON_ArrayForEach(wanted, list) if (outcome_meets(o, wanted)) return true;
    return false;
}

/* --- printing -------------------------------------------------------------------- */

static void outcome_put_byte(fy_buf *out, char c)
{
    static const char digits[] = "0123456789abcdef", named[] = "\r\n\t\\\"";
    static const char letters[] = "rnt\\\"";
    const char *at = c ? strchr(named, c) : NULL;
    unsigned byte = (unsigned char)c;
    if (at) {
        fy_buf_putc(out, '\\');
        fy_buf_putc(out, letters[at - named]);
    } else if (byte >= 0x20 && byte < 0x7f) {
        fy_buf_putc(out, c);
    } else {
        fy_buf_puts(out, FY_S("\\x"));
        fy_buf_putc(out, digits[byte >> 4]);
        fy_buf_putc(out, digits[byte & 15]);
    }
}

void outcome_put_quoted(fy_buf *out, ferry_str s)
{
    fy_buf_putc(out, '"');
    for (size_t i = 0; i < s.len && i < OUTCOME_SHOWN; i++)
        outcome_put_byte(out, s.ptr[i]);
    fy_buf_putc(out, '"');
    if (s.len <= OUTCOME_SHOWN)
        return;
    fy_buf_puts(out, FY_S("... ("));
    fy_buf_put_number(out, (int64_t)s.len);
    fy_buf_puts(out, FY_S(" bytes)"));
}

static void outcome_put_name(fy_buf *out, const char *name)
{
    fy_buf_putc(out, ' ');
    fy_buf_puts(out, fy_str(name));
    fy_buf_putc(out, '=');
}

void outcome_put(fy_buf *out, const outcome *o)
{
    fy_buf_puts(out, fy_str(outcome_names[o->result]));
    if (o->err) {
        fy_buf_putc(out, ' ');
        fy_buf_puts(out, fy_str(ferry_err_name(o->err)));
    }
    if (o->status) {
        outcome_put_name(out, "status");
        fy_buf_put_number(out, o->status);
        outcome_put_name(out, "framing");
        fy_buf_puts(out, fy_str(o->framing));
    }
    for (int i = 0; i < OUTCOME_TEXTS; i++)
        if (o->text[i].len) {
            outcome_put_name(out, outcome_text_names[i]);
            outcome_put_quoted(out, fy_buf_view(&o->text[i]));
        }
    if (o->is_reused)
        fy_buf_puts(out, FY_S(", reused"));
    if (o->is_poisoned)
        fy_buf_puts(out, FY_S(", the next request got another answer than its own"));
}

/* A member that is no string, as JSON; its strings are bytes, so they may hold more
 * than ASCII. */
static void outcome_put_json(fy_buf *out, const cJSON *member)
{
    char *text = cJSON_PrintUnformatted(member);
    for (const char *p = text; p && *p; p++)
        if (*p >= 0x20 && *p < 0x7f)
            fy_buf_putc(out, *p);
        else
            outcome_put_byte(out, *p);
    cJSON_free(text);
}

static void outcome_put_member(fy_buf *out, const cJSON *member)
{
    fy_buf bytes;
    fy_buf_init(&bytes, &peer_libc, SIZE_MAX / 4);
    outcome_put_name(out, member->string);
    if (json_put_bytes(&bytes, member))
        outcome_put_quoted(out, fy_buf_view(&bytes));
    else
        outcome_put_json(out, member);
    fy_buf_fini(&bytes);
}

void outcome_put_wanted(fy_buf *out, const cJSON *wanted)
{
    const char *result = json_text(wanted, "result");
    const cJSON *member;
    fy_buf_puts(out, fy_str(result ? result : "no error"));
    cJSON_ArrayForEach(member, wanted)
    {
        bool is_more = strcmp(member->string, "result") && !cJSON_IsNull(member) &&
                       strcmp(member->string, "messages") &&
                       strcmp(member->string, "error");
        if (is_more)
            outcome_put_member(out, member);
    }
}

void outcome_put_list(fy_buf *out, const cJSON *list)
{
    const cJSON *wanted;
    bool is_first = true;
    cJSON_ArrayForEach(wanted, list)
    {
        if (!is_first)
            fy_buf_puts(out, FY_S(" | "));
        is_first = false;
        outcome_put_wanted(out, wanted);
    }
}
