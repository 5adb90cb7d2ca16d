/* status.c - the names of statuses (RFC 9110 15 and the registry it founded).
 * proto. Knows the list. Does not know what follows from a status.
 * SPDX-License-Identifier: MIT */
#include "proto/status.h"

typedef struct status_row {
    int code;
    const char *text;
} status_row;

static const status_row status_rows[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {510, "Not Extended"},
    {511, "Network Authentication Required"},
};

enum { STATUS_ROWS = sizeof status_rows / sizeof *status_rows };

const char *fy_status_text(int status)
{
    for (size_t i = 0; i < STATUS_ROWS; i++)
        if (status_rows[i].code == status)
            return status_rows[i].text;
    return NULL;
}

static char status_plain(char c)
{
    return c == '_' || c == '-' ? ' ' : fy_lower(c);
}

static bool status_is(ferry_str name, ferry_str text)
{
    size_t i = 0;
    while (i < name.len && i < text.len &&
           status_plain(name.ptr[i]) == status_plain(text.ptr[i]))
        i++;
    return i == name.len && i == text.len;
}

int fy_status_code(ferry_str name)
{
    for (size_t i = 0; i < STATUS_ROWS; i++)
        if (status_is(name, fy_str(status_rows[i].text)))
            return status_rows[i].code;
    return 0;
}
