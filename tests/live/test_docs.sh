#!/bin/sh
# test_docs.sh - what README.md and docs/ say is true: each C snippet compiles without a
# warning, what is marked runs against httpbin and prints what the page says, links lead
# somewhere, and the list of files is the list of files.
# usage: FERRY=build/ferry LIBS=... tests/live/test_docs.sh [PAGE...]; libferry.a lies
# beside it, and LIBS is what it needs.
# SPDX-License-Identifier: MIT
#
#     ```c          compiled: a program, or statements with `s`, `r` and `e` at hand
#     ```c file     functions that the later snippets of the page may call
#     ```c run      compiled and run
#     ```console    lines that begin with "$ " are run by sh, from the top of the tree
#     ```output     what the block before it printed; a console block holds its own
#
# http://httpbin.org is replaced by the httpbin that runs here, before and after.
set -u
FERRY=$(realpath "${FERRY:-build/ferry}")
LIBRARY=$(dirname "$FERRY")/libferry.a
[ -e "$LIBRARY" ] || { echo "there is no $LIBRARY" >&2; exit 1; }
[ $# -gt 0 ] || set -- README.md docs/*/*.md
. tests/lib/servers.sh
strict='-std=c99 -Wall -Wextra -Wpedantic -Werror -Iinclude'
failed=0 checked=0

complain()
{
    echo "FAILED: $*" >&2
    failed=$((failed + 1))
}

# cut PAGE: its fenced blocks become files LINE.KIND in $blocks, KIND as c-run.
cut_page()
{
    rm -rf "$blocks"
    mkdir "$blocks"
    awk -v dir="$blocks" '
        /^```/ && file { close(file); file = ""; next }
        /^```./ {
            gsub("[` ]+", "-")
            file = sprintf("%s/%05d.%s", dir, NR, substr($0, 2))
            printf "" > file
            next
        }
        file { print > file }' "$1"
}

# As the reader of a page would have it: httpbin under its public name, no CR.
public()
{
    tr -d '\r' | sed "s|$httpbin|http://httpbin.org|g; s|${httpbin#http://}|httpbin.org|g"
}

# program PAGE LINE: the block of standard input as a C file. Statements get a function.
program()
{
    text=$(sed "s|http://httpbin.org|$httpbin|g")
    case $text in
    *'int main('*)
        printf '#line %d "%s"\n%s\n' "$(($2 + 1))" "$1" "$text"
        return ;;
    esac
    printf '#include <%s.h>\n' ferry poll stdio stdlib string
    cat "$work/functions"
    echo 'int main(void) {'
    echo 'ferry_session *s = ferry_session_new(); ferry_response *r = NULL;'
    echo 'ferry_err e = FERRY_OK; (void)s, (void)r, (void)e;'
    printf '{\n#line %d "%s"\n%s\n}\n' "$(($2 + 1))" "$1" "$text"
    echo 'ferry_response_free(r); ferry_session_free(s); return 0; }'
}

# same PAGE LINE WANTED: standard input is that, or what stood there instead is shown
same()
{
    public >"$work/said"
    diff -u "$3" "$work/said" >"$work/diff" && return
    complain "$1:$2 prints something else"
    cat "$work/diff" >&2
}

# try_c PAGE LINE BLOCK
try_c()
{
    program "$1" "$2" <"$3" >"$work/snippet.c"
    ${CC:-cc} $strict "$work/snippet.c" -o "$work/snippet" "$LIBRARY" $LIBS \
        $(grep -q cjson.h "$work/snippet.c" && echo -lcjson) ||
        complain "$1:$2 does not compile"
}

# run_c PAGE LINE BLOCK: and compare with the output block that comes next
run_c()
{
    try_c "$@"
    (cd "$work" && timeout 20 ./snippet) >"$work/out" 2>&1 ||
        complain "$1:$2 ends with $?: $(cat "$work/out")"
    next=$(ls "$blocks" | sed -n "/^${3##*/}\$/{n;p}")
    case $next in
    *.output) same "$1" "$2" "$blocks/$next" <"$work/out" ;;
    esac
}

run_console()
{
    sed -n 's/^\$ //p' "$3" | sed "s|http://httpbin.org|$httpbin|g" >"$work/commands"
    grep -v '^\$ ' "$3" >"$work/want"
    PATH=$(dirname "$FERRY"):$PATH sh "$work/commands" 2>&1 | same "$1" "$2" "$work/want"
}

check_blocks()
{
    : >"$work/functions"
    for block in "$blocks"/*; do
        [ -e "$block" ] || continue
        line=$(basename "$block" | sed 's/^0*//; s/\..*//')
        checked=$((checked + 1))
        case $block in
        *.c) try_c "$1" "$line" "$block" ;;
        *.c-run) run_c "$1" "$line" "$block" ;;
        *.c-file)
            { printf '#line %d "%s"\n' "$((line + 1))" "$1"
                sed 's/^static /__attribute__((unused)) static /' "$block"
            } >>"$work/functions" ;;
        *.console) run_console "$1" "$line" "$block" ;;
        *.output | *.sh | *.text | *.make | *.cmake) ;;
        *) complain "$1:$line: a block of no known kind" ;;
        esac
    done
}

check_links()
{
    for link in $(grep -o '](\([^)#]*\)' "$1" | sed 's/^](//'); do
        case $link in
        http:* | https:*) continue ;;
        esac
        [ -e "$(dirname "$1")/$link" ] || complain "$1 links to $link, which is not there"
    done
}

# The tables of floors.md have a line for each file of lib, and none for others.
check_floors()
{
    page=docs/design/floors.md
    awk '/^[|] file / { getline; inside = 1; next }
        !/^[|]/ { inside = 0 }
        inside { print $2 }' $page | sort >"$work/told"
    ls lib/*/*.c | sed 's|.*/||; s|\.c$||' | sort >"$work/want"
    diff "$work/want" "$work/told" >"$work/diff" && return
    complain "$page and lib differ (< is in lib):"
    cat "$work/diff" >&2
}

blocks=$work/blocks
start_httpbin
for page in "$@"; do
    cut_page "$page"
    check_blocks "$page"
    check_links "$page"
done
check_floors
echo "$checked blocks of $# pages"
[ "$failed" -eq 0 ]
