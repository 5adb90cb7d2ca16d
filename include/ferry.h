/* ferry.h - an HTTP/1.1 client for C that works like requests.Session.
 * SPDX-License-Identifier: MIT
 *
 *     ferry_auto_session s = ferry_session_new(
 *         .timeout = {.total_ms = 30000});
 *     ferry_auto_response r = NULL;
 *
 *     if (ferry_get(s, "http://httpbin.org/get", &r,
 *             .params = FERRY_PAIRS({"q", "c library"})))
 *         return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
 *     printf("%d %s\n", r->status, r->body.ptr);
 *
 * Ownership: what a _new or an `out` gives you, you free. What you pass in is copied
 * before the call returns, except `.body`, `.text`, `.json`, those of parts, `.trailers`
 * and what a source's `ctx` points to, which must live until the response is complete or
 * freed. What an accessor returns lives as long as the object
 * you asked.
 *
 * Threads: one session and its responses belong to one thread at a time. Different
 * sessions share nothing; there is no global state, no set-up call and no signal
 * handler. */
#ifndef FERRY_H
#define FERRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/platform.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header; ferry_version() says that of the library. */
#define FERRY_VERSION "0.1.0"

/* --- values ---------------------------------------------------------------------- */

/** For counts, sizes and times in ferry_opts, where 0 inherits from the level above:
 *  zero of it, and no limit. Any other negative number is FERRY_ERR_USAGE. */
enum { FERRY_NONE = -1, FERRY_UNLIMITED = -2 };

/** A switch in ferry_opts; 0 inherits from the level above. */
typedef enum ferry_switch {
    FERRY_INHERIT = 0,
    FERRY_ON = 1,
    FERRY_OFF = 2,
    FERRY_SAFE_ONLY = 3 /**< for `.follow` alone */
} ferry_switch;

/** A version of TLS, for `.tls_min` and `.tls_max`; 0 inherits. */
typedef enum ferry_tls_version {
    FERRY_TLS_ANY = 0,
    FERRY_TLS_1_2 = 0x303, /**< RFC 5246 */
    FERRY_TLS_1_3 = 0x304  /**< RFC 8446; only where the build's mbedTLS has it */
} ferry_tls_version;

/** A name and its value. In a list, a NULL value takes the name away and a NULL name
 *  ends the list. */
typedef struct ferry_pair {
    const char *name;  /**< NULL: the list ends here */
    const char *value; /**< NULL: the name is taken away */
} ferry_pair;

/** Bytes to send. `ptr` may be NULL only if `len` is 0. */
typedef struct ferry_bytes {
    const void *ptr; /**< the first of them */
    size_t len;      /**< how many they are */
} ferry_bytes;

/** What the `read` of a source answers that has no bytes yet, and will have some. */
enum { FERRY_NOT_YET = -20000 };

/** Bytes to send that are made, or read, while they are sent: a body that need never be
 *  in memory as a whole. Its calls come from inside ferry's, on the same thread, one
 *  after the other, and may not call the same session. */
typedef struct ferry_source {
    void *ctx; /**< first argument of both calls */
    /** Up to `n` > 0 bytes into `p`. More than 0: so many; 0: the body has ended;
     *  FERRY_NOT_YET: ask again, at each step of a stepped transfer (see
     *  FERRY_WAIT_SOURCE), every 10 ms by a call that waits, and for `.timeout.write_ms`
     *  at most; any other number below 0: FERRY_ERR_ABORTED. Asked once the transport has
     *  taken all that was given before, and never behind `length`. It may block, and then
     *  a stepped transfer blocks with it. */
    ptrdiff_t (*read)(void *ctx, void *p, size_t n);
    /** Back to the first byte, to send it again: 0, or anything else if that cannot be.
     *  NULL: never. */
    int (*rewind)(void *ctx);
    /** Bytes in all, sent as Content-Length; an end before that is FERRY_ERR_BODY. 0: not
     *  known, sent in chunks (RFC 9112 7.1). FERRY_NONE: no bytes. */
    int64_t length;
} ferry_source;

/** One part of a form that is sent as multipart/form-data (RFC 7578): a field, a file, or
 *  anything else with bytes. Give one of text, body, file and source; without any, the
 *  part is left out. */
typedef struct ferry_part {
    /** Of the field. NULL ends a list. As in browsers and requests, quotes and line ends
     *  are sent as %22, %0D and %0A, everything else as it is. */
    const char *name;
    const char *text; /**< must outlive the transfer, as .text of a request */
    ferry_bytes body; /**< must outlive the transfer */
    /** A path: it is looked at, at once, and opened when its turn comes. What is no
     *  regular file has no length, so the whole form is sent in chunks, once. */
    const char *file;
    const ferry_source *source; /**< copied; its `ctx` must outlive the transfer */
    /** Sent as filename. NULL: the last part of the path of `file`, else none. "": none. */
    const char *filename;
    const char *type; /**< Content-Type of the part; NULL and "" send none */
    /** More header fields of the part; they replace those of ferry, and a NULL value
     *  removes one. */
    const ferry_pair *headers;
} ferry_part;

struct ferry_response;

/** Takes a body as it comes, decoded. Called from inside ferry's calls, on the same
 *  thread; it may not call the same session. */
typedef struct ferry_sink {
    void *ctx; /**< first argument of the call below */
    /** `n` > 0 bytes at `p`, good during the call; `r` tells of the head. 0, or anything
     *  else to end the transfer with FERRY_ERR_ABORTED. */
    int (*put)(void *ctx, const struct ferry_response *r, const void *p, size_t n);
} ferry_sink;

/** How far a download is. */
typedef struct ferry_progress {
    int64_t done;     /**< bytes of the file that are here */
    int64_t total;    /**< bytes in all; -1: not known */
    int64_t received; /**< bytes that this call has received */
    int64_t rate;     /**< bytes a second of this call */
} ferry_progress;

/** Told of the progress: when a response begins, at most ten times a second, and at the
 *  end. 0, or anything else to end it with FERRY_ERR_ABORTED. It may not call the same
 *  session. */
typedef struct ferry_on_progress {
    int (*call)(void *ctx, const ferry_progress *p); /**< `p` is good during the call */
    void *ctx;                                       /**< first argument of the call */
} ferry_on_progress;

/** Room for `len` bytes. */
typedef struct ferry_room {
    void *ptr;  /**< the first byte */
    size_t len; /**< how many there are */
} ferry_room;

/** One header or trailer field as received, both parts NUL-terminated (RFC 9110 5). */
typedef struct ferry_field {
    ferry_str name;  /**< in the case in which it came */
    ferry_str value; /**< without the blanks round it */
} ferry_field;

/** Fields in the order in which they came, repeated names apart. */
typedef struct ferry_fields {
    const ferry_field *at; /**< the first of them */
    size_t n;              /**< how many they are */
} ferry_fields;

/** What the SameSite attribute of a cookie says (RFC 6265bis 5.6.7). ferry stores it and
 *  shows it; it has no sites, so it sends by it nothing less. */
typedef enum ferry_same_site {
    FERRY_SAME_SITE_DEFAULT = 0, /**< nothing, or a word that is none of these */
    FERRY_SAME_SITE_NONE,
    FERRY_SAME_SITE_LAX,
    FERRY_SAME_SITE_STRICT
} ferry_same_site;

/** A cookie (RFC 6265bis 5.7). */
typedef struct ferry_cookie {
    const char *name;   /**< may be empty: then `value` is all that is sent */
    const char *value;  /**< without quotes of ours, and with those of the server */
    const char *domain; /**< in lower case, without a first dot */
    const char *path;   /**< begins with "/" */
    int64_t expires;    /**< in seconds since 1970; 0: it ends with the session */
    bool host_only;     /**< for `domain` alone, and for none of its subdomains */
    bool secure;        /**< never sent without TLS */
    bool http_only;     /**< stored and shown; there are no scripts to hide it from */
    ferry_same_site same_site; /**< stored and shown */
} ferry_cookie;

/** Which cookies are meant. */
typedef enum ferry_cookie_kind {
    FERRY_COOKIES_ALL = 0,
    FERRY_COOKIES_SESSION,    /**< those that end with the session */
    FERRY_COOKIES_PERSISTENT, /**< those that end at a time of their own */
    FERRY_COOKIES_EXPIRED     /**< those whose time has come; they are never sent */
} ferry_cookie_kind;

/* --- options --------------------------------------------------------------------- */

/** How long things may take, in milliseconds. Each ends in an error of its own:
 *  FERRY_ERR_CONNECT_TIMEOUT, _READ_TIMEOUT, _WRITE_TIMEOUT, _POOL and
 *  _TOTAL_TIMEOUT. FERRY_NONE gives up as soon as it would have to wait. A stepped
 *  transfer notices when it is stepped. */
typedef struct ferry_timeout {
    int64_t connect_ms; /**< lookup and connecting together; default 10,000 */
    int64_t read_ms;    /**< longest silence of the peer; default 30,000 */
    /** Longest time in which it takes no byte, or your source has none; default 30,000. */
    int64_t write_ms;
    int64_t pool_ms; /**< stepped use, for a free connection; default 10,000 */
    /** Everything, from the call to the last byte, your own time between two pieces
     *  of a stream included; default FERRY_UNLIMITED. */
    int64_t total_ms;
} ferry_timeout;

/** What may be used up, in bytes unless it says otherwise. Going over one is
 *  FERRY_ERR_LIMIT, and so is a URL or a request head of more than 1 MiB, a mount's
 *  prefix of more than 8,192 bytes or a list of more than 1,024 pairs. */
typedef struct ferry_limits {
    int64_t head;       /**< a head, trailers, a chunk-size line; default 65,536 */
    int64_t fields;     /**< count of fields in a head or in trailers; default 128 */
    int64_t interim;    /**< count of 1xx before the final response; default 32 */
    int64_t body;       /**< gathered and decoded, or dropped; default 64 MiB */
    int64_t buffer;     /**< first receive buffer, 256 or more; default 16,384 */
    int64_t buffer_max; /**< most that one read of a body asks for; default 262,144 */
} ferry_limits;

/** What the connection pool keeps: counts of connections, and how long. */
typedef struct ferry_pool {
    int64_t idle;         /**< kept idle in all, the oldest goes first; default 100 */
    int64_t idle_per_key; /**< kept idle for one peer; default 10 */
    /** Open to one peer at once, idle ones too; default 64. At the cap a blocking
     *  call answers FERRY_ERR_POOL at once, as nobody else could give one back; a
     *  begun transfer waits for `pool_ms`. */
    int64_t open_per_key;
    /** Kept idle for so long, in milliseconds, or for seven eighths of what the peer's
     *  Keep-Alive field says, if that is less; default 60,000. */
    int64_t idle_ms;
    int64_t age_ms; /**< used for so long after connecting; default 3,600,000 */
} ferry_pool;

/** How much the cookie jar takes and keeps, and how much of it is sent. What is beyond
 *  is left out or thrown out, never an error (RFC 6265bis 5.6, 5.7, 6.1). */
typedef struct ferry_cookie_limits {
    int64_t per_domain;   /**< count; the longest unused go, Secure ones last; 180 */
    int64_t total;        /**< count; the longest unused go; default 3,000 */
    int64_t per_response; /**< count of cookies accepted; default 50 */
    int64_t pair;         /**< bytes of a cookie's name and value; default 4,096 */
    int64_t attribute;    /**< bytes of an attribute's value; default 1,024 */
    /** Bytes of the Cookie field, its name included; default 8,190. Cookies with the
     *  longest paths go first; those that do not fit stay behind. */
    int64_t header;
} ferry_cookie_limits;

/** Which names belong to everybody, beside what the build knows (names of one label;
 *  with PSL=libpsl the public suffix list): no cookie may be set for all of them. */
typedef struct ferry_suffixes {
    void *ctx; /**< first argument of the call below */
    /** True if anybody may register under `domain`, which is in lower case and ASCII. It
     *  must not call this session. */
    bool (*is_public)(void *ctx, const char *domain);
} ferry_suffixes;

/** When a request is tried again by itself: urllib3's Retry, member by member. Given
 *  nowhere, nothing is; any member given, the others are as said here. A failure is
 *  counted in `total` and by its kind; one more than either allows ends the call. Nothing
 *  is tried again once a byte of the body was given to you, if the body sent cannot be
 *  sent again, or if the wait would outlast `.timeout.total_ms`. */
typedef struct ferry_retry {
    int64_t total; /**< of all kinds; default 10 */
    /** Connecting failed, nothing was sent; any method. Default FERRY_UNLIMITED, as the
     *  four that follow: `total` alone counts. */
    int64_t connect;
    int64_t read;     /**< it failed after sending; methods of `methods` only */
    int64_t redirect; /**< redirects; only if given do they count, then in total too */
    int64_t status;   /**< a status of `statuses`, or Retry-After */
    int64_t other;    /**< any other failure to reach the peer: a proxy refused */
    /** Before the n-th try in a row, n > 1, this times 2^(n-1) is waited; default 0. */
    int64_t backoff_ms;
    int64_t backoff_max_ms; /**< but no more than this; default 120,000 */
    int64_t jitter_ms;      /**< and by chance up to this more; default 0 */
    int64_t within_ms; /**< no try begins later in the call; default FERRY_UNLIMITED */
    int64_t retry_after_max_ms;       /**< Retry-After counts as no more; default 6 h */
    ferry_switch full_jitter;         /**< wait any part of that; default FERRY_OFF */
    ferry_switch respect_retry_after; /**< wait as it says, and try 413, 429 and 503
                                            again that have it; default FERRY_ON */
    ferry_switch raise_on_redirect;   /**< `redirect` used up: FERRY_ERR_REDIRECTS, else
                                            the last response; default FERRY_ON */
    ferry_switch raise_on_status;     /**< `status` used up: FERRY_ERR_RETRIES, else the
                                            last response; default FERRY_ON */
    const int *statuses;              /**< FERRY_CODES(500, 502); default none */
    const char *const *methods;       /**< FERRY_NAMES("GET"); "*" is any. Default the
                                            idempotent ones (RFC 9110 9.2.2) */
} ferry_retry;

/** A request about to be sent, as `.on_request` and a ferry_auth_custom() see it. */
typedef struct ferry_draft ferry_draft;
/** A response; its members stand further down. */
typedef struct ferry_response ferry_response;
struct ferry_event;

/** Sees, and may edit, the head of each request: first, redirected and repeated ones
 *  alike. 0, or anything else to end the call with FERRY_ERR_ABORTED. */
typedef struct ferry_on_request {
    int (*call)(void *ctx, ferry_draft *d); /**< `d` is good during the call */
    void *ctx;                              /**< must outlive the requests it is for */
} ferry_on_request;

/** What `.on_response` answers; anything else ends the call with FERRY_ERR_ABORTED. */
enum {
    FERRY_GO_ON = 0,
    FERRY_FINAL = 1, /**< this is the response: no redirect, no retry */
    FERRY_TRY_AGAIN =
        2 /**< repeat it, as a status of `.retry.statuses` would be; without
                             `.retry` as if all of it were default */
};

/** Sees the head of each response, the body is not there yet. */
typedef struct ferry_on_response {
    int (*call)(void *ctx, const ferry_response *r); /**< FERRY_GO_ON and the like */
    void *ctx; /**< must outlive the requests it is for */
} ferry_on_response;

/** Is told what happens; see ferry_event. */
typedef struct ferry_on_event {
    void (*call)(void *ctx, const struct ferry_event *e); /**< `e` is good during it */
    void *ctx; /**< must outlive the requests it is for */
} ferry_on_event;

/** When a body waits to be asked for: the head says Expect: 100-continue, and the peer may
 *  refuse before anything else is sent (RFC 9110 10.1.1). */
typedef struct ferry_expect {
    /** Bodies of more bytes than this wait; default 1 MiB. FERRY_NONE: all but empty ones,
     *  those of unknown length, too. FERRY_UNLIMITED: none. "Expect: 100-continue" among
     *  your headers, or Expect taken away, decides for that request. */
    int64_t above;
    /** How long, in milliseconds, until the body is sent all the same, as many servers
     *  never answer; default 1,000. */
    int64_t wait_ms;
} ferry_expect;

/** How user and password of an http or https proxy are told it (RFC 9110 11.7). */
typedef enum ferry_proxy_auth {
    FERRY_PROXY_INHERIT = 0,
    FERRY_PROXY_BASIC = 1,  /**< with every request (RFC 7617) */
    FERRY_PROXY_DIGEST = 2, /**< as an answer to its challenge (RFC 7616) */
    FERRY_PROXY_ANY = 3     /**< as it asks: Digest rather than Basic */
} ferry_proxy_auth;

/** How an https:// proxy is trusted; none of it is what the hosts behind it are. */
typedef struct ferry_proxy_tls {
    const char *ca_file; /**< as `.ca_file`; NULL inherits, "" is the system's */
    ferry_switch verify; /**< as `.verify`, which it is not */
} ferry_proxy_tls;

/** How TCP connections are made. */
typedef struct ferry_tcp {
    /** FERRY_IPV4 or FERRY_IPV6: no address of the other kind is looked up, for SOCKS
     *  either; default FERRY_NONE. */
    int64_t family;
    /** Ask a silent peer whether it is still there after so long, in milliseconds (RFC
     *  1122 4.2.3.6); default FERRY_NONE: never. */
    int64_t keepalive_ms;
} ferry_tcp;

/** Which way a ferry_auth goes. */
typedef enum ferry_auth_kind {
    FERRY_AUTH_INHERIT = 0,
    FERRY_AUTH_NONE = 1,
    FERRY_AUTH_BASIC = 2,
    FERRY_AUTH_BEARER = 3,
    FERRY_AUTH_DIGEST = 4,
    FERRY_AUTH_ANY = 5,
    FERRY_AUTH_CUSTOM = 6
} ferry_auth_kind;

/** Who asks, and how that is said (RFC 9110 11). Made by the functions below. Its texts
 *  are copied by the call that it is given to, and wiped when they are no longer needed. */
typedef struct ferry_auth {
    const char *user;     /**< or a token */
    const char *password; /**< NULL is empty */
    /** That of ferry_auth_custom(), else NULL. */
    int (*call)(void *ctx, ferry_draft *draft, const ferry_response *challenge);
    void *ctx;            /**< its first argument */
    ferry_auth_kind kind; /**< which of them it is */
    int unused;           /**< 0, so that no byte of it is unwritten */
} ferry_auth;

struct ferry_name_every_option;

/** Every option, at three levels: session < mount < request. The comment of a member
 *  says where it may be given (elsewhere it is FERRY_ERR_USAGE) and how the levels
 *  join. Fill it with designated initialisers and set `size`; the macros below do
 *  both. */
typedef struct ferry_opts {
    /** sizeof(ferry_opts). That of an older, shorter header is fine. */
    size_t size;
    /** Always NULL. It makes a value without a name a compiler warning. */
    const struct ferry_name_every_option *name_every_option;

    /* what is asked for: headers and params at any level, the others of this request only */
    const char *method; /**< for calls that name none; default "GET" (RFC 9110 9) */
    /** Request target instead of the URL's path and query: "*" with OPTIONS, or visible
     *  ASCII that begins with "/" (RFC 9112 3.2). Sent as it is. */
    const char *target;
    /** Request header fields (RFC 9110 5). Levels merge by name, ignoring case: a
     *  value replaces the inherited one in its place, NULL removes it from the wire,
     *  new names are appended. A name twice in one list is sent twice. Starts as
     *  User-Agent, Accept-Encoding, Accept, Connection. Names are tokens; values
     *  hold no control byte but HT and do not begin with a blank. Host may be
     *  replaced, not removed. The framing is ferry's: a Content-Length must say what
     *  it would, Transfer-Encoding is refused. */
    const ferry_pair *headers;
    /** Query parameters, form-encoded behind the URL's own query: any bytes, a space
     *  as +. Levels merge by exact name; a name twice in one list is sent twice. */
    const ferry_pair *params;
    /** Cookies of this call, never kept: sent beside those of the jar, in the place of
     *  those with their names; NULL keeps the jar's away. They go to the first origin
     *  only, and do not come back after the call has left it. A name is not empty and
     *  holds no `=`, neither part a `;`, a control byte or a blank at an end. */
    const ferry_pair *cookies;

    /* this request only: its body; at most one of them, but for a form beside a multipart */
    ferry_bytes body; /**< sent as it is, with no Content-Type of ferry's own */
    const char *text; /**< sent as it is, as text/plain; charset=utf-8 unless you say */
    /** Sent as application/x-www-form-urlencoded; a NULL value drops its pair. */
    const ferry_pair *form;
    const char *json; /**< JSON text, sent as it is, as application/json */
    /** A path: the file is opened at once, read while it is sent and closed with the
     *  response. No Content-Type of ferry's own. What is no regular file is sent in
     *  chunks, once. FERRY_ERR_FILE if it cannot be opened or read; FERRY_ERR_BODY if it
     *  ends before the length it had. */
    const char *file;
    const ferry_source *source; /**< copied; its `ctx` must outlive the transfer */
    /** A form with files, as multipart/form-data, read part by part while it is sent. Its
     *  length is computed and sent, unless that of a part is not known. The pairs of a
     *  `.form` beside it come first, as fields. A Content-Type of yours is
     *  FERRY_ERR_USAGE: ferry's names the boundary, which is 32 random digits. */
    const ferry_part *multipart;
    /** Fields behind the body (RFC 9110 6.5), which is sent in chunks because of them.
     *  Not copied: names are announced in Trailer, values read when the body has ended, so
     *  that they may be made of it; NULL leaves its field out. What a recipient must know
     *  before the body is refused: framing, routing, content, authentication. */
    const ferry_pair *trailers;

    /* this request only: where its answer goes; at most one of .sink, .into and .stream */
    /** Where the body goes, as it comes; `r->body` stays empty. Copied; its `ctx` must
     *  outlive the transfer. */
    const ferry_sink *sink;
    /** Where the body goes; `r->body` is then a view of it, and a NUL follows if there is
     *  room. It must outlive the response. A longer body is FERRY_ERR_LIMIT. */
    ferry_room into;
    ferry_on_progress on_progress; /**< of ferry_download(), and of no other call */

    /* any level: the answer */
    /** FERRY_ON: the call returns at the head and ferry_next() gives the body. Without
     *  effect where the body is discarded; not for ferry_once(). */
    ferry_switch stream;
    /** FERRY_OFF: bodies come as they were sent. Otherwise their content codings are
     *  undone (RFC 9110 8.4): gzip and deflate with ZLIB=zlib, br and zstd with BROTLI
     *  and ZSTD, at most 5 one inside the other; Accept-Encoding asks for what the build
     *  decodes. A coding that it does not know is FERRY_ERR_UNSUPPORTED, data that are
     *  damaged or end early are FERRY_ERR_DECODE. A 206 is a part of coded data and comes
     *  as it was sent, and so does what stands behind a 101. Fields stay as received:
     *  Content-Length is that of the coded body. Default FERRY_ON. */
    ferry_switch decode;
    /** How many bytes one received byte of a coded body may become before the answer is
     *  FERRY_ERR_LIMIT; the first 4 MiB are free. Default 200. */
    int64_t decode_ratio;
    /** How many bytes of a response that nobody wants any more are read away so that its
     *  connection can serve again; if more of it is left the connection is closed. What a
     *  redirect or a retry leaves is waited for, half a second; where you free a response
     *  before its end nothing is, and only what has arrived by then counts. Default
     *  65,536; FERRY_NONE: none. */
    int64_t drain;

    /* any level: time and room */
    ferry_timeout timeout; /**< levels merge by member */
    ferry_limits limits;   /**< levels merge by member */
    /** Levels merge by member. A final answer that comes while the body waits is
     *  delivered, and one of 300 or above ends the upload before it began; after 417 the
     *  request is sent once more, without Expect. A peer that was seen to speak HTTP/1.0 is
     *  not waited for. */
    ferry_expect expect;

    /* any level: what follows an answer, or a failure */
    /** Redirects (301, 302, 303, 307, 308 with a Location, RFC 9110 15.4): FERRY_ON
     *  follows them all, FERRY_SAFE_ONLY those of safe methods (RFC 9110 9.2.1),
     *  FERRY_OFF none. Given nowhere: all but those of HEAD. */
    ferry_switch follow;
    /** FERRY_ON, the danger: what is bound to its origin (see `.sensitive`) goes wherever
     *  a redirect leads, to whoever that is. curl's --location-trusted. */
    ferry_switch location_trusted;
    /** So many redirects are followed, then FERRY_ERR_REDIRECTS with the last response;
     *  default 30. */
    int64_t max_redirects;
    /** 301, 302 and 303 make a POST a GET, but for those listed here. Replaced whole. */
    const int *keep_post;
    /** Header fields that must not leave the origin they were given for, beside
     *  Authorization, Cookie, Host and Proxy-Authorization. Replaced whole; what is said
     *  for the URL that leads away holds for the rest of the call. */
    const char *const *sensitive;
    ferry_retry retry; /**< levels merge by member; the lists are replaced whole */
    /** FERRY_ON: one Idempotency-Key per call, kept over its retries, which makes any
     *  method one that may be repeated. */
    ferry_switch idempotency_key;

    /* any level: hooks */
    ferry_on_request on_request;   /**< replaced whole */
    ferry_on_response on_response; /**< replaced whole */
    ferry_on_event on_event;       /**< replaced whole */

    /* any level: cookies, and who asks */
    /** FERRY_OFF: the session's cookies are not sent, and none are taken from the
     *  responses. Otherwise each request takes those for its URL, or for the Host field
     *  that you gave, and each response, redirects and 401s too, may set some (RFC 6265bis
     *  5.7, 5.8). A Cookie among the `.headers` stands alone. Default FERRY_ON. */
    ferry_switch jar;
    /** Who asks: ferry_basic(), ferry_digest() and the like. Replaced whole. The nearest
     *  level counts, an Authorization in its `.headers` too (a NULL one is nobody), then
     *  what the URL says, then the netrc file. What session, request and URL give goes to
     *  the origin of the call's URL and to no other (but from http:80 to https:443 of the
     *  same host), a mount's to every URL below its prefix, that of a netrc file to
     *  exactly its host. */
    ferry_auth auth;

    /* any level: https, without effect elsewhere. Certificates and keys are PEM or DER.
     * A name is that of a file, read when first needed and then remembered. What cannot
     * be read or used is FERRY_ERR_USAGE, before anything is connected to. */
    /** Who is trusted: a file of CA certificates, `.ca_dir` or `.ca_pem`. One of the
     *  three, and then nobody else is. None, or "": SSL_CERT_FILE, SSL_CERT_DIR,
     *  REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE (see `.trust_env`), else the system's. A
     *  level that gives one of them, or `.pin_sha256`, replaces all four. */
    const char *ca_file;
    const char *ca_dir; /**< a folder of such files */
    ferry_bytes ca_pem; /**< their bytes */
    /** Base64 of the SHA-256 of the only public key (SubjectPublicKeyInfo) that the
     *  peer may have; several with ";" between. Holds with `.verify` off, too. */
    const char *pin_sha256;
    /** Who you are (mutual TLS): your certificate with what stands between it and the
     *  CA. A level that gives this or any of the next four replaces all five. */
    const char *cert;
    const char *key; /**< its private key, if that does not stand in `.cert`, too */
    const char *key_password; /**< opens the key, if it is encrypted */
    ferry_bytes cert_pem;     /**< the bytes, instead of `.cert` */
    ferry_bytes key_pem;      /**< the bytes, instead of `.key` */
    /** The cipher suites offered, best first, with ":" between, in IANA's names:
     *  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:...". "" is ferry's own choice. Versions
     *  of TLS that have none of them are not offered. */
    const char *tls_ciphers;
    /** Who the peer says and proves to be, if not the URL's host: a host name or an
     *  address. "" is the URL's host. */
    const char *server_name;
    /** Default FERRY_ON. FERRY_OFF: whoever answers is believed to be the peer. That is
     *  no protection against anybody on the way. */
    ferry_switch verify;
    /** Only whether a CA vouches for the certificate, and whether it is in date. As
     *  `.verify` if not given; a level that gives one of the three replaces all three. */
    ferry_switch verify_chain;
    ferry_switch verify_name;  /**< only whether the certificate is this peer's */
    ferry_tls_version tls_min; /**< default FERRY_TLS_1_2 */
    ferry_tls_version tls_max; /**< default the newest that mbedTLS has */
    /** Default FERRY_ON: a new connection to a peer takes up the TLS session of an
     *  earlier one under the same settings (RFC 5077). FERRY_OFF: always all anew. */
    ferry_switch tls_resume;

    /* any level: the way to the peer */
    /** Proxies: the name is "http", "https" or "all", for which URLs, perhaps with
     *  "://host", without a port; the value is [scheme://][user:password@]host[:port],
     *  with http:// (if none is said), https://, socks4://, socks4a://, socks5:// or
     *  socks5h://; user and password percent-encoded. Of those that fit, "scheme://host"
     *  comes before "scheme", "all://host" and "all". "" is none. Levels merge by name;
     *  FERRY_DIRECT is no proxy at all. Where no level says anything, http_proxy,
     *  https_proxy and all_proxy of the environment do (see `.trust_env`), lower case
     *  before upper case. http targets are asked for at an http or https proxy, all else
     *  goes through (RFC 9110 9.3.6). 4a and 5h let the proxy look names up; where ferry
     *  does not look them up itself, because of `.transport`, all do. FERRY_ERR_PROXY if a
     *  proxy refuses. */
    const ferry_pair *proxies;
    /** Fields for http and https proxies alone: in CONNECT, else beside the request's. Not
     *  Host, Connection, Upgrade, Expect, or what frames. Levels merge as `.headers`. */
    const ferry_pair *proxy_headers;
    /** Hosts asked without a proxy, between commas or blanks: "example.org" (and all below
     *  it), "10.0.0.0/8", "::1", "*"; all but blocks also with ":port". For all proxies;
     *  where it is not given, no_proxy of the environment holds for the environment's. */
    const char *no_proxy;
    /** A SOCKS proxy that leads to the http or https proxy: a URL as in `.proxies`, of one
     *  of the socks schemes; "" is none. It is told of that proxy alone, and 4a and 5h let
     *  it look that one up. For URLs that no proxy was said for it is their proxy, and
     *  those of `.no_proxy` go without. FERRY_ERR_USAGE before a SOCKS proxy. */
    const char *preproxy;
    ferry_proxy_tls proxy_tls;   /**< of https:// proxies; levels merge by member */
    ferry_proxy_auth proxy_auth; /**< default FERRY_PROXY_BASIC */
    /** FERRY_ON: CONNECT for http targets, too. */
    ferry_switch proxy_tunnel;
    /** FERRY_ON: CONNECT says HTTP/1.0, for proxies that know no other (RFC 9112 2.3). */
    ferry_switch proxy_http10;
    /** Connect to this unix socket, whatever the URL's host; "@name" is an abstract one
     *  (Linux). Of session and request, for the call's first origin only. No proxy. A
     *  URL can say the same: http+unix://%2Frun%2Fsock/path, with Host: localhost. */
    const char *unix_socket;
    /** Addresses instead of looking up: the name is "host:port", the host perhaps "*", the
     *  value "address[,address...]". For proxies, too. Levels merge by name. Not where
     *  names are the dialler's own affair. */
    const ferry_pair *resolve;
    /** Connect from this network interface, by name. As `.unix_socket` and
     *  `.local_address` it needs ferry's own sockets: with a `.transport` it is
     *  FERRY_ERR_UNSUPPORTED. */
    const char *local_interface;
    const char *local_address; /**< connect from this address */
    ferry_tcp tcp;             /**< levels merge by member */
    /** FERRY_ON: TCP_NODELAY from the start. Otherwise a small request waits for nothing
     *  either, and larger ones set it themselves. */
    ferry_switch tcp_nodelay;

    /* session or mount */
    /** Who makes the connections. Given names, never addresses. Copied; its `ctx` must
     *  outlive the session. */
    const ferry_dialer *transport;
    /** FERRY_ON: the bytes of the `.transport` beside it are protected already, so
     *  https:// may use it. FERRY_ERR_USAGE without a `.transport` beside it. */
    ferry_switch secure;

    /* session only; .platform only when it is made */
    /** The machine. Copied; its `ctx` must outlive the session and its responses. */
    const ferry_platform *platform;
    ferry_pool pool; /**< updates merge by member */
    /** Retries that the session may spend in a row: each takes one, ten successes give
     *  one back, so that an outage is not multiplied; default 10, FERRY_UNLIMITED turns
     *  it off. */
    int64_t retry_budget;
    /** Path of the netrc file, read when it is given; FERRY_ERR_FILE if that fails. ""
     *  is none. Given nowhere and with `.trust_env`: $NETRC, or .netrc in $HOME, if it
     *  can be read. */
    const char *netrc;
    /** For debugging alone: the path of a regular file, which is opened when it is given,
     *  made for its owner alone if it is not there, and appended to. The secrets of each
     *  TLS connection made from then on, those to https:// proxies too, are written there
     *  as lines of the key log format of NSS, which Wireshark reads: whoever reads the
     *  file can read all that was sent. FERRY_ERR_FILE if it cannot be opened, and for a
     *  connection whose line cannot be written; FERRY_ERR_UNSUPPORTED in a build without
     *  TLS or files. "": nothing is written. Given nowhere: SSLKEYLOGFILE names it (see
     *  `.trust_env`), looked at when TLS is first needed; where there is no such variable
     *  nothing is written. */
    const char *key_log;
    ferry_cookie_limits cookie_limits; /**< updates merge by member */
    ferry_suffixes suffixes; /**< copied; its `ctx` must outlive the session */
    /** FERRY_OFF: nothing is taken from the environment. Otherwise its variables are
     *  read once, when the session is made, and give what no option says. Given to
     *  ferry_update(), FERRY_ON reads them again. Default FERRY_ON. A program with rights
     *  that its caller lacks (setuid) sees none of them. */
    ferry_switch trust_env;
    /** FERRY_ON: http to this machine (localhost, 127.0.0.0/8, [::1]) counts as secure
     *  for cookies, as it does for browsers. Default FERRY_OFF. */
    ferry_switch trust_loopback;
} ferry_opts;

#ifndef __cplusplus
/** Options by name: FERRY_OPTS(.stream = FERRY_ON). Lives as long as its block. */
#define FERRY_OPTS(...) (&(const ferry_opts){.size = sizeof(ferry_opts), __VA_ARGS__})
/** A list of pairs: FERRY_PAIRS({"a", "1"}, {"b", NULL}). */
#define FERRY_PAIRS(...) ((const ferry_pair[]){__VA_ARGS__, {NULL, NULL}})
/** A list of parts: FERRY_PARTS({.name = "photo", .file = "a.png", .type = "image/png"},
 *  {.name = "title", .text = "A"}). */
#define FERRY_PARTS(...) ((const ferry_part[]){__VA_ARGS__, {.name = NULL}})
/** A list of numbers that are not 0: FERRY_CODES(502, 503). */
#define FERRY_CODES(...) ((const int[]){__VA_ARGS__, 0})
/** The empty one, which replaces an inherited list. */
#define FERRY_NO_CODES ((const int[]){0})
/** A list of names: FERRY_NAMES("GET", "PUT"). */
#define FERRY_NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
/** The empty one, which replaces an inherited list. */
#define FERRY_NO_NAMES ((const char *const[]){NULL})
#endif

/** The empty list that also forgets what was inherited, for `.headers` and
 *  `.params`. */
#define FERRY_NO_PAIRS (ferry_no_pairs())
/** FERRY_NO_PAIRS is this. @return a static list that is empty */
FERRY_API const ferry_pair *ferry_no_pairs(void);

/** No proxy at all, whatever was inherited and whatever the environment says, for
 *  `.proxies`. */
#define FERRY_DIRECT (ferry_direct())
/** FERRY_DIRECT is this. @return a static list that is empty */
FERRY_API const ferry_pair *ferry_direct(void);

/* --- who asks -------------------------------------------------------------------- */

/** User and password with the first request (RFC 7617), as UTF-8. With a NULL user these
 *  three take both from the URL or the netrc file, if one of them has any. Control bytes,
 *  and a colon in the user, are FERRY_ERR_USAGE where the answer is given. */
FERRY_API ferry_auth ferry_basic(const char *user, const char *password);

/** User and password once the server has asked for a Digest (RFC 7616): MD5, SHA-256,
 *  SHA-512 and their -sess forms, the strongest of those offered; qop auth, or auth-int
 *  if the body is in memory. Asked again, one more request follows; later requests to
 *  that server answer ahead. A server that wants none of this gives its 401. */
FERRY_API ferry_auth ferry_digest(const char *user, const char *password);

/** The best the server asks for: a Digest, or Basic. */
FERRY_API ferry_auth ferry_any_auth(const char *user, const char *password);

/** A token with the first request (RFC 6750): visible ASCII. */
FERRY_API ferry_auth ferry_bearer(const char *token);

/** Your own function. It sees each request when its head is finished, with `challenge`
 *  NULL, and puts fields into it with ferry_draft_set(). A 401 in answer to that is shown
 *  as `challenge`, once in a call or after a redirect; if it then sets a field, the
 *  request is sent again. It answers 0, or anything else to end the call with
 *  FERRY_ERR_ABORTED. Bound to origins as the others are.
 *  @param ctx handed to it; must outlive the requests. */
FERRY_API ferry_auth ferry_auth_custom(
    int (*call)(void *ctx, ferry_draft *draft, const ferry_response *challenge),
    void *ctx);

/** Nobody: neither what is inherited nor what URL or netrc say. */
FERRY_API ferry_auth ferry_no_auth(void);

/* --- session --------------------------------------------------------------------- */

/** Default headers, params, time-outs, limits, mounts and a connection pool. */
typedef struct ferry_session ferry_session;

/** Make a session.
 *  @param opts options for every request, or NULL.
 *  @return the session, to be freed with ferry_session_free(); NULL only without
 *  memory (or, with PLATFORM=none, without a platform that has `resize`). A bad
 *  option, or a platform without entropy, gives a session whose every call returns
 *  that error. A NULL session may be passed to every function: it answers
 *  FERRY_ERR_NOMEM. */
FERRY_API ferry_session *ferry_session_new_with(const ferry_opts *opts);

/** Change what the session gives to later requests. A begun call keeps what its request
 *  under way began with; the next one of the same call, after a redirect or a retry, finds
 *  the new. What is not named stays; pair lists merge by name, and a NULL value
 *  stays removed.
 *  @return FERRY_OK, FERRY_ERR_USAGE, FERRY_ERR_LIMIT or FERRY_ERR_NOMEM; after an
 *  error nothing changed. */
FERRY_API ferry_err ferry_update_with(ferry_session *s, const ferry_opts *opts);

/** Give options to the requests whose URL begins with `prefix`: requests' adapters.
 *  @param prefix "scheme://", "scheme://host[:port]" or "scheme://host[:port]/path",
 *  without user, query and fragment. Matching is on the parsed URL: same scheme, host
 *  and port, and whole path segments. Of several, the longest applies, alone; mounting
 *  the same prefix again replaces it.
 *  @param opts options of a mount.
 *  @return FERRY_OK, FERRY_ERR_USAGE, FERRY_ERR_URL, FERRY_ERR_UNSUPPORTED (the
 *  scheme, or a host name beyond ASCII in a build without IDN), FERRY_ERR_LIMIT or
 *  FERRY_ERR_NOMEM; after an error nothing changed. */
FERRY_API ferry_err ferry_mount_with(
    ferry_session *s, const char *prefix, const ferry_opts *opts);

/** Close the connections that no transfer uses. The session stays usable. Does nothing
 *  inside a callback of the same session. */
FERRY_API void ferry_close_idle(ferry_session *s);

/** End a session: its transfers are cancelled, its connections closed. Responses
 *  that are still held stay readable and are freed as usual. NULL is fine. Does
 *  nothing inside a callback of the same session. */
FERRY_API void ferry_session_free(ferry_session *s);

/** One line about the last error of this session: the peer, if there was a URL that
 *  could be used, what, and where. Success does not clear it. Without a line end;
 *  never NULL; never a secret. Valid until the next call on the session. */
FERRY_API const char *ferry_explain(const ferry_session *s);

/* --- response -------------------------------------------------------------------- */

/** Why another request followed a response or a failure. */
typedef enum ferry_hop_why {
    FERRY_HOP_REDIRECT = 1,
    FERRY_HOP_RETRY = 2,
    FERRY_HOP_AUTH = 3 /**< the answer to a challenge (RFC 9110 11) */
} ferry_hop_why;

/** One request of a call before its last. */
typedef struct ferry_hop {
    ferry_hop_why why;    /**< another one followed */
    ferry_err err;        /**< what it failed by, or FERRY_OK: there was a response */
    int status;           /**< of the response, or 0 */
    int64_t delay_ms;     /**< waited before the next one */
    const char *method;   /**< with which it was made */
    const char *url;      /**< as `r->url` */
    ferry_fields headers; /**< of the response */
} ferry_hop;

/** When things were done, in milliseconds since the call began; of the last request if
 *  there were several; -1 if it was not done, as on a connection that is used again. */
typedef struct ferry_timings {
    int64_t lookup_ms;  /**< the name was known */
    int64_t connect_ms; /**< it was connected, through all proxies */
    int64_t tls_ms;     /**< TLS with the peer was agreed on */
    int64_t sent_ms;    /**< the peer took the last byte of the request */
    int64_t first_ms;   /**< the head of the response was there */
    int64_t total_ms;   /**< its last byte */
} ferry_timings;

/** A response, and the transfer that fetches it. Read it; only ferry writes it. New
 *  members are only ever appended. */
struct ferry_response {
    int status;         /**< 100 to 999; 0 until the head is here (RFC 9110 15) */
    int minor;          /**< x of HTTP/1.x as the peer wrote it */
    const char *reason; /**< reason phrase, may be empty (RFC 9112 4) */
    /** Where it came from, normalised, with its fragment, without user, password,
     *  zone. */
    const char *url;
    ferry_fields headers;  /**< as they came (RFC 9110 5) */
    ferry_fields trailers; /**< there once a chunked body has ended (RFC 9112 7.1.2) */
    /** The whole body; `ptr` is never NULL and a NUL follows. Empty while streaming.
     *  After a 101: the bytes that came behind the head. */
    ferry_str body;
    int64_t elapsed_ms; /**< from the call to the complete head, a replay included */
    int interim;        /**< how many 1xx came first (RFC 9110 15.2) */
    bool reused;        /**< came over a connection that had served before */
    ferry_str request;  /**< the head as it is sent, secrets and all; not in a copy */
    ferry_timings timings; /**< of its last request */
    int redirects;         /**< how many were followed */
    /** The requests before, oldest first, at most 1,000. Not in a copy. */
    const ferry_hop *history;
    size_t n_history; /**< how many they are */
    /** Where a redirect that was not followed leads, resolved; else NULL. */
    const char *next_url;
};

/** Free a response, or cancel its transfer. Never waits. The connection is kept if the
 *  head is here, the request is out, and all that is left of the body has arrived and is
 *  no more than `.drain`; else it is closed. NULL is fine. Does nothing inside a callback
 *  of its session. */
FERRY_API void ferry_response_free(ferry_response *r);

/** Value of the first field called `name`, ignoring case; NULL if there is none. */
FERRY_API const char *ferry_header(const ferry_response *r, const char *name);

/** The `i`-th value, from 0, of the fields called `name`; NULL behind the last. For all
 *  fields in order walk `r->headers.at[0 .. r->headers.n - 1]`. */
FERRY_API const char *ferry_header_nth(
    const ferry_response *r, const char *name, size_t i);

/** As ferry_header(), among the trailers. */
FERRY_API const char *ferry_trailer(const ferry_response *r, const char *name);

/** Where the first link with the relation type `rel` leads, such as "next" (RFC 8288): its
 *  target, resolved against `r->url`. Links with an anchor speak of something else and
 *  do not count.
 *  @return the URL, until the next ferry_link() on this response; NULL if there is none
 *  that can be used, without memory, and for a copy. */
FERRY_API const char *ferry_link(ferry_response *r, const char *rel);

/** "Not Found" for 404 and so on (RFC 9110 15); NULL for a status without a name. */
FERRY_API const char *ferry_status_text(int status);

/** The status of a name, 0 if there is none: "Not Found", "not_found", "not-found". */
FERRY_API int ferry_status_code(const char *name);

/** True if the status is there and below 400. */
FERRY_API bool ferry_ok(const ferry_response *r);

/** requests' raise_for_status.
 *  @return FERRY_OK for a status below 400, else FERRY_ERR_STATUS, with
 *  ferry_explain() telling status, reason and peer (a detached response has no
 *  session to tell it). A NULL or pending response is FERRY_ERR_USAGE. */
FERRY_API ferry_err ferry_check(ferry_response *r);

/** The next piece of the body. The call of a `.stream` request returned at the head; go
 *  on until the piece is empty. A response that was gathered gives its body in one
 *  piece.
 *  @param chunk a view that lives until the next call on this response.
 *  @return FERRY_OK; FERRY_AGAIN for a begun transfer only (see ferry_waiting());
 *  FERRY_ERR_USAGE before the head, for NULL and for a detached response;
 *  FERRY_ERR_READ_TIMEOUT, _WRITE_TIMEOUT (an upload may still go on),
 *  _TOTAL_TIMEOUT, _TRUNCATED, _PROTOCOL, _DECODE, _UNSUPPORTED (its content coding),
 *  _LIMIT, _NOMEM, _ABORTED, or what a transport's fault says. After such an error the same error again. */
FERRY_API ferry_err ferry_next(ferry_response *r, ferry_str *chunk);

/** The next line of the body, streamed or gathered, without its end: LF, CRLF or CR, however
 *  the pieces come. A last line may lack its end. Not to be mixed with ferry_next().
 *  @param line a copy with a NUL behind it, good until the next call on this response;
 *  `line->ptr` is NULL when there is no other.
 *  @return as ferry_next(); FERRY_ERR_LIMIT for a line of more than `.limits.body`. */
FERRY_API ferry_err ferry_line(ferry_response *r, ferry_str *line);

/** The gathered body as text in UTF-8, with a NUL behind it. Its charset is what a byte
 *  order mark says, or the charset parameter of Content-Type; without them text/... is
 *  ISO-8859-1, as requests has it, JSON is UTF-8, UTF-16 or UTF-32, whichever it begins
 *  like (RFC 8259 8.1, RFC 4627 3), and everything else UTF-8. These four are known, others
 *  as far as the system's iconv knows them. What is malformed
 *  becomes U+FFFD, a byte order mark is left out.
 *  @return good until the next call of this or of ferry_text_as() for this response, and
 *  no longer than it. `ptr` is NULL without memory, for NULL, for a charset that is not
 *  known, and if the body is not all in `r->body`; ferry_explain() tells. */
FERRY_API ferry_str ferry_text(ferry_response *r);

/** The same in a charset that you know better: "utf-8", for instance. "json" says that
 *  it is JSON, whatever its media type; NULL or "" leaves it all to the response. */
FERRY_API ferry_str ferry_text_as(ferry_response *r, const char *charset);

/** Copy a finished response into one block that needs neither session nor connection.
 *  It has no `request`.
 *  @return the copy, to be freed with ferry_response_free() as long as the
 *  platform's `resize` lives; NULL without memory, for NULL or a copy, and if the
 *  body is not all in `r->body`. */
FERRY_API ferry_response *ferry_detach(const ferry_response *r);

/** After a 101 that the request asked for with an Upgrade field: take the connection
 *  (RFC 9110 7.8). Bytes of the new protocol that came with the head are `r->body`.
 *  @param out the transport; use and close it through `(*out)->calls`. It outlives
 *  response and session; its memory is the platform's.
 *  @return FERRY_OK, or FERRY_ERR_USAGE if there is none to take. */
FERRY_API ferry_err ferry_take(ferry_response *r, ferry_transport **out);

/* --- hooks ----------------------------------------------------------------------- */

/** What happened. New kinds may be added. */
typedef enum ferry_event_kind {
    FERRY_EVENT_START = 1, /**< a request begins: method, url */
    FERRY_EVENT_REUSED,    /**< on a connection that has served before */
    FERRY_EVENT_LOOKUP,    /**< the name was looked up */
    FERRY_EVENT_CONNECT,   /**< the connection is there, perhaps only to a proxy */
    FERRY_EVENT_TLS,       /**< what leads to the peer is protected */
    FERRY_EVENT_SENT,      /**< the request is out */
    FERRY_EVENT_HEAD,      /**< the head of the response is here: status */
    FERRY_EVENT_REDIRECT,  /**< it will be followed: status, url is where to */
    FERRY_EVENT_RETRY,     /**< it will be tried again: status or err, delay_ms */
    FERRY_EVENT_DONE,      /**< the response is complete */
    FERRY_EVENT_FAILED,    /**< the call ended in an error: err */
    FERRY_EVENT_AUTH,      /**< a challenge will be answered: status */
    /* Of proxies; url is the proxy's, without user and password. */
    FERRY_EVENT_PROXY, /**< the request goes by it; the nearest first, after START */
    FERRY_EVENT_PROXY_TLS, /**< what leads to it is protected */
    FERRY_EVENT_TUNNEL,    /**< it is asked to lead on: by CONNECT, or SOCKS */
    FERRY_EVENT_TUNNELED   /**< status: of its answer to CONNECT; 0: SOCKS leads on */
} ferry_event_kind;

/** One event. Texts live during the call of the hook; none of them holds a secret that
 *  is not in the URL's path or query. */
typedef struct ferry_event {
    ferry_event_kind kind; /**< what happened */
    int64_t at_ms;         /**< since the call began */
    const char *method;    /**< of the request */
    const char *url;       /**< of the request, unless the kind says otherwise */
    int status;            /**< or 0 */
    ferry_err err;         /**< or FERRY_OK */
    int64_t delay_ms;      /**< until the next try */
} ferry_event;

/** Method of a draft; it lives during the call of the hook. */
FERRY_API const char *ferry_draft_method(const ferry_draft *d);
/** URL of a draft, as `r->url` will be; it lives during the call of the hook. */
FERRY_API const char *ferry_draft_url(const ferry_draft *d);
/** Value of the first header called `name`, ignoring case, or NULL. Host and framing are
 *  ferry's, unless you gave them. */
FERRY_API const char *ferry_draft_header(const ferry_draft *d, const char *name);
/** The whole head as it would be sent, for a ferry_auth_custom() that signs it; in a hook
 *  it is not written yet, and empty. */
FERRY_API ferry_str ferry_draft_head(const ferry_draft *d);
/** The body as it would be sent, if it is in memory; `ptr` is NULL otherwise. */
FERRY_API ferry_bytes ferry_draft_body(const ferry_draft *d);
/** Put a header into the request, in the place of those of that name; NULL takes them
 *  away. Both texts are copied. What is put here goes to this peer, whatever it is.
 *  @return FERRY_OK, FERRY_ERR_USAGE (not a name, or not a value) or FERRY_ERR_NOMEM;
 *  after an error the call ends with it. */
FERRY_API ferry_err ferry_draft_set(
    ferry_draft *d, const char *name, const char *value);

/* --- requests -------------------------------------------------------------------- */

/** Send a request and gather the response (or, with `.stream`, its head).
 *  @param method a token, sent as it is (RFC 9110 9.1). CONNECT is FERRY_ERR_USAGE.
 *  @param url absolute, http://, https:// or http+unix://; the fragment is not sent.
 *  @param out NULL discards the body. Else `*out` is NULL or a response you own, which
 *  is freed once URL, options and body were taken from it (with `.stream` the body must
 *  lie elsewhere); after an error it is NULL, or the last response where there was one to
 *  judge: with FERRY_ERR_REDIRECTS, _RETRIES, _REWIND, a Location that cannot be
 *  followed, and what a proxy answered to CONNECT (FERRY_ERR_PROXY).
 *  @param opts options of this request, or NULL.
 *  @return FERRY_OK, whatever the status, or any error but FERRY_ERR_STATUS; from
 *  inside a callback of the same session FERRY_ERR_USAGE, and `*out` stays. The
 *  session stays usable. Should a kept connection die before a byte of the response,
 *  a request that may be repeated (RFC 9110 9.2.2) is sent once more on a new one;
 *  for any other the error is FERRY_ERR_CLOSED, and ferry_explain() says that it may
 *  have been processed. */
FERRY_API ferry_err ferry_send(ferry_session *s, const char *method, const char *url,
    ferry_response **out, const ferry_opts *opts);

/** One request without a session: no connection is kept. `opts` may hold options of
 *  the session too, and `.method`; `.stream` is FERRY_ERR_USAGE. The response needs
 *  no session. Errors as ferry_send(). */
FERRY_API ferry_err ferry_once_with(
    const char *url, ferry_response **out, const ferry_opts *opts);

/** GET into a file. What comes is written to "PATH.part", and when it is whole that is
 *  synced to the disk and renamed to `path`; until then, and after an error, what was
 *  there before is there still. If it breaks off and the response had a strong ETag or a
 *  Last-Modified before its Date, the rest is asked for (Range, If-Range; RFC 9110 14.2,
 *  13.1.5), by this call as long as each try comes farther, and by the next one:
 *  "PATH.part" stays, and "PATH.part.tag" says what it is, by its URL with the parameters
 *  and without user and password. Identity is asked for, as coded data cannot be
 *  continued; `.retry` and redirects work as in ferry_send(). The peer has no say in the
 *  name.
 *  @param path where the file goes; nothing, or a regular file.
 *  @param opts options of this request, or NULL; no method, `.sink`, `.into`, Range, and no
 *  FERRY_NO_PAIRS as `.headers`.
 *  @return FERRY_OK; FERRY_ERR_STATUS for a status but 200, 203, 206 and a fitting 416;
 *  FERRY_ERR_FILE; FERRY_ERR_ABORTED by `.on_progress`; FERRY_ERR_PROTOCOL for a part
 *  that was not asked for; FERRY_ERR_UNSUPPORTED with PLATFORM=none; or as ferry_send() and
 *  ferry_next(). */
FERRY_API ferry_err ferry_download_with(
    ferry_session *s, const char *url, const char *path, const ferry_opts *opts);

/** Start a request that your own loop drives: nothing below ever blocks, but for a
 *  lookup by a platform's `resolve` or in a build with THREADS=none. Drive it with
 *  ferry_step().
 *  @param out as in ferry_send(), but never NULL; `.body` and `.text` cannot lie in the
 *  old response.
 *  @return FERRY_OK, FERRY_ERR_USAGE, FERRY_ERR_URL, FERRY_ERR_UNSUPPORTED,
 *  FERRY_ERR_LIMIT or FERRY_ERR_NOMEM. */
FERRY_API ferry_err ferry_begin_with(
    ferry_session *s, const char *url, ferry_response **out, const ferry_opts *opts);

/** Carry a begun request on as far as it goes without waiting, but for no more than 32
 *  reads or 1 MiB: what then is left has `w->timeout_ms` 0.
 *  @param w if not NULL, filled after FERRY_AGAIN with what to wait for.
 *  @return FERRY_OK: finished (with `.stream`: the head is here, go on with
 *  ferry_next()); FERRY_AGAIN; FERRY_ERR_USAGE for NULL, a detached response or one
 *  of ferry_send(); or an error as there. Asked again, it answers the same. Free the
 *  response in any case. */
FERRY_API ferry_err ferry_step(ferry_response *r, ferry_wait *w);

/** What a begun transfer waits for, after any FERRY_AGAIN. Its handles are good
 *  until any transfer of the session is stepped or freed: ask again then.
 *  `timeout_ms` counts from the last step. FERRY_OK, or FERRY_ERR_USAGE as
 *  ferry_step() and without `w`. */
FERRY_API ferry_err ferry_waiting(const ferry_response *r, ferry_wait *w);

/** End the call on this session that is under way, within about half a second, with
 *  FERRY_ERR_ABORTED; or, if there is none, the next one. Safe from a signal handler
 *  and from another thread, as long as the session is not freed meanwhile. */
FERRY_API void ferry_interrupt(ferry_session *s);

/** Write down the TLS sessions that new connections could take up, so that a device
 *  that restarts need not make all its handshakes anew.
 *  @param out `room` bytes of yours; NULL with 0 to learn how many it takes. What is
 *  written holds secret keys: keep it as you keep those. It fits the same version and
 *  build of mbedTLS.
 *  @param len how many bytes it takes, also after FERRY_ERR_LIMIT.
 *  @return FERRY_OK, FERRY_ERR_LIMIT if the room is too small, FERRY_ERR_USAGE without
 *  `len`, FERRY_ERR_NOMEM, FERRY_ERR_UNSUPPORTED in a build without TLS. */
FERRY_API ferry_err ferry_tls_export(
    ferry_session *s, void *out, size_t room, size_t *len);

/** Read what ferry_tls_export() wrote, perhaps in another process. A TLS session is taken
 *  up only by a connection to the same peer under the same settings: same host and port,
 *  same names of files or bytes of certificates, same switches, same order of mounts with
 *  a `.transport`.
 *  @return FERRY_OK; FERRY_ERR_USAGE if it is damaged, cut, or of another build, and then
 *  nothing was taken from it; FERRY_ERR_NOMEM, FERRY_ERR_TLS, FERRY_ERR_UNSUPPORTED. */
FERRY_API ferry_err ferry_tls_import(ferry_session *s, const void *blob, size_t len);

#ifndef __cplusplus
#define FERRY_OUT_(out, ...) (out)
#define FERRY_REST_(out, ...)                                                          \
    (&(const ferry_opts){.size = sizeof(ferry_opts), __VA_ARGS__})

/** ferry_session_new(.option = value, ...): see ferry_session_new_with(). */
#define ferry_session_new(...) ferry_session_new_with(FERRY_OPTS(__VA_ARGS__))
/** ferry_update(s, .option = value, ...): see ferry_update_with(). */
#define ferry_update(s, ...) ferry_update_with((s), FERRY_OPTS(__VA_ARGS__))
/** ferry_mount(s, "http://host/v1", .option = value, ...): see ferry_mount_with(). */
#define ferry_mount(s, prefix, ...)                                                    \
    ferry_mount_with((s), (prefix), FERRY_OPTS(__VA_ARGS__))

/** ferry_request(s, "PURGE", url, &r, .option = value, ...): see ferry_send(). */
#define ferry_request(s, method, url, ...)                                             \
    ferry_send(                                                                        \
        (s), (method), (url), FERRY_OUT_(__VA_ARGS__, ), FERRY_REST_(__VA_ARGS__, ))
/** ferry_get(s, url, &r, .params = ...): see ferry_send(). */
#define ferry_get(s, url, ...) ferry_request(s, "GET", url, __VA_ARGS__)
/** ferry_options(s, url, &r, .target = "*"): see ferry_send(). */
#define ferry_options(s, url, ...) ferry_request(s, "OPTIONS", url, __VA_ARGS__)
/** ferry_head(s, url, &r): see ferry_send(). */
#define ferry_head(s, url, ...) ferry_request(s, "HEAD", url, __VA_ARGS__)
/** ferry_post(s, url, &r, .form = ...): see ferry_send(). */
#define ferry_post(s, url, ...) ferry_request(s, "POST", url, __VA_ARGS__)
/** ferry_put(s, url, &r, .body = {p, n}): see ferry_send(). */
#define ferry_put(s, url, ...) ferry_request(s, "PUT", url, __VA_ARGS__)
/** ferry_patch(s, url, &r, .text = ...): see ferry_send(). */
#define ferry_patch(s, url, ...) ferry_request(s, "PATCH", url, __VA_ARGS__)
/** ferry_delete(s, url, NULL): see ferry_send(). */
#define ferry_delete(s, url, ...) ferry_request(s, "DELETE", url, __VA_ARGS__)
/** ferry_once(url, &r, .method = "PUT", ...): see ferry_once_with(). */
#define ferry_once(url, ...)                                                           \
    ferry_once_with((url), FERRY_OUT_(__VA_ARGS__, ), FERRY_REST_(__VA_ARGS__, ))
/** ferry_download(s, url, path, .option = value, ...): see ferry_download_with(). */
#define ferry_download(s, url, ...)                                                    \
    ferry_download_with(                                                               \
        (s), (url), FERRY_OUT_(__VA_ARGS__, ), FERRY_REST_(__VA_ARGS__, ))
/** ferry_begin(s, url, &r, .option = value, ...): see ferry_begin_with(). */
#define ferry_begin(s, url, ...)                                                       \
    ferry_begin_with((s), (url), FERRY_OUT_(__VA_ARGS__, ), FERRY_REST_(__VA_ARGS__, ))
#endif

/* --- cookies --------------------------------------------------------------------- */
/* The session's jar (RFC 6265bis). Cookies that have ended are thrown out before any of
 * these looks at it. A cookie that is given lives until the next call on the session but
 * ferry_cookie_next(). All may answer FERRY_ERR_NOMEM, and FERRY_ERR_USAGE for NULL where a
 * text is wanted and inside a callback of the same session. */

/** How many there are. */
FERRY_API size_t ferry_cookie_count(ferry_session *s);

/** Walk all cookies, those that came first first.
 *  @param after NULL to begin, else the cookie that was given last.
 *  @return the next one, or NULL at the end. */
FERRY_API const ferry_cookie *ferry_cookie_next(
    ferry_session *s, const ferry_cookie *after);

/** Find one cookie.
 *  @param domain, path exactly those of the cookie; NULL stands for any. A first dot
 *  and the case of the domain count for nothing.
 *  @param out the cookie, or NULL if there is none.
 *  @return FERRY_OK, also if there is none; FERRY_ERR_USAGE if there are several: then
 *  say which domain and path. */
FERRY_API ferry_err ferry_cookie_get(ferry_session *s, const char *name,
    const char *domain, const char *path, const ferry_cookie **out);

/** Set a cookie as a response from `url` would with this Set-Cookie field:
 *  ferry_cookie_set(s, "https://example.com/", "theme=dark; Path=/; Max-Age=3600").
 *  One with Max-Age=0 is taken away.
 *  @return FERRY_OK; FERRY_ERR_USAGE for a cookie that the rules refuse (ferry_explain()
 *  says why); for the URL, errors as of ferry_send(). */
FERRY_API ferry_err ferry_cookie_set(
    ferry_session *s, const char *url, const char *field);

/** Take away all cookies with this name, domain and path, each as in ferry_cookie_get();
 *  that there are none is fine. */
FERRY_API ferry_err ferry_cookie_delete(
    ferry_session *s, const char *name, const char *domain, const char *path);

/** Take away all cookies of a kind.
 *  @param domain only those of this very domain; NULL: of all. */
FERRY_API ferry_err ferry_cookies_clear(
    ferry_session *s, ferry_cookie_kind kind, const char *domain);

/** Write the cookies into a file that curl and browsers' tools read (Netscape's
 *  cookies.txt), the oldest first: a new file that only its owner may read, synced and
 *  then renamed over `path`. After an error what was there is untouched. The format has
 *  no place for SameSite, nor for cookies with a tab in them, which are left out.
 *  @param left_out how many were; may be NULL.
 *  @return FERRY_OK, FERRY_ERR_FILE, or FERRY_ERR_UNSUPPORTED in a build without
 *  files. */
FERRY_API ferry_err ferry_cookies_save(
    ferry_session *s, const char *path, ferry_cookie_kind kind, int64_t *left_out);

/** Add the cookies of such a file to those that are there; one with the same name,
 *  domain and path is replaced. Those that have ended are passed over. A line that is
 *  none or breaks a rule of RFC 6265bis or a limit is dropped whole.
 *  @param kind cookies of other kinds are passed over.
 *  @param dropped how many lines were; may be NULL.
 *  @return FERRY_OK, FERRY_ERR_FILE, FERRY_ERR_LIMIT beyond 64 MiB, or
 *  FERRY_ERR_UNSUPPORTED in a build without files. */
FERRY_API ferry_err ferry_cookies_load(
    ferry_session *s, const char *path, ferry_cookie_kind kind, int64_t *dropped);

/** ferry_cookies_save() into memory, without a NUL.
 *  @param to room for `room` bytes; may be NULL if that is 0.
 *  @param len how many bytes it takes.
 *  @return FERRY_OK, or FERRY_ERR_LIMIT if there is too little room: then nothing is
 *  written but `*len`. */
FERRY_API ferry_err ferry_cookies_write(
    ferry_session *s, ferry_cookie_kind kind, char *to, size_t room, size_t *len);

/** ferry_cookies_load() from memory. */
FERRY_API ferry_err ferry_cookies_read(ferry_session *s, const char *text, size_t len,
    ferry_cookie_kind kind, int64_t *dropped);

/** A cookie that this response sets, as its Set-Cookie field says it, whether the jar
 *  took it or not; for a redirect that was followed, of the last response only.
 *  @param i which, from 0; fields that say none are not counted.
 *  @param out filled in; `expires` is as seen now. Its texts live until the next call of
 *  this function on `r`.
 *  @return false if there are no more, or without memory. Works for a copy, too. */
FERRY_API bool ferry_response_cookie(ferry_response *r, size_t i, ferry_cookie *out);

/* --- small things ---------------------------------------------------------------- */

/** FERRY_VERSION of the library that runs. */
FERRY_API const char *ferry_version(void);

/** What the error means, as text without a full stop. Never NULL. */
FERRY_API const char *ferry_err_text(ferry_err e);

/** "FERRY_ERR_USAGE" and so on; "FERRY_ERR_?" for a number that is none. */
FERRY_API const char *ferry_err_name(ferry_err e);

#if defined(__GNUC__)
FERRY_API void ferry_auto_session_free_(ferry_session **s);
FERRY_API void ferry_auto_response_free_(ferry_response **r);
/** Variables that free themselves at the end of their block (gcc and clang). Declare
 * the session first: it is then freed last. */
#define ferry_auto_session                                                             \
    __attribute__((cleanup(ferry_auto_session_free_))) ferry_session *
#define ferry_auto_response                                                            \
    __attribute__((cleanup(ferry_auto_response_free_))) ferry_response *
#endif

#ifdef __cplusplus
}
#endif
#endif
