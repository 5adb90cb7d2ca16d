#!/bin/sh
# layering.sh - each object refers only to symbols of objects that stand before it in the
# list, to six functions on bytes, and to the library its file is named after. libc beyond
# that is for one floor. SPDX-License-Identifier: MIT
# usage: layering.sh FLOOR_WITH_LIBC OBJECT_DIR MODULE...    in the order of the list
set -eu
floor=$1 dir=$2
shift 2
for module in "$@"; do
    nm -P "$dir/$module.o" | sed "s|^|$module |"
done | awk -v floor="$floor" '
BEGIN {
    split("memcpy memmove memset memcmp memchr strlen _GLOBAL_OFFSET_TABLE_", names)
    for (i in names)
        libc[names[i]] = 1
    library["libidn2"] = "^idn2_"
    library["libbrotli"] = "^BrotliDecoder"
    library["libzstd"] = "^ZSTD_"
    library["libpsl"] = "^psl_"
    # Its heap is two macros, which are these as Debian builds it.
    library["mbedtls"] = "^((mbedtls|psa)_|(calloc|free)$)"
    library["zlib"] = "^(inflate|deflate|zlib)"
}
function is_of_its_library(module, symbol,    part, n)
{
    n = split(module, part, "_")
    return n > 1 && part[n] in library && symbol ~ library[part[n]]
}
function is_ours(symbol)
{
    return symbol ~ /^(fy|ferry)_/
}
function may_use(module, symbol)
{
    return symbol in home || symbol in libc || symbol ~ /^__/ ||
        is_of_its_library(module, symbol) ||
        (!is_ours(symbol) && index(module, floor) == 1)
}
$3 ~ /^[UwvW]$/ && $3 != "W" {
    if (!may_use($1, $2))
        wrong[++n] = $1 " " $2
    next
}
$3 ~ /^[A-Z]$/ { home[$2] = $1 }
END {
    for (i = 1; i <= n; i++) {
        split(wrong[i], part, " ")
        print "lib/" part[1] ".c refers to " part[2] \
            (part[2] in home ? ", which stands later, in " home[part[2]] : "")
    }
    exit n > 0 || NR == 0
}'
