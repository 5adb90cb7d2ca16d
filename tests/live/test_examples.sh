#!/bin/sh
# test_examples.sh - the programs of docs/examples, run as their readers would, against
# httpbin. usage: FERRY=build/ferry tests/live/test_examples.sh; they lie beside it in
# docs/examples, or in the folder EXAMPLES.
# SPDX-License-Identifier: MIT
set -u
EXAMPLES=${EXAMPLES:-$(dirname "${FERRY:-build/ferry}")/docs/examples}
. tests/lib/servers.sh
failed=0

# runs CODE NAME ARGS...: leaves $out, both streams, without blanks in $flat
runs()
{
    want=$1 name=$2
    shift 2
    out=$("$EXAMPLES/$name" "$@" 2>&1)
    code=$?
    flat=$(printf "%s\n" "$out" | tr -d ' \n')
    [ "$code" -eq "$want" ] && return
    echo "FAILED: $name ends with $code, not $want: $out" >&2
    failed=$((failed + 1))
}

# says TEXT: the last run did
says()
{
    case $flat in
    *"$1"*) return ;;
    esac
    echo "FAILED: $name does not say $1 but: $out" >&2
    failed=$((failed + 1))
}

for source in docs/examples/*.c; do
    program=$EXAMPLES/$(basename "$source" .c)
    [ -x "$program" ] && continue
    echo "there is no $program (make examples builds it)" >&2
    exit 1
done
start_httpbin
refused=http://127.0.0.1:$(free_port)/

runs 0 get "$httpbin/get"
says '200OK'
says '"q":"clibrary"'
says '"User-Agent":"probe/1.0"'
runs 1 get "$httpbin/status/404"
says '404'
runs 1 get "$refused"

runs 0 once "$httpbin/base64/aGVsbG8="
says hello
runs 1 once "$refused"
says FERRY_ERR_CONNECT

runs 0 post_form "$httpbin/post"
says '"form":{"note":"50%&more","user":"ada"}'
says '"data":"Gr\u00fc\u00dfe"'
says 'bytes:200,thesameconnection'

runs 0 stream "$httpbin/stream-bytes/100000?seed=1" "$work/streamed"
says '200OK,100000bytes'
[ "$(wc -c <"$work/streamed")" -eq 100000 ] || { echo 'FAILED: stream' >&2; failed=1; }
runs 1 stream "$refused" "$work/streamed"

start=$(date +%s)
runs 0 stepped "$httpbin/delay/2" "$httpbin/delay/2" "$httpbin/delay/2" "$httpbin/get"
says "bytes$httpbin/delay/2"
[ $(($(date +%s) - start)) -lt 5 ] || { echo 'FAILED: one after the other' >&2; failed=1; }
runs 1 stepped "$httpbin/get" "$refused" 'http://['
says "bytes$httpbin/get"

runs 0 in_memory
says 'GET/statusHTTP/1.1'
says '200hello'

runs 0 firmware "$httpbin/bytes/8000?seed=1"
says '200,8000bytesofbody'
runs 1 firmware "$httpbin/bytes/9000"
says 'alimitwasexceeded'

[ "$failed" -eq 0 ] && echo 'all examples do what they say'
