#!/bin/sh
# counts.sh - what one request costs in figures that are the same each time: system calls
# (strace), allocations (heap.c) and instructions of user code (callgrind), each the
# difference of two runs. Against a server that answers after 5 ms, as a quicker one hides
# the calls that find nothing yet.
# usage: counts.sh FOLDER             a table of all programs in FOLDER
#        counts.sh FOLDER EXPECTED    fails if ferry costs more, or less, than written there
# SPDX-License-Identifier: MIT
set -u
programs=$1 expected=${2:-}
. tests/bench/servers.sh
FEW=20 MANY=60

# Of one run each: $@ is the program with its arguments but for how often to ask.
calls()
{
    strace -f -qq -e signal=none -o "$work/calls" "$@" >"$work/said" 2>&1 || give_up "$@"
    wc -l <"$work/calls"
}
allocations()
{
    LD_PRELOAD=$programs/heap.so HEAP_REPORT=$work/heap "$@" >"$work/said" 2>&1 ||
        give_up "$@"
    cut -d' ' -f2 "$work/heap"
}
instructions()
{
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" >"$work/said" 2>&1 ||
        give_up "$@"
    sed -n 's/.*Collected : //p' "$work/said"
}
give_up()
{
    echo "counts.sh: this failed: $*" >&2
    cat "$work/said" >&2
    exit 1
}

# each WHAT PROGRAM ARGS...: that much a request
each()
{
    what=$1
    shift
    few=$($what "$@" $FEW) && many=$($what "$@" $MANY) || exit 1
    awk "BEGIN { printf \"%.15g\", int(($many - $few) * 100 / ($MANY - $FEW) + 0.5) / 100 }"
}

# count CASE PROGRAM MODE PATH: a line of the table
count()
{
    case=$1 program=$2
    [ -x "$programs/$2" ] || return 0
    set -- "$programs/$2" "$3" "$server/late$4" 1024
    calls=$(each calls "$@") && allocations=$(each allocations "$@") &&
        instructions=$(each instructions "$@") || exit 1
    echo "$case $program $calls $allocations ${instructions%.*}"
}

count_all()
{
    for program in $1; do
        count get $program get /get
        [ $program = ferry ] && count stepped ferry stepped /get
        [ $program = floor ] || count headers $program headers /get
        count fields $program get /fields
        count post $program post /echo
        count connect $program connect /get
    done
}

print_table()
{
    awk '{ printf "%-10s %-8s %14s %14s %14s\n", $1, $2, $3, $4, $5 }'
}

# Lines of the table against those that are expected. Fewer is news, too: to be written
# down, so that it stays.
compare()
{
    awk -v name="$expected" '
    /^#/ || NF == 0 { next }
    FILENAME == name { calls[$1] = $2; heap[$1] = $3; most[$1] = $4; next }
    !($1 in calls) { print $1 ": not in " name; bad = 1; next }
    { seen[$1] = 1 }
    $3 != calls[$1] { print $1 ": " $3 " system calls, not " calls[$1]; bad = 1 }
    $4 != heap[$1] { print $1 ": " $4 " allocations, not " heap[$1]; bad = 1 }
    $5 + 0 > most[$1] { print $1 ": " $5 " instructions, more than " most[$1]; bad = 1 }
    END {
        for (c in calls) if (!(c in seen)) { print c ": was not counted"; bad = 1 }
        exit bad
    }' "$expected" -
}

set_cpus
start_bundled
if [ -z "$expected" ]; then
    echo 'case program calls allocations instructions' | print_table
    count_all 'floor ferry curl' | print_table
else
    count_all ferry >"$work/table" || exit 1
    print_table <"$work/table"
    compare <"$work/table"
fi
