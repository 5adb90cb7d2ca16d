/* core.h - what a session and its transfers are made of.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_CORE_H
#define FY_CORE_H

#include "net/pool.h"
#include "policy/environ.h"
#include "policy/jar.h"
#include "policy/mounts.h"
#include "policy/netrc.h"
#include "policy/spaces.h"
#include "proto/lines.h"
#include "proto/text.h"
#include "session/chain.h"
#include "session/reply.h"
#include "session/route.h"

typedef enum fy_transfer_state {
    FY_TRANSFER_BACKOFF, /* time must pass before the next request */
    FY_TRANSFER_PREPARE, /* that request is made */
    FY_TRANSFER_ACQUIRE,
    FY_TRANSFER_CONNECT,
    FY_TRANSFER_HEAD,
    FY_TRANSFER_DRAIN, /* a response that another request follows is dropped */
    FY_TRANSFER_BODY,
    FY_TRANSFER_FINISH,
    FY_TRANSFER_DONE,
    FY_TRANSFER_FAILED
} fy_transfer_state;

/* Who a call goes as, and what is known of it; see authorize.c. */
typedef struct fy_authorization {
    bool is_used; /* false: all of this is as it was in the beginning */
    fy_buf given; /* user and password of the call's URL, decoded */
    size_t user_len;
    bool has_user, has_password;
    ferry_auth_kind kind;   /* of this request; FERRY_AUTH_INHERIT: none, or by hand */
    const ferry_auth *auth; /* custom; while the request is made */
    fy_buf value;           /* of its Authorization field; empty: none yet */
    bool is_signed;         /* the answer to a challenge is in chain->signs */
    int answers;            /* to challenges, since the call began or was redirected */
    bool was_https;         /* some request of the call was */
} fy_authorization;

/* What ferry_response points to: `pub` is its first member. */
typedef struct fy_transfer {
    ferry_response pub;
    struct ferry_session *session;       /* NULL: detached, see fy_detached */
    struct fy_transfer *next, *previous; /* of the living, or the spare ones */
    fy_transfer_state state;
    bool is_begun;     /* the caller drives */
    bool is_discarded; /* nobody wants the body */
    bool is_replay;    /* its second and last try */
    bool is_streamed;  /* pieces of the body were lent */
    bool is_given;     /* ferry_next() has shown the gathered body */
    bool is_delivered; /* a byte of the body went to the caller's sink */
    bool has_lines;    /* ferry_line() was asked */
    bool may_replay;
    bool closes;     /* the request says Connection: close */
    bool is_private; /* some head of it may tell what the session does not know */
    int64_t started_ms, due_ms; /* of the whole call */
    int64_t phase_ms;    /* when this state began to wait: for a connection, ... */
    int64_t resume_ms;   /* when BACKOFF ends */
    int64_t woken_ms;    /* when it was last stepped */
    fy_settings opts;    /* resolved */
    ferry_dialer dialer; /* mounted; dial NULL: none */
    fy_authorization authorization;
    fy_hooks hooks; /* of the levels */
    uint32_t dialer_id;
    bool is_secure; /* its bytes are protected */
    bool has_ways;  /* something is said of how to get there: see `route` */
    fy_route_kind route_kind;
    fy_route *route; /* NULL until it is needed */
    fy_error error;
    fy_wish wish;     /* what the caller asked for */
    ferry_str method; /* of this request; the wish's, or GET after a redirect */
    bool drops_body;  /* it became a GET: nothing of the content goes with it */
    bool has_left;    /* the first origin, and does not come back */
    bool has_retry;   /* some level has a policy */
    fy_error verdict; /* what the call comes to when the last response is here */
    fy_chain *chain;  /* NULL until it is needed */
    fy_url url;
    fy_buf key;  /* of the pool; begins with the host and the zone, each with a NUL */
    fy_buf head; /* as sent, perhaps with a small body behind it */
    size_t head_len;
    fy_body body;
    fy_fields headers, params;  /* joined lists, while preparing */
    fy_tls_profile *protection; /* of https; or NULL */
    fy_buf tls; /* settings of TLS, if they are not the session's; wiped */
    fy_endpoint endpoint;
    fy_conn *conn;
    fy_buf input;
    fy_exchange exchange;
    fy_reply reply;
    ferry_sink sink; /* put NULL: none */
    ferry_room into; /* ptr NULL: none */
    fy_buf text;     /* the body in UTF-8 */
    fy_lines lines;
    fy_buf crumb; /* the texts of a cookie, see ferry_response_cookie() */
} fy_transfer;

/* A response that needs no session; everything stands behind it in one block. */
typedef struct fy_detached {
    ferry_response pub;
    struct ferry_session *session; /* NULL */
    ferry_platform platform;
    size_t size;
    fy_buf text;
    fy_buf crumb; /* see ferry_response_cookie() */
} fy_detached;

enum { FY_SPARES = 4 };

struct ferry_session {
    ferry_platform platform;
    fy_error broken; /* a bad option when it was made: said by every call */
    fy_error error;  /* the last one, with the text of ferry_explain() */
    fy_buf said;
    fy_flag interrupt;
    bool is_busy;     /* inside a callback */
    bool is_closed;   /* freed by the user while responses are still held */
    uint32_t dialers; /* ids given */
    int64_t spent;    /* of the retry budget, in tenths of a retry */
    fy_layer layer;
    fy_spaces gates;          /* what proxies have asked for */
    fy_proxy_environ proxies; /* what that says of them */
    fy_fields environ;        /* see policy/environ.h; empty without .trust_env */
    fy_netrc netrc;
    bool has_own_netrc; /* it was named, and not found */
    fy_spaces spaces;
    fy_mounts mounts;
    fy_jar jar;
    fy_names names;
    fy_tls *tls; /* NULL until it is needed */
    fy_pool pool;
    fy_transfer *living, *spare;
    int n_spare;
    fy_buf inputs[FY_SPARES]; /* receive buffers to lend */
    int n_inputs;
    fy_decoders decoders;
};

#endif
