#!/bin/sh
# keywords.sh - calls as users write them: ok_* compile without a warning, bad_* do not
# compile with -Werror, and for the reason that their first lines give after "expect: ".
# SPDX-License-Identifier: MIT
set -u
here=tests/compile
strict='-Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude'
status=0

complain()
{
    echo "$1"
    cat build/keywords.txt
    status=1
}

for compiler in gcc clang; do
    for file in $here/ok_*.c; do
        $compiler -std=c99 $strict "$file" 2>build/keywords.txt ||
            complain "$compiler refuses $file"
    done
    for file in $here/ok_*.cc; do
        $compiler -std=c++11 $strict "$file" 2>build/keywords.txt ||
            complain "$compiler refuses $file"
    done
    for file in $here/bad_*.c; do
        expected=$(sed -n 's/^.*expect: \([^ ]*\).*$/\1/p' "$file")
        if $compiler -std=c99 $strict "$file" 2>build/keywords.txt; then
            complain "$compiler takes $file"
        elif [ -z "$expected" ] || ! grep -q "error: .*$expected" build/keywords.txt; then
            complain "$compiler refuses $file, but not for '$expected'"
        fi
    done
done
exit $status
