/* wire_script.h - a conversation as text: what the caller asks for, what goes over each
 * connection, and what must come of it. The format is told in tests/wire/README.md.
 * tests. Knows the text. Does not know how it is played. SPDX-License-Identifier: MIT
 */
#ifndef TESTS_WIRE_SCRIPT_H
#define TESTS_WIRE_SCRIPT_H

#include "ferry.h"
#include "lib/wire_parts.h"
#include "lib/wire_text.h"

enum { WIRE_CONNECTIONS = 16 };

/* What the peer does, in the order of the script. */
typedef enum wire_event_kind {
    WIRE_EXPECT,  /* > bytes that the client must send */
    WIRE_GIVE,    /* < bytes for the client */
    WIRE_PAUSE,   /* ~ 50ms */
    WIRE_END,     /* ! end: nothing more is said, but all is taken */
    WIRE_CLOSE,   /* ! close: neither said nor taken */
    WIRE_RESET,   /* ! reset */
    WIRE_STALL,   /* ! stall: never again anything, in either direction */
    WIRE_DRAIN,   /* ! drain: whatever comes is taken, to the end */
    WIRE_REFUSE,  /* ! refuse: there is no connection */
    WIRE_SILENCE, /* ! silence: connecting never ends */
    WIRE_END_OF_SCRIPT
} wire_event_kind;

typedef struct wire_event {
    wire_event_kind kind;
    int line;
    bool is_whole; /* <| is given in one piece, whatever the cut */
    wire_text bytes;
    int64_t ms;
} wire_event;

typedef struct wire_connection {
    wire_event *events;
    size_t n;
} wire_connection;

/* What the caller does. */
typedef enum wire_command_kind {
    WIRE_SESSION,
    WIRE_UPDATE,
    WIRE_MOUNT,
    WIRE_CALL,
    WIRE_READ, /* go on with call `number`, which held */
    WIRE_FREE, /* give it up */
    WIRE_SLEEP,
    WIRE_CLOSE_IDLE
} wire_command_kind;

/* "= key value" */
typedef struct wire_expectation {
    int line;
    wire_text key, value;
} wire_expectation;

/* A list that ends with a NULL name; the texts belong to it. */
typedef struct wire_pairs {
    ferry_pair *at;
    size_t n;
} wire_pairs;

enum { WIRE_LIST = 8 }; /* entries of one */

typedef struct wire_command {
    wire_command_kind kind;
    int line;
    int64_t number;        /* of a call, from 1; or milliseconds */
    wire_text method, url; /* of a mount: its prefix */
    ferry_opts opts;       /* points into what follows */
    wire_pairs headers, params, form, trailers, proxies, proxy_headers, resolve,
        cookies;
    wire_text body, text, json, file, target, method_option, no_proxy, preproxy, netrc;
    wire_text auth[2]; /* user and password, or a token */
    wire_source source;
    wire_parts parts;
    int statuses[WIRE_LIST + 1], keep_post[WIRE_LIST + 1];
    const char *methods[WIRE_LIST + 1], *sensitive[WIRE_LIST + 1];
    bool discards, holds; /* no out; stop at the head of a stream */
    bool takes;           /* ferry_take(), and say something on it */
    wire_text says;
    wire_expectation *expected;
    size_t n_expected;
} wire_command;

typedef struct wire_script {
    const char *path;
    wire_command *commands;
    size_t n_commands;
    wire_connection connections[WIRE_CONNECTIONS + 1]; /* from 1 */
    bool is_memory_only, is_loopback_only, is_blocking_only, is_stepped_only;
    bool needs_digest; /* not in a build without hash functions */
    bool is_timed;     /* it pauses, sleeps or runs into a time-out */
} wire_script;

/* NULL: `problem` says in which line. `path` must outlive the script. */
wire_script *wire_script_read(
    const char *path, const wire_terms *terms, wire_text *problem);
wire_script *wire_script_parse(
    const char *path, ferry_str text, const wire_terms *terms, wire_text *problem);
void wire_script_free(wire_script *s);

/* One option of a call, a session or a mount: "timeout.read 500ms". False: there is no
 * such option, or no such value. (wire_options.c) */
bool wire_option_read(wire_command *c, ferry_str line, const wire_terms *terms);
/* "basic user password" and the like. (wire_auth.c) */
bool wire_auth_option(wire_command *c, ferry_str value, const wire_terms *terms);
/* Can this build play it? */
bool wire_script_is_for_here(const wire_script *s);
/* All are read: let c->opts point to them. */
void wire_options_finish(wire_command *c);
void wire_options_free(wire_command *c);
/* "500ms", or "none" or "unlimited"; times are scaled. */
bool wire_time(ferry_str s, const wire_terms *terms, int64_t *ms);

#endif
