/* cli_options.c - the options of `ferry`: one table for reading and for --help.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <string.h>

static const cli_option options_table[] = {
    {CLI_OPT_ANY_AUTH, 0, "anyauth", NULL,
     "wait for what the server asks for: Digest or Basic"},
    {CLI_OPT_BASIC, 0, "basic", NULL,
     "say user and password as Basic (the default)"},
    {CLI_OPT_CONNECT_TIMEOUT, 0, "connect-timeout", "SECONDS",
     "time for lookup and connecting"},
    {CLI_OPT_COOKIE, 'b', "cookie", "NAME=VALUE|FILE",
     "send these cookies; or read them, and keep what comes"},
    {CLI_OPT_COOKIE_JAR, 'c', "cookie-jar", "FILE",
     "keep cookies, and write them there in the end"},
    {CLI_OPT_DATA, 'd', "data", "DATA|@FILE",
     "send in the body, as a form's bytes"},
    {CLI_OPT_DATA, 0, "data-ascii", "DATA|@FILE",
     "the same"},
    {CLI_OPT_DATA_BINARY, 0, "data-binary", "DATA|@FILE",
     "the same, but keep line ends of FILE"},
    {CLI_OPT_DATA_RAW, 0, "data-raw", "DATA",
     "the same, but @ means nothing"},
    {CLI_OPT_DATA_ENCODED, 0, "data-urlencode", "[NAME=]DATA",
     "the same, percent-encoded; NAME@FILE too"},
    {CLI_OPT_DIGEST, 0, "digest", NULL,
     "answer a Digest challenge, and no other"},
    {CLI_OPT_EXPECT_TIME, 0, "expect100-timeout", "SECONDS",
     "how long a large body waits for 100 Continue"},
    {CLI_OPT_FAIL, 'f', "fail", NULL,
     "no output and exit 22 for a status of 400 or above"},
    {CLI_OPT_FORM, 'F', "form", "NAME=DATA|@FILE",
     "send a form with files; <FILE is a field"},
    {CLI_OPT_FORM_STRING, 0, "form-string", "NAME=DATA",
     "the same, but @, < and ; mean nothing"},
    {CLI_OPT_GET, 'G', "get", NULL,
     "put the data into the URL and use GET"},
    {CLI_OPT_HEAD, 'I', "head", NULL,
     "ask for the head only and print it"},
    {CLI_OPT_HEADER, 'H', "header", "'NAME: VALUE'",
     "send it; 'NAME:' removes, 'NAME;' is empty"},
    {CLI_OPT_HELP, 'h', "help", NULL,
     "print this"},
    {CLI_OPT_HTTP11, 0, "http1.1", NULL,
     "accepted; there is nothing else"},
    {CLI_OPT_INCLUDE, 'i', "include", NULL,
     "print the response head before the body"},
    {CLI_OPT_JUNK_SESSION, 'j', "junk-session-cookies", NULL,
     "read no cookies that ended with their session"},
    {CLI_OPT_JSON, 0, "json", "DATA|@FILE",
     "send as JSON, and ask for JSON"},
    {CLI_OPT_MAX_SIZE, 0, "max-filesize", "BYTES",
     "refuse a larger body; K, M and G are known"},
    {CLI_OPT_MAX_TIME, 'm', "max-time", "SECONDS",
     "time for one whole transfer"},
    {CLI_OPT_NETRC, 'n', "netrc", NULL,
     "users and passwords from $NETRC or ~/.netrc"},
    {CLI_OPT_NETRC_FILE, 0, "netrc-file", "FILE",
     "the same from FILE"},
    {CLI_OPT_NETRC_OPTIONAL, 0, "netrc-optional", NULL,
     "the same, if there is such a file"},
    {CLI_OPT_BEARER, 0, "oauth2-bearer", "TOKEN",
     "send this token as Bearer"},
    {CLI_OPT_LOCATION, 'L', "location", NULL,
     "follow redirects"},
    {CLI_OPT_LOCATION_TRUSTED, 0, "location-trusted", NULL,
     "the same, and take secrets along to any host"},
    {CLI_OPT_MAX_REDIRS, 0, "max-redirs", "COUNT",
     "follow so many, 50 unless given; -1: any number"},
    {CLI_OPT_POST301, 0, "post301", NULL,
     "a POST stays one after 301"},
    {CLI_OPT_POST302, 0, "post302", NULL,
     "after 302"},
    {CLI_OPT_POST303, 0, "post303", NULL,
     "after 303"},
    {CLI_OPT_RETRY, 0, "retry", "COUNT",
     "try again after 408, 429, 500, 502 to 504, and failures"},
    {CLI_OPT_RETRY_ALL, 0, "retry-all-errors", NULL,
     "with --retry, after any status of 400 or above"},
    {CLI_OPT_RETRY_DELAY, 0, "retry-delay", "SECONDS",
     "wait so long before each try but the first"},
    {CLI_OPT_RETRY_TIME, 0, "retry-max-time", "SECONDS",
     "begin no try later than that"},
    {CLI_OPT_OUTPUT, 'o', "output", "FILE",
     "write there; one for each URL"},
    {CLI_OPT_PROXY, 'x', "proxy", "[SCHEME://]HOST[:PORT]",
     "through this proxy; http, socks4, socks4a, socks5, socks5h"},
    {CLI_OPT_PROXY_USER, 0, "proxy-user", "USER:PASSWORD",
     "who asks the proxy"},
    {CLI_OPT_PROXY_BASIC, 0, "proxy-basic", NULL,
     "tell it by Basic, as without any of these"},
    {CLI_OPT_PROXY_DIGEST, 0, "proxy-digest", NULL,
     "tell it by Digest"},
    {CLI_OPT_PROXY_ANY, 0, "proxy-anyauth", NULL,
     "tell it as it asks"},
    {CLI_OPT_PROXY_HEADER, 0, "proxy-header", "'NAME: VALUE'",
     "send it to the proxy alone"},
    {CLI_OPT_PROXY_TUNNEL, 'p', "proxytunnel", NULL,
     "CONNECT for http:// as well"},
    {CLI_OPT_SOCKS4, 0, "socks4", "HOST[:PORT]",
     "through this SOCKS4 proxy"},
    {CLI_OPT_SOCKS4A, 0, "socks4a", "HOST[:PORT]",
     "the same, which looks up names"},
    {CLI_OPT_SOCKS5, 0, "socks5", "HOST[:PORT]",
     "through this SOCKS5 proxy"},
    {CLI_OPT_SOCKS5_HOSTNAME, 0, "socks5-hostname", "HOST[:PORT]",
     "the same, which looks up names"},
    {CLI_OPT_NO_PROXY, 0, "noproxy", "LIST",
     "no proxy for these hosts"},
    {CLI_OPT_UNIX_SOCKET, 0, "unix-socket", "PATH",
     "connect to this unix socket"},
    {CLI_OPT_ABSTRACT, 0, "abstract-unix-socket", "NAME",
     "connect to this abstract one (Linux)"},
    {CLI_OPT_RESOLVE, 0, "resolve", "HOST:PORT:ADDRESS",
     "do not look it up; HOST may be *"},
    {CLI_OPT_INTERFACE, 0, "interface", "NAME|ADDRESS",
     "connect from there"},
    {CLI_OPT_IPV4, '4', "ipv4", NULL,
     "IPv4 addresses only"},
    {CLI_OPT_IPV6, '6', "ipv6", NULL,
     "IPv6 addresses only"},
    {CLI_OPT_REFERER, 'e', "referer", "URL",
     "send it as Referer"},
    {CLI_OPT_REMOTE_NAME, 'O', "remote-name", NULL,
     "write to a file named as the URL's path ends"},
    {CLI_OPT_REQUEST, 'X', "request", "METHOD",
     "use this method"},
    {CLI_OPT_SHOW_ERROR, 'S', "show-error", NULL,
     "with -s, print errors all the same"},
    {CLI_OPT_SILENT, 's', "silent", NULL,
     "print no errors"},
    {CLI_OPT_UPLOAD, 'T', "upload-file", "FILE",
     "PUT it; one for each URL, - is standard input"},
    {CLI_OPT_URL, 0, "url", "URL",
     "for one that begins with a dash"},
    {CLI_OPT_USER, 'u', "user", "NAME[:PASSWORD]",
     "who asks, for the URL's own host only"},
    {CLI_OPT_AGENT, 'A', "user-agent", "NAME",
     "send it as User-Agent; '' sends none"},
    {CLI_OPT_VERBOSE, 'v', "verbose", NULL,
     "print both heads on standard error"},
    {CLI_OPT_VERSION, 'V', "version", NULL,
     "print the version"},
    {CLI_OPT_WRITE_OUT, 'w', "write-out", "FORMAT|@FILE",
     "print this afterwards, e.g. '%{http_code}\\n'"},
};

enum { OPTIONS_COUNT = sizeof options_table / sizeof *options_table };

const cli_option *cli_option_find(char letter, const char *name)
{
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        const cli_option *o = &options_table[i];
        if (name ? !strcmp(o->name, name) : o->letter && o->letter == letter)
            return o;
    }
    return NULL;
}

void cli_help(void)
{
    puts("usage: ferry [option ...] URL ...\n");
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        const cli_option *o = &options_table[i];
        char left[48];
        snprintf(left, sizeof left, "%c%c%c --%s %s", o->letter ? '-' : ' ',
            o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
            o->value ? o->value : "");
        printf("  %-35s %s\n", left, o->help);
    }
    puts("\nAll URLs share one session, so connections are used again. Without"
         "\n--max-time a silence of 30 seconds ends a transfer, and without"
         "\n--connect-timeout 10 seconds of connecting. FILE - is standard input or"
         "\noutput.\n"
         "\nwhat -w knows as %{name}, besides \\n, \\r, \\t and %%:");
    cli_write_list(stdout);
    puts("\nexit codes (of several URLs, that of the first which failed):");
    cli_exit_list(stdout);
}
