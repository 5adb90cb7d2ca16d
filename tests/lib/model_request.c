/* model_request.c - an independent, slow and strict reader of HTTP/1.1 requests.
 * Section numbers are those of RFC 9112. SPDX-License-Identifier: MIT */
#include "lib/model_request.h"

#include <string.h>

static model_step model_blame(model_request *r, model_step step, const char *what)
{
    if (step == MODEL_BAD)
        r->wrong = what;
    return step;
}

/* 3.2: origin-form or asterisk-form, made of visible ASCII. */
static model_step model_take_target(model_in *in, model_request *r)
{
    while (model_peek(in) > ' ' && model_peek(in) < 0x7f)
        model_text_put(&r->target, in->p[in->at++]);
    if (model_peek(in) < 0)
        return MODEL_SHORT;
    bool is_origin = r->target.len && r->target.ptr[0] == '/';
    bool is_asterisk = model_text_is(&r->target, "*") &&
                       model_text_is(&r->method, "OPTIONS");
    return is_origin || is_asterisk ? MODEL_FULL : MODEL_BAD;
}

/* method SP request-target SP HTTP-version CRLF */
static model_step model_take_request_line(model_in *in, model_request *r)
{
    model_step step = model_take_token(in, &r->method);
    if (step == MODEL_FULL)
        step = model_take(in, ' ');
    if (step == MODEL_FULL)
        step = model_take_target(in, r);
    for (const char *c = " HTTP/1.1\r\n"; *c && step == MODEL_FULL; c++)
        step = model_take(in, *c);
    return step;
}

/* 6.2: one length, in decimal digits. */
static model_step model_take_content(model_in *in, model_request *r)
{
    size_t empty = 0;
    model_text item = {NULL, 0};
    r->has_length = model_list_nth(&r->fields, "Content-Length", 0, &item, &empty);
    bool is_bad = model_count(&r->fields, "Content-Length") > 1 || empty;
    for (size_t i = 0; i < item.len; i++) {
        is_bad |= !model_is_digit((unsigned char)item.ptr[i]) || i > 12;
        r->length = r->length * 10 + (uint64_t)(item.ptr[i] - '0');
    }
    model_text_free(&item);
    if (is_bad)
        return MODEL_BAD;
    return model_take_bytes(in, r->length, &r->body);
}

static model_step model_take_request(model_in *in, model_request *r)
{
    model_step step = model_blame(r, model_take_request_line(in, r), "request line");
    if (step == MODEL_FULL)
        step = model_blame(r, model_take_section(in, false, &r->fields), "field line");
    if (step != MODEL_FULL)
        return step;
    r->head_len = in->at;
    if (model_count(&r->fields, "Host") != 1)
        return model_blame(r, MODEL_BAD, "not one Host"); /* 3.2 */
    if (model_count(&r->fields, "Transfer-Encoding"))
        return model_blame(r, MODEL_BAD, "Transfer-Encoding"); /* 6.1 */
    return model_blame(r, model_take_content(in, r), "Content-Length");
}

model_step model_read_request(model_request *r, const uint8_t *p, size_t n)
{
    model_in in = {p, n, 0};
    memset(r, 0, sizeof *r);
    model_step step = model_take_request(&in, r);
    r->end = in.at;
    return step;
}

void model_request_free(model_request *r)
{
    model_text_free(&r->method);
    model_text_free(&r->target);
    model_section_free(&r->fields);
    model_text_free(&r->body);
}
