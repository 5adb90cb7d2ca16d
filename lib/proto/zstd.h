/* zstd.h - the coding zstd (RFC 8878, 9659), where this build decodes it.
 * proto. SPDX-License-Identifier: MIT */
#ifndef FY_ZSTD_H
#define FY_ZSTD_H

#include "proto/codec.h"

fy_api const fy_codec_maker *fy_zstd_maker(void);

#endif
