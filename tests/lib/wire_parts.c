/* wire_parts.c - the parts of a form in a script.
 * tests. Knows ferry_part. SPDX-License-Identifier: MIT */
#include "lib/wire_parts.h"

#include <stdlib.h>

static char *parts_copy(ferry_str s)
{
    wire_text copy = {NULL, 0, 0};
    wire_put(&copy, s.ptr, s.len);
    return copy.ptr;
}

static const ferry_source *parts_source(ferry_str bytes)
{
    void *list = NULL;
    size_t n = 0;
    wire_source *s = wire_add(&list, &n, sizeof *s);
    wire_put(&s->bytes, bytes.ptr, bytes.len);
    return wire_source_finish(s);
}

void wire_parts_add(wire_parts *p, wire_part_kind kind, const wire_text *line)
{
    ferry_str rest = wire_view(line), name = {"", 0};
    void *at = p->at;
    if (p->n == 0)
        wire_add(&at, &p->n, sizeof *p->at); /* the end of the list */
    wire_add(&at, &p->n, sizeof *p->at);
    p->at = at;
    wire_cut(&rest, "=", &name);
    bool has_content = name.len < line->len;
    ferry_part *last = &p->at[p->n - 2];
    last->name = parts_copy(name);
    if (has_content && kind == WIRE_PART_TEXT)
        last->text = parts_copy(rest);
    if (has_content && kind == WIRE_PART_FILE)
        last->file = parts_copy(rest);
    if (has_content && kind == WIRE_PART_SOURCE)
        last->source = parts_source(rest);
}

void wire_parts_restart(const ferry_part *list)
{
    for (; list && list->name; list++)
        wire_source_restart(list->source);
}

static void parts_free_source(const ferry_source *s)
{
    if (s)
        wire_free(&((wire_source *)s->ctx)->bytes);
    free(s ? s->ctx : NULL);
}

void wire_parts_free(wire_parts *p)
{
    for (size_t i = 0; i + 1 < p->n; i++) {
        parts_free_source(p->at[i].source);
        free((char *)p->at[i].name);
        free((char *)p->at[i].text);
        free((char *)p->at[i].file);
    }
    free(p->at);
}
