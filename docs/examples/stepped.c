/* stepped.c - many transfers at once in a loop of your own: nothing here blocks but
 * poll(). With epoll, libuv or an RTOS the shape is the same.
 * usage: stepped URL ...
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <poll.h>
#include <stdio.h>

enum { MOST = 16 };

/* Add what this transfer waits for to `on`; shorten the time to wait. */
static int watch(const ferry_wait *w, struct pollfd *on, int n, int *timeout_ms)
{
    for (int i = 0; i < w->n; i++, n++) {
        on[n].fd = (int)w->on[i].id;
        on[n].events = (short)((w->on[i].events & FERRY_READABLE ? POLLIN : 0) |
                               (w->on[i].events & FERRY_WRITABLE ? POLLOUT : 0));
    }
    if (w->timeout_ms >= 0 && w->timeout_ms < *timeout_ms)
        *timeout_ms = (int)w->timeout_ms;
    return n;
}

static int finish(const ferry_session *s, ferry_response **r, ferry_err e)
{
    if (e)
        fprintf(stderr, "%s\n", ferry_explain(s));
    else
        printf("%d %6zu bytes  %s\n", (*r)->status, (*r)->body.len, (*r)->url);
    ferry_response_free(*r);
    *r = NULL;
    return e != FERRY_OK;
}

int main(int argc, char **argv)
{
    ferry_auto_session s = ferry_session_new();
    ferry_response *r[MOST] = {NULL};
    int n = argc - 1 < MOST ? argc - 1 : MOST, failed = 0;
    ferry_err e;

    for (int i = 0; i < n; i++)
        if ((e = ferry_begin(s, argv[i + 1], &r[i])))
            failed += finish(s, &r[i], e);
    for (;;) {
        struct pollfd on[MOST * FERRY_WAIT_HANDLES];
        int handles = 0, waiting = 0, timeout_ms = 60000;
        for (int i = 0; i < n; i++) {
            ferry_wait w;
            if (r[i] && (e = ferry_step(r[i], &w)) != FERRY_AGAIN)
                failed += finish(s, &r[i], e), timeout_ms = 0; /* room for a waiter */
            else if (r[i] && ++waiting)
                handles = watch(&w, on, handles, &timeout_ms);
        }
        if (!waiting)
            return failed != 0;
        poll(on, (nfds_t)handles, timeout_ms);
    }
}
