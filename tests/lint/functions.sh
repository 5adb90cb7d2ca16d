#!/bin/sh
# functions.sh - no #if inside a function: an option picks a file, never a line. Functions
# begin and end with a brace in the first column: clang-format sees to it.
# SPDX-License-Identifier: MIT
# usage: functions.sh FILE...
exec awk '
FNR == 1 { inside = 0 }
/^{/ { inside = 1 }
/^}/ { inside = 0 }
inside && /^[ \t]*#[ \t]*(if|el)/ {
    print FILENAME ":" FNR ": " $0 " inside a function"
    n_wrong++
}
END { exit n_wrong > 0 || NR == 0 }' "$@"
