# servers.sh - nginx and httpbin for scripts of tests/live, as servers.c for programs.
# Source it from the top of the tree. It makes $work, a folder that goes at the end.
# SPDX-License-Identifier: MIT

work=$(mktemp -d /tmp/ferry-live-XXXXXX) || exit 1
children=
trap 'end_servers' EXIT
trap 'exit 1' HUP INT TERM

# SIGQUIT ends gunicorn at once, but what a script starts with & may ignore it.
end_servers()
{
    for child in $children; do
        kill -QUIT "$child" 2>/dev/null
        kill -TERM "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    done
    rm -rf "$work"
}

# A port of 127.0.0.1 that nobody listens at.
free_port()
{
    /usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# start NAME PORT COMMAND...: run it until it takes connections there.
start()
{
    name=$1 port=$2
    shift 2
    "$@" >"$work/$name.log" 2>&1 </dev/null &
    children="$children $!"
    /usr/bin/python3 - "$!" "$port" <<'END' && return
import os, socket, sys, time
for _ in range(300):
    os.kill(int(sys.argv[1]), 0)
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[2]))).close()
        sys.exit(0)
    except ConnectionRefusedError:
        time.sleep(0.05)
sys.exit(1)
END
    echo "$name does not start; it says:" >&2
    cat "$work/$name.log" >&2
    exit 1
}

# Serves $work/www at $nginx.
start_nginx()
{
    port=$(free_port)
    nginx=http://127.0.0.1:$port
    mkdir -p "$work/www"
    sed "s|@DIR@|$work|g; s|@PORT@|$port|g; s|@PORT2@|$(free_port)|g" \
        tests/live/nginx.conf >"$work/nginx.conf"
    start nginx "$port" /usr/sbin/nginx -p "$work" -c "$work/nginx.conf" -e stderr
}

# httpbin at $httpbin.
start_httpbin()
{
    port=$(free_port)
    httpbin=http://127.0.0.1:$port
    start httpbin "$port" /usr/bin/python3 -m gunicorn --bind "127.0.0.1:$port" \
        --chdir "$work" --worker-tmp-dir "$work" --worker-class gthread --threads 8 \
        --log-level warning httpbin:app
}

# At $rude: says the wrong thing, whatever it is asked.
start_rude()
{
    port=$(free_port)
    rude=http://127.0.0.1:$port
    start rude "$port" /usr/bin/python3 -c 'import socket, sys
answers = {
    b"/empty": b"",
    b"/garbage": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    b"/short": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    b"/old": b"HTTP/1.0 200 OK\r\n\r\nuntil the end\n",
}
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    peer = s.accept()[0]
    words = peer.recv(65536).split()
    if len(words) > 1:
        peer.sendall(answers.get(words[1], b""))
    peer.close()' "$port"
}

# At $deaf: its queue is full, so that a connection is neither made nor refused.
start_deaf()
{
    /usr/bin/python3 -c 'import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(0)
waiting = [socket.socket() for _ in range(4)]
for w in waiting:
    w.setblocking(False)
    w.connect_ex(s.getsockname())
print("http://127.0.0.1:%d/" % s.getsockname()[1], flush=True)
time.sleep(3600)' >"$work/deaf" </dev/null &
    children="$children $!"
    until [ -s "$work/deaf" ]; do sleep 0.1; done
    deaf=$(cat "$work/deaf")
}
