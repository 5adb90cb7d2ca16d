#!/bin/sh
# names.sh - what is local to a source file carries its module's name, so that all files
# can be one: statics str_, enumerators and macros STR_. What a header of lib gives to
# others begins with fy_ or FY_, or with its module's name. SPDX-License-Identifier: MIT
# usage: names.sh FILE...
set -eu
exec awk '
function say(what, name)
{
    print file ": " what " " name " does not begin with " wanted
    n_wrong++
}
function check_file()
{
    check_macros()
    # From here on: no comments, no directives, no text in quotes, no bodies of functions.
    gsub(/\\\n/, " ", text)
    gsub(/\n[ \t]*#[^\n]*/, "\n", text)
    gsub(/"([^"\\\n]|\\.)*"/, "0", text)
    gsub(/\047([^\047\\\n]|\\.)*\047/, "0", text)
    gsub(/\n{\n([^}\n][^\n]*\n|\n)*}\n/, "\n{}\n", text)
    check_statics()
    check_enumerators()
}
function begin_file()
{
    file = FILENAME
    module = file
    gsub(/^.*\/|\.[ch]$/, "", module)
    is_header = file ~ /\.h$/
    # tcp_posix.c and tcp_none.c are both the module tcp.
    sub(/_(none|posix|libidn2|libbrotli|libzstd|libpsl|mbedtls|zlib)$/, "", module)
    pattern = is_header ? "^(fy|" module ")_" : "^" module "_"
    wanted = is_header ? "fy_ or " module "_" : module "_"
    in_comment = 0
    text = "\n"
}
function without_comments(line,    at, out)
{
    out = ""
    while (1) {
        if (in_comment) {
            at = index(line, "*/")
            if (!at)
                return out
            line = substr(line, at + 2)
            in_comment = 0
        }
        at = index(line, "/*")
        if (!at)
            return out line
        out = out substr(line, 1, at - 1) " "
        line = substr(line, at + 2)
        in_comment = 1
    }
}

# Macros: a file may also use a foreign name for a moment and #undef it, or give what a
# system lacks behind an #ifndef.
function check_macros(    lines, n, i, name)
{
    n = split(text, lines, "\n")
    for (i = 1; i <= n; i++)
        if (match(lines[i], /^[ \t]*#[ \t]*(undef|ifndef)/))
            foreign[file, word_after(lines[i], "n?def")] = 1
    for (i = 1; i <= n; i++) {
        if (lines[i] !~ /^[ \t]*#[ \t]*define/)
            continue
        name = word_after(lines[i], "define")
        if (name ~ /^_[A-Z0-9_]+_SOURCE$/ || (file, name) in foreign)
            continue
        if (is_header && name == "TRY") # the one word of the house
            continue
        if (tolower(name) !~ pattern)
            say("macro", name)
    }
}
function word_after(line, word)
{
    sub("^.*" word "[ \t]+", "", line)
    sub(/[^A-Za-z0-9_].*$/, "", line)
    return line
}

# Statics of file scope begin in the first column: clang-format sees to it.
function check_statics(    rest, head, name)
{
    rest = text
    while (match(rest, /\nstatic[ \t\n]/)) {
        rest = substr(rest, RSTART + 1)
        match(rest, /[;({[=]/)
        head = substr(rest, 1, RSTART - 1)
        if (substr(rest, RSTART, 2) == "(*") {
            head = substr(rest, RSTART + 2)
            sub(/[^A-Za-z0-9_ ].*$/, "", head)
        }
        name = head
        sub(/[^A-Za-z0-9_]+$/, "", name)
        sub(/^.*[^A-Za-z0-9_]/, "", name)
        if (name !~ pattern)
            say("static", name)
        rest = substr(rest, 8)
    }
}
function check_enumerators(    rest, list, part, n, i, name)
{
    rest = text
    while (match(rest, /[^A-Za-z0-9_]enum[ \t\n]+([a-z0-9_]+[ \t\n]+)?{[^}]*}/)) {
        list = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        gsub(/^[^{]*{|}$/, "", list)
        gsub(/\([^()]*\)/, "", list)
        n = split(list, part, ",")
        for (i = 1; i <= n; i++) {
            name = part[i]
            gsub(/[ \t\n]/, "", name)
            sub(/=.*$/, "", name)
            if (name != "" && tolower(name) !~ pattern)
                say("enumerator", name)
        }
    }
}

FNR == 1 {
    if (file != "")
        check_file()
    begin_file()
}
{ text = text without_comments($0) "\n" }
END {
    if (file != "")
        check_file()
    exit n_wrong > 0 || file == ""
}' "$@"
