#!/bin/sh
# run.sh - the programs of docs/examples do what they say, against the server of the demo.
# usage: run.sh FOLDER_WITH_PROGRAMS    with the server's address in $SERVER
# SPDX-License-Identifier: MIT
set -u
programs=$1
status=0
said=$(mktemp)
file=$(mktemp)
trap 'rm -f "$said" "$file"' EXIT

# $1: exit code, $2: what it must print. The rest is the command.
expect()
{
    code=$1 words=$2
    shift 2
    "$programs/$@" >"$said" 2>&1
    got=$?
    if [ $got -ne "$code" ] || ! grep -q -- "$words" "$said"; then
        echo "$*: exit code $got instead of $code, or nowhere: $words"
        cat "$said"
        status=1
    fi
    ran="$ran ${1%% *}"
}
ran=

expect 0 '^GET /echo?q=c+library' get "$SERVER/echo"
expect 0 'User-Agent: probe/1.0' get "$SERVER/echo"
expect 1 '404' get "$SERVER/status/404"
expect 0 'Accept: text/plain' once "$SERVER/echo"
expect 1 'FERRY_ERR_TRUNCATED' once "$SERVER/broken"
expect 0 'user=ada&note=50%25+%26+more' post_form "$SERVER/echo"
expect 0 '200 OK, 1000000 bytes' stream "$SERVER/chunked/1000000" "$file"
expect 0 '200 hello' in_memory
expect 0 '200   1000 bytes' stepped "$SERVER/bytes/1000" "$SERVER/bytes/20"
expect 1 '/bytes/20' stepped "$SERVER/broken" "$SERVER/bytes/20"
expect 0 '200, 100 bytes of body' firmware "$SERVER/bytes/100"
expect 1 'firmware: ' firmware "$SERVER/bytes/100000"

[ "$(wc -c <"$file")" -eq 1000000 ] || { echo 'stream wrote another size'; status=1; }
for source in docs/examples/*.c; do
    name=$(basename "$source" .c)
    case " $ran " in
    *" $name "*) ;;
    *) echo "no line here runs $name"; status=1 ;;
    esac
done
exit $status
