# amalgamate.awk - the library as one file: the sources in the order given, each header of
# ours once, where it is first asked for. SPDX-License-Identifier: MIT
#
#   awk -f amalgamate.awk include/ferry.h                  makes ferry.h
#   awk -v library=1 -f amalgamate.awk lib/base/str.c ...  makes ferry.c, which includes it

BEGIN {
    print "/* ferry in one file, made from many; edit those. SPDX-License-Identifier: MIT */"
    if (library) {
        put_feature_macros()
        print "#include \"ferry.h\"\n#define fy_api static"
    }
    for (i = 1; i < ARGC; i++)
        put(ARGV[i])
}

# What asks libc for more than C99 must stand before the first header of all.
function put_feature_macros(    i, line, seen)
{
    for (i = 1; i < ARGC; i++) {
        while ((getline line < ARGV[i]) > 0)
            if (line ~ /^#define _[A-Z0-9_]+_SOURCE/ && !(line in seen)) {
                seen[line] = 1
                print line
            }
        close(ARGV[i])
    }
}

function put(path,    line, status)
{
    print "\n/* === " path " === */"
    while ((status = (getline line < path)) > 0)
        if (line ~ /^#include "/)
            put_header(line)
        else if (!(library && line ~ /^#define _[A-Z0-9_]+_SOURCE/))
            print line
    close(path)
    if (status < 0) {
        print "amalgamate: cannot read " path > "/dev/stderr"
        exit 1
    }
}

function put_header(line,    name)
{
    split(line, part, "\"")
    name = part[2]
    if (name in done || (library && name ~ /^ferry[.\/]/))
        return
    done[name] = 1
    put((name ~ /^ferry[.\/]/ ? "include/" : "lib/") name)
}
