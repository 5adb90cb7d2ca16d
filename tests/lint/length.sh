#!/bin/sh
# length.sh - a file that can be read in one sitting. SPDX-License-Identifier: MIT
# usage: length.sh MOST_LINES FILE...
most=$1
shift
exec awk -v most="$most" '
FNR == most + 1 {
    print FILENAME " is longer than " most " lines: split it by meaning"
    n_wrong++
}
END { exit n_wrong > 0 || NR == 0 }' "$@"
