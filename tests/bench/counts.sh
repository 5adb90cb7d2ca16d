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
    [ -x "$programs/$program" ] || return 0
    set -- "$programs/$2" "$3" "$server/late$4" 1024
    calls=$(each calls "$@") && allocations=$(each allocations "$@") &&
        instructions=$(each instructions "$@") || exit 1
    echo "$case $program $calls $allocations ${instructions%.*}"
}

# The cases that PROGRAM has, as "case mode path" in lines.
cases()
{
    echo get get /get
    [ $1 = ferry ] && echo stepped stepped /get
    [ $1 = ferry ] && echo stream pieces /get
    [ $1 = ferry ] && echo session session /get
    [ $1 = floor ] || echo headers headers /get
    [ $1 = ferry ] && printf '%s\n' 'jar-10 jar-10 /get' 'jar-0 jar-0 /get' \
        'jar-wide jar-wide /get' 'forward forward /get' 'tunnel tunnel /get' 'unix unix /get'
    echo fields get /fields
    echo post post /echo
    echo connect connect /get
}

print_table()
{
    awk 'NF { printf "%-10s %-8s %14s %14s %14s\n", $1, $2, $3, $4, $5 }'
}

# A line of the table against that of its case in $expected. Fewer is news, too: to be
# written down, so that it stays.
compare()
{
    awk '
    FNR == NR { have = $0; split($0, got); next }
    $1 == got[1] { seen = 1; calls = $2; heap = $3; most = $4 }
    END {
        if (!seen) print have ": not in the list of what is expected"
        else if (got[3] != calls) print have ": not " calls " system calls"
        else if (got[4] != heap) print have ": not " heap " allocations"
        else if (got[5] > most) print have ": more than " most " instructions"
        else exit 0
        exit 1
    }' - "$expected"
}

# On a busy machine an answer may come late, or before it is asked for: three tries.
check()
{
    for try in 1 2 3; do
        line=$(count "$1" ferry "$2" "$3") || exit 1
        complaint=$(echo "$line" | compare) && break
    done
    echo "$line" | print_table
    [ -z "$complaint" ] || echo "$complaint" >>"$work/complaints"
}

# The bytes of heap at the peak of a GET, with the defaults and with small limits, against
# those in $expected.
check_heap()
{
    for mode in get small; do
        bytes=$(heap 4 "$server/get" ferry $mode) || exit 1
        most=$(awk -v mode=$mode '$1 == "heap" && $2 == mode { print $3 }' "$expected")
        printf '%-10s %-8s %14s bytes\n' heap $mode "$bytes"
        [ "$bytes" -le "${most:-0}" ] ||
            echo "heap $mode: $bytes bytes, more than ${most:-0}" >>"$work/complaints"
    done
}

set_cpus
start_bundled
echo 'case program calls allocations instructions' | print_table
if [ -z "$expected" ]; then
    for program in floor ferry curl; do
        cases $program | while read -r case mode path; do
            line=$(count "$case" $program "$mode" "$path") || exit 1
            echo "$line" | print_table
        done || exit 1
    done
    exit
fi
cases ferry | while read -r case mode path; do
    check "$case" "$mode" "$path"
done || exit 1
check_heap
[ "$(cases ferry | wc -l)" -eq "$(grep '^[^#]' "$expected" | grep -vc '^heap')" ] ||
    echo "$expected has lines for other cases" >>"$work/complaints"
[ -e "$work/complaints" ] || exit 0
cat "$work/complaints"
exit 1
