/* options_whole.c - what no single option can tell: which ones go together.
 * policy. Knows ferry_opts. Does not know the levels. SPDX-License-Identifier: MIT */
#include "policy/options_whole.h"

#include "policy/tlsopts.h"

static int options_whole_bodies(const ferry_opts *o)
{
    bool has_form = o->form && !o->multipart;
    return (o->body.ptr != NULL) + (o->text != NULL) + has_form + (o->json != NULL) +
           (o->file != NULL) + (o->source != NULL) + (o->multipart != NULL);
}

ferry_err fy_options_check_body(const ferry_opts *o, fy_error *x)
{
    if (!o->body.ptr && o->body.len)
        return fy_fail(
            x, FERRY_ERR_USAGE, ".body has a length and no bytes", FY_NOWHERE);
    if (options_whole_bodies(o) > 1)
        return fy_fail(x, FERRY_ERR_USAGE, "more than one body", FY_NOWHERE);
    return FERRY_OK;
}

ferry_err fy_options_check_whole(const ferry_opts *o, fy_error *x)
{
    enum { OPTIONS_WHOLE_LEAST_BUFFER = 256 };
    const ferry_limits *l = &o->limits;
    if ((l->buffer && l->buffer < OPTIONS_WHOLE_LEAST_BUFFER) ||
        (l->buffer_max && l->buffer_max < OPTIONS_WHOLE_LEAST_BUFFER))
        return fy_fail(x, FERRY_ERR_USAGE,
            ".limits.buffer and .buffer_max are at least 256", FY_NOWHERE);
    TRY(fy_options_check_body(o, x));
    if ((o->sink != NULL) + (o->into.len != 0) + (o->stream == FERRY_ON) > 1)
        return fy_fail(x, FERRY_ERR_USAGE, "more than one of .sink, .into and .stream",
            FY_NOWHERE);
    if ((o->sink && !o->sink->put) || (!o->into.ptr && o->into.len))
        return fy_fail(
            x, FERRY_ERR_USAGE, ".sink without put, or .into without ptr", FY_NOWHERE);
    if (o->transport && !o->transport->dial)
        return fy_fail(x, FERRY_ERR_USAGE, ".transport without dial", FY_NOWHERE);
    if (o->secure && !o->transport)
        return fy_fail(x, FERRY_ERR_USAGE, ".secure without .transport", FY_NOWHERE);
    return fy_tlsopts_check(o, x);
}
