/* ferry/platform.h - what ferry needs of the machine: memory, time, chance, names,
 * bytes. For porters and for users who bring a transport of their own; everybody else
 * includes ferry.h alone. Plain C99, also valid as C++11.
 * SPDX-License-Identifier: MIT */
#ifndef FERRY_PLATFORM_H
#define FERRY_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FERRY_API
#if defined(__GNUC__)
#define FERRY_API __attribute__((visibility("default")))
#else
#define FERRY_API
#endif
#endif

/** A run of bytes somebody else owns: `len` bytes from `ptr`. How long it lives is said
 *  where you get it. Those of a response end in a NUL that `len` does not count. */
typedef struct ferry_str {
    const char *ptr; /**< the first of them */
    size_t len;      /**< how many they are */
} ferry_str;

/** Every error, with its fixed number and what ferry_err_text() says of it. Numbers are
 *  never given to another meaning; new ones are added inside their group of ten. */
#define FERRY_ERRORS(X)                                                                \
    /* what you asked for */                                                           \
    X(USAGE, 10, "wrong use of the library")                                           \
    X(URL, 11, "bad URL")                                                              \
    X(UNSUPPORTED, 12, "not supported by this build")                                  \
    /* reaching the peer */                                                            \
    X(NAME, 20, "host name could not be resolved")                                     \
    X(CONNECT, 21, "connection could not be made")                                     \
    X(PROXY, 22, "the proxy did not connect us")                                       \
    X(TLS, 23, "TLS failed")                                                           \
    X(CERTIFICATE, 24, "the peer's certificate was not accepted")                      \
    /* time */                                                                         \
    X(CONNECT_TIMEOUT, 30, "connecting took too long")                                 \
    X(READ_TIMEOUT, 31, "the peer sent nothing for too long")                          \
    X(WRITE_TIMEOUT, 32, "the peer took nothing for too long")                         \
    X(POOL, 33, "no free connection")                                                  \
    X(TOTAL_TIMEOUT, 34, "the request took too long")                                  \
    /* what the peer did */                                                            \
    X(PROTOCOL, 40, "the peer broke the protocol")                                     \
    X(TRUNCATED, 41, "the connection ended inside the response")                       \
    X(CLOSED, 42, "the connection ended before a response")                            \
    X(DECODE, 43, "the body could not be decoded")                                     \
    /* policy */                                                                       \
    X(STATUS, 50, "the status is an error")                                            \
    X(REDIRECTS, 51, "too many redirects")                                             \
    X(RETRIES, 52, "the status stayed an error")                                       \
    X(REWIND, 55, "the request body cannot be sent again")                             \
    /* room */                                                                         \
    X(NOMEM, 60, "out of memory")                                                      \
    X(LIMIT, 61, "a limit was exceeded")                                               \
    /* your side ended it */                                                           \
    X(ABORTED, 70, "ended by the caller")                                              \
    X(BODY, 71, "the request body is not what was promised")                           \
    X(FILE, 72, "a file could not be used")

/** What a call came to. FERRY_OK is 0; FERRY_AGAIN (stepped use only)
 *  means "not yet". */
typedef enum ferry_err {
    FERRY_OK = 0,
    FERRY_AGAIN = 1,
#define FERRY_ERROR_(name, number, text) FERRY_ERR_##name = number,
    FERRY_ERRORS(FERRY_ERROR_)
#undef FERRY_ERROR_
} ferry_err;

/** Why something failed, as a transport, a dialler or a resolver tells it. */
typedef struct ferry_fault {
    ferry_err code;   /**< FERRY_OK leaves the choice of the code to ferry */
    int os;           /**< the system's own number (errno), 0 if there is none */
    const char *what; /**< static text without a final full stop, or NULL */
} ferry_fault;

/** A network address without a name. */
typedef struct ferry_addr {
    int family;        /**< FERRY_IPV4 or FERRY_IPV6 */
    uint8_t bytes[16]; /**< network order; the first 4 for IPv4 */
    uint32_t zone;     /**< IPv6 scope id, 0 if none (RFC 4007) */
} ferry_addr;

enum { FERRY_IPV4 = 4, FERRY_IPV6 = 6 };

/** What a transfer waits for. */
typedef enum ferry_why {
    FERRY_WAIT_NOTHING = 0, /**< work is left: step again at once */
    FERRY_WAIT_NAME,
    FERRY_WAIT_CONNECT,
    FERRY_WAIT_WRITE,
    FERRY_WAIT_READ,
    FERRY_WAIT_POOL,  /**< another transfer must end first: no handle to watch */
    FERRY_WAIT_RETRY, /**< time must pass before the next try: no handle to watch */
    /** The body's source said FERRY_NOT_YET: step again when it has bytes, too. A handle,
     *  if there is one, is for an answer that the peer gives before it has all. */
    FERRY_WAIT_SOURCE
} ferry_why;

enum { FERRY_READABLE = 1, FERRY_WRITABLE = 2 };

/** One thing to watch: a file descriptor, or whatever your transport puts here. */
typedef struct ferry_handle {
    intptr_t id; /**< a descriptor, or what the transport calls its own */
    int events;  /**< FERRY_READABLE, FERRY_WRITABLE or both */
} ferry_handle;

enum { FERRY_WAIT_HANDLES = 8 };

/** When to step again: as soon as one of `on[0..n-1]` is ready or `timeout_ms` has
 *  passed. `n` may be 0: then only time passes, or another transfer must end. */
typedef struct ferry_wait {
    ferry_why why;                       /**< what is missing */
    int n;                               /**< how many of `on` are meant */
    int64_t timeout_ms;                  /**< 0: at once; -1: no time limit */
    ferry_handle on[FERRY_WAIT_HANDLES]; /**< any of these will do */
} ferry_wait;

/** What `open`, `read` and `write` of a transport answer besides a count. */
enum { FERRY_WANT_READ = -1, FERRY_WANT_WRITE = -2, FERRY_FAILED = -3 };

/** A connection of somebody's make; its head stands further down. */
typedef struct ferry_transport ferry_transport;

/** The five calls of a transport, made from the thread that called ferry. None of
 *  them may call ferry. `wait_ms` says how long a call may block: 0 never; more than
 *  0, at most 400, may be ignored. */
typedef struct ferry_transport_calls {
    /** Carry on with connecting. 1: open; FERRY_WANT_READ or _WRITE: call again when
     *  `want` is met; FERRY_FAILED: see `fault`. Called until it answers 1 or fails. */
    int (*open)(ferry_transport *t);
    /** Up to `n` bytes into `p`. More than 0: so many; 0: the peer ended in order;
     *  FERRY_WANT_READ or _WRITE: nothing yet; FERRY_FAILED: see `fault`. Before a kept
     *  connection is used again it is asked for one byte, which must not be there. */
    ptrdiff_t (*read)(ferry_transport *t, void *p, size_t n, int64_t wait_ms);
    /** Up to `n` bytes from `p`, n > 0. As `read`, but never 0. */
    ptrdiff_t (*write)(ferry_transport *t, const void *p, size_t n, int64_t wait_ms);
    /** Add to `w->on`, up to FERRY_WAIT_HANDLES, what is waited for. `w->why` is set:
     *  under FERRY_WAIT_CONNECT it is what `open` said last, under FERRY_WAIT_READ what
     *  `read` said, under FERRY_WAIT_WRITE what `read` and `write` said. */
    void (*want)(ferry_transport *t, ferry_wait *w);
    /** Close and free `t`. Never waits. */
    void (*close)(ferry_transport *t);
} ferry_transport_calls;

/** The head of every transport: embed it as the first member of your own struct. */
struct ferry_transport {
    const ferry_transport_calls *calls; /**< must outlive it */
    ferry_fault fault;                  /**< why the last call answered FERRY_FAILED */
};

/** Makes transports, several at once where a name has several addresses (RFC 8305).
 *  Mounted with `.transport`, or the platform's own. `dial` starts a connection and
 *  never waits: 0 and `*out`, or -1 and `*fault`. `host` is in lower case, without
 *  brackets, and yours only during the call. `addr` is where the name led, or NULL
 *  if names are the dialler's own affair; `host` is then an address where the URL
 *  has one, an IPv6 address with its zone as "fe80::1%eth0". */
typedef struct ferry_dialer {
    void *ctx; /**< first argument of the call below */
    /** Start a connection to `host`, or to `addr`. */
    int (*dial)(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
        ferry_transport **out, ferry_fault *fault);
} ferry_dialer;

/** What ferry takes from the machine. Copied when the session is made; a member left
 *  NULL takes the system's. In a build with PLATFORM=none there is none to take:
 *  without resize there is no session, without now_ms, random or wait every call is
 *  FERRY_ERR_USAGE, and without dial only URLs with a mounted `.transport` can be
 *  asked for. */
typedef struct ferry_platform {
    size_t size; /**< sizeof(ferry_platform) */
    void *ctx;   /**< first argument of every call below */
    /** The only allocator: `p` of `old_size` bytes becomes `new_size` bytes (as
     * realloc). p NULL: new. new_size 0: free, the answer is ignored. NULL: no memory,
     * p stays. */
    void *(*resize)(void *ctx, void *p, size_t old_size, size_t new_size);
    /** Milliseconds that never go back; the zero is yours. */
    int64_t (*now_ms)(void *ctx);
    /** Fill `p` with `n` unpredictable bytes. 0, or -1 if there are none. Asked for
     *  8 when a session is made. */
    int (*random)(void *ctx, void *p, size_t n);
    /** Addresses of `host` (never a literal address, ASCII, NUL-terminated), best
     *  first, at most `max`, into `out`. How many, or -1 and `*fault`. May block,
     *  and then a stepped transfer blocks with it. The session remembers answers for
     *  60 s, refusals for 5 s, and does not ask for localhost (RFC 6761 6.3). */
    int (*resolve)(
        void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *fault);
    /** See ferry_dialer. If this is set and `resolve` is not, it is given names. */
    int (*dial)(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
        ferry_transport **out, ferry_fault *fault);
    /** Block until `w` is met, for 250 ms at most; coming back early is fine. 0, or
     *  anything else to end the transfer with FERRY_ERR_ABORTED. Only blocking calls
     *  use it, and if it is given, no read is told that it may block. */
    int (*wait)(void *ctx, const ferry_wait *w);
    /** Seconds since 1970, leap seconds not counted; -1 if that is not known, and then
     *  nothing that depends on a date is believed. */
    int64_t (*unix_time)(void *ctx);
    /** An environment variable, or NULL. Asked when a session is made, and not kept. The
     *  system's own gives a program with rights that its caller lacks (setuid) none. */
    const char *(*getenv)(void *ctx, const char *name);
} ferry_platform;

#ifdef __cplusplus
}
#endif
#endif
