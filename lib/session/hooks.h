/* hooks.h - the caller's hooks, called. session. Knows what they may see and change.
 * Does not know what follows from it. SPDX-License-Identifier: MIT */
#ifndef FY_HOOKS_H
#define FY_HOOKS_H

#include "session/core.h"

/* Those of the nearest level; `mount` may be NULL. */
fy_api void fy_hooks_resolve(fy_hooks *out, const fy_layer *session,
    const fy_layer *mount, const ferry_opts *request);

/* Show the request to `.on_request` and lay its edits over `list`, which holds what will
 * be written and is `fields`. The transfer has a chain. */
fy_api ferry_err fy_hooks_edit(fy_transfer *t, ferry_fields *fields, fy_fields *list);

/* The same with an `.auth` of the caller's own, once the head is written: what it puts is
 * laid over `list`. `*edited` says whether it put anything. */
fy_api ferry_err fy_hooks_edit_signed(
    fy_transfer *t, ferry_fields *fields, fy_fields *list, bool *edited);
/* Ask it, with a challenge or NULL; what it puts is in chain->signs. */
fy_api ferry_err fy_hooks_sign(fy_transfer *t, const ferry_auth *auth,
    ferry_fields fields, const ferry_response *challenge);

/* Tell `.on_event`; members that are not in `e` come from the transfer. */
fy_api void fy_hooks_say(const fy_transfer *t, int64_t now_ms, const ferry_event *e);

static inline void fy_hooks_tell(
    const fy_transfer *t, int64_t now_ms, ferry_event_kind kind)
{
    if (t->hooks.on_event.call)
        fy_hooks_say(t, now_ms, &(ferry_event){.kind = kind});
}

#endif
