/* brotli.h - the coding br (RFC 7932), where this build decodes it.
 * proto. SPDX-License-Identifier: MIT */
#ifndef FY_BROTLI_H
#define FY_BROTLI_H

#include "proto/codec.h"

fy_api const fy_codec_maker *fy_brotli_maker(void);

#endif
