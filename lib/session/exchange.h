/* exchange.h - one request and its response over one open transport.
 * session. Knows the order of the bytes and how long they may take. Does not know where
 * the connection came from, or what becomes of the body.
 * SPDX-License-Identifier: MIT */
#ifndef FY_EXCHANGE_H
#define FY_EXCHANGE_H

#include "base/flag.h"
#include "ferry.h"
#include "policy/options.h"
#include "proto/framing.h"
#include "session/body.h"

/* One wake-up of a transfer: the time, and what it may use. */
typedef struct fy_wake {
    const ferry_platform *platform;
    const fy_flag *interrupt;
    int64_t now_ms;
    bool is_old;     /* time has passed since now_ms was read */
    bool may_block;  /* a read may wait for the peer */
    bool is_bounded; /* stepped: give the loop back after so many reads and bytes */
    int reads;
    size_t bytes;
} fy_wake;

fy_api int64_t fy_wake_now(fy_wake *w);
/* The time left, as ferry_wait wants it. */
fy_api int64_t fy_wait_until(int64_t due_ms, int64_t now_ms);

typedef enum fy_exchange_out {
    FY_OUT_HEAD,
    FY_OUT_AWAIT, /* a 100, before the body (RFC 9110 10.1.1) */
    FY_OUT_BODY,
    FY_OUT_SENT,
    FY_OUT_BROKEN
} fy_exchange_out;
typedef enum fy_exchange_in { FY_IN_HEAD, FY_IN_BODY, FY_IN_DONE } fy_exchange_in;

typedef struct fy_exchange {
    ferry_transport *transport;
    const fy_settings *opts; /* resolved */
    fy_error *error;
    int64_t due_ms; /* of the whole request */

    fy_exchange_out out;
    ferry_str left; /* of the head, or of a piece of the body */
    fy_body *body;
    bool expects;      /* the head says Expect: 100-continue */
    bool awaits;       /* ... and nobody has answered yet */
    int64_t await_due; /* when the body goes all the same */
    bool has_sent;     /* a byte of the request went out */
    size_t pushed;     /* bytes since the last look at what the peer says */
    int64_t took_ms;   /* when the peer last took a byte */
    bool is_starved;   /* the body's source has no more yet */
    ferry_fault fault; /* why sending broke */

    fy_exchange_in in;
    bool is_head_method, asks_upgrade;
    bool is_touched; /* a byte of a response came */
    bool is_spent;   /* this wake-up has done its share */
    int64_t gave_ms; /* when the peer last gave a byte */
    int interim;
    fy_buf *input; /* the head is parsed here, and stays */
    size_t cursor;
    size_t head_len;
    fy_head head;
    fy_framing framing;
    ferry_str raw; /* received and not yet framed */
} fy_exchange;

fy_api void fy_exchange_init(fy_exchange *x, const ferry_platform *m);
fy_api void fy_exchange_fini(fy_exchange *x);

/* Start; the options, `error`, `due_ms`, `is_head_method`, `asks_upgrade` and `expects`
 * are set before. `head`, `body` and `input` must stay until the end; the body is at its first
 * byte. */
fy_api void fy_exchange_begin(fy_exchange *x, ferry_transport *t, ferry_str head,
    fy_body *body, fy_buf *input, int64_t now_ms);

/* Send, and receive the head of the final response. FERRY_OK: it is there. */
fy_api ferry_err fy_exchange_head(fy_exchange *x, fy_wake *w);

/* The next piece of the body out of what was received, an empty one at its end.
 * FERRY_AGAIN: more must be received. */
fy_api ferry_err fy_exchange_piece(fy_exchange *x, ferry_str *piece);

/* Receive up to `n` bytes of the body into `room`; sending goes on beside it. Nothing
 * of what was received before may be left. */
fy_api ferry_err fy_exchange_receive(fy_exchange *x, fy_wake *w, char *room, size_t n);

/* Send what is left of the request once the response is complete. */
fy_api ferry_err fy_exchange_finish(fy_exchange *x, fy_wake *w);

/* May the connection serve again: all sent, all read, nothing left over,
 * and no close? */
fy_api bool fy_exchange_may_persist(const fy_exchange *x);

/* What FERRY_AGAIN waits for. */
fy_api void fy_exchange_want(const fy_exchange *x, int64_t now_ms, ferry_wait *w);

#endif
