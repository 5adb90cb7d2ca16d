#!/bin/sh
# test_proxies.sh - the command build/ferry through proxies of others: squid (forward and
# CONNECT, with and without a password), dante (SOCKS4, SOCKS5), microsocks (SOCKS5 with
# a password), stunnel (https before squid); and over a unix socket.
# usage: FERRY=build/ferry tests/live/test_proxies.sh
# SPDX-License-Identifier: MIT
set -u
FERRY=$(realpath "${FERRY:-build/ferry}")
[ -x "$FERRY" ] || { echo "there is no $FERRY" >&2; exit 1; }
. tests/lib/servers.sh
failed=0 passed=0
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY

# is SENTENCE WANTED GOT
is()
{
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        printf 'FAILED: %s\n    wanted: %s\n    got:    %s\n' "$1" "$2" "$3" >&2
        failed=$((failed + 1))
    fi
}

# gets SENTENCE WANTED ARGS...: this on standard output, and success
gets()
{
    sentence=$1 wanted=$2
    shift 2
    got=$("$FERRY" "$@" 2>"$work/err") || got="exit $?: $(cat "$work/err")"
    is "$sentence" "$wanted" "$got"
}

# fails SENTENCE CODE ARGS...
fails()
{
    sentence=$1 wanted=$2
    shift 2
    "$FERRY" "$@" >"$work/out" 2>"$work/err"
    is "$sentence" "$wanted" "$?"
}

start_squid()
{
    squid=127.0.0.1:$(free_port)
    mkdir -p "$work/squid"
    chmod 777 "$work" "$work/squid"
    cat >"$work/squid.conf" <<END
http_port $squid
pid_filename $work/squid/pid
cache_log $work/squid/log
access_log stdio:$work/squid/access
cache deny all
coredump_dir $work/squid
shutdown_lifetime 0 seconds
visible_hostname squid.test
auth_param basic program /usr/lib/squid/basic_fake_auth
auth_param basic realm ferry
acl wants_password dstdomain -n locked.test
acl known proxy_auth ada
acl to_here dst 127.0.0.0/8
http_access deny wants_password !known
http_access allow all
host_verify_strict off
hosts_file $work/squid.hosts
END
    echo '127.0.0.1 locked.test open.test' >"$work/squid.hosts"
    start squid "${squid#*:}" squid -N -f "$work/squid.conf"
}

# One that asks for Digest, and nothing else.
start_squid_digest()
{
    ha1=$(printf 'ada:ferry:any' | md5sum | cut -d' ' -f1)
    echo "ada:ferry:$ha1" >"$work/squid.digest"
    digest=127.0.0.1:$(free_port)
    sed -e "s|^http_port.*|http_port $digest|; s|squid/|squid2/|g; s|squid$|squid2|" \
        -e '/^auth_param/d; s/^http_access deny.*/http_access deny !known/' \
        -e "1i auth_param digest program /usr/lib/squid/digest_file_auth -c $work/squid.digest" \
        -e '1i auth_param digest realm ferry' "$work/squid.conf" >"$work/squid2.conf"
    mkdir -p "$work/squid2"
    chmod 777 "$work/squid2"
    chmod 644 "$work/squid.digest"
    start squid2 "${digest#*:}" squid -n second -N -f "$work/squid2.conf"
}

start_dante()
{
    dante=127.0.0.1:$(free_port)
    cat >"$work/danted.conf" <<END
logoutput: stderr
internal: 127.0.0.1 port = ${dante#*:}
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 port ne 1 }
END
    start dante "${dante#*:}" danted -f "$work/danted.conf"
}

start_microsocks()
{
    locked=127.0.0.1:$(free_port)
    start microsocks "${locked#*:}" microsocks -i 127.0.0.1 -p "${locked#*:}" -u ada -P 'p w'
}

start_nginx
printf 'hello\n' >"$work/www/small.txt"
web=${nginx##*:}
url=$nginx/small.txt

# --- squid -----------------------------------------------------------------------------

start_squid
gets 'squid is asked for an http URL' hello -x "$squid" "$url"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -s "$work/squid/access" ] && break
    sleep 0.2
done
is 'in absolute form' "GET $url" "$(awk '{print $6, $7}' "$work/squid/access" | tail -1)"
gets 'and keeps the connection for the next' 'hello
hello' -x "$squid" "$url" "$url"
gets 'squid opens a tunnel' hello -p -x "$squid" "$url"
for _ in 1 2 3 4 5 6 7 8 9 10; do # squid notes it when it ends
    grep -q CONNECT "$work/squid/access" && break
    sleep 0.2
done
is 'by CONNECT' 1 "$(grep -c "CONNECT 127.0.0.1:$web" "$work/squid/access")"
gets 'squid looks names up' hello -x "$squid" "http://open.test:$web/small.txt"
gets 'what squid refuses is a response where it was asked for the URL' 407 \
    -x "$squid" -o /dev/null -w '%{http_code}' "http://locked.test:$web/small.txt"
gets 'user and password open it' hello -x "http://ada:any@$squid" \
    "http://locked.test:$web/small.txt"
gets 'by --proxy-user, too' hello -x "$squid" --proxy-user ada:any \
    "http://locked.test:$web/small.txt"
fails 'a refused tunnel is an error' 97 -p -x "$squid" "http://locked.test:$web/"
is 'that tells the status' 1 "$(grep -c 407 "$work/err")"
gets 'a password opens a tunnel' hello -p -x "http://ada:any@$squid" \
    "http://locked.test:$web/small.txt"
fails 'another user does not' 97 -p -x "http://bob:secret@$squid" \
    "http://locked.test:$web/"
is 'and the password is not told' 0 "$(grep -c secret "$work/err")"
start_squid_digest
gets 'squid takes Digest' 'hello
hello' --proxy-digest -x "http://ada:any@$digest" "$url" "$url"
gets 'also for a tunnel' hello -p --proxy-anyauth -x "http://ada:any@$digest" "$url"
fails 'and not with a wrong password' 97 -p --proxy-digest -x "http://ada:other@$digest" "$url"
gets 'Basic is no answer to it' 407 --proxy-basic -x "http://ada:any@$digest" \
    -o /dev/null -w '%{http_code}' "$url"
gets '--noproxy leaves it out' hello -x 127.0.0.1:1 --noproxy 127.0.0.0/8 "$url"
http_proxy=$squid
export http_proxy
gets 'the environment names a proxy' hello "http://open.test:$web/small.txt"
gets '-x "" takes none' hello -x '' "$url"
unset http_proxy

# --- SOCKS -----------------------------------------------------------------------------

start_dante
gets 'dante speaks SOCKS4' hello --socks4 "$dante" "$url"
gets 'dante speaks SOCKS5' hello --socks5 "$dante" "$url"
gets 'dante looks a name up' hello --socks5-hostname "$dante" \
    "http://localhost:$web/small.txt"
gets 'or is told an address' hello --socks5 "$dante" \
    --resolve "far.test:$web:127.0.0.1" "http://far.test:$web/small.txt"
fails 'what dante does not allow is an error' 97 --socks5 "$dante" http://127.0.0.1:1/

start_microsocks
gets 'SOCKS5 takes a password' hello -x "socks5h://ada:p%20w@$locked" "$url"
gets 'by --proxy-user, too' hello --socks5 "$locked" --proxy-user 'ada:p w' "$url"
fails 'a wrong one is an error' 97 -x "socks5h://ada:wrong@$locked" "$url"
fails 'and so is none' 97 --socks5 "$locked" "$url"

# --- a proxy before the proxy -----------------------------------------------------------

seen=$(wc -l <"$work/squid/access")
gets 'SOCKS leads to squid' 'hello
hello' --preproxy "socks5h://ada:p%20w@$locked" -x "$squid" "$url" "$url"
gets 'and to a tunnel through it' hello -p --preproxy "socks5://ada:p%20w@$locked" \
    -x "$squid" "$url"
gets 'SOCKS4 is meant where nothing is said' hello --preproxy "$dante" -x "$squid" "$url"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(wc -l <"$work/squid/access")" -ge $((seen + 4)) ] && break
    sleep 0.2
done
is 'squid was asked each time' 4 "$(($(wc -l <"$work/squid/access") - seen))"
gets 'alone it is the proxy' hello --preproxy "socks5h://ada:p%20w@$locked" "$url"
fails 'one that refuses is an error' 97 --preproxy "socks5://ada:wrong@$locked" -x "$squid" "$url"
is 'and the password is not told' 0 "$(grep -c wrong "$work/err")"
fails 'what is behind it may refuse, too' 97 -p --preproxy "socks5://ada:p%20w@$locked" \
    -x "http://bob:secret@$squid" "http://locked.test:$web/"
fails 'an http proxy is none' 2 --preproxy "http://$squid" -x "$squid" "$url"
gets 'squid takes CONNECT of HTTP/1.0' hello -p --proxy1.0 "$squid" "$url"

# --- https proxies ---------------------------------------------------------------------
# stunnel before squid is one. Without TLS in this build there are none.

# certify NAME SUBJECT_ALT_NAMES: $work/NAME.pem, with its key, signed by $work/ca.pem
certify()
{
    echo "subjectAltName=$2" >"$work/$1.ext"
    openssl req -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" \
        -subj "/CN=$1" 2>/dev/null &&
        openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -CAcreateserial -days 20 -extfile "$work/$1.ext" -out "$work/$1.crt" 2>/dev/null
    cat "$work/$1.crt" "$work/$1.key" >"$work/$1.pem"
}

# start_stunnel NAME TARGET: $stunnel with the certificate of that name
start_stunnel()
{
    stunnel=$(free_port)
    printf '%s\n' 'foreground = yes' 'pid =' "[$1]" "accept = 127.0.0.1:$stunnel" \
        "connect = $2" "cert = $work/$1.pem" >"$work/$1.conf"
    start "stunnel-$1" "$stunnel" stunnel "$work/$1.conf"
}

"$FERRY" -x https://127.0.0.1:1 http://a.test/ 2>/dev/null
if [ $? -ne 1 ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" \
        -days 30 -subj /CN=ferry-test-ca 2>/dev/null
    certify proxy DNS:localhost
    certify origin IP:127.0.0.1
    start_stunnel proxy "$squid"
    proxy=https://localhost:$stunnel
    start_stunnel origin "127.0.0.1:$web"
    origin=https://127.0.0.1:$stunnel/small.txt
    gets 'an https proxy is asked for http URLs' hello -x "$proxy" \
        --proxy-cacert "$work/ca.pem" "$url"
    gets 'TLS to the server lies in TLS to the proxy' 'hello
hello' -x "$proxy" --proxy-cacert "$work/ca.pem" --cacert "$work/ca.pem" "$origin" "$origin"
    gets 'https goes through an http proxy' hello -x "$squid" --cacert "$work/ca.pem" \
        "$origin"
    gets 'and by SOCKS' hello --socks5-hostname "$dante" --cacert "$work/ca.pem" "$origin"
    fails 'the CAs of servers are not those of proxies' 60 -x "$proxy" \
        --cacert "$work/ca.pem" "$url"
    fails 'nor those of proxies those of servers' 60 -x "$proxy" \
        --proxy-cacert "$work/ca.pem" "$origin"
    fails 'a certificate for another name is none' 60 -x "https://127.0.0.1:${proxy##*:}" \
        --proxy-cacert "$work/ca.pem" "$url"
    gets 'SOCKS leads to an https proxy' hello -x "$proxy" --proxy-cacert "$work/ca.pem" \
        --preproxy "socks5h://ada:p%20w@$locked" "$url"
    gets 'and through it to https' hello -x "$proxy" --proxy-cacert "$work/ca.pem" \
        --preproxy "socks5h://ada:p%20w@$locked" --cacert "$work/ca.pem" "$origin"
    "$FERRY" -v -o /dev/null -x "https://ada:secret@${proxy#https://}" --proxy-insecure \
        --preproxy "socks5h://ada:p%20w@$locked" --cacert "$work/ca.pem" "$origin" 2>"$work/err"
    is 'each step is told of, and no password' "* by proxy socks5h://$locked
* by proxy $proxy
* asking socks5h://$locked to connect us
* socks5h://$locked has connected us
* TLS to $proxy
* asking $proxy to connect us
* $proxy answers 200" "$(grep -e proxy -e ' us$' -e '^. TLS' -e answers "$work/err")"
    is 'none at all' 0 "$(grep -c -e secret -e 'p w' -e p%20w "$work/err")"
    fails 'which proves its own name' 60 -x "https://127.0.0.1:${proxy##*:}" \
        --proxy-cacert "$work/ca.pem" --preproxy "socks5h://ada:p%20w@$locked" "$url"
    gets '--proxy-insecure believes it' hello -x "$proxy" --proxy-insecure "$url"
fi

# --- unix sockets and addresses --------------------------------------------------------

/usr/bin/python3 - "$work/sock" <<'END' &
import http.server, socketserver, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = ("%s at %s\n" % (self.path, self.headers["Host"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def address_string(self):
        return "local"
    def log_message(self, *args):
        pass
socketserver.UnixStreamServer(sys.argv[1], Handler).serve_forever()
END
children="$children $!"
until [ -S "$work/sock" ]; do sleep 0.1; done
gets 'a server at a unix socket answers' '/v1/x at any.test' \
    --unix-socket "$work/sock" http://any.test/v1/x
gets 'also by its URL' '/v1/x at localhost' \
    "http+unix://$(echo "$work/sock" | sed 's|/|%2F|g')/v1/x"
gets '--resolve stands for a name' hello --resolve "*:$web:127.0.0.1" \
    "http://nowhere.test:$web/small.txt"
gets '--interface takes an address' hello --interface 127.0.0.5 -4 "$url"
fails '-6 leaves IPv4 out' 6 -6 "$url"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
