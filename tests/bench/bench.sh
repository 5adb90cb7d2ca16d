#!/bin/sh
# bench.sh - what ferry costs beside a bare socket and libcurl: programs in turn, the order
# turned round every second time, and of each the ratio to the first of its case in the
# same round. Writes the measured part of docs/design/figures.md.
# usage: [ROUNDS=n] bench.sh FOLDER    with the programs that make bench builds
# SPDX-License-Identifier: MIT
set -u
programs=$1 ROUNDS=${ROUNDS:-7}
PATH=$PATH:/usr/sbin:/sbin
figures=docs/design/figures.md

# Connections by the thousand fill the ports with TIME_WAIT, and then connecting takes
# longer at random: so in a network of our own, which keeps none, if that may be made.
if [ -z "${BENCH_NETWORK:-}" ] && unshare -rn ip link set lo up 2>/dev/null; then
    BENCH_NETWORK=own exec unshare -rn "$0" "$@"
elif [ "${BENCH_NETWORK:-}" = own ]; then
    ip link set lo up
    echo 0 2>/dev/null >/proc/sys/net/ipv4/tcp_max_tw_buckets
fi
ulimit -n 8192 || exit 1

. tests/bench/servers.sh
set_cpus
start_bundled
start_files
make_file 1K 1024
make_file 10M 10000000
make_file 1G 1000000000
export BENCH_FILE="$work/www/1G"

# --- side by side ----------------------------------------------------------------------

# The cases of one round.
cases()
{
    case_ get same "$files/1K" 1024 8000 floor.get ferry.get ferry.stepped curl.get
    case_ get split "$files/1K" 1024 6000 floor.get ferry.get ferry.stepped curl.get
    case_ fields same "$server/fields" 1024 6000 floor.get ferry.get curl.get
    case_ fields split "$server/fields" 1024 4000 floor.get ferry.get curl.get
    case_ post same "$server/echo" 1024 6000 floor.post ferry.post curl.post
    case_ upload split "$server/drain" 1024 2 floor.upload ferry.upload curl.upload
    case_ connect same "$files/1K" 1024 1500 floor.connect ferry.connect curl.connect
    case_ connect split "$files/1K" 1024 1500 floor.connect ferry.connect curl.connect
    case_ gather split "$files/10M" 10000000 60 floor.gather ferry.gather curl.gather
    case_ pieces split "$files/10M" 10000000 60 floor.pieces ferry.pieces curl.pieces
    case_ stream split "$files/1G" 1000000000x0 1 floor.pieces ferry.pieces curl.pieces \
        curl.wide
    case_ chunks-16K split "$server/chunked/16384" 10000000 50 floor.raw ferry.pieces \
        ferry.gather curl.pieces
    case_ chunks-1K split "$server/chunked/1024" 10000000 50 floor.raw ferry.pieces \
        ferry.gather curl.pieces
    case_ chunks-16 split "$server/chunked/16" 10000000 20 floor.raw ferry.pieces \
        ferry.gather curl.pieces
    case_ gzip split "$server/gzip" 10000000t 20 floor.coded ferry.pieces curl.coded
    case_ idle same "$files/1K" 1024 4000 ferry.idle-1 ferry.idle-2000 \
        ferry.origins-2000
    case_ idle-curl same "$files/1K" 1024 4000 curl.idle-1 curl.idle-2000
}

# case_ NAME PLACE URL LENGTH COUNT PROGRAM.MODE...: run each, and note what it took.
case_()
{
    name=$1 place=$2 url=$3 length=$4 count=$5
    shift 5
    for p in $(in_order "$@"); do
        program=$programs/${p%%.*}
        [ -x "$program" ] || continue
        eval "cpu=\$$place"
        took=$("$program" "${p#*.}" "$url" "$length" "$count" $cpu 2>&1) || {
            echo "bench.sh: $name, $p: $took" >&2
            exit 1
        }
        echo "$round $name $place $p $took" >>"$work/results"
    done
}

in_order()
{
    if [ $((round % 2)) -eq 1 ]; then
        echo "$@"
    else
        echo "$@" | awk '{ for (i = NF; i; i--) print $i }'
    fi
}

# --- facts -----------------------------------------------------------------------------

fact()
{
    echo "fact $1 $2" >>"$work/results"
}

# Nothing is worth measuring if what came is wrong and nobody sees it.
prove_the_check()
{
    cp "$work/www/10M" "$work/www/wrong"
    printf '\376' | dd of="$work/www/wrong" bs=1 seek=5000000 conv=notrunc 2>/dev/null
    head -c 9999999 "$work/www/10M" >"$work/www/short"
    for p in floor ferry curl; do
        [ -x "$programs/$p" ] || continue
        refuses $p get "$server/wrong" 1024 'is wrong'
        refuses $p get "$server/short" 1024 'too short'
        refuses $p gather "$files/wrong" 10000000 'is wrong'
        refuses $p pieces "$files/wrong" 10000000 'is wrong'
        refuses $p pieces "$files/short" 10000000 'too short'
    done
}

refuses()
{
    said=$("$programs/$1" "$2" "$3" "$4" 1 2>&1) && said='took it for right'
    case $said in
    *"$5"*) ;;
    *) echo "bench.sh: $1 $2 $3: $said" >&2; exit 1 ;;
    esac
}

note_heap()
{
    fact peak/ferry "$(heap 4 "$files/1K" ferry get)"
    fact peak/small "$(heap 4 "$files/1K" ferry small)"
    [ -x "$programs/curl" ] && fact peak/curl "$(heap 4 "$files/1K" curl get)"
    fact idle $((($(heap 6 "$files/1K" ferry idle-200) - $(heap 6 "$files/1K" ferry idle-100)) / 100))
}

note_build()
{
    mkdir "$work/clean"
    cp -r Makefile include lib "$work/clean"
    started=$(date +%s.%N)
    (cd "$work/clean" && MAKEFLAGS='' taskset -c "$same" make -s -j1 build/libferry.a) ||
        exit 1
    fact build "$(echo "$(date +%s.%N) $started" | awk '{ print $1 - $2 }')"
}

# The parser, in rounds of its own; the median of three runs.
note_heads()
{
    for run in 1 2 3; do
        "$programs/heads" "$same" || exit 1
    done >"$work/heads"
    for key in floor parsed found bytewise; do
        fact heads/$key "$(sed -n "s/^$key //p" "$work/heads" | sort -n | sed -n 2p)"
    done
}

# gzip beside zlib alone, which does the same in memory.
note_coded()
{
    fact coded "$("$programs/coded" "$same" | sed -n 's/^coded //p')"
}

note_counts()
{
    tests/bench/counts.sh "$programs" >"$work/counts" || exit 1
    awk 'NR > 1 {
        print "fact calls/" $1 "/" $2, $3
        print "fact heap/" $1 "/" $2, $4
        print "fact code/" $1 "/" $2, $5
        code[$1, $2] = $5
    }
    END {
        for (p = split("ferry curl", program, " "); p; p--) {
            name = program[p]
            if (!(("get", name) in code)) continue
            print "fact headers/" name, int((code["headers", name] - code["get", name]) / 5)
            print "fact fields/" name, code["fields", name] - code["get", name]
        }
    }' "$work/counts" >>"$work/results"
}

# --- the report ------------------------------------------------------------------------

machine()
{
    echo "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | sed 1q)," \
        "$(nproc) CPUs; $(. /etc/os-release; echo "$PRETTY_NAME"), $(uname -sr);" \
        "$(${CC:-cc} --version | sed 1q), -O2; $(nginx -v 2>&1 | sed 's/.*: //');" \
        "ferry $(sed -n 's/^#define FERRY_VERSION "\(.*\)"/\1/p' include/ferry.h)" \
        "at $(git rev-parse --short HEAD 2>/dev/null || echo '?');" \
        "load $(cut -d' ' -f1 /proc/loadavg) at the start, $ROUNDS rounds."
}

# Put what stands in a file between the two marks of the figures.
put_in()
{
    awk -v part="$1" '
    /^<!-- measured/ { print; while ((getline line <part) > 0) print line; skip = 1 }
    /^<!-- end/ { skip = 0 }
    !skip' "$figures" >"$work/figures.md" && cat "$work/figures.md" >"$figures"
}

machine >"$work/machine"
prove_the_check
note_heap
note_build
note_heads
note_coded
note_counts
round=1
while [ $round -le "$ROUNDS" ]; do
    cases
    round=$((round + 1))
done

curl=$([ -x "$programs/curl" ] && curl-config --version)
{ cat "$work/machine"; echo; awk -v libcurl="${curl:-libcurl}" -f tests/bench/report.awk \
    tests/bench/figures.rows "$work/results"; } >"$work/report" || exit 1
cat "$work/report"
put_in "$work/report"
