/* model_message.c - an independent, slow reader of what all HTTP/1.1 messages share.
 * Slow and plain on purpose: it is here to be right. SPDX-License-Identifier: MIT */
#include "lib/model_message.h"

#include <stdlib.h>
#include <string.h>

/* --- bytes ----------------------------------------------------------------------- */

/* A test without memory has nothing to say. */
static void *model_grow(void *p, size_t n)
{
    p = realloc(p, n);
    if (!p)
        abort();
    return p;
}

void model_text_put(model_text *t, int byte)
{
    if ((t->len & (t->len - 1)) == 0) /* 0 or a power of two: time to double */
        t->ptr = model_grow(t->ptr, 2 * t->len + 2);
    t->ptr[t->len++] = (char)byte;
    t->ptr[t->len] = '\0';
}

void model_text_free(model_text *t)
{
    free(t->ptr);
    *t = (model_text){NULL, 0};
}

static int model_lower(int byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

bool model_text_is(const model_text *t, const char *word)
{
    size_t n = strlen(word);
    if (t->len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (model_lower((unsigned char)t->ptr[i]) !=
            model_lower((unsigned char)word[i]))
            return false;
    return true;
}

void model_section_free(model_section *s)
{
    for (size_t i = 0; i < s->n; i++) {
        model_text_free(&s->at[i].name);
        model_text_free(&s->at[i].value);
    }
    free(s->at);
    *s = (model_section){NULL, 0};
}

/* --- character classes ----------------------------------------------------------- */

bool model_is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

bool model_is_tchar(int byte)
{
    if (model_is_digit(byte) || (byte >= 'A' && byte <= 'Z') ||
        (byte >= 'a' && byte <= 'z'))
        return true;
    return byte > 0 && strchr("!#$%&'*+-.^_`|~", byte);
}

static bool model_is_blank(int byte)
{
    return byte == ' ' || byte == '\t';
}

bool model_is_text(int byte)
{
    return model_is_blank(byte) || (byte >= 0x21 && byte <= 0x7e) || byte >= 0x80;
}

/* --- reading --------------------------------------------------------------------- */

int model_peek(const model_in *in)
{
    return in->at < in->n ? in->p[in->at] : -1;
}

model_step model_take(model_in *in, int byte)
{
    if (model_peek(in) < 0)
        return MODEL_SHORT;
    if (model_peek(in) != byte)
        return MODEL_BAD;
    in->at++;
    return MODEL_FULL;
}

model_step model_take_crlf(model_in *in)
{
    model_step step = model_take(in, '\r');
    return step == MODEL_FULL ? model_take(in, '\n') : step;
}

model_step model_take_token(model_in *in, model_text *out)
{
    size_t from = in->at;
    while (model_is_tchar(model_peek(in)))
        model_text_put(out, in->p[in->at++]);
    if (model_peek(in) < 0)
        return MODEL_SHORT;
    return in->at > from ? MODEL_FULL : MODEL_BAD;
}

model_step model_take_bytes(model_in *in, uint64_t n, model_text *out)
{
    size_t left = in->n - in->at, size = n < left ? (size_t)n : left;
    if (size) {
        out->ptr = model_grow(out->ptr, 2 * (out->len + size) + 2);
        memcpy(out->ptr + out->len, in->p + in->at, size);
        out->len += size;
        out->ptr[out->len] = '\0';
        in->at += size;
    }
    return size == n ? MODEL_FULL : MODEL_SHORT;
}

static void model_trim_end(model_text *t)
{
    while (t->len && model_is_blank(t->ptr[t->len - 1]))
        t->ptr[--t->len] = '\0';
}

static void model_skip_blanks(model_in *in)
{
    while (model_is_blank(model_peek(in)))
        in->at++;
}

/* The rest of one line: its text without the blanks round it, and CRLF. */
static model_step model_take_line(model_in *in, model_text *out)
{
    model_skip_blanks(in);
    while (model_is_text(model_peek(in)))
        model_text_put(out, in->p[in->at++]);
    model_trim_end(out);
    return model_take_crlf(in);
}

/* field-line = field-name ":" OWS field-value OWS, obs-fold = OWS CRLF RWS: the line
 * ends where the next one does not begin with a blank. */
static model_step model_take_field(model_in *in, bool may_fold, model_field *out)
{
    model_step step = model_take_token(in, &out->name);
    if (step == MODEL_FULL)
        step = model_take(in, ':');
    if (step == MODEL_FULL)
        step = model_take_line(in, &out->value);
    while (step == MODEL_FULL && may_fold && model_is_blank(model_peek(in))) {
        out->is_folded = true;
        model_text_put(&out->value, ' ');
        step = model_take_line(in, &out->value);
    }
    if (step == MODEL_FULL && may_fold && model_peek(in) < 0)
        return MODEL_SHORT; /* whether it goes on is not known */
    /* What is folded to nothing at either end is a blank round the value. */
    while (out->value.len && model_is_blank(out->value.ptr[0]))
        memmove(out->value.ptr, out->value.ptr + 1, out->value.len--);
    model_trim_end(&out->value);
    return step;
}

model_step model_take_section(model_in *in, bool may_fold, model_section *out)
{
    while (model_peek(in) != '\r') {
        if (model_peek(in) < 0)
            return MODEL_SHORT;
        out->at = model_grow(out->at, (out->n + 1) * sizeof *out->at);
        out->at[out->n] = (model_field){{NULL, 0}, {NULL, 0}, false};
        model_step step = model_take_field(in, may_fold, &out->at[out->n++]);
        if (step != MODEL_FULL)
            return step;
    }
    return model_take_crlf(in);
}

/* --- lists ----------------------------------------------------------------------- */

size_t model_count(const model_section *s, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += model_text_is(&s->at[i].name, name);
    return n;
}

/* The element of `value` that begins at *at, behind which *at stands then. */
static void model_take_element(const model_text *value, size_t *at, model_text *out)
{
    model_text_free(out);
    while (*at < value->len && value->ptr[*at] != ',') {
        int byte = (unsigned char)value->ptr[(*at)++];
        if (out->len || !model_is_blank(byte))
            model_text_put(out, byte);
    }
    model_trim_end(out);
    (*at)++;
}

bool model_list_nth(const model_section *s, const char *name, size_t nth,
    model_text *out, size_t *empty)
{
    for (size_t i = 0; i < s->n; i++) {
        const model_text *value = &s->at[i].value;
        if (!model_text_is(&s->at[i].name, name))
            continue;
        for (size_t at = 0; at <= value->len;) {
            model_take_element(value, &at, out);
            if (out->len == 0)
                ++*empty;
            else if (nth-- == 0)
                return true;
        }
    }
    model_text_free(out);
    return false;
}
