/* content.h - gzip and deflate, where this build decodes them (RFC 9110 8.4.1.2, .3).
 * proto. SPDX-License-Identifier: MIT */
#ifndef FY_CONTENT_H
#define FY_CONTENT_H

#include "proto/codec.h"

fy_api const fy_codec_maker *fy_content_maker(void);

#endif
