#!/bin/sh
# held.sh - every test that docs/design/wire.md names exists. Run from the top of the tree.
# SPDX-License-Identifier: MIT
set -u
doc=${1:-docs/design/wire.md}

# One name a line: what stands in backquotes in the last column of a table.
names()
{
    sed -n '/^|.*|$/s/.*| \(.*\) |$/\1/p' "$doc" | grep -o '`[^`]*`' | tr -d '`'
}

exists()
{
    case $1 in
    *.wire) [ -f "tests/wire/scripts/$1" ] ;;
    test_*': '*) grep -q "^static void ${1#*: }(void" tests/*/"${1%%:*}.c" ;;
    */*'*') grep -qF "\"id\":\"${1%\*}" tests/conform/*/*.jsonl ;;
    */*) grep -qF "\"id\":\"$1\"" tests/conform/*/*.jsonl ;;
    *) false ;;
    esac
}

n=$(names | wc -l)
missing=$(names | while read -r name; do exists "$name" || echo "$name"; done)
[ -z "$missing" ] || echo "$missing" | sed "s|^|$doc names a test that does not exist: |"
[ -z "$missing" ] && [ "$n" -gt 100 ]
