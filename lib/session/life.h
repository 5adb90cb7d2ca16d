/* life.h - transfers made, lent again, cancelled and freed.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_LIFE_H
#define FY_LIFE_H

#include "session/core.h"

/* A transfer, new or used before; NULL without memory. */
fy_api fy_transfer *fy_transfer_new(ferry_session *s);
/* Give up whatever is under way and keep the memory for the next one. */
fy_api void fy_transfer_free(fy_transfer *t);
/* The session is going: end what is under way. What has come stays readable. */
fy_api void fy_transfer_cancel(fy_transfer *t);
/* Free the memory of the spare ones. */
fy_api void fy_transfer_free_spares(ferry_session *s);

/* Lend it one of the session's buffers, unless `b` has memory already. */
fy_api void fy_transfer_lend(fy_transfer *t, fy_buf *b);
/* The request's body is not needed any more. */
fy_api void fy_transfer_end_body(fy_transfer *t);

/* Its chain, made now if there is none yet; NULL without memory, which is recorded. */
fy_api fy_chain *fy_transfer_chain(fy_transfer *t);

#endif
