#!/bin/sh
# run.sh - run one program of make check: one line about it, its words in build/log.
# usage: run.sh NAME LABEL COMMAND...    run, and note the outcome in build/log/results
#        run.sh --tally                  the failures, then "N passed, N failed"
# SPDX-License-Identifier: MIT
set -u
results=build/log/results

tally()
{
    passed=$(grep -c '^passed' $results)
    failed=$(grep -c '^failed' $results)
    sed -n 's/^failed/FAILED/p' $results
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

if [ "$1" = --tally ]; then
    tally
    exit
fi

name=$1${2:+ ($2)}
shift 2
log=build/log/$(echo "$name" | tr -c 'A-Za-z0-9_.\n-' _).log
mkdir -p build/log
start=$(date +%s)
if timeout -k 5 "${TIME_LIMIT:-300}" "$@" >"$log" 2>&1 </dev/null; then
    outcome=passed
else
    status=$?
    [ $status -eq 124 ] && echo 'run.sh: no end in sight, stopped' >>"$log"
    outcome=failed
fi
echo "$outcome $name" >>$results
took=$(($(date +%s) - start))
[ $took -gt 1 ] && name="$name, $took s"
if [ $outcome = passed ]; then
    echo "ok      $name"
else
    echo "FAILED  $name"
    sed 's/^/    /' "$log"
    exit 1
fi
