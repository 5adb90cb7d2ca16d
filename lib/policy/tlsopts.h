/* tlsopts.h - what the caller says of TLS: read, joined over the levels, looked up.
 * policy. Knows the options. Does not know certificates or files.
 *
 * Theory: what was given is kept as one run of bytes, in one order. So it is copied with
 * one call, joined without a struct for each level, and two are the same settings if
 * their bytes are the same. They hold secrets: wipe them.
 * SPDX-License-Identifier: MIT */
#ifndef FY_TLSOPTS_H
#define FY_TLSOPTS_H

#include "base/error.h"
#include "ferry.h"

/* All of them together, in bytes. */
enum { FY_TLSOPTS_MAX = 1 << 20 };

typedef enum fy_tlsopt {
    FY_TLSOPT_CA_FILE,
    FY_TLSOPT_CA_DIR,
    FY_TLSOPT_CA_PEM,
    FY_TLSOPT_PINS,
    FY_TLSOPT_CERT,
    FY_TLSOPT_KEY,
    FY_TLSOPT_PASSWORD,
    FY_TLSOPT_CERT_PEM,
    FY_TLSOPT_KEY_PEM,
    FY_TLSOPT_CIPHERS,
    FY_TLSOPT_SERVER_NAME,
    FY_TLSOPT_VERIFY,
    FY_TLSOPT_VERIFY_CHAIN,
    FY_TLSOPT_VERIFY_NAME,
    FY_TLSOPT_MIN,
    FY_TLSOPT_MAX,
    FY_TLSOPT_RESUME,
    FY_TLSOPTS
} fy_tlsopt;

/* One look: is there anything? */
fy_api bool fy_tlsopts_are_given(const ferry_opts *o);
/* Values and combinations that nobody can mean: FERRY_ERR_USAGE. */
fy_api ferry_err fy_tlsopts_check(const ferry_opts *o, fy_error *x);

/* Write `below` with what `o` gives over it into `out`, which is empty; `below` must lie
 * elsewhere. Takes memory once, so that no copy of a secret is left behind. */
fy_api ferry_err fy_tlsopts_join(
    fy_buf *out, ferry_str below, const ferry_opts *o, fy_error *x);
/* The same with another run of settings. */
fy_api ferry_err fy_tlsopts_overlay(
    fy_buf *out, ferry_str below, ferry_str above, fy_error *x);

/* What is given for it, with a NUL behind; ptr NULL if nothing, or "", is. */
fy_api ferry_str fy_tlsopts_text(ferry_str settings, fy_tlsopt which);
/* A switch or version; 0 if it is not given. */
fy_api int fy_tlsopts_number(ferry_str settings, fy_tlsopt which);

/* Wipe and free. */
fy_api void fy_tlsopts_fini(fy_buf *settings);

#endif
