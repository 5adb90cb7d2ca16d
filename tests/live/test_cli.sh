#!/bin/sh
# test_cli.sh - the command build/ferry against nginx and httpbin: what goes to standard
# output, to standard error and to files, and how it exits.
# usage: FERRY=build/ferry tests/live/test_cli.sh
# SPDX-License-Identifier: MIT
set -u
FERRY=$(realpath "${FERRY:-build/ferry}")
[ -x "$FERRY" ] || { echo "there is no $FERRY" >&2; exit 1; }
. tests/lib/servers.sh
failed=0 passed=0

# ferry ARGS...: leaves $out, $err and $code.
ferry()
{
    out=$("$FERRY" "$@" 2>"$work/err")
    code=$?
    err=$(cat "$work/err")
}

complain()
{
    echo "FAILED: $1" >&2
    echo "    wanted: $2" >&2
    echo "    got:    $3" >&2
    failed=$((failed + 1))
}

# is SENTENCE WANTED GOT
is()
{
    if [ "$2" = "$3" ]; then passed=$((passed + 1)); else complain "$@"; fi
}

# has SENTENCE WANTED GOT: somewhere in it
has()
{
    case $3 in
    *"$2"*) passed=$((passed + 1)) ;;
    *) complain "$1" "...$2..." "$3" ;;
    esac
}

# lacks SENTENCE UNWANTED GOT
lacks()
{
    case $3 in
    *"$2"*) complain "$1" "no $2" "$3" ;;
    *) passed=$((passed + 1)) ;;
    esac
}

# exits CODE SENTENCE ARGS...: and says why in one line, if it is an error
exits()
{
    want=$1 sentence=$2
    shift 2
    ferry "$@"
    is "$sentence" "$want" "$code"
    [ "$want" -eq 0 ] && return
    has "$sentence, and says so" 'ferry: ' "$err"
    is "$sentence, in one line" 1 "$(echo "$err" | wc -l)"
}

start_nginx
start_httpbin
start_rude
start_deaf
printf 'hello\n' >"$work/www/small.txt"
truncate -s 1G "$work/www/gigabyte"
nl='
'

# --- bodies and where they go ----------------------------------------------------------

exits 0 'a GET is a success' "$nginx/small.txt"
is 'the body goes to standard output' hello "$out"
is 'and nothing else is said' '' "$err"
exits 0 'http:// may be left out' "${nginx#http://}/small.txt"
is 'http:// is put before' hello "$out"

ferry "$nginx/connection" "$nginx/connection" "$nginx/connection"
is 'several URLs share a connection' "1${nl}2${nl}3" "$(printf "%s\n" "$out" | cut -d' ' -f2)"

is 'a gigabyte is passed on' 1073741824 "$("$FERRY" "$nginx/gigabyte" | wc -c)"
if { (ulimit -v 32768 && "$FERRY" -V); } >"$work/version" 2>&1; then
    is 'in less than 32 MB of memory' 1073741824 \
        "$(ulimit -v 32768; "$FERRY" "$nginx/gigabyte" | wc -c)"
fi

cd "$work" || exit 1
ferry -o one -o two "$nginx/small.txt" "$nginx/connection" "$nginx/small.txt"
is 'the third URL has no -o' hello "$out"
is 'the first -o belongs to the first URL' hello "$(cat one)"
has 'the second to the second' ' 2' "$(cat two)"
ferry -O "$nginx/chunked/small.txt?query#fragment"
is '-O takes the name from the path' hello "$(cat small.txt)"
is '-O prints nothing' '' "$out"
ferry -OO "$nginx/echo-head" "$nginx/nothing"
has '-OO is two' 'GET /echo-head' "$(cat echo-head)"
is 'an empty body makes an empty file' 0 "$(wc -c <nothing)"
ferry -O "$httpbin/response-headers?Content-Disposition=attachment%3Bfilename%3Devil"
is 'no server chooses the name' no "$([ -e evil ] && echo yes || echo no)"
exits 23 '-O without a name in the path is an error' -O "$nginx/"
exits 23 '-O refuses a path that ends in ..' -O "$nginx/a/.."
ferry -ojoined "$nginx/small.txt"
is '-ofile may be written as one' hello "$(cat joined)"
ferry -o - "$nginx/small.txt"
is '-o - is standard output' hello "$out"
exits 23 'a file that cannot be made is an error' -o /nowhere/file "$nginx/small.txt"
ferry -sfo never "$nginx/missing"
is '-f makes no file of an error' no "$([ -e never ] && echo yes || echo no)"
cd "$OLDPWD" || exit 1

"$FERRY" "$nginx/small.txt" >/dev/full 2>"$work/err"
is 'a full disk behind standard output is an error' 23 $?
has 'and is said' 'ferry: cannot write' "$(cat "$work/err")"
{ "$FERRY" "$nginx/gigabyte" 2>"$work/err"; echo $? >"$work/code"; } | head -c 9 >"$work/nine"
is 'a reader that leaves is an error' 23 "$(cat "$work/code")"
{ "$FERRY" -sm 20 "$nginx/slow/gigabyte"; echo $? >"$work/code"; } | head -c 9 >"$work/nine"
is 'and ends the transfer at once' 23 "$(cat "$work/code")"

# --- heads -----------------------------------------------------------------------------

cr=$(printf '\r')
ferry -i "$nginx/small.txt"
is '-i begins with the status line' "HTTP/1.1 200 OK$cr" "$(printf "%s\n" "$out" | head -n 1)"
has '-i shows the fields' "Content-Length: 6$cr" "$out"
has '-i shows the body' "$cr${nl}$cr${nl}hello" "$out"
ferry -I "$nginx/gigabyte"
has '-I asks with HEAD' 'Content-Length: 1073741824' "$out"
ferry --head --write-out '%{method} %{size_download}' -o /dev/null "$nginx/small.txt"
is '-I has no body' 'HEAD 0' "$out"
ferry -i "$rude/old"
has 'HTTP/1.0 is shown as such' 'HTTP/1.0 200 OK' "$out"
has 'and read to its end' 'until the end' "$out"

ferry -v "$nginx/small.txt" "$nginx/small.txt"
has '-v shows the request line' '> GET /small.txt HTTP/1.1' "$err"
has '-v shows request fields' "> Host: ${nginx#http://}" "$err"
has '-v shows the status line' '< HTTP/1.1 200 OK' "$err"
has '-v shows response fields' '< Content-Length: 6' "$err"
has '-v says that a connection is new' 'over a new connection' "$err"
has '-v says that one is reused' 'over a reused connection' "$err"
is '-v leaves standard output alone' "hello${nl}hello" "$out"
ferry -v "$nginx/chunked/small.txt"
has '-v shows trailers' '< X-Trailer: of /chunked/small.txt' "$err"

ferry -v -H 'Authorization: Bearer sesame' -H 'cookie: a=sesame' \
    -H 'Proxy-Authorization: sesame' "$httpbin/headers"
has 'secrets are sent' '"Authorization":"Bearersesame"' "$(printf "%s\n" "$out" | tr -d ' \n')"
lacks '-v shows no secret' sesame "$err"
has '-v shows where one was' '> Authorization: [redacted]' "$err"
has 'in whatever case' '> cookie: [redacted]' "$err"
ferry -v "$httpbin/response-headers?Set-Cookie=a%3Dbcdefg" -o /dev/null
has '-v hides cookies that are set' '< Set-Cookie: [redacted]' "$err"
ferry -i "$httpbin/response-headers?Set-Cookie=a%3Dbcdefg"
has '-i shows them' 'Set-Cookie: a=bcdefg' "$out"

# --- requests --------------------------------------------------------------------------

# asks SENTENCE WANTED ARGS...: what httpbin understood, without blanks
asks()
{
    sentence=$1 want=$2
    shift 2
    ferry "$@"
    has "$sentence" "$want" "$(printf "%s\n" "$out" | tr -d ' \n')"
}

asks '-X is the method' '"method":"PATCH"' -XPATCH "$httpbin/anything"
asks '-H sends' '"X-A":"1"' -H 'X-A: 1' "$httpbin/headers"
asks '-H replaces' '"Accept":"text/css"' -H 'accept: text/css' "$httpbin/headers"
ferry -v -H 'X-Empty;' -H 'Accept:' -o /dev/null "$nginx/small.txt"
has '-H with a semicolon sends an empty value' "> X-Empty:" "$err"
lacks '-H without a value removes' '> Accept:' "$err"
lacks '-H without a value says nothing' 'accept' "$err"
asks '-A is the User-Agent' '"User-Agent":"probe/1"' -A probe/1 "$httpbin/headers"
asks '-H wins over -A' '"User-Agent":"h"' -A a -H 'User-Agent: h' "$httpbin/headers"
ferry -A '' "$httpbin/headers"
lacks 'an empty -A sends none' User-Agent "$out"
asks '-e is the Referer' '"Referer":"http://a/"' -e http://a/ "$httpbin/headers"
asks '--http1.1 is accepted' '"method":"GET"' --http1.1 "$httpbin/anything"
exits 2 'a header with a line end is refused' -H "X: a${nl}Evil: b" "$nginx/small.txt"
exits 2 'CONNECT is refused' -X CONNECT "$nginx/small.txt"

printf 'line one\r\nline two\n' >"$work/lines"
asks '-d posts a form' '"form":{"a":"1"}' -d a=1 "$httpbin/anything"
asks '-d is a POST' '"method":"POST"' -d a=1 "$httpbin/anything"
asks '-d twice is joined' '"form":{"a":"1","b":"2"}' -d a=1 --data b=2 "$httpbin/anything"
asks '-X wins over -d' '"method":"PUT"' -X PUT -d a=1 "$httpbin/anything"
asks '-d with nothing is an empty POST' '"Content-Length":"0"' -d '' "$httpbin/post"
asks 'a Content-Type of -H wins' '"data":"a=1"' -d a=1 -H 'Content-Type: a/b' \
    "$httpbin/anything"
asks '-d @file loses line ends' '"data":"lineonelinetwo"' -d "@$work/lines" \
    -H 'Content-Type: text/plain' "$httpbin/anything"
asks '--data-binary @file keeps them' '"data":"lineone\r\nlinetwo\n"' \
    --data-binary "@$work/lines" -H 'Content-Type: text/plain' "$httpbin/anything"
asks '--data-raw knows no @' '"form":{"@x":"1"}' --data-raw @x=1 "$httpbin/anything"
out=$(printf 'from=stdin' | "$FERRY" -d @- "$httpbin/anything" | tr -d ' \n')
has '-d @- reads standard input' '"form":{"from":"stdin"}' "$out"
asks '--data-urlencode encodes the value' '"form":{"a":"b&c=%+","d":""}' \
    --data-urlencode 'a=b&c=%+' -d d= "$httpbin/anything"
asks '--data-urlencode name@file' '"form":{"a":"lineone\r\nlinetwo\n"}' \
    --data-urlencode "a@$work/lines" "$httpbin/anything"
asks '--data-urlencode =text has no name' '"form":{"a=b":""}' \
    --data-urlencode '=a=b' "$httpbin/anything"
ferry -G -d a=1 --data-urlencode 'b=x y' "$nginx/echo-head#part"
has '-G puts the data into the URL' 'GET /echo-head?a=1&b=x+y HTTP/1.1' "$out"
ferry -G -d a=1 "$nginx/echo-head?z=0"
has '-G behind a query' 'GET /echo-head?z=0&a=1 HTTP/1.1' "$out"
ferry -GIX GET -i -d a=1 "$nginx/small.txt" -w '%{url_effective}'
has '-G works with -I' "small.txt?a=1" "$out"
exits 2 '-I and -d exclude each other' -I -d a=1 "$nginx/small.txt"

# --- -F, -T, --json --------------------------------------------------------------------

asks '-F sends fields and files' '"files":{"f":"hello\n"},"form":{"user":"ada"}' \
    -F user=ada -F "f=@$work/www/small.txt" "$httpbin/anything"
asks '-F is a POST of several parts' '"Content-Type":"multipart/form-data;boundary=' \
    -F user=ada "$httpbin/anything"
asks '-F <file is a field' '"files":{},"form":{"f":"hello\n"}' \
    -F "f=<$work/www/small.txt" "$httpbin/anything"
asks '-F is cut at ;type= and ;filename=' '"files":{"f":"hello\n"}' \
    -F "f=@$work/www/small.txt;type=text/x;filename=\"a;b\"" "$httpbin/anything"
asks '-F in quotes may hold a semicolon' '"form":{"a":"b;c"}' -F 'a="b;c"' \
    "$httpbin/anything"
asks '--form-string knows no marks' '"form":{"a":"@b;c"}' --form-string 'a=@b;c' \
    "$httpbin/anything"
out=$(printf piped | "$FERRY" -F f=@- "$httpbin/anything" | tr -d ' \n')
has '-F @- reads standard input' '"files":{"f":"piped"}' "$out"
exits 2 '-F without a name is wrong use' -F text "$httpbin/anything"
exits 2 '-F with an open quote is wrong use' -F 'a="b' "$httpbin/anything"
exits 2 '-F and -d exclude each other' -F a=b -d c=d "$httpbin/anything"
exits 26 'a file of -F that is not there is told' -F f=@/nowhere/file "$httpbin/post"
asks '-T puts a file' '"data":"hello\n"' -T "$work/www/small.txt" "$httpbin/put"
asks '-T with its length' '"Content-Length":"6"' -T "$work/www/small.txt" "$httpbin/put"
asks '-T completes a path that ends in a slash' '/anything/small.txt"' \
    -T "$work/www/small.txt" "$httpbin/anything/"
ferry -v -o /dev/null -T "$work/www/small.txt" "$nginx"
has 'and one that is missing' '> PUT /small.txt HTTP/1.1' "$err"
out=$(printf piped | "$FERRY" -T - "$httpbin/put" | tr -d ' \n')
has '-T - sends standard input' '"data":"piped"' "$out"
has '-T - sends chunks' '"Transfer-Encoding":"chunked"' "$out"
out=$({ sleep 0.3; printf late; } | python3 -c 'import fcntl, os, sys
fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)
os.execv(sys.argv[1], sys.argv[1:])' "$FERRY" -T - "$httpbin/put" | tr -d ' \n')
has '-T - waits for what is not there yet' '"data":"late"' "$out"
exits 26 'a file of -T that is not there is told' -T /nowhere/file "$httpbin/put"
asks '--json posts JSON' '"json":{"a":[1]}' --json '{"a":' --json '[1]}' "$httpbin/post"
asks '--json asks for JSON' '"Accept":"application/json"' --json '{}' "$httpbin/post"
truncate -s 2M "$work/large"
asks 'a large file waits for 100 Continue' '"Expect":"100-continue"' \
    -T "$work/large" "$httpbin/put"
ferry --expect100-timeout 0 -T "$work/large" -o /dev/null -w '%{http_code}' "$httpbin/put"
is '--expect100-timeout may be nothing' '0 200' "$code $out"
exits 2 '--expect100-timeout wants seconds' --expect100-timeout soon "$httpbin/put"

# --- what is said, and the exit code ---------------------------------------------------

refused=http://127.0.0.1:$(free_port)
exits 0 'a 404 is a success' "$nginx/missing"
exits 22 '-f makes it an error' -f "$nginx/missing"
is '-f prints no body' '' "$out"
has '-f names the status' 404 "$err"
exits 0 '-f leaves a success alone' -sSf "$nginx/small.txt"
exits 22 '-sSf are three options' -sSf "$nginx/missing"
ferry -s "$refused/"
is '-s is silent' '7 ' "$code $err"
exits 7 '-sS is not' -sS "$refused/"
exits 1 'another protocol is not supported' gopher://127.0.0.1/
exits 2 'an unknown option is wrong use' --frobnicate "$nginx/small.txt"
exits 2 'an unknown letter is wrong use' -sSZ "$nginx/small.txt"
exits 2 'a missing value is wrong use' -o
exits 2 'no URL is wrong use' -s -S
exits 2 'no number is wrong use' -m soon "$nginx/small.txt"
exits 3 'a bad URL is told' 'http://127.0.0.1:99999/'
exits 6 'a name that does not exist is told' http://no-such-host.invalid/
exits 7 'a port where nobody listens is told' "$refused/"
exits 18 'half a body is told' "$rude/short"
is 'after what there was of it' abc "$out"
exits 26 'a file that is not there is told' -d @/nowhere/file "$nginx/small.txt"
exits 28 '--max-time holds' -m 0.5 "$httpbin/delay/5"
start=$(date +%s)
exits 28 '--connect-timeout holds' --connect-timeout 0.3 "$deaf"
is 'and no longer than it says' yes "$([ $(($(date +%s) - start)) -le 3 ] && echo yes)"
exits 52 'an empty reply is told' "$rude/empty"
exits 56 'what is no HTTP is told' "$rude/garbage"
exits 63 '--max-filesize holds by length' --max-filesize 1K "$nginx/gigabyte"
is 'before a byte is printed' '' "$out"
exits 63 '--max-filesize holds for chunks' --max-filesize 5 "$nginx/chunked/small.txt"
exits 0 '--max-filesize lets through what fits' --max-filesize 6 "$nginx/small.txt"
exits 0 '--max-time and --connect-timeout leave room' -m 9.5 --connect-timeout 2 \
    "$nginx/small.txt"
ferry -s "$nginx/small.txt" "$rude/short" "$refused/" "$nginx/small.txt"
is 'the first error of several URLs counts' 18 "$code"
is 'and the others are asked all the same' "hello${nl}abchello" "$out"
ferry -sS "http://user:sesame@${refused#http://}/?a"
lacks 'a password in the URL is not shown' sesame "$err"

# --- parts, the rest, codings, the bar -----------------------------------------------

ferry -r 2-4 "$nginx/small.txt"
is '-r asks for a part' "$(printf llo)" "$out"
ferry -v -r 2-4 "$nginx/small.txt"
has '-r asks for what is not packed' 'Accept-Encoding: identity' "$err"
printf hel >"$work/rest"
exits 0 '-C - appends the rest' -C - -o "$work/rest" "$nginx/small.txt"
is 'from where the file ends' hello "$(cat "$work/rest")"
exits 0 '-C - has nothing to do where all is there' -C - -o "$work/rest" "$nginx/small.txt"
is 'and does nothing' hello "$(cat "$work/rest")"
rm -f "$work/rest"
exits 0 '-C - begins where there is no file' -C - -o "$work/rest" "$nginx/small.txt"
is 'with all of it' hello "$(cat "$work/rest")"
printf xx >"$work/rest"
exits 0 '-C N appends what stands behind N' -C 3 -o "$work/rest" "$nginx/small.txt"
is 'whatever is there' xxlo "$(cat "$work/rest")"
exits 33 '-C refuses what is not the rest' -C 3 -o "$work/rest" "$nginx/nothing"
is 'and writes nothing' xxlo "$(cat "$work/rest")"
exits 2 '-C needs a file' -C - "$nginx/small.txt"
exits 2 '-C and -r are one too many' -C 1 -r 2-3 -o "$work/rest" "$nginx/small.txt"
exits 2 '-C needs a number' -C x -o "$work/rest" "$nginx/small.txt"
ferry "$httpbin/gzip"
has 'what comes packed is unpacked' '"gzipped": true' "$(echo "$out" | sed 's/":true/": true/')"
ferry --compressed "$httpbin/gzip"
has '--compressed changes nothing' gzipped "$out"
ferry --raw -o "$work/raw" "$httpbin/gzip"
is '--raw leaves it as it came' 1f8b "$(od -An -tx1 -N2 "$work/raw" | tr -d ' ')"
ferry -N "$httpbin/stream/2"
is '-N loses nothing' 2 "$(echo "$out" | wc -l)"
ferry -# -o /dev/null "$nginx/numbers.txt"
is '-# draws nothing where nobody looks' '' "$err"
if command -v script >/dev/null; then
    seen=$(script -qec "'$FERRY' -# -o /dev/null '$nginx/gigabyte'" /dev/null | tr '\r' '\n')
    has '-# draws a bar on a terminal' '[##' "$seen"
    has 'to its end' '100%   1.0G' "$seen"
fi

# --- -w, -h, -V ------------------------------------------------------------------------

# writes FORMAT WANTED ARGS...
writes()
{
    format=$1 want=$2
    shift 2
    ferry -s -o /dev/null -w "$format" "$@"
    is "-w '$format'" "$want" "$out"
}

writes '%{http_code} %{response_code}' '200 200' "$nginx/small.txt"
writes '%{http_code}' 000 "$refused/"
writes '%{size_download}' 1073741824 "$nginx/gigabyte"
writes '%{url_effective}' "$nginx/small.txt" "$nginx/x/../small.txt"
writes '%{url_effective}' "$refused/" "http://user:sesame@${refused#http://}/"
writes '%{content_type}' text/plain "$nginx/small.txt"
writes '%{content_type}' '' "$nginx/nothing"
writes '%{method}' POST -d a=1 "$nginx/small.txt"
writes '%{exitcode}' 0 "$nginx/small.txt"
writes '%{exitcode}' 7 "$refused/"
writes '%{errormsg}' '' "$nginx/small.txt"
writes '%{http_version}' 1.1 "$nginx/small.txt"
writes '%{http_version}' 1.0 "$rude/old"
writes '%{filename_effective}' /dev/null "$nginx/small.txt"
writes '%{urlnum}' 0 "$nginx/small.txt"
writes 'a\tb\nc%%d\x%q' "a	b${nl}c%d\\x%q" "$nginx/small.txt"
writes '%{http_code' '%{http_code' "$nginx/small.txt"
ferry -w '%{nonsense}.' -o /dev/null "$nginx/small.txt"
is '-w prints nothing for what it does not know' . "$out"
has 'and warns' "'nonsense'" "$err"
ferry -o /dev/null -w '%{time_total}' "$httpbin/delay/1"
has '-w times in seconds' 1. "$out"
ferry -s -w '%{errormsg}' "$refused/"
has '-w knows the message' "${refused#http://}" "$out"
printf '%%{http_code}' >"$work/format"
ferry -o /dev/null -w "@$work/format" "$nginx/small.txt"
is '-w @file reads the format' 200 "$out"

with_user=http://ada:lovelace@${httpbin#http://}
basic=$httpbin/basic-auth/ada/lovelace
digest=$httpbin/digest-auth/auth/ada/lovelace
exits 0 '-u is let in' -f -u ada:lovelace "$basic"
exits 22 'a wrong -u is not' -f -u ada:x "$basic"
lacks '-v does not print the password' YWRh "$err"
exits 0 '-u --basic is the same' -f -u ada:lovelace --basic "$basic"
exits 0 'user and password of the URL are let in' -f "$with_user/basic-auth/ada/lovelace"
exits 0 '--digest answers' -f --digest -u ada:lovelace "$digest"
exits 0 '--anyauth answers a Digest' -f --anyauth -u ada:lovelace "$digest/SHA-256"
exits 0 '--anyauth answers Basic' -f --anyauth -u ada:lovelace "$basic"
exits 0 '--digest takes the user of the URL' -f --digest \
    "$with_user/digest-auth/auth/ada/lovelace/SHA-512"
exits 22 '--digest says nothing to Basic' -f --digest -u ada:lovelace "$basic"
exits 0 '--oauth2-bearer is let in' -f --oauth2-bearer t0ken "$httpbin/bearer"
host=${httpbin#http://}
printf 'machine %s login ada password lovelace' "${host%:*}" >"$work/.netrc"
exits 0 '--netrc-file is let in' -f --netrc-file "$work/.netrc" "$basic"
exits 26 'a --netrc-file must be there' -f --netrc-file "$work/none" "$basic"
exits 22 'without -n there is none' -f "$basic"
(unset NETRC; HOME=$work "$FERRY" -f -n "$basic") >/dev/null 2>&1
is '-n is ~/.netrc' 0 $?
NETRC=$work/.netrc HOME=/ "$FERRY" -f -n "$basic" >/dev/null 2>&1
is '-n is $NETRC' 0 $?
NETRC=$work/none "$FERRY" -f -n "$basic" >/dev/null 2>&1
is '-n must be there' 26 $?
NETRC=$work/none "$FERRY" -f --netrc-optional "$basic" >/dev/null 2>&1
is '--netrc-optional need not' 22 $?

# --- redirects and retries -------------------------------------------------------------

exits 0 'a redirect is not followed unless asked' -w '%{http_code} %{redirect_url}' -o /dev/null "$httpbin/redirect/1"
is 'and -w says where it leads' "302 $httpbin/get" "$out"
exits 0 '-L follows' -sL -o /dev/null -w '%{http_code} %{num_redirects} %{url_effective}' "$httpbin/redirect/3"
is 'as far as it goes' "200 3 $httpbin/get" "$out"
exits 47 '--max-redirs ends it' -L --max-redirs 2 -o /dev/null "$httpbin/redirect/3"
ferry -L -v -o /dev/null "$httpbin/redirect/1"
has '-v shows each request' 'GET /redirect/1 HTTP/1.1' "$err"
has '-v shows the redirect' "* redirected to $httpbin/get" "$err"
ferry -L -d a=1 "$httpbin/redirect-to?url=/anything&status_code=302"
has 'a POST becomes a GET' '"method":"GET"' "$(echo "$out" | tr -d ' \n')"
ferry -L --post302 -d a=1 "$httpbin/redirect-to?url=/anything&status_code=302"
has '--post302 keeps it' '"method":"POST"' "$(echo "$out" | tr -d ' \n')"
has 'with its body' '"a":"1"' "$(echo "$out" | tr -d ' \n')"
ferry --retry 2 --retry-delay 0.1 -v -o /dev/null -w '%{http_code} %{num_retries}' "$httpbin/status/503"
is '--retry tries again' '503 2' "$out"
has 'and -v tells of it' '* 503, trying again in' "$err"
ferry --retry 2 -o /dev/null -w '%{num_retries}' "$httpbin/status/404"
is 'but not after a 404' 0 "$out"
ferry --retry 1 --retry-all-errors -o /dev/null -w '%{num_retries}' "$httpbin/status/404"
is 'unless all errors count' 1 "$out"
exits 2 '--retry wants a count' --retry often "$httpbin/get"
exits 7 'a refused connection is tried again and told' --retry 1 "$refused/"

exits 0 '-h is no error' -h
has '-h lists options' '-X, --request METHOD' "$out"
has '-h lists exit codes' '   28  something took too long' "$out"
exits 0 '-V is no error' --version
has '-V is the version' 'ferry 0.' "$out"
"$FERRY" -h >/dev/full 2>&1
is '-h into a full disk is an error' 23 $?

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
