#!/bin/sh
# headers.sh - each public header compiles alone, without a warning, as each language that
# it promises. SPDX-License-Identifier: MIT
# usage: headers.sh HEADER...
set -eu
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -Iinclude'
for header in "$@"; do
    for compiler in gcc clang; do
        for language in 'c -std=c99' 'c -std=c11' 'c++ -std=c++11'; do
            echo "$compiler -x $language $header"
            # Twice: the second time its guard must keep it out.
            printf '#include "%s"\n' "$PWD/$header" "$PWD/$header" |
                $compiler $strict -x $language -
        done
    done
done
