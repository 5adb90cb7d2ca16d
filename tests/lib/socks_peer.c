/* socks_peer.c - a SOCKS proxy of tests, for one connection, as bytes.
 * SPDX-License-Identifier: MIT */
#include "lib/socks_peer.h"

#include <stdio.h>
#include <string.h>

static void socks_peer_answer(
    socks_peer *s, const void *p, size_t n, socks_peer_state next)
{
    memcpy(s->says + s->n_says, p, n);
    s->n_says += n;
    s->n_heard = 0;
    s->state = next;
}

static void socks_peer_note(socks_peer *s, const char *host, const unsigned char *port)
{
    snprintf(s->target, sizeof s->target, "%s:%d", host, port[0] << 8 | port[1]);
}

static void socks_peer_note_ipv4(
    socks_peer *s, const unsigned char *at, const unsigned char *port)
{
    char host[20];
    snprintf(host, sizeof host, "%d.%d.%d.%d", at[0], at[1], at[2], at[3]);
    socks_peer_note(s, host, port);
}

static void socks_peer_hear_v4(socks_peer *s)
{
    const unsigned char *p = s->heard, *end = p + s->n_heard;
    bool has_name = s->n_heard > 8 && !p[4] && !p[5] && !p[6] && p[7];
    const unsigned char *user = s->n_heard > 8 ? memchr(p + 8, 0, s->n_heard - 8)
                                               : NULL;
    const unsigned char *name = user && has_name
                                    ? memchr(user + 1, 0, (size_t)(end - user - 1))
                                    : NULL;
    if (!user || (has_name && !name))
        return;
    snprintf(s->user, sizeof s->user, "%s", (const char *)p + 8);
    if (has_name)
        socks_peer_note(s, (const char *)user + 1, p + 2);
    else
        socks_peer_note_ipv4(s, p + 4, p + 2);
    socks_peer_answer(s, "\0\x5a\0\0\0\0\0\0", 8, SOCKS_PEER_DONE);
}

static void socks_peer_hear_login(socks_peer *s)
{
    const unsigned char *p = s->heard;
    size_t user = s->n_heard > 1 ? p[1] : 0;
    if (s->n_heard < 3 + user || s->n_heard < 3 + user + p[2 + user])
        return;
    snprintf(s->user, sizeof s->user, "%.*s", (int)user, (const char *)p + 2);
    snprintf(s->password, sizeof s->password, "%.*s", p[2 + user],
        (const char *)p + 3 + user);
    socks_peer_answer(s, "\1\0", 2, SOCKS_PEER_REQUEST);
}

static void socks_peer_hear_request(socks_peer *s)
{
    const unsigned char *p = s->heard;
    char host[300] = "[";
    size_t n = s->n_heard < 5 ? 0 : p[3] == 1 ? 4 : p[3] == 4 ? 16 : 1 + (size_t)p[4];
    if (s->n_heard < 5 || s->n_heard < 4 + n + 2)
        return;
    if (p[3] == 1) {
        socks_peer_note_ipv4(s, p + 4, p + 8);
    } else if (p[3] == 3) {
        snprintf(host, sizeof host, "%.*s", p[4], (const char *)p + 5);
        socks_peer_note(s, host, p + 4 + n);
    } else {
        for (size_t i = 0; i < n; i++)
            sprintf(host + strlen(host), "%02x", p[4 + i]);
        strcat(host, "]");
        socks_peer_note(s, host, p + 4 + n);
    }
    socks_peer_answer(s, "\5\0\0\1\x7f\0\0\1\0\0", 10, SOCKS_PEER_DONE);
}

static void socks_peer_hear_new(socks_peer *s)
{
    const unsigned char *p = s->heard;
    if (p[0] == 4) {
        socks_peer_hear_v4(s);
        return;
    }
    if (s->n_heard < 2 || s->n_heard < 2 + (size_t)p[1])
        return;
    bool takes_login = memchr(p + 2, 2, p[1]) != NULL;
    socks_peer_answer(s, takes_login ? "\5\2" : "\5\0", 2,
        takes_login ? SOCKS_PEER_LOGIN : SOCKS_PEER_REQUEST);
}

static void socks_peer_take(socks_peer *s)
{
    switch (s->state) {
    case SOCKS_PEER_NEW: socks_peer_hear_new(s); break;
    case SOCKS_PEER_LOGIN: socks_peer_hear_login(s); break;
    case SOCKS_PEER_REQUEST: socks_peer_hear_request(s); break;
    case SOCKS_PEER_DONE: break;
    }
}

size_t socks_peer_hear(socks_peer *s, const void *p, size_t n)
{
    const unsigned char *bytes = p;
    size_t i = 0;
    if (!s->is_socks && n && bytes[0] != 4 && bytes[0] != 5)
        s->state = SOCKS_PEER_DONE;
    for (; i < n && s->state != SOCKS_PEER_DONE; i++) {
        s->is_socks = true;
        s->heard[s->n_heard++] = bytes[i];
        socks_peer_take(s);
    }
    return i;
}

size_t socks_peer_say(socks_peer *s, void *p, size_t n)
{
    size_t left = s->n_says - s->said;
    n = n < left ? n : left;
    memcpy(p, s->says + s->said, n);
    s->said += n;
    return n;
}
