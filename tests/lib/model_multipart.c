/* model_multipart.c - an independent, slow reader of multipart/form-data (RFC 2046 5.1.1,
 * RFC 7578). SPDX-License-Identifier: MIT */
#include "lib/model_multipart.h"

#include <stdlib.h>
#include <string.h>

/* Does `word` stand here? Then it is eaten. */
static bool part_take_word(model_in *in, const char *word)
{
    size_t n = strlen(word);
    if (in->n - in->at < n || memcmp(in->p + in->at, word, n) != 0)
        return false;
    in->at += n;
    return true;
}

/* delimiter := CRLF "--" boundary; the first one has no CRLF before it. */
static bool part_take_delimiter(model_in *in, const char *boundary, bool is_first)
{
    size_t start = in->at;
    if ((is_first || part_take_word(in, "\r\n")) && part_take_word(in, "--") &&
        part_take_word(in, boundary))
        return true;
    in->at = start;
    return false;
}

static int part_triplet(model_in *in)
{
    static const struct {
        const char *word;
        int byte;
    } rows[] = {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (part_take_word(in, rows[i].word))
            return rows[i].byte;
    return -1;
}

/* A quoted string in which nothing but those three triplets is an escape. */
static bool part_take_quoted(model_in *in, model_text *out)
{
    if (!part_take_word(in, "\""))
        return false;
    while (in->at < in->n && in->p[in->at] != '"') {
        int byte = part_triplet(in);
        model_text_put(out, byte >= 0 ? byte : in->p[in->at++]);
    }
    return part_take_word(in, "\"");
}

/* form-data; name="..." [; filename="..."] and no more. */
static bool part_read_disposition(model_part *part, const model_text *value)
{
    model_in in = {(const uint8_t *)value->ptr, value->len, 0};
    if (!part_take_word(&in, "form-data; name="))
        return false;
    part->has_name = part_take_quoted(&in, &part->name);
    if (part->has_name && part_take_word(&in, "; filename="))
        part->has_filename = part_take_quoted(&in, &part->filename);
    return part->has_name && in.at == in.n;
}

static bool part_read_fields(model_part *part, model_in *in)
{
    if (model_take_section(in, false, &part->fields) != MODEL_FULL)
        return false;
    for (size_t i = 0; i < part->fields.n; i++)
        if (model_text_is(&part->fields.at[i].name, "Content-Disposition") &&
            (part->has_name || !part_read_disposition(part, &part->fields.at[i].value)))
            return false;
    return true;
}

/* One part behind its delimiter, up to and with the next one. */
static bool part_read(model_part *part, model_in *in, const char *boundary)
{
    if (!part_take_word(in, "\r\n") || !part_read_fields(part, in))
        return false;
    while (!part_take_delimiter(in, boundary, false)) {
        if (in->at == in->n)
            return false;
        model_text_put(&part->content, in->p[in->at++]);
    }
    return true;
}

static model_part *part_add(model_multipart *m)
{
    m->at = realloc(m->at, (m->n + 1) * sizeof *m->at);
    if (!m->at)
        abort();
    return memset(&m->at[m->n++], 0, sizeof *m->at);
}

model_step model_read_multipart(
    model_multipart *m, const char *boundary, const uint8_t *p, size_t n)
{
    model_in in = {p, n, 0};
    *m = (model_multipart){NULL, 0};
    if (!part_take_delimiter(&in, boundary, true))
        return MODEL_BAD;
    while (!part_take_word(&in, "--"))
        if (!part_read(part_add(m), &in, boundary))
            return MODEL_BAD;
    return part_take_word(&in, "\r\n") && in.at == n ? MODEL_FULL : MODEL_BAD;
}

void model_multipart_free(model_multipart *m)
{
    for (size_t i = 0; i < m->n; i++) {
        model_section_free(&m->at[i].fields);
        model_text_free(&m->at[i].name);
        model_text_free(&m->at[i].filename);
        model_text_free(&m->at[i].content);
    }
    free(m->at);
    *m = (model_multipart){NULL, 0};
}
