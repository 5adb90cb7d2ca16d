#!/bin/sh
# includes.sh - a file includes only headers of files that stand before it in the list, and
# below net only those of libc that need no system. Every file of lib is in the list, or
# stands in for one that is. SPDX-License-Identifier: MIT
# usage: includes.sh MODULE...    in the order of the list
set -eu
awk '
BEGIN {
    for (i = 1; i < ARGC; i++)
        rank_module(ARGV[i], i)
    ARGC = 1
    while (("ls lib/*/*.[ch]" | getline path) > 0)
        check(path)
    exit n_wrong > 0 || n_files == 0
}

# net/tcp_posix and its stand-ins share one place and one header, net/tcp.h.
function rank_module(module, i,    floor)
{
    rank[module] = i
    rank[without_choice(module)] = i
    floor = module
    sub(/\/.*/, "", floor)
    if (!(floor in first))
        first[floor] = i
    last[floor] = i
}
function without_choice(module)
{
    sub(/_[a-z0-9]+$/, "", module)
    return module
}

# A header without a source of its own stands in its floor, right behind what it includes.
function rank_of(path,    module, floor)
{
    module = path
    sub(/\.[ch]$/, "", module)
    if (module in rank)
        return rank[module]
    if (without_choice(module) in rank)
        return rank[without_choice(module)]
    floor = path
    sub(/\/.*/, "", floor)
    return path ~ /\.h$/ && floor in first ? rank_of_content(path, floor) : 0
}
function rank_of_content(path, floor,    line, part, most, theirs)
{
    most = first[floor]
    while ((getline line < ("lib/" path)) > 0)
        if (split(line, part, "\"") > 1 && line ~ /^#include "/ && part[2] !~ /^ferry/) {
            theirs = rank_of(part[2])
            most = theirs > most && theirs <= last[floor] ? theirs : most
        }
    close("lib/" path)
    return most
}
function say(text)
{
    print path ":" text
    n_wrong++
}

function check(path,    file, mine, line, name, at)
{
    n_files++
    file = substr(path, 5)
    mine = rank_of(file)
    if (!mine)
        say(" is not in the list")
    for (at = 1; (getline line < path) > 0; at++) {
        if (line !~ /^ *# *include/)
            continue
        name = line
        gsub(/^[^"<]*["<]|[">].*$/, "", name)
        if (line ~ /</)
            check_system(file, name, at)
        else
            check_own(file, name, at, mine)
    }
    close(path)
}
function check_own(file, name, at, mine,    theirs)
{
    if (name ~ /^ferry(\/[a-z]+)?\.h$/)
        return
    theirs = rank_of(name)
    if (!theirs)
        say(at ": \"" name "\" belongs to no file of the list")
    else if (theirs > mine)
        say(at ": \"" name "\" stands later in the list")
}
function check_system(file, name, at)
{
    if (file ~ /^net\// || name ~ /^(emmintrin|limits|stdarg|stdbool|stddef|stdint|string)\.h$/)
        return
    if (file ~ /_libidn2\.c$/ && name == "idn2.h" ||
        file ~ /_libpsl\.c$/ && name == "libpsl.h" ||
        file ~ /_libbrotli\.c$/ && name == "brotli/decode.h" ||
        file ~ /_libzstd\.c$/ && name ~ /^zstd(_errors)?\.h$/ ||
        file ~ /_zlib\.c$/ && name == "zlib.h")
        return
    say(at ": <" name "> belongs to net")
}' "$@"
