#!/bin/sh
# exports.sh - the static library defines ferry_* and fy_* alone for others; the shared one
# and the library in one file ferry_* alone. SPDX-License-Identifier: MIT
# usage: exports.sh libferry.a libferry.so ferry.o
set -eu
defined()
{
    nm -P --defined-only "$@" | awk 'NF > 1 && $2 ~ /^[A-TV-Z]$/ { print $1 }'
}
# $1: who defines the names of standard input, $2: what they must look like
expect()
{
    awk -v who="$1" -v pattern="$2" '
        $1 !~ pattern { print who " exports " $1; n_wrong++ }
        END { exit n_wrong > 0 || NR == 0 }'
}
status=0
defined -g "$1" | expect "$1" '^(ferry|fy)_' || status=1
defined -D "$2" | expect "$2" '^ferry_' || status=1
defined -g "$3" | expect "$3" '^ferry_' || status=1
exit $status
