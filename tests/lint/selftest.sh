#!/bin/sh
# selftest.sh - each rule of make lint fails when it is broken: violations are planted, one
# at a time, in a copy of the tree. SPDX-License-Identifier: MIT
# usage: selftest.sh MAKE_ARGUMENT...
set -u
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -a Makefile .clang-format .clang-tidy include lib tests fuzz docs "$copy"
mkdir -p "$copy/build"
cp -a build/obj "$copy/build/obj"
touch "$copy/build/deps-check"
original=$PWD
cd "$copy" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
failed=0

# $1: rule, $2: what it must say. The rest are arguments of make.
expect()
{
    rule=$1 words=$2
    shift 2
    if make -s "$@" "lint-$rule" >said.txt 2>&1; then
        echo "lint-$rule did not notice: $words"
        failed=1
    elif ! grep -q "$words" said.txt; then
        echo "lint-$rule failed, but did not say: $words"
        tail -n 5 said.txt
        failed=1
    fi
}

# $1: words that the last rule must not have said.
unsaid()
{
    grep "$1" said.txt && failed=1
}

# $1: file that gets the lines of standard input at its end, the rest as for expect.
plant()
{
    file=$1
    shift
    cat >>"$file"
    expect "$@"
    if [ -f "$original/$file" ]; then
        cp -p "$original/$file" "$file"
        touch "$file"
    else
        rm "$file"
    fi
}

plant lib/base/str.c layering 'str.c refers to fy_fail, which stands later' "$@" <<'END'
void fy_fail(void);
void fy_str_planted(void);
void fy_str_planted(void)
{
    fy_fail();
}
END
plant lib/base/str.c layering 'str.c refers to getenv' "$@" <<'END'
char *getenv(const char *name);
char *fy_str_planted(void);
char *fy_str_planted(void)
{
    return getenv("HOME");
}
END
# What PLATFORM=posix brings is more than PLATFORM=none allows.
expect bare 'tcp_posix.c refers to' "$@"

plant lib/base/str.c includes '"base/error.h" stands later' "$@" <<'END'
#include "base/error.h"
END
plant lib/base/buf.h includes '<stdlib.h> belongs to net' "$@" <<'END'
#include <stdlib.h>
END
plant lib/base/stray.c includes 'stray.c: is not in the list' "$@" <<'END'
#include "base/str.h"
END

plant lib/base/str.c names 'static planted does not begin with str_' "$@" <<'END'
static const int *const planted[] = {0};
END
plant lib/base/str.c names 'static local does not begin with str_' "$@" <<'END'
static bool local(int n)
{
    return n;
}
END
plant lib/base/str.c names 'macro PLANTED does not begin with str_' "$@" <<'END'
#define PLANTED(x) x
END
plant lib/base/str.c names 'enumerator SECOND does not begin with str_' "$@" <<'END'
static int str_planted(void)
{
    enum { NOT_OURS };
    return NOT_OURS;
}

enum { STR_FIRST = (1), /* { */ SECOND, STR_THIRD };
END
unsaid NOT_OURS
plant lib/base/str.h names 'static planted does not begin with fy_ or str_' "$@" <<'END'
static inline int planted(void)
{
    return 0;
}
END

plant lib/base/str.c exports 'libferry.a exports planted' "$@" <<'END'
int planted;
END
plant lib/base/str.c exports 'libferry.so exports fy_planted' "$@" <<'END'
FERRY_API int fy_planted;
END
plant lib/base/str.c exports 'ferry.o exports fy_planted' "$@" <<'END'
int fy_planted;
END

plant lib/base/str.c functions '#ifdef NDEBUG inside a function' "$@" <<'END'
int planted(void)
{
#ifdef NDEBUG
    return 1;
#endif
    return 0;
}
END
seq 500 | sed 's|.*|/* & */|' |
    plant lib/base/str.c length 'str.c is longer than 480 lines' "$@"
plant lib/base/str.c format 'code should be clang-formatted' "$@" <<'END'
int  planted ;
END
plant lib/base/str.c tidy 'Dereference of null pointer' ANALYSED=lib/base/str.c "$@" <<'END'
int planted(void)
{
    const int *p = NULL;
    return *p;
}
END
exit $failed
