/* fuzz_peername.c - any host, up to the first line end, against any name of a
 * certificate. A match is found again by comparing labels from the right, and who is an
 * address is no name. SPDX-License-Identifier: MIT */
#include "policy/peername.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* The last label of `s`, which is then cut off with its dot. */
static ferry_str last_label(ferry_str *s)
{
    size_t at = s->len;
    while (at && s->ptr[at - 1] != '.')
        at--;
    ferry_str label = {s->ptr + at, s->len - at};
    s->len = at ? at - 1 : 0;
    return label;
}

static bool labels_match(ferry_str name, ferry_str presented)
{
    for (int n = 0;; n++) {
        ferry_str mine = last_label(&name), theirs = last_label(&presented);
        bool is_star = fy_str_eq(theirs, FY_S("*"));
        if (!mine.len || (!is_star && !fy_str_eq_nocase(mine, theirs)))
            return false;
        if (is_star)
            return n >= 2 && !name.len && !presented.len;
        if (!name.len || !presented.len)
            return name.len == presented.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fy_peername peer;
    ferry_str host = FY_S(""), presented = {(const char *)data, size};
    fy_str_cut(&presented, '\n', &host);
    bool is_somebody = fy_peername_read(&peer, host);
    must(is_somebody == (peer.dns_len || peer.address_len));
    must(!(peer.dns_len && peer.address_len));
    must(strlen(peer.dns) == peer.dns_len);
    bool is_dns = fy_peername_is_dns(&peer, presented);
    bool is_address = fy_peername_is_address(&peer, presented);
    must(!is_dns || peer.dns_len);
    must(!is_address || peer.address_len);
    /* A dot at the end or the front of what was presented matches nothing. */
    if (peer.dns_len && presented.len && presented.ptr[0] != '.' &&
        presented.ptr[presented.len - 1] != '.')
        must(is_dns == labels_match((ferry_str){peer.dns, peer.dns_len}, presented));
    else
        must(!is_dns);
    return 0;
}
