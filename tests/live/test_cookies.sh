#!/bin/sh
# test_cookies.sh - cookie files between build/ferry, the curl command and Python's
# MozillaCookieJar: each reads what the others wrote; -b, -c and -j against httpbin.
# usage: FERRY=build/ferry tests/live/test_cookies.sh
# SPDX-License-Identifier: MIT
set -u
FERRY=$(realpath "${FERRY:-build/ferry}")
[ -x "$FERRY" ] || { echo "there is no $FERRY" >&2; exit 1; }
. tests/lib/servers.sh
failed=0 passed=0

# is SENTENCE WANTED GOT
is()
{
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        return
    fi
    printf 'FAILED: %s\n    wanted: %s\n    got:    %s\n' "$1" "$2" "$3" >&2
    failed=$((failed + 1))
}

# What httpbin was sent, as "name=value" in the order of the names.
sent()
{
    "$@" "$httpbin/cookies" | /usr/bin/python3 -c 'import json, sys
cookies = json.load(sys.stdin)["cookies"]
print(" ".join(f"{name}={cookies[name]}" for name in sorted(cookies)))'
}

# Load FILE with MozillaCookieJar, perhaps save it in another, and print what it holds.
python_jar()
{
    /usr/bin/python3 - "$@" <<'END'
import http.cookiejar
import sys
jar = http.cookiejar.MozillaCookieJar(sys.argv[1])
jar.load(ignore_discard=True, ignore_expires=True)
if len(sys.argv) > 2:
    jar.save(sys.argv[2], ignore_discard=True, ignore_expires=True)
print(" ".join(sorted(f"{c.name}={c.value}@{c.domain}{c.path}" for c in jar)))
END
}

start_httpbin
host=127.0.0.1
later=$(($(date +%s) + 100000))
keep="Set-Cookie=keep%3D2%3B+Path%3D%2F%3B+Max-Age%3D1000"
login="$httpbin/response-headers?Set-Cookie=id%3D1%3B+Path%3D%2F&$keep"

# --- the command -----------------------------------------------------------------------

"$FERRY" -c "$work/ferry.txt" "$login" >/dev/null
is '-c keeps cookies from one URL to the next' 'id=1 keep=2' \
    "$(sent "$FERRY" -c "$work/unused.txt" -o /dev/null "$login")"
is '-c writes them into a file' 'id=1 keep=2' "$(sent "$FERRY" -b "$work/ferry.txt")"
is 'that only its owner may read' 600 "$(stat -c %a "$work/ferry.txt")"
is '-j leaves out those of the session' keep=2 "$(sent "$FERRY" -j -b "$work/ferry.txt")"
is '-b with an = sends just that' 'a=1 b=2' "$(sent "$FERRY" -b 'a=1; b=2')"
is '-b sends both' 'a=1 id=1 keep=2' "$(sent "$FERRY" -b a=1 -b "$work/ferry.txt")"
is 'without -b or -c nothing is kept' '' "$(sent "$FERRY" -o /dev/null "$login")"
is '-b with a file that is not there keeps them' 'id=1 keep=2' \
    "$(sent "$FERRY" -b "$work/none.txt" -o /dev/null "$login")"
"$FERRY" "$httpbin/cookies" -c "$work" >/dev/null 2>"$work/err"
is 'a jar that cannot be written is an error' 23 $?
is 'and said in one line' 1 "$(wc -l <"$work/err")"

# --- curl and Python -------------------------------------------------------------------

is 'curl reads what ferry wrote' 'id=1 keep=2' "$(sent curl -sb "$work/ferry.txt")"
curl -so /dev/null -c "$work/curl.txt" "$login"
is 'ferry reads what curl wrote' 'id=1 keep=2' "$(sent "$FERRY" -b "$work/curl.txt")"
is 'Python reads what ferry wrote' "id=1@$host/ keep=2@$host/" \
    "$(python_jar "$work/ferry.txt" "$work/python.txt")"
is 'ferry reads what Python wrote' 'id=1 keep=2' "$(sent "$FERRY" -b "$work/python.txt")"

# Domain cookies, HttpOnly, Secure, an empty value: from ferry to each and back.
t='	'
cat >"$work/all.txt" <<END
# Netscape HTTP Cookie File
.example.com${t}TRUE${t}/${t}FALSE${t}$later${t}wide${t}1
#HttpOnly_www.example.com${t}FALSE${t}/p${t}TRUE${t}$later${t}hidden${t}a=b "c"
www.example.com${t}FALSE${t}/${t}FALSE${t}$later${t}empty${t}
END
wanted=$(grep example.com "$work/all.txt" | sort)
lines()
{
    grep example.com "$1" | sort
}
"$FERRY" -b "$work/all.txt" -c "$work/a.txt" "$httpbin/cookies" >/dev/null
is 'ferry writes what it read' "$wanted" "$(lines "$work/a.txt")"
curl -so /dev/null -b "$work/a.txt" -c "$work/b.txt" "$httpbin/cookies"
"$FERRY" -b "$work/b.txt" -c "$work/c.txt" "$httpbin/cookies" >/dev/null
is 'through curl it is the same' "$wanted" "$(lines "$work/c.txt")"
python_jar "$work/a.txt" "$work/d.txt" >/dev/null
"$FERRY" -b "$work/d.txt" -c "$work/e.txt" "$httpbin/cookies" >/dev/null
is 'through Python it is the same' "$wanted" "$(lines "$work/e.txt")"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
