# servers.sh - what the programs of tests/bench ask: nginx for plain files at $files, and
# the bundled server at $server, both on the first CPU. Source it from the top of the tree,
# with $programs the folder of the programs. SPDX-License-Identifier: MIT
. tests/lib/servers.sh

# CPUs may be missing in front, so these are names: where servers run, and the other one.
set_cpus()
{
    cpus=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status |
        tr ',' '\n' | awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
    same=$(echo "$cpus" | sed -n 1p)
    split=$(echo "$cpus" | sed -n 2p)
}

start_bundled()
{
    port=$(free_port)
    server=http://127.0.0.1:$port
    start server "$port" "$programs/server" "$port" "$same"
}

# make_file NAME LENGTH: bytes of the pattern; with a hole instead for what is longer.
make_file()
{
    if [ "$2" -gt 100000000 ]; then
        truncate -s "$2" "$work/www/$1"
    else
        "$programs/pattern" "$2" >"$work/www/$1"
    fi
}

start_files()
{
    port=$(free_port)
    files=http://127.0.0.1:$port
    mkdir -p "$work/www"
    chmod 755 "$work" "$work/www"
    mask=1$(printf "%${same}s" '' | tr ' ' 0)
    sed "s|@DIR@|$work|g; s|@PORT@|$port|g; s|@CPUS@|$mask|g" \
        tests/bench/nginx.conf >"$work/nginx.conf"
    start nginx "$port" /usr/sbin/nginx -p "$work" -c "$work/nginx.conf" -e stderr
}

# heap FIELD URL PROGRAM MODE: what heap.c says of a few plain GETs of 1 KB, with nothing in
# the environment that a client would read.
heap()
{
    env -i LD_PRELOAD="$programs/heap.so" HEAP_REPORT="$work/heap" \
        "$programs/$3" "$4" "$2" 1024 1 >/dev/null || exit 1
    cut -d' ' -f"$1" "$work/heap"
}
