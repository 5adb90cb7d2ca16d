/* parts.c - a form of several parts: from the caller's list to bytes that can be read one
 * after the other, with no more than one of its files open. session. Knows files and
 * sources. Does not know requests. SPDX-License-Identifier: MIT */
#include "session/parts.h"

#include <string.h>

enum { PARTS_PATHS_MAX = 16 << 20 };

static ferry_err parts_misuse(const char *what, fy_error *x)
{
    return fy_fail(x, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

/* --- files ----------------------------------------------------------------------- */

static ptrdiff_t parts_read_file(void *ctx, void *p, size_t n)
{
    fy_parts_file *f = ctx;
    fy_parts *parts = f->parts;
    int64_t size;
    if (parts->open != f) {
        fy_file_close(&parts->file);
        parts->open = NULL;
        const char *path = parts->paths.ptr + f->path_at;
        if (fy_file_open(&parts->file, path, &size, &parts->why))
            return -1;
        parts->open = f;
    }
    return fy_file_read(&parts->file, p, n, &parts->why);
}

/* To be opened anew. */
static int parts_rewind_file(void *ctx)
{
    fy_parts *parts = ((fy_parts_file *)ctx)->parts;
    fy_file_close(&parts->file);
    parts->open = NULL;
    return 0;
}

static ferry_err parts_add_file(
    fy_parts *p, const char *path, ferry_source *out, fy_error *x)
{
    int64_t size;
    TRY(fy_file_look(path, &size, x));
    fy_parts_file *f = &p->files[p->n_files++];
    *f = (fy_parts_file){p, p->paths.len};
    fy_buf_put(&p->paths, path, strlen(path) + 1);
    *out = (ferry_source){
        f, parts_read_file, size < 0 ? NULL : parts_rewind_file, size};
    return fy_fail_buf(x, &p->paths, "the paths of all files together are too long");
}

/* --- parts ----------------------------------------------------------------------- */

static ferry_err parts_add_source(
    const ferry_source *given, ferry_source *out, fy_error *x)
{
    if (!given->read)
        return parts_misuse("a part's source without read", x);
    if (given->length < FERRY_NONE)
        return parts_misuse("negative length of a part's source", x);
    *out = *given;
    out->length = given->length == FERRY_NONE ? 0 : given->length ? given->length : -1;
    return FERRY_OK;
}

/* Where the name of a file begins in its path. */
static const char *parts_last(const char *path)
{
    const char *last = path;
    for (; *path; path++)
        if (*path == '/')
            last = path + 1;
    return last;
}

/* NULL is the file's own, if there is one; "" is none. */
static ferry_str parts_filename(const ferry_part *p)
{
    const char *name = p->filename;
    if (!name && p->file)
        name = parts_last(p->file);
    return name && *name ? fy_str(name) : (ferry_str){NULL, 0};
}

static int parts_contents(const ferry_part *p)
{
    return (p->text != NULL) + (p->body.ptr != NULL) + (p->file != NULL) +
           (p->source != NULL);
}

static ferry_err parts_add(fy_parts *parts, const ferry_part *given, fy_error *x)
{
    fy_part p = {.name = fy_str(given->name),
        .filename = parts_filename(given),
        .headers = given->headers,
        .bytes = {given->body.ptr, given->body.len}};
    if (given->type && *given->type)
        p.type = fy_str(given->type);
    if (given->text)
        p.bytes = fy_str(given->text);
    if (!given->body.ptr && given->body.len)
        return parts_misuse("a part's body has a length and no bytes", x);
    if (parts_contents(given) > 1)
        return parts_misuse("a part has more than one content", x);
    if (given->source)
        TRY(parts_add_source(given->source, &p.source, x));
    if (given->file)
        TRY(parts_add_file(parts, given->file, &p.source, x));
    /* As a pair without a value, a part without a content is left out. */
    return parts_contents(given) ? fy_multipart_put(&parts->multipart, &p, x)
                                 : FERRY_OK;
}

/* --- all of them ----------------------------------------------------------------- */

/* Their addresses are given away, so there is room for all of them at once. */
static ferry_err parts_make_room(fy_parts *p, const ferry_part *list, fy_error *x)
{
    for (const ferry_part *part = list; part->name; part++)
        p->most_files += part->file != NULL;
    if (!p->most_files)
        return FERRY_OK;
    p->files = fy_alloc_zero(p->platform, p->most_files * sizeof *p->files);
    return p->files ? FERRY_OK : fy_fail_nomem(x);
}

static ferry_err parts_fill(
    fy_parts *p, const ferry_pair *form, const ferry_part *list, fy_error *x)
{
    fy_buf_puts(&p->type, FY_S("multipart/form-data; boundary="));
    fy_buf_puts(&p->type, fy_str(p->multipart.boundary));
    fy_buf_text(&p->type);
    TRY(fy_fail_buf(x, &p->type, NULL));
    TRY(parts_make_room(p, list, x));
    for (; form && form->name; form++)
        if (form->value)
            TRY(fy_multipart_put_field(
                &p->multipart, fy_str(form->name), fy_str(form->value), x));
    for (const ferry_part *part = list; part->name; part++)
        TRY(parts_add(p, part, x));
    return fy_multipart_end(&p->multipart, x);
}

fy_parts *fy_parts_new(const ferry_platform *m, const ferry_pair *form,
    const ferry_part *parts, fy_error *x)
{
    unsigned char chance[16];
    fy_parts *p = fy_alloc_zero(m, sizeof *p);
    if (!p) {
        fy_fail_nomem(x);
        return NULL;
    }
    p->platform = m;
    p->file.handle = FY_FILE_CLOSED;
    fy_buf_init(&p->type, m, 100);
    fy_buf_init(&p->paths, m, PARTS_PATHS_MAX);
    memset(chance, 0, sizeof chance);
    bool has_chance = m->random(m->ctx, chance, sizeof chance) == 0;
    fy_multipart_init(&p->multipart, m, chance);
    if (!has_chance)
        parts_misuse("no entropy for a boundary", x);
    if (has_chance && !parts_fill(p, form, parts, x))
        return p;
    fy_parts_free(p);
    return NULL;
}

void fy_parts_free(fy_parts *p)
{
    if (!p)
        return;
    fy_file_close(&p->file);
    fy_multipart_fini(&p->multipart);
    fy_buf_fini(&p->type);
    fy_buf_fini(&p->paths);
    fy_resize(p->platform, p->files, p->most_files * sizeof *p->files, 0);
    fy_resize(p->platform, p, sizeof *p, 0);
}

static ptrdiff_t parts_read(void *ctx, void *p, size_t n)
{
    fy_parts *parts = ctx;
    return fy_multipart_read(&parts->multipart, p, n, &parts->why);
}

static int parts_rewind(void *ctx)
{
    fy_parts *parts = ctx;
    return fy_multipart_rewind(&parts->multipart) ? 0 : -1;
}

ferry_source fy_parts_source(fy_parts *p)
{
    bool may_rewind = fy_multipart_may_rewind(&p->multipart);
    return (ferry_source){p, parts_read, may_rewind ? parts_rewind : NULL,
        fy_multipart_length(&p->multipart)};
}
