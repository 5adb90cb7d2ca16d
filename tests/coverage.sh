#!/bin/sh
# coverage.sh - which lines and branches of lib the tests reached, file by file.
# Lines that are not reached must be accounted for in docs/design/coverage.md, whose table
# says how many and why; in base, proto and policy 95 of 100 branches must be reached.
# SPDX-License-Identifier: MIT
# usage: coverage.sh FOLDER...    with the objects of builds with --coverage, after tests
[ $# -gt 0 ] || exit 1
gcovr --csv --root . --filter lib/ "$@" | awk -F, '
# "| lib/net/x.c | 3 | why |": so many lines may be left.
FILENAME ~ /\.md$/ {
    if (split($0, cell, / *\| */) > 3 && cell[2] ~ /^lib\//)
        allowed[cell[2]] = cell[3]
    next
}
FNR == 1 { next }
{
    left = $2 - $3
    is_strict = $1 ~ /^lib\/(base|proto|policy)\//
    verdict = ""
    if (left > allowed[$1] + 0)
        verdict = "  lines left that coverage.md does not account for"
    else if (is_strict && $6 * 100 < $5 * 95)
        verdict = "  too few branches"
    n_wrong += verdict != ""
    printf "%-27s %4d of %4d lines %4d of %4d branches%s\n", $1, $3, $2, $6, $5, verdict
    lines += $2; reached += $3; branches += $5; taken += $6
}
END {
    printf "%-27s %4d of %4d lines %4d of %4d branches\n",
        "lib", reached, lines, taken, branches
    exit lines == 0 || n_wrong > 0
}' docs/design/coverage.md -
