# amalgamate.awk - the library as one file: the sources in the order given, each header of
# ours once, where it is first asked for. SPDX-License-Identifier: MIT
#
#   awk -f amalgamate.awk include/ferry.h                  makes ferry.h
#   awk -v library=1 -f amalgamate.awk lib/base/str.c ...  makes ferry.c, which includes it

BEGIN {
    for (i = 1; i < ARGC; i++)
        take(ARGV[i])
    print "/* ferry in one file, made from many; edit those. SPDX-License-Identifier: MIT */"
    # What asks libc for more than C99 must stand before the first header of all.
    for (i = 1; i <= n_features; i++) {
        split(features[i], word)
        print "#ifndef " word[2] "\n" features[i] "\n#endif"
    }
    if (library) {
        print "#include \"ferry.h\""
        put_fy_api()
    }
    for (i = 1; i <= n_lines; i++)
        print lines[i]
}

# What is not public is static, unless a test wants to see it. Some builds leave a helper
# of a lower floor unused; no user should be warned of that.
function put_fy_api()
{
    print "#if defined(fy_api)"
    print "#elif defined(__GNUC__)"
    print "#define fy_api __attribute__((unused)) static"
    print "#else"
    print "#define fy_api static"
    print "#endif"
}

function add(line)
{
    lines[++n_lines] = line
}

function take(path,    line, status)
{
    add("\n/* === " path " === */")
    while ((status = (getline line < path)) > 0)
        if (line ~ /^#include "/)
            take_header(line)
        else if (line ~ /^#define _[A-Z0-9_]+_SOURCE/)
            take_feature(line)
        else
            add(line)
    close(path)
    if (status < 0) {
        print "amalgamate.awk: cannot read " path > "/dev/stderr"
        exit 1
    }
}

function take_header(line,    part, name)
{
    split(line, part, "\"")
    name = part[2]
    if (name in taken || (library && name ~ /^ferry[.\/]/))
        return
    taken[name] = 1
    take((name ~ /^ferry[.\/]/ ? "include/" : "lib/") name)
}

function take_feature(line)
{
    if (!(line in taken))
        features[++n_features] = line
    taken[line] = 1
}
