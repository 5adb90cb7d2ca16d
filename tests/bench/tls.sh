#!/bin/sh
# tls.sh - what https costs beside a bare loop on the same mbedTLS, and libcurl on the TLS
# it was built with: programs in turn against one nginx, medians of their ratios of the
# same round to the floor and to libcurl.
# usage: [ROUNDS=n] tls.sh FOLDER    with the programs that make bench-tls builds
# SPDX-License-Identifier: MIT
set -u
programs=$1 ROUNDS=${ROUNDS:-5}
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d /tmp/ferry-tls-XXXXXX)
trap 'kill "$nginx" 2>/dev/null; rm -rf "$work"' EXIT
port=$((20000 + $$ % 20000))

make_certificates()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -keyout "$work/ca.key" -out "$work/ca.pem" -subj /CN=ca \
        -addext basicConstraints=critical,CA:TRUE
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout "$work/own.key" -out "$work/own.csr" -subj /CN=own
    printf 'subjectAltName=IP:127.0.0.1\n' >"$work/ext"
    openssl x509 -req -in "$work/own.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
        -CAcreateserial -days 2 -extfile "$work/ext" -out "$work/own.pem"
} >/dev/null 2>&1

make_certificates
mkdir "$work/www"
for f in 1K:1024 10M:10000000; do
    "$programs/pattern" ${f#*:} >"$work/www/${f%:*}"
done
sed "s|@DIR@|$work|; s|@DIR@|$work|; s|@PORT@|$port|; s|@PORT2@|$((port + 1))|" \
    tests/live/nginx_tls.conf >"$work/nginx.conf"
taskset -c 1 nginx -p "$work" -c "$work/nginx.conf" -e stderr 2>/dev/null &
nginx=$!
export SSL_CERT_FILE="$work/ca.pem"
sleep 1

# run CASE PATH LENGTH COUNT PROGRAM.MODE...
run()
{
    name=$1 path=$2 length=$3 count=$4
    shift 4
    for p in "$@"; do
        [ -x "$programs/${p%%.*}" ] || continue
        took=$("$programs/${p%%.*}" "${p#*.}" "https://127.0.0.1:$port/$path" "$length" \
            "$count" 1) || { echo "tls.sh: $name, $p fails" >&2; exit 1; }
        echo "$name $p $took" >>"$work/results"
    done
}

# heap PROGRAM MODE: bytes at the peak of one GET.
heap()
{
    env -i SSL_CERT_FILE="$SSL_CERT_FILE" LD_PRELOAD="$programs/heap.so" \
        HEAP_REPORT="$work/heap" "$programs/$1" "$2" "https://127.0.0.1:$port/1K" 1024 1 \
        >/dev/null || exit 1
    cut -d' ' -f4 "$work/heap"
}

echo "Peak of heap: floor $(heap floor_tls get), ferry $(heap ferry get), with small limits" \
    "$(heap ferry small) bytes."
round=1
while [ $round -le "$ROUNDS" ]; do
    run get 1K 1024 4000 floor_tls.get ferry.get curl.get
    run 10M 10M 10000000 5 floor_tls.get ferry.pieces curl.pieces
    run full 1K 1024 60 floor_tls.full ferry.full curl.full
    run resumed 1K 1024 500 floor_tls.connect ferry.connect curl.connect
    round=$((round + 1))
done
echo '| case | program | CPU, us | to the floor | to libcurl |'
echo '|---|---|---|---|---|'
awk '{
    key = $1 " " $2
    if (!(key in n)) order[++m] = key
    us[key, ++n[key]] = $3
    if ($2 ~ /^floor/) floor[$1] = $2
    if ($2 ~ /^curl/) curl[$1] = $1 " " $2
}
function median(key, of,    i, j, t, v, k) {
    k = n[key]
    for (i = 1; i <= k; i++)
        v[i] = of ? us[key, i] / us[of, i] : us[key, i]
    for (i = 1; i <= k; i++) for (j = i + 1; j <= k; j++)
        if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
    return v[int((k + 1) / 2)]
}
END {
    for (i = 1; i <= m; i++) {
        split(order[i], part, " ")
        key = order[i]
        printf "| %s | %s | %.4g | %.2f | %s |\n", part[1], part[2], median(key, ""),
            median(key, part[1] " " floor[part[1]]),
            part[1] in curl ? sprintf("%.2f", median(key, curl[part[1]])) : "-"
    }
}' "$work/results"
