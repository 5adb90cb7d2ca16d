/* alert_mbedtls.c - what the alerts of TLS say (RFC 8446 6.2).
 * net. Knows numbers. Does not know who sends them, or when. SPDX-License-Identifier: MIT */
#include "net/alert.h"

#include <stddef.h>

const char *fy_alert_text(int alert)
{
    static const struct {
        int alert;
        const char *text;
    } rows[] = {
        {40, "the peer found nothing to agree on (alert 40, handshake_failure)"},
        {42, "the peer refused the certificate of .cert (alert 42)"},
        {43, "the peer refused the certificate of .cert (alert 43)"},
        {44, "the peer says that .cert was revoked (alert 44)"},
        {45, "the peer says that .cert has expired (alert 45)"},
        {46, "the peer refused the certificate of .cert (alert 46)"},
        {48, "the peer does not trust who signed .cert (alert 48, unknown_ca)"},
        {49, "the peer denies access (alert 49)"},
        {70, "the peer does not speak this version of TLS (alert 70)"},
        {71, "the peer wants stronger ciphers (alert 71)"},
        {80, "the peer had an error of its own (alert 80)"},
        {112, "the peer knows nobody of this name (alert 112, unrecognized_name)"},
        {116, "the peer wants a client certificate: give .cert (alert 116)"},
        {120, "the peer does not speak HTTP/1.1 (alert 120)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].alert == alert)
            return rows[i].text;
    return NULL;
}
