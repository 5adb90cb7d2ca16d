#!/bin/sh
# test_https_cli.sh - the command's options for https, against nginx with certificates
# that openssl makes on the spot.
# usage: FERRY=build/ferry tests/live/test_https_cli.sh
# SPDX-License-Identifier: MIT
set -u
FERRY=$(realpath "${FERRY:-build/ferry}")
[ -x "$FERRY" ] || { echo "there is no $FERRY" >&2; exit 1; }
. tests/lib/servers.sh
unset SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE SSLKEYLOGFILE
failed=0 passed=0

# says SENTENCE CODE TEXT ARGS...: exits so, with that in what it prints
says()
{
    sentence=$1 code=$2 text=$3
    shift 3
    out=$("$FERRY" "$@" 2>&1)
    got=$?
    case $got,$out in
    "$code",*"$text"*) passed=$((passed + 1)) ;;
    *)
        echo "FAILED: $sentence: $got, $out" >&2
        failed=$((failed + 1)) ;;
    esac
}

# key NAME; certificate NAME EXTENSIONS: signed by the CA
key()
{
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key"
}
certificate()
{
    key "$1"
    openssl req -new -key "$work/$1.key" -subj "/CN=$1" -out "$work/$1.csr"
    printf '%s\n' "$2" >"$work/ext"
    openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
        -CAcreateserial -days 2 -extfile "$work/ext" -out "$work/$1.pem"
}

{
    key ca
    openssl req -x509 -new -key "$work/ca.key" -subj /CN=ca -days 2 -out "$work/ca.pem" \
        -addext basicConstraints=critical,CA:TRUE
    certificate own subjectAltName=IP:127.0.0.1,DNS:a.test
    certificate client extendedKeyUsage=clientAuth
    openssl ec -in "$work/client.key" -aes256 -passout pass:hunter2 \
        -out "$work/locked.key"
    pin=$(openssl x509 -in "$work/own.pem" -pubkey -noout |
        openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
} 2>/dev/null
cat "$work/locked.key" "$work/client.pem" >"$work/both.pem"
mkdir "$work/cas" "$work/www"
cp "$work/ca.pem" "$work/cas"
echo hello >"$work/www/small"

port=$(free_port) strict=$(free_port)
sed "s|@DIR@|$work|g; s|@PORT@|$port|g; s|@PORT2@|$strict|g" \
    tests/live/nginx_tls.conf >"$work/nginx.conf"
start nginx "$port" nginx -p "$work" -c "$work/nginx.conf" -e stderr
url=https://127.0.0.1:$port/small who=https://127.0.0.1:$strict/who

says 'nobody is believed who is not known' 60 'no trusted CA has signed it' "$url"
says '--cacert names the CA' 0 hello --cacert "$work/ca.pem" "$url"
says '--capath names a folder of them' 0 hello --capath "$work/cas" "$url"
says 'a file that is not there is an error' 2 .ca_file --cacert "$work/no" "$url"
says '-k believes anybody' 0 hello -k "$url"
says 'another name is refused, and told' 60 'it is for 127.0.0.1, a.test' \
    --cacert "$work/ca.pem" "https://localhost:$port/small"
says '--pinnedpubkey takes the right key' 0 hello -k --pinnedpubkey "sha256//$pin" "$url"
says '--pinnedpubkey refuses another' 60 .pin_sha256 -k --pinnedpubkey \
    'sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' "$url"
says '--tlsv1.2 is as always' 0 hello -k --tlsv1.2 "$url"
says '--tls-max 1.2 is fine' 0 hello -k --tls-max 1.2 "$url"
says '--tls-max knows two versions' 2 --tls-max -k --tls-max 1.1 "$url"
says '--ciphers takes IANA names' 0 hello -k --ciphers \
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 "$url"
says '--ciphers refuses others' 2 .tls_ciphers -k --ciphers NONSENSE "$url"
says 'without a certificate of ours' 0 'No required SSL certificate' -k "$who"
says '--cert and --key say who we are' 0 'CN=client' -k --cert "$work/client.pem" \
    --key "$work/client.key" "$who"
says '--pass opens the key' 0 'CN=client' -k -E "$work/client.pem" \
    --key "$work/locked.key" --pass hunter2 "$who"
says 'the password may stand behind a colon' 0 'CN=client' -k \
    -E "$work/both.pem:hunter2" "$who"
says 'a locked key needs one' 2 .key_password -k -E "$work/both.pem" "$who"
says 'a wrong password does not open it' 2 .key_password -k \
    -E "$work/both.pem:wrong" "$who"

# What openssl says of the same connections is the same.
logged=$(free_port)
start openssl "$logged" openssl s_server -port "$logged" -cert "$work/own.pem" \
    -key "$work/own.key" -www -keylogfile "$work/theirs" -quiet
export SSLKEYLOGFILE="$work/ours"
says 'SSLKEYLOGFILE names a file for keys' 0 Cipher -k "https://127.0.0.1:$logged/"
says 'another connection has lines of its own' 0 Cipher -k "https://127.0.0.1:$logged/"
# mbedTLS does not tell the one secret that protects nothing sent.
grep -v -e '^#' -e '^EXPORTER_SECRET' "$work/theirs" | sort >"$work/theirs.sorted"
sort "$work/ours" | cmp - "$work/theirs.sorted" && [ -s "$work/theirs.sorted" ] ||
    { echo 'FAILED: the key log is not that of openssl' >&2; failed=$((failed + 1)); }
SSLKEYLOGFILE=$work says 'a key log that cannot be written is an error' 26 SSLKEYLOGFILE \
    -k "$url"
SSLKEYLOGFILE= says 'an empty name is none' 0 hello -k "$url"
unset SSLKEYLOGFILE

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
